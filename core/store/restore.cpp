#include "core/store/restore.hpp"

#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "core/store/check.hpp"
#include "core/store/migrate.hpp"
#include "core/store/shape.hpp"
#include "core/store/trouble.hpp"
#include "schema/migrations.hpp"

namespace majlis::store {
namespace {

constexpr std::array side_files{"-wal", "-shm"};

std::filesystem::path beside(const std::filesystem::path& file, std::string_view end) { return file.string() + std::string{end}; }

/// immutable: a file that nobody writes can then be read where nothing can be written. One with a WAL is a database as it stood,
/// and its WAL holds what was written last.
std::string read_only_uri(const std::filesystem::path& file)
{
    std::string uri{"file:"};
    for (const char c : std::filesystem::absolute(file).string()) {
        if (c == '?' || c == '#' || c == '%') {
            constexpr std::string_view hex{"0123456789ABCDEF"};
            const auto byte = static_cast<unsigned char>(c);
            (uri += '%').append(1, hex[byte >> 4U]).append(1, hex[byte & 15U]);
        } else {
            uri += c;
        }
    }
    return uri + (std::filesystem::exists(beside(file, "-wal")) ? "?mode=ro" : "?immutable=1");
}

/// "" for a file of majlis that this program can read.
std::string no_backup(SQLite::Database& backup)
{
    const int version = user_version(backup), newest = static_cast<int>(schema::migrations().size());
    if (version == 0 || application_id(backup) != majlis_application_id) return "is no database of majlis";
    if (version > newest)
        return "was made by a newer majlis: it is at version " + std::to_string(version) + ", this program knows " +
               std::to_string(newest) + "; install the newer majlis first";
    return {};
}

std::string named(const std::filesystem::path& backup) { return "the backup '" + backup.string() + "' "; }

constexpr std::string_view copy_beside{"the copy of it beside the database"};

/// Copies `backup` into `part`, and looks through what was copied; its version.
Answer<int> take_over(const std::filesystem::path& backup, PartFile& part, const CopyProgress& progress)
{
    const auto name = named(backup);
    if (!std::filesystem::exists(backup)) return text::Problem{name + "does not exist; name the file of a backup"};
    if (!std::filesystem::is_regular_file(backup)) return text::Problem{name + "is no file; name the file of a backup"};
    try {
        SQLite::Database source{read_only_uri(backup), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI};
        if (auto why = no_backup(source); !why.empty()) return text::Problem{name + why};
        copy_database(source, part, {}, progress);
        SQLite::Database copy{part.path().string(), SQLITE_OPEN_READONLY};
        if (const auto damage = check_pages(copy); !damage.empty())
            return text::Problem{name + "is damaged (" + damage.front().message + "); take an older backup"};
        const int version = user_version(copy);
        if (const auto faults = shape_faults(copy, version); !faults.empty())
            return text::Problem{name + "is not whole (" + faults.front() + "); take another backup"};
        return version;
    } catch (const SQLite::Exception& error) {
        if (auto failure = write_failure(error, copy_beside); !failure.empty())
            return text::Problem{name + "was read, but " + failure};
        const int code = error.getErrorCode() & 0xff;
        if (is_damage(error))
            return text::Problem{name + "is damaged or no database (" + error.what() + "); take another backup"};
        if (code == SQLITE_CANTOPEN || code == SQLITE_PERM)
            return text::Problem{name + "cannot be read (" + error.what() + "); run majlis as a user that may"};
        throw;
    }
}

void remove_with_side_files(const std::filesystem::path& file)
{
    std::error_code ignored;  // of files that nobody needs
    for (const char* end : side_files) std::filesystem::remove(beside(file, end), ignored);
}

/// The part at this version. The backup itself is the copy of what it was.
Answer<void> bring_forward(PartFile& part, const std::filesystem::path& backup)
{
    const auto problem = [&](const char* what) {
        return text::Problem{named(backup) + "cannot be brought to this version (" + what + "); take another backup"};
    };
    try {
        SQLite::Database db{part.path().string(), SQLITE_OPEN_READWRITE};
        migrate(db, part.path(), schema::migrations(), Before::forgotten);
        return {};
    } catch (const SQLite::Exception& error) {
        if (auto failure = write_failure(error, copy_beside); !failure.empty())
            return text::Problem{named(backup) + "was read, but " + failure};
        return problem(error.what());
    } catch (const DatabaseError& error) {
        return problem(error.what());
    }
}

/// The part as a database of this version, its rows looked through; then one file again.
Answer<void> make_ready(PartFile& part, const std::filesystem::path& backup, const std::function<void(Database&)>& prepare)
{
    remove_with_side_files(part.path());
    if (auto forward = bring_forward(part, backup); !forward) return forward;
    Database db{part.path(), Open::upgrade};
    if (const auto trouble = check_database(db); !trouble.empty())
        return text::Problem{named(backup) + "is not sound: " + trouble.front().message + "; take an older backup"};
    if (prepare) prepare(db);
    db.connection().execAndGet("PRAGMA journal_mode = DELETE");
    return {};
}

/// All of it in one file, and nobody else in it: a WAL that stayed behind would be read into the backup. False: somebody has it
/// open. A damaged one is taken as it is.
bool close_up(const std::filesystem::path& database)
{
    try {
        SQLite::Database old{database.string(), SQLITE_OPEN_READWRITE, 2'000};
        return old.execAndGet("PRAGMA journal_mode = DELETE").getString() == "delete";
    } catch (const SQLite::Exception& error) {
        if (is_busy(error)) return false;
        if (is_damage(error)) return true;
        throw;
    }
}

void link_or_throw(const std::filesystem::path& from, const std::filesystem::path& to)
{
    if (::link(from.c_str(), to.c_str()) != 0 && errno != ENOENT)
        throw std::system_error{errno, std::generic_category(),
                                "'" + from.string() + "' cannot be kept as '" + to.string() + "'"};
}

/// Under second names first, then away with the side files: if we die here, the database is where it was.
void set_aside(const std::filesystem::path& database, const std::filesystem::path& aside)
{
    link_or_throw(database, aside);
    for (const char* end : side_files) link_or_throw(beside(database, end), beside(aside, end));
    sync_folder(database);
    remove_with_side_files(database);
}

/// Root puts back what the service's user must be able to open.
void give_to_owner(const std::filesystem::path& file, const std::filesystem::path& like)
{
    struct stat owner {};
    if (::geteuid() != 0 || ::stat(like.c_str(), &owner) != 0) return;
    if (::chown(file.c_str(), owner.st_uid, owner.st_gid) != 0)
        throw std::system_error{errno, std::generic_category(), "'" + file.string() + "' cannot be given to its owner"};
}

}  // namespace

Answer<int> examine_backup(const std::filesystem::path& database, const std::filesystem::path& backup,
                           const CopyProgress& progress)
{
    PartFile part{beside(database, ".restoring")};
    const auto version = take_over(backup, part, progress);
    if (!version) return version;
    if (const auto ready = make_ready(part, backup, {}); !ready) return ready.error();
    return version;
}

Answer<Restored> restore(const std::filesystem::path& database, const std::filesystem::path& backup, std::string_view stamp,
                         const std::function<void(Database&)>& prepare, const CopyProgress& progress)
{
    std::error_code none;  // one that is missing is no other's
    if (std::filesystem::equivalent(database, backup, none))
        return text::Problem{"'" + backup.string() + "' is the database itself; name the file of a backup"};
    if (std::filesystem::is_directory(database))
        return text::Problem{"the database '" + database.string() + "' is a folder; correct 'database' in majlis.toml"};
    const auto folder = std::filesystem::absolute(database).parent_path();
    PartFile part{database};
    const auto version = take_over(backup, part, progress);
    if (!version) return version.error();
    if (const auto ready = make_ready(part, backup, prepare); !ready) return ready.error();
    Restored done{{}, *version};
    const bool existed = std::filesystem::exists(database);
    give_to_owner(part.path(), existed ? database : folder);
    if (existed) {
        if (!close_up(database))
            return text::Problem{"another process has '" + database.string() + "' open; wait until that command has ended"};
        done.replaced = beside(database, ".replaced-" + std::string{stamp});
        set_aside(database, *done.replaced);
    } else {
        remove_with_side_files(database);
    }
    part.put_in_place(Existing::replace);
    return done;
}

}  // namespace majlis::store
