#include "core/store/backup.hpp"

#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <csignal>
#include <thread>

#include "core/store/check.hpp"
#include "core/store/migrate.hpp"
#include "core/store/restore.hpp"
#include "core/store/trouble.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

bool says(const auto& answer, std::string_view words)
{
    return !answer && answer.error().message.find(words) != std::string::npos;
}

std::string bytes_of(const std::filesystem::path& path)
{
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

/// Overwrites its last pages: it can still be opened.
void damage(const std::filesystem::path& path)
{
    constexpr int page = 4096;
    const auto size = static_cast<std::streamoff>(std::filesystem::file_size(path));
    std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(size - 8 * page);
    file << std::string(8 * page, '\x5a');
}

/// A site with a backup, and a member who came after it.
struct Backed {
    TestFolder folder;
    std::filesystem::path path = folder / "majlis.db", backup = folder / "backup.db";

    Backed()
    {
        Database db{path, Open::create};
        const auto list = create_list(db, {"rabat", address("rabat@maimc.org"), {}, ""}, admin).value().id;
        add_member(db, list, {address("anna@example.org"), "", "", Mode::each}, admin).value();
        REQUIRE(back_up(db, backup));
        add_member(db, list, {address("late@example.org"), "", "", Mode::each}, admin).value();
    }
    std::filesystem::path aside() const { return folder / "majlis.db.replaced-now"; }
    static bool knows(const std::filesystem::path& file, std::string_view who)
    {
        Database db{file, Open::read_only};
        return find_member(db, who).has_value();
    }
    void check_nothing_changed() const
    {
        CHECK(knows(path, "late@example.org"));
        CHECK_FALSE(std::filesystem::exists(folder / "majlis.db.part"));
        CHECK_FALSE(std::filesystem::exists(aside()));
    }
};

}  // namespace

