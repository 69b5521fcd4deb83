#include "daemon/digests.hpp"

#include <sqlite3.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <map>

#include "core/store/archive.hpp"
#include "core/store/content.hpp"
#include "core/text/zone.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;
namespace asio = boost::asio;

namespace {

constexpr const char* look_at_post = "SELECT p.content_id, p.size, p.message_id";
constexpr const char* load_post = "SELECT bytes, size FROM content_chunk WHERE content_id = :id ORDER";

/// A site with digests that are planned, and the daemon's part that writes them, on a thread of its own as in life.
struct Writing : Site {
    asio::io_context loop;
    Stop stop{loop.get_executor()};
    Config config;
    std::int64_t now = text::unix_time({2040, 1, 3, 18, 0, 0, 0}, "UTC");
    int count = 0;

    /// How often the daemon has said this to the database; and what happens when it has for the n-th time.
    std::map<std::string, int> said;
    std::string at;
    int nth = 0;
    std::function<void()> then;

    Writing()
    {
        config.site.domain = "maimc.org";
        config.site.name = "MAIMC";
        config.digest.timezone = "UTC";
        db.prepared("UPDATE digest_clock SET due_at = :then").bind(":then", now - 86'400).run();
    }

    std::int64_t accept(std::int64_t list, std::size_t bytes = 20)
    {
        const auto id = std::to_string(++count);
        const std::string raw = "From: anna@example.org\r\nSubject: Post " + id + "\r\nMessage-ID: <" + id + "@x>\r\n\r\nText" +
                                id + "\r\n" + std::string(bytes, 'x') + "\r\n";
        JudgedPost judged;
        judged.identity = {id + "@x", "anna@example.org", token::sha256(raw)};
        judged.content_id = insert_content(db, raw, now - 3'600);
        judged.subject = "Post " + id;
        judged.size = static_cast<std::int64_t>(raw.size());
        const ListVerdict verdict{list, store::Verdict::accepted, "default", ""};
        return record_verdicts(db, judged, {&verdict, 1}, now - 3'600).post_id;
    }

    void plan()
    {
        const By by{"cli:test", now};
        const auto run = begin_digests(db, due_digests(db, {}, now).value());
        DigestPlanner planner{db, run};
        while (plan_some_digests(db, planner, {}, by).run == DigestProgress::Run::goes_on) {
        }
    }

    void listen(Database& daemons)
    {
        const auto heard = [](unsigned, void* self, void*, void* sql) {
            auto& writing = *static_cast<Writing*>(self);
            const std::string text{static_cast<const char*>(sql)};
            for (const char* words : {look_at_post, load_post})
                if (text.starts_with(words) && ++writing.said[words] == writing.nth && writing.at == words) writing.then();
            return 0;
        };
        sqlite3_trace_v2(daemons.handle(), SQLITE_TRACE_STMT, heard, this);
    }

    /// One round of the daemon over everything that is planned; how many digests failed.
    std::size_t drain()
    {
        StoreThread thread{folder / "majlis.db", Open::read_write};
        auto hear = [this](Database& daemons) { listen(daemons); };
        Digests digests{loop.get_executor(), thread, config, stop};
        auto work = [&]() -> asio::awaitable<std::size_t> {
            co_await thread.run(hear);
            const auto failed = co_await digests.drain();
            co_return failed;
        };
        auto failed = asio::co_spawn(loop, work, asio::use_future);
        loop.restart();
        loop.run();
        return failed.get();
    }

    /// The mails that were written, the oldest first.
    std::vector<std::string> mails()
    {
        std::vector<std::int64_t> contents;
        {
            auto rows = db.prepared(
                "SELECT d.content_id FROM digest_group g JOIN delivery d ON d.id = g.delivery_id WHERE g.state = 'queued' ORDER "
                "BY g.id");
            while (rows.step()) contents.push_back(rows.integer(0));
        }
        std::vector<std::string> all;
        for (const auto content : contents) all.push_back(load_content(db, content));
        return all;
    }
};

bool holds(const std::string& text, const std::string& wanted) { return text.find(wanted) != std::string::npos; }

}  // namespace

TEST_CASE("a list that is moved in the tree while its digest is written is in the next try, under its new root")
{
    for (int nth = 1; nth <= 4; ++nth) {
        CAPTURE(nth);
        Writing site;
        const auto mena = site.add("mena");
        site.join(site.maimc, "bob@example.org", Mode::daily);
        site.join(site.rabat, "bob@example.org", Mode::daily);
        for (const auto list : {site.maimc, site.rabat, site.rabat, site.rabat}) site.accept(list);
        site.plan();
        site.at = look_at_post;
        site.nth = nth;
        site.then = [&] { set_parent(site.db, site.rabat, mena, admin).value(); };
        CHECK(site.drain() == 1);
        CHECK(site.mails().empty());
        CHECK(site.drain() == 0);
        const auto mails = site.mails();
        REQUIRE(mails.size() == 1);
        CHECK(holds(mails[0], "Text1\r\n"));
        CHECK(holds(mails[0], "Text4\r\n"));
        CHECK(holds(mails[0], "Subject: [MAIMC] "));  // of two trees by now
        CHECK(site.number("SELECT count(*) FROM delivery_recipient WHERE address = 'bob@example.org'") == 1);
    }
}

TEST_CASE("a list that goes, or moves below another of its root, while its digest is written stops nothing")
{
    for (const bool goes : {true, false}) {
        CAPTURE(goes);
        Writing site;
        site.join(site.maimc, "bob@example.org", Mode::daily);
        site.accept(site.maimc);
        site.accept(site.rabat);
        site.join(site.rabat, "bob@example.org", Mode::daily);
        site.accept(site.rabat);
        site.db.execute("UPDATE delivery SET state = 'done', next_member_id = last_member_id");  // or no list may go
        site.plan();
        site.at = look_at_post;
        site.nth = 2;
        site.then = [&] {
            if (goes)
                remove_list(site.db, site.rabat, Removal::with_members, admin).value();
            else
                set_parent(site.db, site.rabat, site.france, admin).value();
        };
        site.drain();
        site.at.clear();
        CHECK(site.drain() == 0);
        REQUIRE(site.mails().size() == 1);
        CHECK(holds(site.mails()[0], "Text1\r\n"));
        CHECK(holds(site.mails()[0], "Text3\r\n") == !goes);
    }
}

TEST_CASE("a post that is taken away while a digest with it is written is not in it")
{
    Writing site;
    site.join(site.rabat, "bob@example.org", Mode::daily);
    const auto gone = site.accept(site.rabat), stays = site.accept(site.rabat);
    site.db.execute("UPDATE delivery SET state = 'done'");
    while (archive_some(site.db, site.now) > 0) {
    }
    site.plan();
    site.at = load_post;
    site.nth = 2;  // the first has been read
    site.then = [&] { redact_archived(site.db, gone, "", admin).value(); };
    CHECK(site.drain() == 1);
    CHECK(site.drain() == 0);
    const auto mails = site.mails();
    REQUIRE(mails.size() == 1);
    CHECK_FALSE(holds(mails[0], "Text1\r\n"));
    CHECK(holds(mails[0], "Text" + std::to_string(stays) + "\r\n"));
}

TEST_CASE("a post is read once for all digests that have it, also behind the end of what an issue shows")
{
    Writing site;
    for (const char* language : {"fr", "ar", "en"}) {
        const auto member = site.join(site.rabat, std::string{language} + "@example.org", Mode::daily);
        CHECK(set_language(site.db, member, language, admin));
    }
    for (int i = 0; i < 130; ++i) site.accept(site.rabat, 60'000);  // 6 MB of them are shown
    site.plan();
    CHECK(site.drain() == 0);
    CHECK(site.mails().size() == 3);
    CHECK(site.said[load_post] <=
          2 * 130 + 3);  // by the archive, and for all digests; where the room ends, a post is read to see that it does not fit
}
