#include <doctest/doctest.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <cstdlib>
#include <fstream>

#include "core/address/address.hpp"
#include "core/store/lists.hpp"
#include "core/store/status.hpp"
#include "daemon/intake/intake.hpp"
#include "daemon/patience.hpp"
#include "tests/unit/net/dovecot.hpp"
#include "tests/unit/net/loop.hpp"

namespace asio = boost::asio;
using namespace majlis;
using namespace std::chrono_literals;
using test::Dovecot;

namespace {

std::string mail_to(const std::string& to, int number, std::size_t bytes = 0)
{
    return "From: a@example.org\r\nTo: " + to + "\r\nSubject: mail " + std::to_string(number) + "\r\nMessage-ID: <" +
           std::to_string(number) + "@example.org>\r\n\r\nText " + std::string(bytes, 'x') + "\r\n";
}

/// A mailbox, a database with the list rabat@example.org, and an intake between them.
struct House {
    explicit House(Dovecot::Options options = {}) : dovecot(options)
    {
        std::ofstream(scratch.path() / "password") << "secret\n";
        std::filesystem::permissions(scratch.path() / "password", std::filesystem::perms::owner_read);
        inbox.name = "listes@localhost";
        inbox.server.host = "localhost";
        inbox.server.connect_to = "127.0.0.1";
        inbox.server.port = static_cast<std::uint16_t>(dovecot.imaps_port());
        inbox.server.ca_file = dovecot.ca_file();
        inbox.credentials.username = "listes";
        inbox.credentials.password_file = scratch.path() / "password";
        store::Database db{scratch.path() / "majlis.db", store::Open::create};
        const auto list =
            store::create_list(db, {"rabat", *parse_address("rabat@example.org"), std::nullopt, ""}, {"cli:test", 1});
        REQUIRE(list.has_value());
    }

    /// Runs `work(intake, stop)` on a loop.
    template <class Work>
    void with_intake(Work work)
    {
        test::run_loop([&](net::CurlDriver& driver) -> asio::awaitable<void> {
            StoreThread store{scratch.path() / "majlis.db", store::Open::read_write};
            asio::thread_pool reader{1};
            Stop stop{driver.executor()};
            intake::Intake intake{intake::Wiring{store, driver, reader, stop, inbox, max_size_bytes, {}}};
            intake.on_arrivals = [this] { ++woken; };
            intake.too_large = [this](store::Database&, const NoticeValues& values) { notices.push_back(values); };
            co_await work(intake, stop);
            reader.join();
        });
    }

    void once()
    {
        with_intake([](intake::Intake& intake, Stop&) -> asio::awaitable<void> { co_await intake.once(); });
    }