TEST_CASE("a backup is complete, private, one file, and can be opened")
{
    Site site;
    site.join(site.rabat, "anna@example.org");
    const auto copy = site.folder / "copy.db";
    int last = 0;
    REQUIRE(back_up(site.db, copy, Existing::keep, [&](int done, int) { last = done; }));
    CHECK(last > 10);
    struct stat found {};
    REQUIRE(::stat(copy.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
    CHECK(bytes_of(copy).substr(18, 2) == "\x01\x01");  // needs no WAL: can be read from a disk that cannot be written
    for (const auto* more : {"copy.db-wal", "copy.db-shm", "copy.db-journal", "copy.db.part", "copy.db.part-journal"})
        CHECK_FALSE(std::filesystem::exists(site.folder / more));
    Database restored{copy};
    CHECK(find_member(restored, "anna@example.org").has_value());
    CHECK(site_secret(restored) == site_secret(site.db));
    CHECK(check_database(restored).empty());
}

TEST_CASE("a backup never replaces a file unasked, nor the database ever")
{
    Site site;
    const auto copy = site.folder / "copy.db";
    write_file(copy, "precious");
    CHECK(says(back_up(site.db, copy), "exists already"));
    CHECK(bytes_of(copy) == "precious");
    REQUIRE(back_up(site.db, copy, Existing::replace));
    CHECK(bytes_of(copy).starts_with("SQLite format 3"));
    std::filesystem::create_symlink(site.folder / "majlis.db", site.folder / "link.db");
    for (const auto* own : {"majlis.db", "majlis.db-wal", "majlis.db-shm", "majlis.db.lock", "majlis.db-journal", "link.db"}) {
        CAPTURE(own);
        CHECK(says(back_up(site.db, site.folder / own, Existing::replace), "the database itself"));
    }
    CHECK(says(back_up(site.db, site.folder / "", Existing::replace), "is no file"));
    CHECK(says(back_up(site.db, "", Existing::replace), "needs a name"));
    std::filesystem::create_symlink(site.folder / "gone.db", site.folder / "dangling.db");
    CHECK(says(back_up(site.db, site.folder / "dangling.db"), "which does not exist"));
    const auto nowhere = site.folder / "no/such/x.db";
    CHECK_THROWS_WITH_AS(static_cast<void>(back_up(site.db, nowhere)),
                         ("'" + nowhere.string() + "' cannot be made: No such file or directory").c_str(), DatabaseError);
    CHECK(find_list(site.db, "rabat").has_value());
}

TEST_CASE("a damaged database does not become a backup")
{
    Backed site;
    damage(site.path);
    const auto before = bytes_of(site.backup);
    bool kept = true;
    try {
        Database db{site.path, Open::read_only};
        kept = back_up(db, site.backup, Existing::replace).has_value();
    } catch (const SQLite::Exception& error) {
        CHECK(is_damage(error));
        kept = false;
    }
    CHECK_FALSE(kept);
    CHECK(bytes_of(site.backup) == before);
    CHECK_FALSE(std::filesystem::exists(site.folder / "backup.db.part"));
}

TEST_CASE("a backup is of one moment while another connection writes")
{
    Site site;
    for (int n = 0; n < 200; ++n) insert_content(site.db, std::string(20'000, static_cast<char>('a' + n % 26)), admin.at);
    std::atomic<bool> over{false};
    std::atomic<int> written{0};
    std::thread writer{[&] {
        Database other{site.folder / "majlis.db"};
        for (; !over; ++written) {
            Transaction both{other};  // two rows that a copy has both or none of
            insert_content(other, std::to_string(written), admin.at);
            journal(other, admin, {"pair", {}, "", ""});
            both.commit();
        }
    }};
    for (int n = 0; n < 3; ++n) {
        const auto copy = site.folder / ("copy" + std::to_string(n));
        const int before = written;
        REQUIRE(
            back_up(site.db, copy, Existing::keep, [](int, int) { std::this_thread::sleep_for(std::chrono::milliseconds{2}); }));
        CHECK(written > before);  // nobody waited for us
        Database whole{copy};
        CHECK(check_database(whole).empty());
        auto row = whole.prepared("SELECT (SELECT count(*) FROM content) - (SELECT count(*) FROM journal WHERE event = 'pair')");
        REQUIRE(row.step());
        CHECK(row.integer(0) == 200);
    }
    over = true;
    writer.join();
}

TEST_CASE("a backup that is killed leaves no file of its name, and the next one begins anew")
{
    Site site;
    for (int n = 0; n < 300; ++n) insert_content(site.db, std::string(20'000, 'x'), admin.at);
    const auto copy = site.folder / "copy.db";
    const pid_t child = ::fork();
    if (child == 0) {
        Database db{site.folder / "majlis.db", Open::read_only};
        int steps = 0;
        static_cast<void>(back_up(db, copy, Existing::keep, [&](int, int) {
            if (++steps == 3) ::raise(SIGKILL);
        }));
        ::_exit(0);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    CHECK_FALSE(std::filesystem::exists(copy));
    CHECK(std::filesystem::exists(site.folder / "copy.db.part"));
    REQUIRE(back_up(site.db, copy));
    CHECK_FALSE(std::filesystem::exists(site.folder / "copy.db.part"));
    Database whole{copy};
    CHECK(check_database(whole).empty());
}

TEST_CASE("a restored backup takes the place of the database, which is kept")
{
    Backed site;
    bool prepared = false;
    const auto done = restore(site.path, site.backup, "now", [&](Database& db) {
        prepared = true;
        journal(db, admin, {"database-restored", {}, "", ""});
    });
    REQUIRE(done);
    CHECK(prepared);
    CHECK(done->replaced == site.aside());
    CHECK_FALSE(Backed::knows(site.path, "late@example.org"));
    CHECK(Backed::knows(site.path, "anna@example.org"));
    CHECK(Backed::knows(site.aside(), "late@example.org"));
    Database db{site.path};
    CHECK(read_journal(db, {}).front().event == "database-restored");
    CHECK(check_database(db).empty());
    struct stat found {};
    REQUIRE(::stat(site.path.c_str(), &found) == 0);
    CHECK((found.st_mode & 0777) == 0600);
}

TEST_CASE("a backup is restored where there is no database, and where there is only wreckage")
{
    for (const bool wreckage : {false, true}) {
        CAPTURE(wreckage);
        Backed site;
        if (wreckage) {
            write_file(site.path, "nothing of a database is left here" + std::string(10'000, '?'));
            write_file(site.folder / "majlis.db-wal", "what a crash left");
        } else {
            std::filesystem::remove(site.path);
        }
        const auto done = restore(site.path, site.backup, "now", {});
        REQUIRE(done);
        CHECK(done->replaced.has_value() == wreckage);
        CHECK_FALSE(std::filesystem::exists(site.folder / "majlis.db-wal"));
        CHECK(Backed::knows(site.path, "anna@example.org"));
    }
}

TEST_CASE("what cannot be restored changes nothing, and says what to do")
{
    Backed site;
    const auto bad = site.folder / "bad.db";
    const auto attempt = [&](const std::filesystem::path& file) { return restore(site.path, file, "now", {}); };
    CHECK(says(attempt(site.folder / "none.db"), "does not exist"));
    CHECK(says(attempt(site.path), "is the database itself"));
    write_file(bad, "Dear sir, this is a letter." + std::string(8'000, ' '));
    CHECK(says(attempt(bad), "take another backup"));
    write_file(bad, "");
    CHECK(says(attempt(bad), "is no database of majlis"));
    const auto whole = bytes_of(site.backup);
    write_file(bad, whole.substr(0, whole.size() / 2));
    CHECK(says(attempt(bad), "damaged"));
    write_file(bad, whole);
    damage(bad);
    CHECK(says(attempt(bad), "damaged"));
    write_file(bad, whole);
    {
        SQLite::Database raw{bad.string(), SQLITE_OPEN_READWRITE};
        raw.exec("PRAGMA user_version = 999");
    }
    CHECK(says(attempt(bad), "was made by a newer majlis"));
    write_file(bad, whole);
    {
        SQLite::Database raw{bad.string(), SQLITE_OPEN_READWRITE};
        raw.exec("UPDATE membership_clock SET tick = 0");
    }
    CHECK(says(attempt(bad), "'" + bad.string() + "' is not sound"));
    CHECK(says(examine_backup(site.path, bad), "not sound"));
    write_file(bad, whole);
    {
        SQLite::Database raw{bad.string(), SQLITE_OPEN_READWRITE};
        raw.exec("DROP TABLE report");
    }
    CHECK(says(attempt(bad), "is not whole (table report is missing)"));
    CHECK(says(attempt(site.folder / ""), "is no file"));
    CHECK(examine_backup(site.path, site.backup).has_value());
    site.check_nothing_changed();
}

TEST_CASE("a backup that cannot be brought to this version leaves nothing behind")
{
    Backed site;
    const auto old = site.folder / "old.db";
    {
        SQLite::Database db{old.string(), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE};
        migrate(db, old, schema::migrations().first(1));
        db.exec(
            "PRAGMA foreign_keys = OFF; INSERT INTO subscription (list_id, member_id, mode, joined, since, joined_at) "
            "VALUES (77, 88, 'each', 0, 0, 1)");
    }
    const auto said =
        "the backup '" + old.string() + "' cannot be brought to this version (the database cannot be brought forward";
    CHECK(says(restore(site.path, old, "now", {}), said));
    CHECK(says(examine_backup(site.path, old), said));
    for (const auto& file : std::filesystem::directory_iterator{site.folder / ""})
        CHECK_MESSAGE(file.path().string().find("before-") == std::string::npos, file.path().string());
    site.check_nothing_changed();
}

namespace {

/// No file grows over so many bytes, as on a full disk.
class NoRoom {
public:
    explicit NoRoom(rlim_t bytes)
    {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~NoRoom()
    {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    NoRoom(const NoRoom&) = delete;
    NoRoom& operator=(const NoRoom&) = delete;

private:
    void (*handler_)(int) = std::signal(SIGXFSZ, SIG_IGN);
    rlimit before_{};
};

}  // namespace

TEST_CASE("where the copy has no room it is the copy that is blamed, not the database")
{
    Backed site;
    {
        Database db{site.path, Open::read_only};
        const NoRoom room{100'000};
        CHECK(says(back_up(db, site.folder / "second.db"), "second.db' cannot be written"));
        CHECK(says(examine_backup(site.path, site.backup), "the copy of it beside the database cannot be written"));
    }
    CHECK_FALSE(std::filesystem::exists(site.folder / "second.db.part"));
    site.check_nothing_changed();
}

TEST_CASE("a database that somebody has open is not replaced")
{
    Backed site;
    {
        const Database other{site.path};
        CHECK(says(restore(site.path, site.backup, "now", {}), "has"));
    }
    site.check_nothing_changed();
    CHECK(restore(site.path, site.backup, "now", {}).has_value());
}

TEST_CASE("a database as it stood with its WAL is a backup too")
{
    Backed site;
    {
        const Database open{site.path};  // keeps the WAL from being folded in
        Database writes{site.path};
        journal(writes, admin, {"in the WAL", {}, "", ""});
        for (const char* end : {"", "-wal"})
            std::filesystem::copy_file(site.path.string() + end, (site.folder / "stood.db").string() + end);
    }
    REQUIRE(restore(site.path, site.folder / "stood.db", "now", {}));
    Database db{site.path};
    CHECK(read_journal(db, {}).front().event == "in the WAL");
}
