#include "core/store/migrate.hpp"

#include <sqlite3.h>
#include <sys/stat.h>

#include <array>
#include <map>

#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

constexpr std::array<schema::Migration, 3> steps{{
    {"001_first.sql", "CREATE TABLE a (id INTEGER PRIMARY KEY); INSERT INTO a VALUES (7);"},
    {"002_second.sql", "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id)); INSERT INTO b VALUES (1, 7);"},
    {"003_third.sql",
     "CREATE TABLE a2 (id INTEGER PRIMARY KEY, name TEXT); INSERT INTO a2 SELECT id, 'x' FROM a; DROP TABLE a; "
     "ALTER TABLE a2 RENAME TO a;"},
}};

int count_a(SQLite::Database& db) { return db.execAndGet("SELECT count(*) FROM a").getInt(); }

}  // namespace

TEST_CASE("an old file is brought forward step by step, and a copy of it is kept")
{
    const TestFolder folder;
    const auto path = folder / "x.db";
    SQLite::Database db{path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
    const std::span<const schema::Migration> all{steps};
    migrate(db, path, all.first(1));
    CHECK(user_version(db) == 1);
    CHECK_FALSE(std::filesystem::exists(folder / "x.db.before-1"));
    migrate(db, path, all);
    CHECK(user_version(db) == 3);
    CHECK(application_id(db) == majlis_application_id);
    CHECK(db.execAndGet("SELECT name FROM a WHERE id = 7").getString() == "x");
    SQLite::Database copy{(folder / "x.db.before-2").string(), SQLITE_OPEN_READONLY};
    CHECK(user_version(copy) == 1);
    CHECK(count_a(copy) == 1);
    struct stat found {};
    REQUIRE(::stat((folder / "x.db.before-2").c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("a migration that fails changes nothing")
{
    const TestFolder folder;
    const auto path = folder / "x.db";
    SQLite::Database db{path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
    const std::array<schema::Migration, 2> bad{{steps[0], {"002_bad.sql", "DELETE FROM a; CREATE TABLE oops ("}}};
    CHECK_THROWS_AS(migrate(db, path, bad), SQLite::Exception);
    CHECK(user_version(db) == 1);
    CHECK(count_a(db) == 1);
    const std::array<schema::Migration, 3> broken{{steps[0], steps[1], {"003_broken.sql", "DELETE FROM a;"}}};
    CHECK_THROWS_AS(migrate(db, path, broken), DatabaseError);
    CHECK(user_version(db) == 2);
    CHECK(count_a(db) == 1);
}

namespace {

/// A site as the first release left it: lists with settings, members with a past, a post delivered, one held, one rejected.
constexpr auto first_release = R"sql(
INSERT INTO site_secret (name, value) VALUES ('seal', x'00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff');
UPDATE membership_clock SET tick = 9;
INSERT INTO list (id, name, address, address_key, list_id, parent_id, created_at) VALUES
    (1, 'maroc', 'maroc@maimc.org', 'maroc@maimc.org', 'maroc.maimc.org', NULL, 100),
    (2, 'rabat', 'rabat@maimc.org', 'rabat@maimc.org', 'rabat.maimc.org', 1, 101);
INSERT INTO list_setting (list_id, key, value, fixed) VALUES (1, 'posting', 'moderated', 1), (2, 'title', 'Rabat', 0);
INSERT INTO member (id, address, address_key, name, language, created_at) VALUES
    (1, 'Anna@Example.org', 'anna@example.org', 'Anna', 'fr', 102), (2, 'bob@example.org', 'bob@example.org', '', NULL, 103);
INSERT INTO subscription (list_id, member_id, mode, joined, since, joined_at) VALUES
    (2, 1, 'each', 2, 3, 104), (2, 2, 'none', 4, 5, 105), (1, 2, 'daily', 6, 7, 106);
INSERT INTO subscription_past (list_id, member_id, mode, since, until, ended_at) VALUES (2, 1, 'daily', 2, 3, 104);
INSERT INTO role (list_id, member_id, role, created_at) VALUES (1, 2, 'moderator', 107);
INSERT INTO content (id, sha256, size, created_at) VALUES (1, x'00', 5, 108), (2, x'01', 5, 109);
INSERT INTO content_chunk (content_id, n, bytes) VALUES (1, 0, CAST('hello' AS BLOB)), (2, 0, CAST('world' AS BLOB));
INSERT INTO inbox (id, name) VALUES (1, 'listes@imap.example.org');
INSERT INTO folder (id, inbox_id, name, uidvalidity, uid_done) VALUES (1, 1, 'INBOX', 7, 42);
INSERT INTO arrival (id, folder_id, uidvalidity, uid, content_id, size, place, stage, kind, arrived_at) VALUES
    (1, 1, 7, 41, 1, 5, 'filed', 'done', 'post', 110), (2, 1, 7, 42, 2, 5, 'inbox', 'new', NULL, 111);
INSERT INTO post (id, content_id, message_id, sender, sender_name, digest, subject, size, received_at) VALUES
    (1, 1, '1@x', 'anna@example.org', 'Anna', x'00', 'Hello', 5, 112), (2, 2, '2@x', 'eve@example.net', '', x'01', 'Spam', 5, 113);
INSERT INTO delivery (id, kind, post_id, content_id, list_id, priority, state, tick, last_member_id, next_member_id, accepted,
                      created_at) VALUES (1, 'post', 1, 1, NULL, 2, 'active', 9, 2, 2, 1, 114);
INSERT INTO delivery_list (delivery_id, target_id, list_id, parent_id) VALUES (1, 2, 2, NULL);
INSERT INTO delivery_range (delivery_id, first_id, last_id, done_id, updated_at) VALUES (1, 0, 2, 1, 115);
INSERT INTO delivery_recipient (delivery_id, member_id, address, list_id, priority, state, next_attempt_at, updated_at) VALUES
    (1, 1, 'Anna@Example.org', 2, 2, 'deferred', 116, 116);
INSERT INTO post_list (id, post_id, list_id, verdict, rule, reason, held_at, decided_by, decided_at, delivery_id) VALUES
    (1, 1, 2, 'accepted', 'default', '', NULL, 'rules', 117, 1),
    (2, 1, 1, 'held', 'moderated', 'every post is read first', 117, 'rules', 117, NULL),
    (3, 2, 2, 'rejected', 'stranger', 'no member', 118, 'cli:root', 119, NULL);
INSERT INTO relay (name, updated_at) VALUES ('out', 120);
INSERT INTO relay_usage (relay, minute, recipients, messages) VALUES ('out', 2, 3, 4);
INSERT INTO journal (at, event, actor, list_id, address, detail) VALUES (121, 'member-added', 'cli:root', 2, 'anna@example.org', 'each');
)sql";

constexpr std::array first_tables{
    "site_secret", "list",        "list_setting",  "member",        "subscription",   "subscription_past",
    "role",        "content",     "content_chunk", "inbox",         "folder",         "arrival",
    "post",        "post_list",   "delivery",      "delivery_list", "delivery_range", "delivery_recipient",
    "relay",       "relay_usage", "journal"};

/// All rows of a table in the columns that the first release had, as text.
std::string rows_of(SQLite::Database& db, const std::string& table, const std::string& columns)
{
    std::string all;
    SQLite::Statement rows{db, "SELECT " + columns + " FROM " + table + " ORDER BY 1, 2"};
    while (rows.executeStep()) {
        for (int i = 0; i < rows.getColumnCount(); ++i) all += rows.getColumn(i).getString() + "|";
        all += "\n";
    }
    return all;
}

std::string columns_of(SQLite::Database& db, const std::string& table)
{
    return db.execAndGet("SELECT group_concat('quote(' || name || ')', ', ') FROM pragma_table_info('" + table + "')")
        .getString();
}

}  // namespace

TEST_CASE("a site of the first release is brought to the newest with all that it held")
{
    const TestFolder folder;
    const auto path = folder / "majlis.db";
    std::map<std::string, std::string> columns, before;
    {
        SQLite::Database db{path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
        migrate(db, path, schema::migrations().first(1));
        db.exec(first_release);
        for (const std::string table : first_tables) {
            columns[table] = columns_of(db, table);
            before[table] = rows_of(db, table, columns[table]);
            CHECK_FALSE(before[table].empty());
        }
    }
    CHECK_THROWS_AS(Database(path, Open::read_write), DatabaseError);
    Database db{path, Open::upgrade};
    CHECK(db.schema_version() == static_cast<int>(schema::migrations().size()));
    for (const std::string table : first_tables) {
        CAPTURE(table);
        CHECK(rows_of(db.connection(), table, columns[table]) == before[table]);
    }
    CHECK(db.connection().execAndGet("SELECT count(*) FROM pragma_foreign_key_check").getInt() == 0);
    CHECK(db.connection().execAndGet("PRAGMA integrity_check").getString() == "ok");
}

TEST_CASE("what the first release left undone goes on in the newest")
{
    const TestFolder folder;
    const auto path = folder / "majlis.db";
    {
        SQLite::Database db{path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
        migrate(db, path, schema::migrations().first(1));
        db.exec(first_release);
    }
    Database db{path, Open::upgrade};
    CHECK(settings_of(db, 2).posting == Posting::moderated);
    CHECK(next_new(db, 10).size() == 1);
    const auto held = held_posts(db, {}, 10);
    REQUIRE(held.size() == 1);
    CHECK(held.front().reason == "every post is read first");
    const auto approved = approve_held(db, held.front().id, admin);
    REQUIRE(approved.has_value());
    CHECK(approved->delivery_id);
    const std::int64_t rabat = 2;
    const auto anna = standing(db, std::span{&rabat, 1}, "anna@example.org").front();
    CHECK(anna.receiver);
    CHECK(anna.moderation == "default");
    CHECK(standing(db, std::span{&rabat, 1}, "bob@example.org").front().moderator);
    CHECK(hits_of(db, held.front().id).empty());
}
