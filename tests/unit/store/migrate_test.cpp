#include "core/store/migrate.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <fstream>
#include <iterator>
#include <map>

#include "core/store/backup.hpp"
#include "core/store/check.hpp"
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

/// What a site of version n held, on top of what it held at the version before; "" where nothing was saved.
std::string saved(std::size_t version)
{
    const auto number = std::to_string(version);
    std::ifstream file{std::string{MAJLIS_SOURCE_DIR} + "/tests/unit/store/saved/" + std::string(3 - number.size(), '0') +
                       number + ".sql"};
    return {std::istreambuf_iterator<char>{file}, {}};
}

std::size_t newest() { return schema::migrations().size(); }

/// A file as a site of this version left it, with rows in every table of the versions that were saved.
void make_old_site(const std::filesystem::path& path, std::size_t version)
{
    SQLite::Database db{path.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
    for (std::size_t n = 1; n <= version; ++n) {
        migrate(db, path, schema::migrations().first(n));
        std::filesystem::remove(path.string() + ".before-" + std::to_string(n));
        db.exec("PRAGMA foreign_keys = ON;" + saved(n));
    }
    db.exec("PRAGMA journal_mode = WAL");
}

std::vector<std::string> first_column(SQLite::Database& db, const std::string& sql)
{
    std::vector<std::string> all;
    SQLite::Statement rows{db, sql};
    while (rows.executeStep()) all.push_back(rows.getColumn(0).getString());
    return all;
}

std::vector<std::string> tables_of(SQLite::Database& db)
{
    return first_column(db, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name");
}

/// All rows of a table in these columns, as text.
std::string rows_of(SQLite::Database& db, const std::string& table, const std::string& columns)
{
    std::string all;
    for (const auto& row : first_column(db, "SELECT " + columns + " FROM " + table + " ORDER BY 1")) all += row + "\n";
    return all;
}

std::string columns_of(SQLite::Database& db, const std::string& table)
{
    return db.execAndGet("SELECT group_concat('quote(' || name || ')', ' || ''|'' || ') FROM pragma_table_info('" + table + "')")
        .getString();
}

/// What every table of a version held, in the columns that it had then.
struct Held {
    std::map<std::string, std::string> columns, rows;

    explicit Held(SQLite::Database& db)
    {
        for (const auto& table : tables_of(db)) rows[table] = rows_of(db, table, columns[table] = columns_of(db, table));
    }
    void check_in(SQLite::Database& db) const
    {
        for (const auto& [table, before] : rows) {
            CAPTURE(table);
            CHECK(rows_of(db, table, columns.at(table)) == before);
        }
    }
};

Held held_in(const std::filesystem::path& path)
{
    SQLite::Database db{path.string(), SQLITE_OPEN_READWRITE};
    return Held{db};
}

/// Tables, indexes and triggers, as they were written.
std::string layout(SQLite::Database& db) { return rows_of(db, "sqlite_schema", "type || name || coalesce(sql, '')"); }

std::string layout_of_version(std::size_t version)
{
    SQLite::Database db{":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
    migrate(db, "none", schema::migrations().first(1));
    for (std::size_t n = 1; n < version; ++n) db.exec(std::string{schema::migrations()[n].sql});
    return layout(db);
}

void check_whole(SQLite::Database& db)
{
    CHECK(db.execAndGet("PRAGMA integrity_check").getString() == "ok");
    CHECK(first_column(db, "PRAGMA foreign_key_check").empty());
}

}  // namespace

TEST_CASE("a saved site has rows in every table")
{
    for (std::size_t version = 1; version <= newest() && !saved(version).empty(); ++version) {
        CAPTURE(version);
        const TestFolder folder;
        make_old_site(folder / "majlis.db", version);
        SQLite::Database db{(folder / "majlis.db").string(), SQLITE_OPEN_READWRITE};
        for (const auto& table : tables_of(db)) {
            CAPTURE(table);
            CHECK(db.execAndGet("SELECT count(*) FROM " + table).getInt() > 0);
        }
    }
    CHECK_FALSE(saved(7).empty());
}

TEST_CASE("a site of each version is brought to the newest with all that it held")
{
    for (std::size_t version = 1; version < newest(); ++version) {
        CAPTURE(version);
        const TestFolder folder;
        const auto path = folder / "majlis.db";
        make_old_site(path, version);
        const Held before = held_in(path);
        CHECK_THROWS_AS(Database(path, Open::read_write), DatabaseError);
        {
            Database db{path, Open::upgrade};
            CHECK(db.schema_version() == static_cast<int>(newest()));
            before.check_in(db.connection());
            const auto trouble = check_database(db);
            CHECK_MESSAGE(trouble.empty(), (trouble.empty() ? "" : trouble.front().message));
        }
        SQLite::Database copy{path.string() + ".before-" + std::to_string(version + 1), SQLITE_OPEN_READONLY};
        CHECK(user_version(copy) == static_cast<int>(version));
        check_whole(copy);
        before.check_in(copy);
    }
}

namespace {

/// Kills the process as SQLite begins its `at`-th statement, trigger or commit.
struct Killer {
    int at, seen = 0;
};
int kill_at(unsigned /*what*/, void* context, void* /*statement*/, void* /*text*/)
{
    auto& killer = *static_cast<Killer*>(context);
    if (++killer.seen == killer.at) ::raise(SIGKILL);
    return 0;
}

/// False: it came to its end before it was killed.
bool killed_while_migrating(const std::filesystem::path& path, int at)
{
    const pid_t child = ::fork();
    if (child == 0) {
        SQLite::Database db{path.string(), SQLITE_OPEN_READWRITE};
        Killer killer{at};
        sqlite3_trace_v2(db.getHandle(), SQLITE_TRACE_STMT, kill_at, &killer);
        migrate(db, path, schema::migrations());
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) return true;
    REQUIRE(WEXITSTATUS(status) == 0);
    return false;
}

/// Old or new, never between; what was there is there; where it has moved, a whole copy of what it was stands beside it.
void check_after_crash(const std::filesystem::path& path, std::size_t version, const Held& before,
                       const std::vector<std::string>& layouts)
{
    SQLite::Database db{path.string(), SQLITE_OPEN_READWRITE};
    const auto now = static_cast<std::size_t>(user_version(db));
    REQUIRE(now >= version);
    CHECK(layout(db) == layouts.at(now));
    check_whole(db);
    before.check_in(db);
    const auto copy_path = path.string() + ".before-" + std::to_string(version + 1);
    if (now == version && !std::filesystem::exists(copy_path)) return;
    SQLite::Database copy{copy_path, SQLITE_OPEN_READONLY};
    CHECK(user_version(copy) == static_cast<int>(version));
    check_whole(copy);
    before.check_in(copy);
}

}  // namespace

TEST_CASE("a migration that is killed at any statement leaves the old file or the new one, and the next start goes on")
{
    std::vector<std::string> layouts(1);
    for (std::size_t version = 1; version <= newest(); ++version) layouts.push_back(layout_of_version(version));
    for (std::size_t version = 1; version < newest(); ++version) {
        CAPTURE(version);
        const TestFolder folder;
        const auto original = folder / "original.db", path = folder / "majlis.db";
        make_old_site(original, version);
        const Held before = held_in(original);
        // Some statements of each: all of them would take a minute.
        const int step = version == 1 ? 5 : 13;
        int crashes = 0;
        for (int at = static_cast<int>(version);; at += step, ++crashes) {
            CAPTURE(at);
            for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + end);
            std::filesystem::copy_file(original, path);
            if (!killed_while_migrating(path, at)) break;
            check_after_crash(path, version, before, layouts);
            Database db{path, Open::upgrade};
            CHECK(db.schema_version() == static_cast<int>(newest()));
            before.check_in(db.connection());
        }
        CHECK(crashes > 1);
    }
}

TEST_CASE("a safety copy is never of a file that another process has brought forward meanwhile")
{
    const TestFolder folder;
    const auto path = folder / "majlis.db";
    make_old_site(path, 1);
    SQLite::Database db{path.string(), SQLITE_OPEN_READWRITE};
    PartFile part{folder / "copy.db"};
    CHECK_FALSE(copy_database(db, part, 2));
    CHECK(copy_database(db, part, 1));
    CHECK(part.put_in_place(Existing::keep));
    CHECK(std::filesystem::exists(folder / "copy.db"));
}

TEST_CASE("what the first release left undone goes on in the newest")
{
    const TestFolder folder;
    const auto path = folder / "majlis.db";
    make_old_site(path, 1);
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
