#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "net/connection.hpp"
#include "net/within.hpp"
#include "tests/unit/net/dovecot.hpp"
#include "tests/unit/net/loop.hpp"
#include "tests/unit/net/scripted_server.hpp"

namespace asio = boost::asio;
using namespace majlis;
using namespace std::chrono_literals;
using net::ConnectError;
using test::Dovecot;
using test::Peer;
using Stage = ConnectError::Stage;

namespace {

struct Failure {
    Stage stage = Stage::other;
    bool permanent = false;
    int code = 0;
    std::string message;  // empty: it connected
};

Failure connect_to(net::Endpoint endpoint, std::string secret = "secret", std::chrono::milliseconds limit = 30s,
                   net::Mechanism mechanism = net::Mechanism::automatic)
{
    Failure failure;
    try {
        test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
            net::Login login{mechanism, "listes", secret};
            auto connection = co_await net::connect(driver, endpoint, std::move(login), limit);
            CHECK(connection.endpoint().host == endpoint.host);
        });
    } catch (const ConnectError& error) {
        failure = {error.stage(), error.lasting() == ConnectError::Lasting::permanent, error.code(), error.what()};
    }
    return failure;
}

net::Endpoint plain(net::Scheme scheme, unsigned port)
{
    net::Endpoint endpoint;
    endpoint.scheme = scheme;
    endpoint.host = "127.0.0.1";
    endpoint.port = port;
    endpoint.security = net::Security::none;
    return endpoint;
}

Failure against(net::Scheme scheme, test::ScriptedServer::Script script, net::Security security = net::Security::none,
                std::chrono::milliseconds limit = 30s)
{
    test::ScriptedServer server{{std::move(script)}};
    auto endpoint = plain(scheme, server.port());
    endpoint.security = security;
    return connect_to(endpoint, "secret", limit);
}

/// IMAP: greeting, these capabilities, and this answer to the login.
test::ScriptedServer::Script imap_says(std::string capabilities, std::string answer)
{
    return [capabilities, answer](Peer& peer) {
        peer.say("* OK ready\r\n");
        peer.command();
        peer.say("* CAPABILITY IMAP4rev1 " + capabilities + "\r\n");
        peer.answer();
        peer.command();
        peer.answer(answer);
        peer.wait_for_end();
    };
}

test::ScriptedServer::Script smtp_says(std::string greeting, std::string ehlo, std::string answer)
{
    return [=](Peer& peer) {
        peer.say(greeting);
        peer.hear();
        peer.say(ehlo);
        peer.hear();
        peer.say(answer);
        peer.wait_for_end();
    };
}

enum class Then { refuses, hangs_up };

/// A server that says in a challenge why it refuses a token (RFC 7628, section 3.2.2); and then no, when that is acknowledged.
Failure with_bad_token(net::Scheme scheme, net::Mechanism mechanism, const std::string& token, Then then = Then::refuses)
{
    const std::string reason = "eyJzdGF0dXMiOiI0MDEifQ==";  // {"status":"401"}
    test::ScriptedServer server{{[=](Peer& peer) {
        if (scheme == net::Scheme::imap) {
            peer.say("* OK ready\r\n");
            peer.command();
            peer.say("* CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 AUTH=OAUTHBEARER\r\n");
            peer.answer();
            peer.command();
            peer.say("+ " + reason + "\r\n");
        } else {
            peer.say("220 hi\r\n");
            peer.hear();
            peer.say("250-hi\r\n250 AUTH XOAUTH2 OAUTHBEARER\r\n");
            if (peer.hear().find_last_of(' ') == 4) {  // without an initial response, which libcurl leaves out where it is long
                peer.say("334 \r\n");
                peer.hear();
            }
            peer.say("334 " + reason + "\r\n");
        }
        if (then == Then::hangs_up) return;
        if (mechanism == net::Mechanism::oauthbearer) {
            CHECK(peer.hear() == "AQ==");
            scheme == net::Scheme::imap ? peer.answer("NO [AUTHENTICATIONFAILED] no") : peer.say("535 5.7.8 no\r\n");
        }
        peer.wait_for_end();
    }}};
    return connect_to(plain(scheme, server.port()), token, 30s, mechanism);
}

bool has(const std::string& whole, std::string_view piece) { return whole.find(piece) != std::string::npos; }

}  // namespace