    std::vector<store::NewMail> taken()
    {
        store::Database db{scratch.path() / "majlis.db"};
        return store::next_new(db, 100'000);
    }
    std::string content(const store::NewMail& mail)
    {
        store::Database db{scratch.path() / "majlis.db"};
        return store::load_content(db, mail.content_id);
    }

    test::Scratch scratch;
    Dovecot dovecot;
    InboxConfig inbox;
    std::int64_t max_size_bytes = 30 << 20;
    int woken = 0;
    std::vector<NoticeValues> notices;
};

}  // namespace

TEST_CASE("ours is taken and moved, other people's mail is left unread" * doctest::skip(!Dovecot::available()))
{
    House house;
    for (int i = 0; i < 120; ++i) house.dovecot.deliver(mail_to(i % 3 == 0 ? "someone@example.org" : "rabat@example.org", i));
    house.once();
    CHECK(house.taken().size() == 80);
    CHECK(house.woken > 0);
    CHECK(house.content(house.taken().front()) == mail_to("rabat@example.org", 1));
    CHECK(house.dovecot.count("") == 40);
    CHECK(house.dovecot.count(".Majlis/Done") + house.dovecot.count(".Majlis.Done") == 80);
    for (const auto& name : house.dovecot.file_names("")) CHECK_MESSAGE(name.find(",S") == std::string::npos, name);
    house.once();
    CHECK(house.taken().size() == 80);
    store::Database db{house.scratch.path() / "majlis.db"};
    CHECK(store::inbox_states(db).at(0).state == "stopped");
    CHECK(store::inbox_states(db).at(0).last_ok_at > 0);
}

TEST_CASE("unknown mail moves away, and deleting leaves nothing" * doctest::skip(!Dovecot::available()))
{
    House house{{"INBOX.", ".", "", "localhost", 30, "plain login"}};
    house.inbox.unknown = {FolderAction::Kind::move, "Majlis/Inconnu\u00e9"};
    house.inbox.after = {FolderAction::Kind::remove, ""};
    for (int i = 0; i < 20; ++i)
        house.dovecot.deliver(mail_to(i % 2 == 0 ? "someone@example.org" : "Rabat <RABAT@Example.org>", i));
    house.once();
    CHECK(house.taken().size() == 10);
    CHECK(house.dovecot.count("") == 0);
    CHECK(house.dovecot.count(".Majlis.Inconnu&AOk-") == 10);
}

TEST_CASE("a large mail comes whole in parts, one over the limit stays and is told once" * doctest::skip(!Dovecot::available()))
{
    House house;
    house.max_size_bytes = 3 << 20;
    const std::string large = mail_to("rabat@example.org", 1, 2'500'000);
    house.dovecot.deliver(large);
    house.dovecot.deliver(mail_to("rabat@example.org", 2, 4'000'000));
    house.dovecot.deliver(mail_to("rabat@example.org", 3, 512 * 1024));
    house.dovecot.deliver(mail_to("rabat@example.org", 4, 0));
    house.once();
    const auto taken = house.taken();
    REQUIRE(taken.size() == 3);
    CHECK(house.content(taken[0]) == large);
    CHECK(house.dovecot.count("") == 1);
    REQUIRE(house.notices.size() == 1);
    CHECK(house.notices[0].text.at("subject") == "mail 2");
    house.once();
    CHECK(house.notices.size() == 1);
    CHECK(house.taken().size() == 3);
}

TEST_CASE("a new UIDVALIDITY takes nothing twice" * doctest::skip(!Dovecot::available()))
{
    House house;
    house.inbox.unknown = {FolderAction::Kind::leave, ""};
    for (int i = 0; i < 5; ++i) house.dovecot.deliver(mail_to("rabat@example.org", i));
    house.once();
    for (int i = 0; i < 5; ++i) house.dovecot.deliver(mail_to("rabat@example.org", i));  // as if the move had been undone
    house.dovecot.stop();
    house.dovecot.change_uidvalidity();
    house.dovecot.start();
    house.dovecot.deliver(mail_to("rabat@example.org", 6));
    house.once();
    CHECK(house.taken().size() == 6);
    CHECK(house.dovecot.count("") == 0);
}

TEST_CASE("what was committed and not yet moved is moved at the next connection" * doctest::skip(!Dovecot::available()))
{
    House house;
    for (int i = 0; i < 5; ++i) house.dovecot.deliver(mail_to("rabat@example.org", i));
    house.once();
    store::Database db{house.scratch.path() / "majlis.db"};
    for (int i = 5; i < 8; ++i) house.dovecot.deliver(mail_to("rabat@example.org", i));
    house.once();
    {
        // Back to before the move: rows say that they are in the inbox, and they are gone there, but for none.
        db.execute("UPDATE arrival SET place = 'inbox' WHERE uid > 6");
        CHECK(store::to_file(db, 1, 100).size() == 2);
    }
    house.once();
    CHECK(store::to_file(db, 1, 100).empty());
}

TEST_CASE("mail from the junk folder carries its mark" * doctest::skip(!Dovecot::available()))
{
    House house;
    house.inbox.folders = {"INBOX", "\\Junk"};
    house.dovecot.deliver(mail_to("rabat@example.org", 1));
    house.once();  // makes the folder
    house.dovecot.deliver(mail_to("rabat@example.org", 2), ".Spam");
    house.once();
    const auto taken = house.taken();
    REQUIRE(taken.size() == 2);
    CHECK(taken[0].junk == store::Junk::no);
    CHECK(taken[1].junk == store::Junk::yes);
}

TEST_CASE("with IDLE new mail is taken as it is announced, moved when it is quiet, and a stop is clean" *
          doctest::skip(!Dovecot::available()))
{
    House house;
    house.with_intake([&](intake::Intake& intake, Stop& stop) -> asio::awaitable<void> {
        const auto executor = co_await asio::this_coro::executor;
        asio::steady_timer done{executor, 60s};
        asio::co_spawn(executor, intake.run(), [&](std::exception_ptr error) {
            CHECK(!error);
            done.cancel();
        });
        asio::steady_timer timer{executor};
        for (int i = 0; i < 3; ++i) {
            const int before = house.woken;
            house.dovecot.deliver(mail_to("rabat@example.org", i));
            for (int wait = 0; wait < 3000 && house.woken == before; ++wait) {
                timer.expires_after(10ms);
                co_await timer.async_wait(asio::use_awaitable);
            }
        }
        for (int wait = 0; wait < 3000 && house.dovecot.count("") > 0; ++wait) {
            timer.expires_after(10ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
        stop.request();
        boost::system::error_code cancelled;
        co_await done.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
        CHECK(cancelled == asio::error::operation_aborted);
    });
    CHECK(house.taken().size() == 3);
    CHECK(house.dovecot.count("") == 0);
}

TEST_CASE("a wrong password is on record with what to do about it" * doctest::skip(!Dovecot::available()))
{
    House house;
    house.inbox.credentials.password_file = house.scratch.path() / "wrong";
    std::ofstream(house.inbox.credentials.password_file) << "wrong\n";
    CHECK_THROWS_AS(house.once(), net::ConnectError);
    store::Database db{house.scratch.path() / "majlis.db"};
    const auto states = store::inbox_states(db);
    REQUIRE(states.size() == 1);
    CHECK(states[0].state == "failed");
    CHECK(states[0].last_error.find("password of listes is refused") != std::string::npos);
    CHECK(states[0].last_ok_at == 0);
}

TEST_CASE("a backlog is taken in at more than 1,500 mails a second" *
          doctest::skip(!Dovecot::available() || std::getenv("MAJLIS_BENCH") == nullptr))
{
    for (const auto after : {FolderAction::Kind::move, FolderAction::Kind::remove}) {
        House house;
        house.inbox.after = {after, "Majlis/Done"};
        constexpr int count = 5000;
        for (int i = 0; i < count; ++i) {
            house.dovecot.deliver(mail_to("rabat@example.org", i, 4096 + static_cast<std::size_t>(i % 12) * 4096));
        }
        const auto start = std::chrono::steady_clock::now();
        house.once();
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
        MESSAGE((count / seconds.count()), " mails a second, filed by ",
                std::string(after == FolderAction::Kind::move ? "move" : "delete"));
        CHECK(house.taken().size() == count);
        CHECK(count / seconds.count() > 1500);
    }
}
