#include <doctest/doctest.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fstream>
#include <set>

#include "net/login.hpp"
#include "tests/unit/net/dovecot.hpp"
#include "tests/unit/net/loop.hpp"
#include "tests/unit/net/scripted_server.hpp"

namespace asio = boost::asio;
using namespace majlis;
using namespace boost::asio::experimental::awaitable_operators;
using net::ConnectError;
using test::token_server;

namespace {

using Tries = std::vector<std::string>;

test::ScriptedServer::Script gives(const std::string& token, std::string* form = nullptr)
{
    return token_server("200 OK", R"({"access_token":")" + token + R"(","expires_in":3600})", form);
}

/// A login with tokens, against a mail server that takes only these.
struct Case {
    explicit Case(std::vector<test::ScriptedServer::Script> answers) : server(std::move(answers))
    {
        write("first refresh token");
    }

    static void write_private(const std::filesystem::path& file, const std::string& line)
    {
        std::ofstream(file) << line << '\n';
        std::filesystem::permissions(file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    }
    void write(const std::string& refresh_token) const { write_private(refresh_file(), refresh_token); }
    std::string written() const
    {
        std::string line;
        std::ifstream in{refresh_file()};
        std::getline(in, line);
        return line;
    }
    void write_client_secret(const std::string& secret)
    {
        client_secret_file = scratch.path() / "client";
        write_private(client_secret_file, secret);
    }
    std::filesystem::path refresh_file() const { return scratch.path() / "refresh"; }

    CredentialConfig credentials() const
    {
        CredentialConfig credentials;
        credentials.username = "listes";
        credentials.oauth2 = OAuth2Config{
            "majlis", client_secret_file, refresh_file(), "http://127.0.0.1:" + std::to_string(server.port()) + "/token", {}};
        return credentials;
    }

    /// One connection. The server's answer takes a moment, so that others may be at it as well.
    asio::awaitable<int> attempt(net::Login login)
    {
        tried.push_back(login.secret);
        const bool good = valid.contains(login.secret);
        co_await asio::post(asio::use_awaitable);
        if (!good) throw ConnectError(ConnectError::Stage::auth_refused, lasting, 0, "refused");
        co_return 7;
    }

    test::Scratch scratch;
    test::ScriptedServer server;
    std::filesystem::path client_secret_file;
    std::set<std::string> valid;
    ConnectError::Lasting lasting = ConnectError::Lasting::permanent;
    Tries tried;
};

/// Gives the token "one" and a new refresh token, which has no folder to go to.
test::ScriptedServer::Script rotates_while_it_is_gone(const std::filesystem::path& folder)
{
    return [&folder](test::Peer& peer) {
        std::filesystem::remove_all(folder);
        token_server("200 OK", R"({"access_token":"one","expires_in":3600,"refresh_token":"rotated"})")(peer);
    };
}

/// "" when it was let in, else what it threw.
asio::awaitable<std::string> opened(LoginSource& source, Case& test)
{
    auto attempt = [&](net::Login login) { return test.attempt(std::move(login)); };
    try {
        const int answer = co_await source.open(attempt);
        CHECK(answer == 7);
    } catch (const std::exception& error) {
        co_return error.what();
    }
    co_return "";
}

/// Runs `work(source)` with what a relay or an inbox of this case has.
template <class Work>
void with_source(const Case& test, Work work)
{
    asio::thread_pool helper{1};
    test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
        LoginSource source{driver, helper, test.credentials()};
        co_await work(source);
    });
}

}  // namespace

TEST_CASE("an access token that was good and is refused is replaced at once, by every connection")
{
    Case test{{gives("one"), gives("two")}};
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        test.valid = {"one"};
        auto said = co_await opened(source, test);
        CHECK(said.empty());
        test.valid = {"two"};
        auto both = opened(source, test) && opened(source, test);
        const auto [left, right] = co_await std::move(both);
        CHECK(left.empty());
        CHECK(right.empty());
    });
    CHECK(test.tried == Tries{"one", "one", "one", "two", "two"});
}