TEST_CASE("each way of not being let in has its stage, and words for who must mend it")
{
    using enum net::Scheme;
    auto failure = against(imap, imap_says("AUTH=PLAIN SASL-IR", "NO [AUTHENTICATIONFAILED] no"));
    CHECK(failure.stage == Stage::auth_refused);
    CHECK(failure.permanent);
    CHECK(has(failure.message, "password of listes is refused"));
    CHECK(!has(failure.message, "secret"));
    failure = against(imap, imap_says("AUTH=PLAIN SASL-IR", "NO [UNAVAILABLE] later"));
    CHECK(failure.stage == Stage::auth_refused);
    CHECK(!failure.permanent);
    CHECK(against(imap, imap_says("LOGINDISABLED", "BAD")).stage == Stage::no_auth_offered);
    CHECK(against(imap, imap_says("AUTH=PLAIN", "OK"), net::Security::starttls).stage == Stage::starttls_not_offered);
    CHECK(against(imap, [](Peer&) {}).stage == Stage::greeting);
    failure = against(
        imap, [](Peer& peer) { peer.wait_for_end(); }, net::Security::none, 500ms);
    CHECK(failure.stage == Stage::timed_out);
    CHECK(has(failure.message, "did not answer within 1 s"));
    CHECK(against(smtp, smtp_says("220 hi\r\n", "250-hi\r\n250 SIZE 9\r\n", "250 ok\r\n")).stage == Stage::no_auth_offered);
    failure = against(smtp, smtp_says("220 hi\r\n", "250-hi\r\n250 AUTH PLAIN\r\n", "535 5.7.8 wrong\r\n"));
    CHECK(failure.stage == Stage::auth_refused);
    CHECK(failure.permanent);
    CHECK(failure.code == 535);
    failure = against(smtp, smtp_says("220 hi\r\n", "250-hi\r\n250 AUTH PLAIN\r\n", "454 4.7.0 later\r\n"));
    CHECK(failure.stage == Stage::auth_refused);
    CHECK(!failure.permanent);
    failure = against(smtp, smtp_says("554 5.7.1 not you\r\n", "", ""));
    CHECK(failure.stage == Stage::greeting);
    CHECK(failure.code == 554);
    failure = connect_to(plain(imap, test::free_port()));
    CHECK(failure.stage == Stage::connect);
    auto endpoint = plain(imap, 1);
    endpoint.host = "nowhere.invalid";
    CHECK(connect_to(endpoint).stage == Stage::resolve);
    endpoint.host = "evil host/";
    CHECK(connect_to(endpoint).permanent);
}

TEST_CASE("a token that is refused is told as that, with the server's reason in plain text")
{
    const std::string secret = "secret";
    for (const auto scheme : {net::Scheme::imap, net::Scheme::smtp}) {
        for (const auto mechanism : {net::Mechanism::xoauth2, net::Mechanism::oauthbearer}) {
            for (const auto& token : {secret, std::string(2'000, 's') + secret}) {
                const auto failure = with_bad_token(scheme, mechanism, token);
                CAPTURE(failure.message);
                CHECK(failure.stage == Stage::auth_refused);
                CHECK(failure.permanent);
                CHECK(has(failure.message, "the access token of listes is refused"));
                CHECK(!has(failure.message, "eyJ"));
                CHECK(!has(failure.message, secret));
                if (mechanism == net::Mechanism::xoauth2) CHECK(has(failure.message, R"(the server said: {"status":"401"})"));
            }
        }
        const auto failure = with_bad_token(scheme, net::Mechanism::oauthbearer, secret, Then::hangs_up);
        CAPTURE(failure.message);
        CHECK(failure.stage == Stage::auth_refused);
        CHECK(failure.permanent);
        CHECK(has(failure.message, R"({"status":"401"})"));
    }
}

TEST_CASE("a server that asks for more than a password has not refused the password")
{
    const auto failure = against(net::Scheme::smtp, smtp_says("220 hi\r\n", "250-hi\r\n250 AUTH PLAIN\r\n", "334 cGluPw==\r\n"));
    CAPTURE(failure.message);
    CHECK(failure.stage == Stage::no_auth_offered);
    CHECK(has(failure.message, "something else than a username and a password"));
}

TEST_CASE("a server without SASL is logged in to with LOGIN")
{
    std::string heard;
    const auto first = [](Peer& peer) {
        peer.say("* OK ready\r\n");
        peer.command();
        peer.say("* CAPABILITY IMAP4rev1\r\n");
        peer.answer();
        peer.wait_for_end();
    };
    const auto second = [&](Peer& peer) {
        peer.say("* OK ready\r\n");
        peer.command();
        peer.say("* CAPABILITY IMAP4rev1\r\n");
        peer.answer();
        heard = peer.command();
        peer.answer();
        peer.wait_for_end();
    };
    test::ScriptedServer server{{first, second}};
    const auto failure = connect_to(plain(net::Scheme::imap, server.port()));
    CHECK(failure.message == "");
    CHECK(heard == "LOGIN listes secret");
}

TEST_CASE("what an SMTP server offers is that of its last EHLO")
{
    test::ScriptedServer server{
        {smtp_says("220-hello\r\n220 hi\r\n", "250-hi\r\n250-PIPELINING\r\n250-SIZE 4711\r\n250 AUTH PLAIN\r\n", "235 ok\r\n")}};
    test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
        auto endpoint = plain(net::Scheme::smtp, server.port());
        endpoint.client_name = "majlis.example.org";
        net::Login login{net::Mechanism::plain, "listes", "secret"};
        auto connection = co_await net::connect(driver, std::move(endpoint), std::move(login), 30s);
        CHECK(connection.offers("pipelining"));
        CHECK(!connection.offers("hi"));
        CHECK(connection.parameters("SIZE") == "4711");
    });
}

