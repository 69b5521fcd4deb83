#include "core/store/trouble.hpp"

#include <sqlite3.h>

#include "core/store/database.hpp"

namespace majlis::store {
namespace {

std::string quoted(const std::filesystem::path& path) { return "the database '" + path.string() + "'"; }

}  // namespace

bool is_damage(const SQLite::Exception& error) noexcept
{
    const int code = error.getErrorCode() & 0xff;
    return code == SQLITE_NOTADB || code == SQLITE_CORRUPT;
}

bool is_lasting_damage(const SQLite::Exception& error) noexcept
{
    return is_damage(error) && error.getExtendedErrorCode() != SQLITE_CORRUPT_VTAB;
}

std::string advice(const std::filesystem::path& path, const SQLite::Exception& error)
{
    const auto what = std::string{" ("} + error.what() + ")";
    switch (error.getErrorCode() & 0xff) {
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
            return quoted(path) + " is damaged" + what +
                   "; stop majlisd and put back a backup ('majlis db restore FILE' keeps the damaged file beside it); without "
                   "one, read \"Without a backup\" in OPERATIONS.md";
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY:
        case SQLITE_PERM:
            return quoted(path) + " cannot be opened or written" + what +
                   "; the user that runs majlis needs to write it and its folder";
        case SQLITE_FULL:
            return quoted(path) + " cannot be written: the disk is full; make room";
        case SQLITE_IOERR:
            return quoted(path) + " cannot be read or written" + what + "; look at the disk (dmesg), then 'majlis db check'";
        case SQLITE_BUSY:
            return quoted(path) + " is kept busy by another process" + what + "; try again";
        default:
            return quoted(path) + " cannot be used" + what +
                   "; look with 'majlis db check', and put back a backup if it is not sound";
    }
}

void throw_in_words(const std::filesystem::path& path, const SQLite::Exception& error)
{
    if (is_lasting_damage(error)) throw UnusableDatabase{advice(path, error)};
    throw DatabaseError{advice(path, error)};
}

std::string network_refusal(const std::filesystem::path& path, const std::optional<std::string>& kind)
{
    if (!kind || *kind == "FUSE") return {};
    return "the database '" + path.string() + "' lies on " + *kind +
           ", where SQLite's locks do not hold and mail would be lost; move it to a local disk and correct 'database' in "
           "majlis.toml";
}

}  // namespace majlis::store