TEST_CASE("an access token that never was good is told at once, and the refresh token is read again for the next attempt")
{
    std::string form;
    Case test{{gives("one"), gives("two", &form), gives("three")}};
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        auto said = co_await opened(source, test);
        CHECK(said == "refused");
        test.write("another");
        said = co_await opened(source, test);
        CHECK(said == "refused");
        test.valid = {"three"};
        said = co_await opened(source, test);
        CHECK(said.empty());
    });
    CHECK(test.tried == Tries{"one", "two", "three"});
    CHECK(form.find("refresh_token=another&") != std::string::npos);
}

TEST_CASE("a new token that is refused as well ends the attempt")
{
    Case test{{gives("one"), gives("two")}};
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        test.valid = {"one"};
        auto said = co_await opened(source, test);
        CHECK(said.empty());
        test.valid.clear();
        said = co_await opened(source, test);
        CHECK(said == "refused");
    });
    CHECK(test.tried == Tries{"one", "one", "two"});
}

TEST_CASE("a refresh token that is refused is read again: somebody may have put a new one there")
{
    std::string form;
    Case test{{token_server("400 Bad Request", R"({"error":"invalid_grant"})"), gives("one", &form)}};
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        test.valid = {"one"};
        auto said = co_await opened(source, test);
        CHECK(said.find("authorise majlis again") != std::string::npos);
        test.write("a new one");
        said = co_await opened(source, test);
        CHECK(said.empty());
    });
    CHECK(form.find("refresh_token=a%20new%20one&") != std::string::npos);
}

TEST_CASE("two connections find out together that a token never was good: each has tried it once")
{
    Case test{{gives("one")}};
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        auto both = opened(source, test) && opened(source, test);
        const auto [left, right] = co_await std::move(both);
        CHECK(left == "refused");
        CHECK(right == "refused");
    });
    CHECK(test.tried == Tries{"one", "one"});
}

TEST_CASE("two connections find out together that a token is revoked, and the next one too: each has tried both once")
{
    Case test{{gives("one"), gives("two")}};
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        test.valid = {"one"};
        auto said = co_await opened(source, test);
        CHECK(said.empty());
        test.valid.clear();
        auto both = opened(source, test) && opened(source, test);
        const auto [left, right] = co_await std::move(both);
        CHECK(left == "refused");
        CHECK(right == "refused");
    });
    CHECK(test.tried == Tries{"one", "one", "one", "two", "two"});
}

TEST_CASE("a server that says later has refused no token")
{
    Case test{{gives("one")}};
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        test.valid = {"one"};
        auto said = co_await opened(source, test);
        CHECK(said.empty());
        test.valid.clear();
        test.lasting = ConnectError::Lasting::temporary;
        said = co_await opened(source, test);
        CHECK(said == "refused");
        test.valid = {"one"};
        said = co_await opened(source, test);
        CHECK(said.empty());
    });
    CHECK(test.tried == Tries{"one", "one", "one"});
}

TEST_CASE("a refresh token that somebody else has used up and replaced meanwhile is taken from the file at once")
{
    std::string form;
    const Case* place = nullptr;
    const auto another_was_faster = [&place](test::Peer& peer) {
        place->write("rotated");
        token_server("400 Bad Request", R"({"error":"invalid_grant"})")(peer);
    };
    Case test{{gives("one"), another_was_faster, gives("two", &form)}};
    place = &test;
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        test.valid = {"one"};
        auto said = co_await opened(source, test);
        CHECK(said.empty());
        test.valid = {"two"};
        said = co_await opened(source, test);
        CHECK(said.empty());
    });
    CHECK(form.find("refresh_token=rotated&") != std::string::npos);
}

