#include "core/store/check.hpp"

#include <algorithm>
#include <array>

#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

/// What a wrong statement breaks, and what the check says then.
struct Wrong {
    const char *sql, *kind, *says;
};

constexpr std::array wrongs{
    Wrong{"PRAGMA foreign_keys = OFF; DELETE FROM member", "references", "is missing"},
    Wrong{"DELETE FROM site_secret", "secret", "key"},
    Wrong{"DROP TABLE report", "schema", "table report is missing"},
    Wrong{"DROP VIEW report_row", "schema", "view report_row is missing"},
    Wrong{"DROP INDEX delivery_range_open", "schema", "index delivery_range_open is missing"},
    Wrong{"DROP TRIGGER archive_list_gone", "schema", "trigger archive_list_gone is missing"},
    Wrong{"DROP TABLE archive_word", "schema", "table archive_word is missing"},
    Wrong{"ALTER TABLE member ADD COLUMN mine TEXT", "schema", "table member is not as majlis made it"},
    Wrong{"DROP INDEX delivery_range_open; CREATE INDEX delivery_range_open ON delivery_range (delivery_id)", "schema",
          "index delivery_range_open is not as majlis made it"},
    Wrong{"CREATE TRIGGER mine AFTER INSERT ON member BEGIN DELETE FROM subscription; END", "schema", "none of majlis"},
    Wrong{"UPDATE list SET parent_id = (SELECT id FROM list WHERE name = 'rabat') WHERE name = 'maimc'", "lists",
          "stands below itself"},
    Wrong{"UPDATE membership_clock SET tick = 0", "members", "from the future"},
    Wrong{"INSERT INTO subscription_past VALUES (1, 1, 'each', 5, 4, 0)", "members", "from the future"},
    Wrong{"DELETE FROM content_chunk WHERE n = 1", "mails", "is damaged"},
    Wrong{"UPDATE content_chunk SET n = n + 5", "mails", "has a gap"},
    Wrong{"UPDATE content_chunk SET bytes = CAST(replace(CAST(bytes AS TEXT), 'l', 'L') AS BLOB)", "mails", "SHA-256"},
    Wrong{"UPDATE content SET keep = 'gone'", "mails", "waits to be judged"},
    Wrong{"UPDATE content SET keep = 'gone'", "mails", "still there"},
    Wrong{"UPDATE content SET keep = 'gone'", "mails", "waits for a moderator"},
    Wrong{"UPDATE content SET keep = 'gone'", "deliveries", "has no bytes to send"},
    Wrong{"UPDATE delivery SET state = 'done'", "deliveries", "members have not been reached"},
    Wrong{"UPDATE delivery_range SET done_id = last_id + 1", "deliveries", "mark stands outside"},
    Wrong{"UPDATE delivery SET next_member_id = 0", "deliveries", "mark stands outside"},
    Wrong{"INSERT INTO delivery_range SELECT delivery_id, first_id + 1, last_id, last_id, 0, '', 0 FROM delivery_range",
          "deliveries", "covered twice"},
    Wrong{"UPDATE delivery_recipient SET state = 'waiting'", "deliveries", "does nothing any more"},
    Wrong{"UPDATE post_list SET held_at = NULL", "held posts", "never expire"},
    Wrong{"UPDATE digest_clock SET delivery_id = 1000", "digests", "ahead"},
    Wrong{"UPDATE post_list SET archive = 'in'", "archive", "is not in the archive"},
    Wrong{"UPDATE archive_thread SET nodes = 7", "archive", "it counts"},
    Wrong{"UPDATE archive_node SET post_id = NULL", "archive", "has no place"},
    Wrong{"INSERT INTO archive_word (archive_word) VALUES ('delete-all')", "search", "is not found"},
    Wrong{"UPDATE archive_post SET words = NULL", "search", "or no longer"},
};

