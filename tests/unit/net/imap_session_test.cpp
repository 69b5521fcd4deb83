#include <doctest/doctest.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>

#include "net/imap/session.hpp"
#include "tests/unit/net/loop.hpp"
#include "tests/unit/net/scripted_server.hpp"

namespace asio = boost::asio;
using namespace majlis;
using namespace std::chrono_literals;
using test::Peer;

namespace {

/// Opens a session with the script's server, runs the work, and gives the message of what it threw.
template <class Error, class Work>
std::string failure_of(test::ScriptedServer::Script script, Work work, imap::Limits limits = {}, imap::Times times = {})
{
    test::ScriptedServer server{{std::move(script)}};
    std::string message;
    try {
        test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
            net::Endpoint endpoint;
            endpoint.host = "127.0.0.1";
            endpoint.port = server.port();
            endpoint.security = net::Security::none;
            net::Login login{net::Mechanism::automatic, "listes", "secret"};
            auto connection = co_await net::connect(driver, std::move(endpoint), std::move(login), 30s);
            auto session = co_await imap::Session::open(std::move(connection), limits, times);
            co_await work(*session);
        });
    } catch (const Error& error) {
        message = error.what();
    }
    return message;
}

template <class Work>
void with_session(test::ScriptedServer::Script script, Work work)
{
    const auto message = failure_of<std::exception>(std::move(script), std::move(work));
    CHECK(message.empty());
}

const auto noop = [](imap::Session& session) -> asio::awaitable<void> {
    std::string command = "NOOP";
    co_await session.run(std::move(command));
};

}  // namespace

TEST_CASE("a server that offers MOVE and refuses it gets COPY, STORE and UID EXPUNGE")
{
    std::vector<std::string> heard;
    const auto script = [&](Peer& peer) {
        test::imap_open(peer, "MOVE UIDPLUS");
        heard.push_back(peer.command());
        peer.answer("BAD what?");
        heard.push_back(peer.command());
        peer.answer("NO [TRYCREATE] no such folder");
        heard.push_back(peer.command());
        peer.answer();
        heard.push_back(peer.command());  // SUBSCRIBE
        peer.answer();
        heard.push_back(peer.command());
        peer.answer("OK [COPYUID 1 7:9 1:3] done");
        heard.push_back(peer.command());
        peer.answer();
        heard.push_back(peer.command());
        peer.answer();
        peer.wait_for_end();
    };
    with_session(script, [](imap::Session& session) -> asio::awaitable<void> {
        std::vector<std::uint32_t> uids{7, 8, 9};
        std::string target = "Majlis/Done";
        co_await session.move(std::move(uids), std::move(target));
        CHECK(!session.offers("MOVE"));
    });
    CHECK(heard == std::vector<std::string>{"UID MOVE 7:9 \"Majlis/Done\"", "UID COPY 7:9 \"Majlis/Done\"",
                                            "CREATE \"Majlis/Done\"", "SUBSCRIBE \"Majlis/Done\"", "UID COPY 7:9 \"Majlis/Done\"",
                                            "UID STORE 7:9 +FLAGS.SILENT (\\Deleted)", "UID EXPUNGE 7:9"});
}

TEST_CASE("a server that offers IDLE and refuses it is polled")
{
    const auto script = [](Peer& peer) {
        test::imap_open(peer, "IDLE");
        peer.command();
        peer.answer("NO not today");
        peer.wait_for_end();
    };
    with_session(script, [](imap::Session& session) -> asio::awaitable<void> {
        const bool idles = co_await session.begin_idle();
        CHECK(!idles);
        CHECK(!session.offers("IDLE"));
    });
}

TEST_CASE("commands in flight may end in any order, with junk between")
{
    const auto script = [](Peer& peer) {
        test::imap_open(peer, "");
        const std::string first = peer.hear();
        const std::string second = peer.hear();
        peer.say("* 3 FETCH (UID 30 BODY[] {5}\r\nfirst)\r\n* XJUNK ((({9\r\n* 4 FETCH (UID 40 BODY[] \"second\")\r\n");
        peer.say(second.substr(0, second.find(' ')) + " OK second\r\n* 5 EXISTS\r\n" + first.substr(0, first.find(' ')) +
                 " OK first\r\n");
        peer.wait_for_end();
    };
    with_session(script, [](imap::Session& session) -> asio::awaitable<void> {
        std::vector<std::string> bodies;
        session.on_fetch([&](imap::FetchItem&& item) { bodies.push_back(item.sections.at(0).bytes); });
        const auto first = session.queue("UID FETCH 30 (UID BODY.PEEK[])");
        const auto second = session.queue("UID FETCH 40 (UID BODY.PEEK[])");
        const auto one = co_await session.finish(first);
        CHECK(session.ended(second));
        const auto two = co_await session.finish(second);
        CHECK(one.text == "first");
        CHECK(two.text == "second");
        CHECK(bodies == std::vector<std::string>{"first", "second"});
        CHECK(session.take_news());
    });
}

