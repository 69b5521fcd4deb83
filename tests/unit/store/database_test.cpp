#include "core/store/database.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "core/store/check.hpp"
#include "core/store/daemon_lock.hpp"
#include "core/store/trouble.hpp"
#include "schema/migrations.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

std::string refusal(const std::filesystem::path& path, Open open)
{
    try {
        Database db{path, open};
    } catch (const DatabaseError& error) {
        return error.what();
    }
    return "";
}

bool says(const std::string& text, std::string_view words) { return text.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("a new database is whole, private and durable")
{
    const TestFolder folder;
    const auto path = folder / "majlis.db";
    Database db{path, Open::create};
    struct stat found {};
    for (const auto* name : {"majlis.db", "majlis.db-wal", "majlis.db-shm"}) {
        CAPTURE(name);
        REQUIRE(::stat((folder / name).c_str(), &found) == 0);
        CHECK((found.st_mode & 0777) == 0600);
    }
    const auto pragma = [&](const char* sql) { return db.connection().execAndGet(sql).getString(); };
    CHECK(pragma("PRAGMA journal_mode") == "wal");
    CHECK(pragma("PRAGMA synchronous") == "2");
    CHECK(pragma("PRAGMA foreign_keys") == "1");
    CHECK(pragma("PRAGMA application_id") == "1835100780");
    CHECK(db.schema_version() == static_cast<int>(schema::migrations().size()));
    CHECK(site_secret(db).size() == 32);
}

TEST_CASE("the secret is made once and differs between sites")
{
    const TestFolder folder;
    const auto secret = [&](std::string_view name) {
        Database db{folder / name, Open::create};
        return site_secret(db);
    };
    const auto first = secret("a.db");
    CHECK(secret("a.db") == first);
    CHECK(secret("b.db") != first);
}

TEST_CASE("a file that is no database of ours is refused with what to do")
{
    const TestFolder folder;
    CHECK(says(refusal(folder / "none.db", Open::read_write), "does not exist; run 'majlis init'"));
    CHECK(says(refusal(folder / "none.db", Open::upgrade), "does not exist"));
    CHECK(says(refusal(folder / "no/such/x.db", Open::create), "folder"));
    std::filesystem::create_directory(folder / "folder.db");
    CHECK(says(refusal(folder / "folder.db", Open::read_write), "is not a file"));
    write_file(folder / "letter.db", "Dear sir, this is a letter and not a database.");
    CHECK(says(refusal(folder / "letter.db", Open::create), "is not a database of majlis"));
    write_file(folder / "empty.db", "");
    CHECK(says(refusal(folder / "empty.db", Open::read_write), "is empty; run 'majlis init'"));
    {
        SQLite::Database other{(folder / "other.db").string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
        other.exec("CREATE TABLE recipe (id)");
    }
    CHECK(says(refusal(folder / "other.db", Open::create), "belongs to another program"));
}

TEST_CASE("a database of a newer majlis is refused")
{
    const TestFolder folder;
    {
        Database db{folder / "majlis.db", Open::create};
    }
    {
        SQLite::Database raw{(folder / "majlis.db").string(), SQLITE_OPEN_READWRITE};
        raw.exec("PRAGMA user_version = 999");
    }
    for (const auto open : {Open::create, Open::upgrade, Open::read_write, Open::read_only})
        CHECK(says(refusal(folder / "majlis.db", open), "made by a newer majlis"));
}

TEST_CASE("a damaged database is refused with what to do")
{
    const TestFolder folder;
    {
        Database db{folder / "majlis.db", Open::create};
    }
    {
        std::fstream file{folder / "majlis.db", std::ios::in | std::ios::out | std::ios::binary};
        file.seekp(100);
        file << std::string(4'000, '\x5a');
    }
    CHECK(says(refusal(folder / "majlis.db", Open::read_write), "is damaged"));
}

TEST_CASE("who may only read changes nothing")
{
    const Site site;
    Database reader{site.folder / "majlis.db", Open::read_only};
    CHECK(find_list(reader, "rabat").has_value());
    CHECK_THROWS_AS(create_list(reader, {"agadir", address("agadir@maimc.org"), {}, ""}, admin), SQLite::Exception);
}

TEST_CASE("a statement comes back reset, unbound, and may be used twice at once")
{
    Site site;
    auto& db = site.db;
    constexpr std::string_view sql = "SELECT name FROM list WHERE id >= :id ORDER BY id";
    {
        auto outer = db.prepared(sql);
        REQUIRE(outer.bind(":id", site.maimc).step());
        auto inner = db.prepared(sql);
        REQUIRE(inner.bind(":id", site.rabat).step());
        CHECK(outer.text(0) == "maimc");
        CHECK(inner.text(0) == "rabat");
    }
    auto again = db.prepared(sql);
    CHECK_FALSE(again.step());  // :id is NULL again
}

TEST_CASE("a transaction that is not committed leaves nothing, inside another one too")
{
    Site site;
    auto& db = site.db;
    {
        Transaction outer{db};
        journal(db, admin, {"outer", {}, "", ""});
        {
            Transaction inner{db};
            journal(db, admin, {"inner", {}, "", ""});
        }
        {
            Transaction kept{db};
            journal(db, admin, {"kept", {}, "", ""});
            kept.commit();
        }
        outer.commit();
    }
    {
        Transaction lost{db};
        journal(db, admin, {"lost", {}, "", ""});
    }
    CHECK(site.number("SELECT count(*) FROM journal WHERE event IN ('outer', 'kept')") == 2);
    CHECK(site.number("SELECT count(*) FROM journal WHERE event IN ('inner', 'lost')") == 0);
    CHECK_FALSE(db.in_transaction());
}

TEST_CASE("a writer that waits in vain hears 'busy' and may try again")
{
    Site site;
    Database other{site.folder / "majlis.db", Open::read_write, {std::chrono::milliseconds{20}, 1 << 20}};
    {
        Transaction held{site.db};
        try {
            Transaction refused{other};
            FAIL("two writers at once");
        } catch (const SQLite::Exception& error) {
            CHECK(is_busy(error));
        }
        CHECK(find_list(other, "rabat").has_value());  // readers never wait
    }
    Transaction now{other};
    now.commit();
}

TEST_CASE("who opens a database to which somebody else writes waits for nobody, and has his own patience then")
{
    Site site;
    const Transaction held{site.db};
    for (const auto open : {Open::create, Open::upgrade, Open::read_write, Open::read_only}) {
        CAPTURE(static_cast<int>(open));
        const auto begin = std::chrono::steady_clock::now();
        Database other{site.folder / "majlis.db", open, {std::chrono::milliseconds{20}, 1 << 20}};
        if (open != Open::read_only) CHECK_THROWS_AS(Transaction{other}, SQLite::Exception);
        CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{5});
    }
}

TEST_CASE("another connection's commit shows in data_version, one's own does not")
{
    Site site;
    Database other{site.folder / "majlis.db"};
    const auto before = site.db.data_version();
    site.join(site.rabat, "anna@example.org");
    CHECK(site.db.data_version() == before);
    add_member(other, site.rabat, {address("bert@example.org"), "", "", Mode::each}, admin).value();
    CHECK(site.db.data_version() != before);
}

TEST_CASE("a second majlisd is refused and told who has the lock")
{
    const TestFolder folder;
    const auto path = folder / "majlis.db";
    CHECK_FALSE(DaemonLock::holder(path));
    {
        auto lock = DaemonLock::take(path);
        REQUIRE(lock);
        CHECK(DaemonLock::holder(path) == ::getpid());
        const auto second = DaemonLock::take(path);
        REQUIRE_FALSE(second);
        CHECK(says(second.error().message, "process " + std::to_string(::getpid())));
    }
    CHECK_FALSE(DaemonLock::holder(path));
    CHECK(DaemonLock::take(path).has_value());
}

TEST_CASE("the lock of a daemon that was killed is free")
{
    const TestFolder folder;
    const auto path = folder / "majlis.db";
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = DaemonLock::take(path);
        ::_exit(lock ? 0 : 1);
    }
    int status = 1;
    ::waitpid(child, &status, 0);
    REQUIRE(status == 0);
    CHECK(DaemonLock::take(path).has_value());
}

TEST_CASE("what was committed survives the death of the process, what was not is gone")
{
    const TestFolder folder;
    const auto path = folder / "majlis.db";
    const pid_t child = ::fork();
    if (child == 0) {
        Database db{path, Open::create};
        const auto list = create_list(db, {"rabat", address("rabat@maimc.org"), {}, ""}, admin).value().id;
        add_member(db, list, {address("anna@example.org"), "", "", Mode::each}, admin).value();
        Transaction open{db};
        add_member(db, list, {address("bert@example.org"), "", "", Mode::each}, admin).value();
        ::_exit(0);
    }
    int status = 1;
    ::waitpid(child, &status, 0);
    REQUIRE(status == 0);
    Database db{path};
    CHECK(find_member(db, "anna@example.org").has_value());
    CHECK_FALSE(find_member(db, "bert@example.org").has_value());
    CHECK(check_database(db).empty());
}

TEST_CASE("a database on a network file system is refused, FUSE is left to the operator")
{
    CHECK(says(network_refusal("/mnt/x.db", "NFS"), "'/mnt/x.db' lies on NFS"));
    CHECK(says(network_refusal("/mnt/x.db", "NFS"), "move it to a local disk"));
    CHECK(network_refusal("/mnt/x.db", "FUSE").empty());
    CHECK(network_refusal("/mnt/x.db", {}).empty());
}

TEST_CASE("a local disk is no network file system")
{
    const TestFolder folder;
    CHECK_FALSE(network_file_system(folder / "majlis.db"));
    CHECK_FALSE(network_file_system("majlis.db"));
}
