#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <boost/asio/use_awaitable.hpp>

#include "net/imap/session.hpp"
#include "net/within.hpp"
#include "tests/unit/net/dovecot.hpp"
#include "tests/unit/net/loop.hpp"

namespace asio = boost::asio;
using namespace majlis;
using namespace std::chrono_literals;
using test::Dovecot;

namespace {

net::Endpoint endpoint_of(const Dovecot& server, net::Security security = net::Security::implicit)
{
    net::Endpoint endpoint;
    endpoint.host = "localhost";
    endpoint.connect_to = "127.0.0.1";
    endpoint.port = security == net::Security::implicit ? server.imaps_port() : server.imap_port();
    endpoint.security = security;
    endpoint.ca_file = server.ca_file();
    return endpoint;
}

const net::Login right{net::Mechanism::automatic, "listes", "secret"};

std::string mail_of(int number, std::size_t bytes = 0)
{
    return "From: a@example.org\r\nTo: list@example.org\r\nSubject: mail " + std::to_string(number) + "\r\nMessage-ID: <" +
           std::to_string(number) + "@example.org>\r\n\r\nA body {12}\r\n" + std::string(bytes, 'x') + "\r\n";
}

using Work = asio::awaitable<void> (*)(net::CurlDriver&, Dovecot&, imap::Session&);

/// Connects, runs the work and says goodbye.
void with_session(Dovecot& server, Work work, net::Security security = net::Security::implicit)
{
    test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
        auto endpoint = endpoint_of(server, security);
        auto login = right;
        auto connection = co_await net::connect(driver, std::move(endpoint), std::move(login), 30s);
        auto session = co_await imap::Session::open(std::move(connection));
        co_await work(driver, server, *session);
        co_await session->logout();
    });
}

}  // namespace