TEST_CASE("a goodbye, a hang-up, silence and an endless line are told apart")
{
    const auto after_noop = [](std::string bytes, bool waits) {
        return [bytes = std::move(bytes), waits](Peer& peer) {
            test::imap_open(peer, "");
            peer.command();
            peer.say(bytes);
            if (waits) peer.wait_for_end();
        };
    };
    using net::ConnectionLost;
    CHECK(
        failure_of<ConnectionLost>(after_noop("* BYE shutting \x1b[1mdown\r\n", true), noop).find("goodbye: shutting ?[1mdown") !=
        std::string::npos);
    CHECK(failure_of<ConnectionLost>(after_noop("* 1 FETCH (UID 1 BODY[] {100}\r\nabc", false), noop)
              .find("closed the connection") != std::string::npos);
    imap::Times times;
    times.silence = 100ms;
    CHECK(failure_of<ConnectionLost>(after_noop("", true), noop, {}, times).find("gone silent") != std::string::npos);
    imap::Limits limits;
    limits.line = 10'000;
    CHECK(failure_of<imap::ProtocolError>(after_noop("* OK " + std::string(20'000, 'x'), true), noop, limits).find("10000") !=
          std::string::npos);
    limits.numbers = 3;
    CHECK(failure_of<imap::ProtocolError>(after_noop("* SEARCH 1 2\r\n* SEARCH 3 4\r\n", true), noop, limits)
              .find("more messages") != std::string::npos);
}

TEST_CASE("a server that never stops talking leaves the loop to others, and ends with the time of the command")
{
    const auto talks = [](Peer& peer) {
        test::imap_open(peer, "IDLE");
        peer.command();
        std::string lines;
        for (int line = 0; line < 1000; ++line) lines += "* OK still here\r\n";
        for (;;) peer.say(lines);
    };
    imap::Times times;
    times.silence = times.command = 1s;
    bool others_ran = false;
    const auto beside_a_timer = [&](auto wait) {
        return [&others_ran, wait](imap::Session& session) -> asio::awaitable<void> {
            const auto executor = co_await asio::this_coro::executor;
            asio::steady_timer timer{executor, 20ms};
            timer.async_wait([&others_ran](const boost::system::error_code& error) { others_ran = !error; });
            co_await wait(session);
        };
    };
    const auto idles = [](imap::Session& session) -> asio::awaitable<void> { co_await session.begin_idle(); };
    for (int command = 0; command < 2; ++command) {
        CAPTURE(command);
        others_ran = false;
        const auto message = command == 0 ? failure_of<net::ConnectionLost>(talks, beside_a_timer(noop), {}, times)
                                          : failure_of<net::ConnectionLost>(talks, beside_a_timer(idles), {}, times);
        CHECK(message.find("does not end") != std::string::npos);
        CHECK(others_ran);
    }
}

TEST_CASE("without UIDPLUS, EXPUNGE is sent when every deleted message is ours")
{
    std::vector<std::string> heard;
    const auto script = [&](Peer& peer) {
        test::imap_open(peer, "");
        heard.push_back(peer.command());
        peer.answer();
        heard.push_back(peer.command());
        peer.say("* SEARCH 8 7\r\n");
        peer.answer();
        heard.push_back(peer.command());
        peer.answer();
        peer.wait_for_end();
    };
    with_session(script, [](imap::Session& session) -> asio::awaitable<void> {
        std::vector<std::uint32_t> uids{7, 8};
        co_await session.remove(std::move(uids));
    });
    CHECK(heard == std::vector<std::string>{"UID STORE 7:8 +FLAGS.SILENT (\\Deleted)", "UID SEARCH UID 1:* DELETED", "EXPUNGE"});
}