TEST_CASE("a rotated refresh token that the file could not take is not given up for the old one")
{
    std::string form;
    std::filesystem::path folder;
    Case test{
        {rotates_while_it_is_gone(folder), token_server("400 Bad Request", R"({"error":"invalid_scope"})"), gives("two", &form)}};
    folder = test.scratch.path();
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        test.valid = {"one"};
        auto said = co_await opened(source, test);
        CHECK(said.empty());
        std::filesystem::create_directory(folder);
        test.write("first refresh token");
        test.valid = {"two"};
        said = co_await opened(source, test);
        CHECK(said.find("invalid_scope") != std::string::npos);
        said = co_await opened(source, test);
        CHECK(said.empty());
    });
    CHECK(form.find("refresh_token=rotated&") != std::string::npos);
}

TEST_CASE("a rotated refresh token is written into its file, later where it could not be at once")
{
    std::filesystem::path folder;
    Case test{{rotates_while_it_is_gone(folder), gives("two"),
               token_server("200 OK", R"({"access_token":"three","refresh_token":"again"})")}};
    folder = test.scratch.path();
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        test.valid = {"one"};
        auto said = co_await opened(source, test);
        CHECK(said.empty());
        std::filesystem::create_directory(folder);
        test.write("first refresh token");
        test.valid = {"two"};
        said = co_await opened(source, test);
        CHECK(said.empty());
        CHECK(test.written() == "rotated");
        test.valid = {"three"};
        said = co_await opened(source, test);
        CHECK(said.empty());
        CHECK(test.written() == "again");
    });
}

TEST_CASE("a refresh token that a person puts into the file is not written over by a rotation, and is taken for the next request")
{
    std::string form;
    const Case* place = nullptr;
    const auto rotates_meanwhile = [&place](test::Peer& peer) {
        place->write("of a person");
        token_server("200 OK", R"({"access_token":"one","expires_in":3600,"refresh_token":"rotated"})")(peer);
    };
    Case test{{rotates_meanwhile, gives("two", &form)}};
    place = &test;
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        test.valid = {"one"};
        auto said = co_await opened(source, test);
        CHECK(said.empty());
        CHECK(test.written() == "of a person");
        test.valid = {"two"};
        said = co_await opened(source, test);
        CHECK(said.empty());
    });
    CHECK(form.find("refresh_token=of%20a%20person&") != std::string::npos);
}

TEST_CASE("a new refresh token is found also where the token server gives the same access token again and again")
{
    std::string form;
    Case test{{gives("one"), gives("one"), gives("two", &form)}};
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        auto said = co_await opened(source, test);
        CHECK(said == "refused");
        said = co_await opened(source, test);
        CHECK(said == "refused");
        test.write("another");
        test.valid = {"two"};
        said = co_await opened(source, test);
        CHECK(said.empty());
    });
    CHECK(form.find("refresh_token=another&") != std::string::npos);
}

TEST_CASE("a client secret that a person mends is found, and the refresh token stays the newest")
{
    std::string form;
    std::filesystem::path folder;
    Case test{{rotates_while_it_is_gone(folder), gives("two", &form)}};
    folder = test.scratch.path();
    test.write_client_secret("expired");
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        test.valid = {"one"};
        auto said = co_await opened(source, test);
        CHECK(said.empty());
        std::filesystem::create_directory(folder);
        test.write("first refresh token");
        test.write_client_secret("mended");
        test.valid = {"two"};
        said = co_await opened(source, test);
        CHECK(said.empty());
    });
    CHECK(form.find("refresh_token=rotated&") != std::string::npos);
    CHECK(form.find("client_secret=mended") != std::string::npos);
}

TEST_CASE("tokens that are good for no time at all end the attempt as well")
{
    const auto gone = [](const std::string& token) {
        return token_server("200 OK", R"({"access_token":")" + token + R"(","expires_in":0})");
    };
    Case test{{gone("1"), gone("2"), gone("3"), gone("4"), gone("5"), gone("6")}};
    with_source(test, [&](LoginSource& source) -> asio::awaitable<void> {
        auto both = opened(source, test) && opened(source, test);
        const auto [left, right] = co_await std::move(both);
        CHECK(left == "refused");
        CHECK(right == "refused");
    });
    CHECK(test.tried.size() <= 4);
}
