#include "core/store/backup.hpp"

#include <SQLiteCpp/Backup.h>
#include <SQLiteCpp/Statement.h>
#include <sqlite3.h>

#include <chrono>
#include <thread>

#include "core/store/migrate.hpp"
#include "core/store/shape.hpp"

namespace majlis::store {
namespace {

constexpr int pages_a_step = 256;  // 1 MB
constexpr int steps_a_flush = 16;
constexpr std::chrono::milliseconds rest{2};

/// The daemon's commits wait for the same disk: what we write goes there in small parts, with rests between them.
void copy_pages(SQLite::Database& source, SQLite::Database& target, PartFile& file, const CopyProgress& progress)
{
    SQLite::Backup backup{target, source};
    for (int step = 1, result = SQLITE_OK; result != SQLITE_DONE; ++step) {
        result = backup.executeStep(pages_a_step);
        if (progress) progress(backup.getTotalPageCount() - backup.getRemainingPageCount(), backup.getTotalPageCount());
        if (result == SQLITE_DONE) break;
        if (step % steps_a_flush == 0) file.flush();
        std::this_thread::sleep_for(result == SQLITE_OK ? rest : 10 * rest);  // else it is busy
    }
}

/// "" where it is whole.
std::string first_damage(SQLite::Database& db)
{
    SQLite::Statement check{db, "PRAGMA quick_check(1)"};
    const auto said = check.executeStep() ? check.getColumn(0).getString() : "no answer";
    if (said != "ok") return said;
    const auto faults = shape_faults(db, user_version(db));
    return faults.empty() ? "" : faults.front();
}

/// Its name, or that of a file beside it.
bool names_itself(const Database& db, const std::filesystem::path& to)
{
    for (const char* end : {"", "-wal", "-shm", "-journal", ".lock"}) {
        const std::filesystem::path own = db.path().string() + end;
        std::error_code ignored;  // one that is not there is none of them, but for its name
        if (std::filesystem::equivalent(own, to, ignored)) return true;
        if (std::filesystem::weakly_canonical(own) == std::filesystem::weakly_canonical(to)) return true;
    }
    return false;
}

}  // namespace

bool copy_database(SQLite::Database& source, PartFile& to, std::optional<int> version, const CopyProgress& progress)
{
    SQLite::Database target{to.path().string(), SQLITE_OPEN_READWRITE};
    // Nobody reads a part: what fails is begun anew, and PartFile makes durable what is complete.
    target.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -2048");
    {
        source.exec("BEGIN");
        struct End {
            SQLite::Database& db;
            ~End() { db.tryExec("ROLLBACK"); }
        } const end{source};
        const int found = user_version(source);  // reads: the moment of the copy
        if (version && found != *version) return false;
        copy_pages(source, target, to, progress);
    }
    target.exec("PRAGMA journal_mode = DELETE");
    return true;
}

std::string write_failure(const SQLite::Exception& error, std::string_view copy)
{
    // Where a copy fails, the code that SQLiteCpp calls plain is the extended one.
    const int code = (error.getErrorCode() & ~0xff) != 0 ? error.getErrorCode() : error.getExtendedErrorCode();
    if ((error.getErrorCode() & 0xff) == SQLITE_FULL)
        return std::string{copy} + " cannot be written: its disk is full; make room";
    if (code == SQLITE_IOERR_WRITE || code == SQLITE_IOERR_FSYNC || code == SQLITE_IOERR_TRUNCATE)
        return std::string{copy} + " cannot be written (" + error.what() + "); look at its disk (dmesg)";
    return {};
}

Answer<void> back_up(Database& db, const std::filesystem::path& to, Existing existing, const CopyProgress& progress)
{
    if (to.empty()) return text::Problem{"a backup needs a name; give the file to write"};
    const auto name = "'" + to.string() + "'";
    if (names_itself(db, to)) return text::Problem{name + " is the database itself; name another file"};
    if (existing == Existing::keep && std::filesystem::exists(to))
        return text::Problem{name + " exists already; name another file, or replace it with --yes"};
    if (std::filesystem::exists(to) && !std::filesystem::is_regular_file(to))
        return text::Problem{name + " is no file; name another one"};
    if (std::filesystem::is_symlink(to) && !std::filesystem::exists(to))
        return text::Problem{name + " is a link to '" + std::filesystem::read_symlink(to).string() +
                             "', which does not exist; name the file itself"};
    PartFile part{to};
    try {
        copy_database(db.connection(), part, {}, progress);
    } catch (const SQLite::Exception& error) {
        if (auto failure = write_failure(error, name); !failure.empty()) return text::Problem{std::move(failure)};
        throw;
    }
    {
        SQLite::Database copy{part.path().string(), SQLITE_OPEN_READONLY};
        if (const auto damage = first_damage(copy); !damage.empty())
            return text::Problem{"the database is damaged (" + damage +
                                 "), and no copy was kept: look with 'majlis db check', and do not part with older backups"};
    }
    if (!part.put_in_place(existing)) return text::Problem{name + " has come into being meanwhile; name another file"};
    return {};
}

}  // namespace majlis::store