TEST_CASE("mail comes from Dovecot over TLS byte by byte as it was delivered" * doctest::skip(!Dovecot::available()))
{
    Dovecot server;
    server.deliver(mail_of(1));
    server.deliver(mail_of(2, 300'000));
    for (const auto security : {net::Security::implicit, net::Security::starttls, net::Security::none}) {
        with_session(
            server,
            [](net::CurlDriver&, Dovecot&, imap::Session& session) -> asio::awaitable<void> {
                CHECK(session.offers("IDLE"));
                CHECK(session.offers("UIDPLUS"));
                std::string inbox = "INBOX";
                co_await session.select(std::move(inbox));
                CHECK(session.mailbox().exists == 2);
                CHECK(session.mailbox().uidvalidity != 0);
                const auto uids = co_await session.search(1, 0);
                REQUIRE(uids.size() == 2);
                std::vector<imap::FetchItem> items;
                session.on_fetch([&](imap::FetchItem&& item) { items.push_back(std::move(item)); });
                const auto headers = session.queue("UID FETCH 1:* (UID RFC822.SIZE INTERNALDATE BODY.PEEK[HEADER])");
                const auto bodies = session.queue("UID FETCH 1:* (UID BODY.PEEK[])");
                const auto first = co_await session.finish(headers);
                const auto second = co_await session.finish(bodies);
                CHECK(first.ok());
                CHECK(second.ok());
                REQUIRE(items.size() == 4);
                CHECK(items[0].size == mail_of(1).size());
                CHECK(items[0].internal_date.value_or(0) > 1'600'000'000);
                CHECK(items[0].section("HEADER")->bytes == mail_of(1).substr(0, mail_of(1).find("A body")));
                CHECK(items[2].section("")->bytes == mail_of(1));
                CHECK(items[3].section("")->bytes == mail_of(2, 300'000));
            },
            security);
    }
    for (const auto& name : server.file_names("")) CHECK_MESSAGE(name.find('S') == std::string::npos, name);  // never \Seen
}

TEST_CASE("a folder is made with the server's own prefix and separator, and mail moves there" *
          doctest::skip(!Dovecot::available()))
{
    for (const std::string capability : {"", "IMAP4rev1 NAMESPACE IDLE UIDPLUS", "IMAP4rev1 NAMESPACE"}) {
        CAPTURE(capability);
        Dovecot server{{"INBOX.", ".", capability, "localhost", 30, "plain login"}};
        for (int i = 0; i < 5; ++i) server.deliver(mail_of(i));
        with_session(server, [](net::CurlDriver&, Dovecot&, imap::Session& session) -> asio::awaitable<void> {
            CHECK(session.name_space().prefix == "INBOX.");
            CHECK(session.name_space().separator == '.');
            const std::string done = imap::server_name("Majlis/Termin\u00e9", session.name_space());
            CHECK(done == "INBOX.Majlis.Termin&AOk-");
            std::string inbox = "INBOX";
            co_await session.select(std::move(inbox));
            auto uids = co_await session.search(1, 0);
            REQUIRE(uids.size() == 5);
            uids.pop_back();
            co_await session.move(uids, done);
            const auto rest = co_await session.search(1, 0);
            CHECK(rest.size() == 1);
            co_await session.remove(rest);
            const auto none = co_await session.search(1, 0);
            CHECK(none.empty());
            std::string junk = "\\Junk";
            const auto spam = co_await session.special_use(std::move(junk));
            CHECK(spam == "INBOX.Spam");
            std::string missing = "INBOX.not there";
            std::string refusal;
            try {
                co_await session.select(std::move(missing));
            } catch (const imap::Refused& error) {
                refusal = error.what();
            }
            CHECK(refusal.find("exist") != std::string::npos);  // Dovecot gives no code
            const std::string mail = mail_of(9);
            const auto appended = co_await session.append(done, mail);
            CHECK(appended.ok());
        });
        CHECK(server.count(".Majlis.Termin&AOk-") == 5);
        CHECK(server.count("") == 0);
    }
}

TEST_CASE("without UIDPLUS nothing is expunged while a person's own deleted mail lies there" *
          doctest::skip(!Dovecot::available()))
{
    Dovecot server{{"", "/", "IMAP4rev1 NAMESPACE IDLE", "localhost", 30, "plain login"}};
    for (int i = 0; i < 3; ++i) server.deliver(mail_of(i));
    with_session(server, [](net::CurlDriver&, Dovecot&, imap::Session& session) -> asio::awaitable<void> {
        std::string inbox = "INBOX";
        co_await session.select(std::move(inbox));
        const auto uids = co_await session.search(1, 0);
        REQUIRE(uids.size() == 3);
        const auto marked = co_await session.run("UID STORE " + std::to_string(uids[0]) + " +FLAGS (\\Deleted)");
        CHECK(marked.ok());
        std::vector<std::uint32_t> ours{uids[1]};
        co_await session.remove(ours);
        const auto left = co_await session.search(1, 0);
        CHECK(left.size() == 3);
    });
}

TEST_CASE("IDLE tells of new mail, and DONE goes out with the next command" * doctest::skip(!Dovecot::available()))
{
    Dovecot server;
    with_session(server, [](net::CurlDriver& driver, Dovecot& dovecot, imap::Session& session) -> asio::awaitable<void> {
        std::string inbox = "INBOX";
        co_await session.select(std::move(inbox));
        const bool idles = co_await session.begin_idle();
        REQUIRE(idles);
        asio::steady_timer timer{driver.executor(), 50ms};
        const imap::Session::Bell bell = [&timer]() -> asio::awaitable<void> { co_await timer.async_wait(asio::use_awaitable); };
        co_await session.wait_idle(bell);
        CHECK(!session.take_news());
        dovecot.deliver(mail_of(1));
        timer.expires_after(10s);
        co_await session.wait_idle(bell);
        CHECK(session.take_news());
        const auto idle = session.end_idle();
        std::string header;
        session.on_fetch([&](imap::FetchItem&& item) { header = item.section("HEADER")->bytes; });
        const auto fetch = session.queue("UID FETCH 1:* (UID BODY.PEEK[HEADER])");
        const auto fetched = co_await session.finish(fetch);
        const auto idled = co_await session.finish(idle);
        CHECK(fetched.ok());
        CHECK(idled.ok());
        CHECK(header.find("Subject: mail 1") != std::string::npos);
    });
}
