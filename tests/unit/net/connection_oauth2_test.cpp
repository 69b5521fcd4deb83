#include <doctest/doctest.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <chrono>
#include <future>
#include <string>
#include <vector>

#include "net/oauth2.hpp"
#include "net/within.hpp"
#include "tests/unit/net/loop.hpp"
#include "tests/unit/net/scripted_server.hpp"

namespace asio = boost::asio;
using namespace majlis;
using namespace boost::asio::experimental::awaitable_operators;
using test::Peer;
using test::token_server;

namespace {

net::OAuth2Client client_of(const test::ScriptedServer& server)
{
    net::OAuth2Client client;
    client.token_url = "http://127.0.0.1:" + std::to_string(server.port()) + "/token";
    client.client_id = "majlis";
    client.client_secret = "s&cret";
    client.refresh_token = "old token";
    return client;
}

/// The message of the error with which the server's answer ends; "permanent: " in front where a person must act.
std::string refusal(const std::string& status, const std::string& json)
{
    test::ScriptedServer server{{token_server(status, json)}};
    std::string message;
    test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
        net::TokenSource tokens{driver, client_of(server)};
        try {
            co_await tokens.token();
        } catch (const net::OAuth2Error& error) {
            message = (error.lasting() == net::OAuth2Error::Lasting::permanent ? "permanent: " : "") + std::string(error.what());
        }
    });
    return message;
}

}  // namespace

TEST_CASE("an access token is fetched once, kept, and fetched anew when it was refused")
{
    std::string first_form;
    std::string second_form;
    test::ScriptedServer server{
        {token_server("200 OK", R"({"access_token":"one","expires_in":3600,"refresh_token":"new"})", &first_form),
         token_server("200 OK", R"({"access_token":"two","expires_in":3600})", &second_form)}};
    std::string renewed;
    test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
        net::TokenSource tokens{driver, client_of(server)};
        tokens.renewed = [&](const std::string& token) { renewed = token; };
        const auto one = co_await tokens.token();
        const auto again = co_await tokens.token();
        tokens.forget();
        const auto two = co_await tokens.token();
        CHECK(one == "one");
        CHECK(again == "one");
        CHECK(two == "two");
    });
    CHECK(first_form == "grant_type=refresh_token&refresh_token=old%20token&client_id=majlis&client_secret=s%26cret");
    CHECK(second_form.find("refresh_token=new") != std::string::npos);
    CHECK(renewed == "new");
}

TEST_CASE("who asks for a token while one is fetched gets that one: a refresh token may be good only once")
{
    test::ScriptedServer server{{token_server("200 OK", R"({"access_token":"one","expires_in":3600})")}};
    std::vector<std::string> got;
    test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
        net::TokenSource tokens{driver, client_of(server)};
        const auto ask = [&]() -> asio::awaitable<void> {
            auto token = co_await tokens.token();
            got.push_back(token);
        };
        auto all = ask() && ask() && ask();
        co_await std::move(all);
    });
    CHECK(got == std::vector<std::string>(3, "one"));
}

TEST_CASE("a request for a token that failed has failed for all who waited for it, and the next one is made anew")
{
    test::ScriptedServer server{
        {token_server("503 Busy", ""), token_server("200 OK", R"({"access_token":"one","expires_in":3600})")}};
    std::vector<std::string> got;
    test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
        net::TokenSource tokens{driver, client_of(server)};
        const auto ask = [&]() -> asio::awaitable<void> {
            try {
                auto token = co_await net::within(std::chrono::seconds{30}, tokens.token());
                got.push_back(token);
            } catch (const net::OAuth2Error&) {
                got.emplace_back("none");
            }
        };
        auto both = ask() && ask();
        co_await std::move(both);
        auto one = ask();
        co_await std::move(one);
    });
    CHECK(got == std::vector<std::string>{"none", "none", "one"});
}

TEST_CASE("who waits for another's token and may wait no longer leaves it alone")
{
    std::promise<void> gave_up;
    test::ScriptedServer server{{[&](Peer& peer) {
        gave_up.get_future().wait();
        token_server("200 OK", R"({"access_token":"one","expires_in":3600})")(peer);
    }}};
    std::string got;
    test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
        net::TokenSource tokens{driver, client_of(server)};
        const auto patient = [&]() -> asio::awaitable<void> {
            auto token = co_await tokens.token();
            got = token;
        };
        const auto hasty = [&]() -> asio::awaitable<void> {
            try {
                co_await net::within(std::chrono::milliseconds{50}, tokens.token());
            } catch (const boost::system::system_error&) {
                gave_up.set_value();
            }
        };
        auto both = patient() && hasty();
        co_await std::move(both);
    });
    CHECK(got == "one");
}

TEST_CASE("what a token server says instead of a token is told with what to do")
{
    CHECK(refusal("400 Bad Request", R"({"error":"invalid_grant","error_description":"expired"})").starts_with("permanent: "));
    CHECK(refusal("400 Bad Request", R"({"error":"invalid_grant"})").find("authorise majlis again") != std::string::npos);
    CHECK(refusal("401 Unauthorized", R"({"error":"invalid_client"})").find("check client_id") != std::string::npos);
    CHECK(refusal("503 Busy", "<html>").find("status 503") != std::string::npos);
    CHECK(refusal("200 OK", "[]").find("is token_url right") != std::string::npos);
    CHECK(refusal("200 OK", R"({"access_token":7})").find("no token") != std::string::npos);
    CHECK(refusal("200 OK", std::string(100'000, 'x')).find("no access token") != std::string::npos);
}
