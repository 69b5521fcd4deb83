#include "core/store/migrate.hpp"

#include <SQLiteCpp/Statement.h>

#include <string>

#include "core/store/backup.hpp"
#include "core/store/database.hpp"
#include "core/store/part_file.hpp"

namespace majlis::store {
namespace {

/// Of a file that is still at `version`: a copy that another process has made meanwhile is of the same rows, and what one
/// that was killed has left is not yet called a copy.
void keep_copy(SQLite::Database& connection, const std::filesystem::path& path, int version)
{
    PartFile copy{path.string() + ".before-" + std::to_string(version + 1)};
    if (copy_database(connection, copy, version)) copy.put_in_place(Existing::replace);
}

void check_references(SQLite::Database& connection, const schema::Migration& migration)
{
    SQLite::Statement broken{connection, "PRAGMA foreign_key_check"};
    if (broken.executeStep())
        throw UnusableDatabase{"the database cannot be brought forward: " + std::string{migration.name} +
                               " would leave broken references in table '" + broken.getColumn(0).getString() +
                               "'; nothing was changed, run 'majlis db check'"};
}

/// One step; another process may have done it while we waited for the lock.
void apply(SQLite::Database& connection, const schema::Migration& migration, int version)
{
    connection.exec("BEGIN EXCLUSIVE");
    try {
        if (user_version(connection) == version) {
            connection.exec(std::string{migration.sql});
            check_references(connection, migration);
            connection.exec("PRAGMA application_id = " + std::to_string(majlis_application_id));
            connection.exec("PRAGMA user_version = " + std::to_string(version + 1));
        }
        connection.exec("COMMIT");
    } catch (...) {
        connection.tryExec("ROLLBACK");
        throw;
    }
}

}  // namespace

int user_version(SQLite::Database& connection) { return connection.execAndGet("PRAGMA user_version").getInt(); }

std::int32_t application_id(SQLite::Database& connection) { return connection.execAndGet("PRAGMA application_id").getInt(); }

bool has_tables(SQLite::Database& connection)
{
    return connection.execAndGet("SELECT EXISTS (SELECT 1 FROM sqlite_schema)").getInt() != 0;
}

void migrate(SQLite::Database& connection, const std::filesystem::path& path, std::span<const schema::Migration> migrations,
             Before before)
{
    const auto newest = static_cast<int>(migrations.size());
    int version = user_version(connection);
    if (version >= newest) return;
    if (version > 0 && before == Before::copied) keep_copy(connection, path, version);
    connection.exec("PRAGMA foreign_keys = OFF");  // has no effect inside a transaction; apply() checks instead
    for (; version < newest; version = user_version(connection))
        apply(connection, migrations[static_cast<std::size_t>(version)], version);
    connection.exec("PRAGMA foreign_keys = ON");
}

}  // namespace majlis::store