/// One of each thing that can be wrong: an unjudged mail of several chunks, a held post, one on its way, one in the archive.
void fill(Site& site)
{
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.join(site.rabat, "bert@example.org");
    inject_arrival(site.db, std::string(600'000, 'l'), admin);
    const auto verdict = [&](const std::string& id, Verdict what) {
        auto post = site.post(id, id);
        post.content_id = insert_content(site.db, "post l " + id, admin.at);
        const ListVerdict one{site.rabat, what, "rule", ""};
        return record_verdicts(site.db, post, {&one, 1}, admin.at).delivery_id;
    };
    verdict("held@x", Verdict::held);
    const auto delivery = std::to_string(verdict("sent@x", Verdict::accepted).value());
    const auto member = std::to_string(anna);
    site.db.execute(
        ("UPDATE delivery SET next_member_id = last_member_id;"
         "INSERT INTO delivery_range SELECT id, 0, last_member_id, " +
         member +
         ", 0, '', 0 FROM delivery;"
         "INSERT INTO delivery_recipient (delivery_id, member_id, address, priority, state, next_attempt_at, updated_at) "
         "VALUES (" +
         delivery + ", " + member +
         ", 'anna@example.org', 2, 'deferred', 0, 0);"
         "INSERT INTO archive_thread (id, root_id, nodes) VALUES (1, 7, 1);"
         "INSERT INTO archive_node (id, thread_id, post_id) VALUES (7, 1, 2);"
         "INSERT INTO archive_post (post_id, node_id, sent_at, words) VALUES (2, 7, 1, 1);"
         "INSERT INTO archive_list VALUES (3, 1, 2, 0, 0);"
         "UPDATE post_list SET archive = 'in' WHERE post_id = 2;"
         "INSERT INTO archive_word (rowid, subject, body) VALUES (2, 'hello', 'post')")
            .c_str());
}

std::string all_of(const std::vector<Unsound>& found)
{
    std::string text;
    for (const auto& trouble : found) text += trouble.kind + ": " + trouble.message + " [" + trouble.mend + "]\n";
    return text;
}

}  // namespace

TEST_CASE("a site at work is sound")
{
    Site site;
    CHECK(all_of(check_database(site.db)) == "");
    fill(site);
    CHECK(all_of(check_database(site.db)) == "");
    Database reader{site.folder / "majlis.db", Open::read_only};
    CHECK(all_of(check_database(reader)) == "");
}

TEST_CASE("each broken promise is found, named, and comes with what mends it")
{
    for (const auto& wrong : wrongs) {
        CAPTURE(std::string{wrong.sql});
        Site site;
        fill(site);
        site.db.execute(wrong.sql);
        const auto found = check_database(site.db);
        CAPTURE(all_of(found));
        CHECK(std::ranges::any_of(found, [&](const Unsound& trouble) {
            return trouble.kind == wrong.kind && trouble.message.find(wrong.says) != std::string::npos;
        }));
        CHECK(std::ranges::none_of(found, [](const Unsound& trouble) { return trouble.mend.empty(); }));
    }
}

TEST_CASE("what somebody added for himself, and what SQLite keeps for itself, are no trouble")
{
    Site site;
    fill(site);
    site.db.execute(
        "CREATE TABLE mine (id); CREATE INDEX also_mine ON member (created_at); CREATE VIEW those AS SELECT 1; ANALYZE");
    CHECK(all_of(check_database(site.db)) == "");
}

TEST_CASE("of many troubles of a sort some are named, and that there are more is said")
{
    Site site;
    for (int n = 0; n < 30; ++n) site.join(site.rabat, "m" + std::to_string(n) + "@example.org");
    site.db.execute("PRAGMA foreign_keys = OFF; DELETE FROM member");
    const auto found = all_of(check_database(site.db));
    CHECK(found.find("table subscription, rows: 30: what it refers to in member is missing") != std::string::npos);
    CHECK(std::ranges::count(found, '\n') < 10);  // a table without numbers has one line
    site.db.execute("UPDATE subscription SET since = 1000");
    CHECK(all_of(check_database(site.db)).find("members: there are more of this sort") != std::string::npos);
}

TEST_CASE("damage within pages and within the index of words is found")
{
    Site site;
    fill(site);
    site.db.execute("UPDATE archive_word_data SET block = x'0011223344' WHERE id > 10");
    const auto index = check_database(site.db);
    REQUIRE_FALSE(index.empty());
    CHECK(index.front().kind == "search");
    CHECK(index.front().mend == "majlis archive reindex");
    site.db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    {
        std::fstream file{site.folder / "majlis.db", std::ios::in | std::ios::out | std::ios::binary};
        file.seekp(30 * 4096);
        file << std::string(8 * 4096, '\x5a');
    }
    Database again{site.folder / "majlis.db", Open::read_only};
    const auto pages = check_database(again);
    REQUIRE_FALSE(pages.empty());
    CHECK(pages.front().kind == "pages");
    CHECK(pages.size() <= 20);
}

TEST_CASE("of many broken rows of a sort some are named")
{
    Site site;
    for (int n = 0; n < 100; ++n) insert_content(site.db, "mail " + std::to_string(n), admin.at);
    site.db.execute("DELETE FROM content_chunk");
    const auto found = check_database(site.db);
    REQUIRE(found.size() == 21);
    CHECK(found.back().message == "there are more of this sort");
}