TEST_CASE("a server that sends each line by itself is acknowledged at once")
{
    constexpr int rounds = 10;
    const auto chatty = [](Peer& peer) {
        test::imap_login(peer, "");
        for (int i = 0; i < rounds; ++i) {
            peer.hear();
            // Nagle's algorithm holds the second line back until the first is acknowledged: 40 ms where nobody hurries.
            peer.say("first\r\n");
            peer.say("second\r\n");
        }
        peer.wait_for_end();
    };
    test::ScriptedServer server{{chatty}};
    test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
        net::Login login{net::Mechanism::plain, "listes", "secret"};
        auto endpoint = plain(net::Scheme::imap, server.port());
        auto connection = co_await net::connect(driver, std::move(endpoint), std::move(login), 30s);
        std::array<char, 100> buffer{};
        std::vector<std::chrono::steady_clock::duration> took;
        for (int i = 0; i < rounds; ++i) {
            const auto begin = std::chrono::steady_clock::now();
            std::string heard;
            co_await connection.write("say it\r\n");
            while (heard.find("second") == std::string::npos) {
                const auto count = co_await connection.read_some(buffer);
                heard.append(buffer.data(), count);
            }
            took.push_back(std::chrono::steady_clock::now() - begin);
        }
        std::ranges::sort(took);
        CHECK(took[took.size() / 4] < 20ms);  // a busy machine makes some of them slow, Nagle all
    });
}

TEST_CASE("a certificate that can not be trusted says why" * doctest::skip(!Dovecot::available()))
{
    const auto with = [](const Dovecot& server) {
        net::Endpoint endpoint;
        endpoint.host = "localhost";
        endpoint.connect_to = "127.0.0.1";
        endpoint.port = server.imaps_port();
        endpoint.ca_file = server.ca_file();
        return endpoint;
    };
    Dovecot good;
    CHECK(connect_to(with(good)).message.empty());
    auto endpoint = with(good);
    endpoint.ca_file.clear();
    auto failure = connect_to(endpoint);
    CHECK(failure.stage == Stage::tls);
    CHECK(has(failure.message, "ca_file"));
    endpoint.ca_file = "/nowhere/ca.pem";
    CHECK(has(connect_to(endpoint).message, "/nowhere/ca.pem"));
    endpoint = with(good);
    endpoint.port = good.imap_port();
    failure = connect_to(endpoint);
    CHECK(failure.stage == Stage::tls);
    CHECK(has(failure.message, "starttls"));
    endpoint = with(good);
    CHECK(has(connect_to(endpoint, "wrong").message, "password of listes is refused"));
    Dovecot expired{{"", "/", "", "localhost", -1, "plain login"}};
    CHECK(has(connect_to(with(expired)).message, "has expired"));
    Dovecot other{{"", "/", "", "mail.example.net", 30, "plain login"}};
    CHECK(has(connect_to(with(other)).message, "is for another name than localhost"));
}

TEST_CASE("a connection whose server has gone takes nothing with it")
{
    // libcurl closes it while it opens the next one, which gets its number from the system.
    const auto goes = [](Peer& peer) { test::imap_login(peer, ""); };
    const auto stays = [](Peer& peer) {
        test::imap_login(peer, "");
        peer.hear();
        peer.say("here\r\n");
        peer.wait_for_end();
    };
    test::ScriptedServer server{{goes, stays}};
    test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
        const net::Login login{net::Mechanism::plain, "listes", "secret"};
        const auto endpoint = plain(net::Scheme::imap, server.port());
        std::optional<net::Connection> first;
        auto gone = co_await net::connect(driver, endpoint, login, 30s);
        first.emplace(std::move(gone));
        asio::steady_timer pause{driver.executor(), 1200ms};  // it looks for such connections once a second
        co_await pause.async_wait(asio::use_awaitable);
        auto second = co_await net::connect(driver, endpoint, login, 30s);
        std::array<char, 100> buffer{};
        auto end = first->read_some(buffer);
        const auto nothing = co_await net::within(10s, std::move(end));
        CHECK(nothing == 0);
        first.reset();
        co_await second.write("are you there\r\n");
        auto answer = second.read_some(buffer);
        const auto count = co_await net::within(10s, std::move(answer));
        CHECK(std::string_view(buffer.data(), count) == "here\r\n");
    });
}
