#include "core/store/database.hpp"

#include <SQLiteCpp/Transaction.h>
#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

#include "core/store/migrate.hpp"
#include "core/store/private_file.hpp"
#include "core/store/shape.hpp"
#include "core/store/trouble.hpp"
#include "core/token/token.hpp"
#include "schema/migrations.hpp"

namespace majlis::store {
namespace {

constexpr std::string_view magic{"SQLite format 3\0", 16};
constexpr std::chrono::milliseconds while_opening{10'000};  // at least: whoever comes first may be bringing the file forward

std::string quoted(const std::filesystem::path& path) { return "the database '" + path.string() + "'"; }

void check_file(const std::filesystem::path& path)
{
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (!std::filesystem::exists(status))
        throw DatabaseError{quoted(path) +
                            " does not exist; run 'majlis init' to make one, or correct 'database' in majlis.toml"};
    if (!std::filesystem::is_regular_file(status))
        throw DatabaseError{quoted(path) + " is not a file; correct 'database' in majlis.toml"};
    std::ifstream file{path, std::ios::binary};
    if (!file)
        throw DatabaseError{quoted(path) + " cannot be read: " + std::generic_category().message(errno) +
                            "; run majlis as the user that owns it"};
    std::array<char, magic.size()> head{};
    file.read(head.data(), head.size());
    if (file.gcount() == 0) return;  // made a moment ago, by us or by a first start that was killed
    if (file.gcount() != static_cast<std::streamsize>(head.size()) || std::string_view{head.data(), head.size()} != magic)
        throw UnusableDatabase{quoted(path) + " is not a database of majlis; correct 'database' in majlis.toml"};
}

void configure(SQLite::Database& connection, Open open, const DatabaseOptions& options)
{
    // No mmap: its pages would count as the daemon's memory. Temporary tables and sorts go to files for the same reason.
    connection.exec("PRAGMA foreign_keys = ON; PRAGMA temp_store = FILE; PRAGMA mmap_size = 0; PRAGMA trusted_schema = OFF");
    connection.exec("PRAGMA cache_size = -" + std::to_string(options.cache_bytes / 1024));
    if (open == Open::read_only) return;
    connection.exec("PRAGMA journal_mode = WAL");
    connection.exec("PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 67108864; PRAGMA wal_autocheckpoint = 2000");
}

void check_version(SQLite::Database& connection, const std::filesystem::path& path, Open open)
{
    const int version = user_version(connection);
    const auto newest = static_cast<int>(schema::migrations().size());
    if (version != 0 && application_id(connection) != majlis_application_id)
        throw UnusableDatabase{quoted(path) + " belongs to another program; correct 'database' in majlis.toml"};
    if (version > newest)
        throw UnusableDatabase{quoted(path) + " was made by a newer majlis: it is at version " + std::to_string(version) +
                               ", this program knows " + std::to_string(newest) + "; install the newer majlis again"};
    if (version == 0 && has_tables(connection))
        throw UnusableDatabase{quoted(path) + " belongs to another program; correct 'database' in majlis.toml"};
    if (version == newest || open == Open::create || (open == Open::upgrade && version != 0)) return;
    if (version == 0) throw DatabaseError{quoted(path) + " is empty; run 'majlis init'"};
    throw DatabaseError{quoted(path) + " was made by an older majlis: it is at version " + std::to_string(version) +
                        ", this program needs " + std::to_string(newest) +
                        "; run 'majlis db migrate' (or start majlisd), which keeps a copy"};
}

/// One that lacks a table opens well, and fails when somebody needs it: said before anything is taken in, or brought forward.
void check_shape(SQLite::Database& connection, const std::filesystem::path& path)
{
    SQLite::Transaction snapshot{connection};
    const int version = user_version(connection), newest = static_cast<int>(schema::migrations().size());
    if (version == 0 || version > newest) return;  // new, or newer since we looked: it is not brought forward
    if (const auto faults = shape_faults(connection, version); !faults.empty())
        throw UnusableDatabase{quoted(path) + " is not whole: " + faults.front() +
                               (faults.size() > 1 ? " (and " + std::to_string(faults.size() - 1) + " more)" : "") +
                               "; stop majlisd and put back a backup ('majlis db restore FILE')"};
}

/// Asked for first: a start writes nothing where nothing is missing, so that it does not wait for who writes.
void make_secret(Database& db)
{
    if (db.prepared("SELECT 1 FROM site_secret WHERE name = 'seal'").step()) return;
    auto secret = db.prepared("INSERT OR IGNORE INTO site_secret (name, value) VALUES ('seal', :value)");
    const auto bytes = token::random_bytes(32);
    secret.bind_blob(":value", bytes).run();
}

}  // namespace

bool is_busy(const SQLite::Exception& error) noexcept
{
    const int code = error.getErrorCode() & 0xff;
    return code == SQLITE_BUSY || code == SQLITE_LOCKED;
}

Database::Database(const std::filesystem::path& path, Open open, const DatabaseOptions& options)
    : path_{path}, cache_bytes_{options.cache_bytes}, site_language_{options.site_language}
{
    if (auto refusal = network_refusal(path, network_file_system(path)); !refusal.empty()) throw UnusableDatabase{refusal};
    if (open == Open::create) make_private_file(path);
    check_file(path);
    // No mutexes: a connection belongs to one thread at a time.
    const int flags = SQLITE_OPEN_NOMUTEX | (open == Open::read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE);
    try {
        const auto patience = std::max(options.busy_timeout, while_opening);
        connection_ = std::make_unique<SQLite::Database>(path.string(), flags, static_cast<int>(patience.count()));
        check_version(*connection_, path, open);  // first: another program's file is left as it is
        configure(*connection_, open, options);
        if (open == Open::create || open == Open::upgrade) {
            check_shape(*connection_, path);
            migrate(*connection_, path, schema::migrations());
            make_secret(*this);
        }
        connection_->setBusyTimeout(static_cast<int>(options.busy_timeout.count()));
    } catch (const SQLite::Exception& error) {
        if (is_busy(error)) throw;
        throw_in_words(path, error);
    }
}

Database::~Database() = default;

std::unique_ptr<SQLite::Statement> Database::take(std::string_view sql)
{
    const auto found = idle_.find(sql);
    if (found == idle_.end() || found->second.empty()) return std::make_unique<SQLite::Statement>(*connection_, std::string{sql});
    auto statement = std::move(found->second.back());
    found->second.pop_back();
    return statement;
}

void Database::give_back(std::string_view sql, std::unique_ptr<SQLite::Statement> statement) noexcept
{
    try {
        statement->tryReset();  // says again what the last step said
        statement->clearBindings();
        idle_[sql].push_back(std::move(statement));
    } catch (...) {
        statement.reset();  // out of memory: it is prepared anew next time
    }
}

std::int64_t Database::data_version()
{
    auto row = prepared("PRAGMA data_version");
    return row.step() ? row.integer(0) : 0;
}

std::int64_t Database::last_id() const noexcept { return sqlite3_last_insert_rowid(handle()); }

bool Database::in_transaction() const noexcept { return sqlite3_get_autocommit(handle()) == 0; }

std::vector<std::string_view> Database::known_sql() const
{
    std::vector<std::string_view> all;
    for (const auto& [sql, statements] : idle_) all.push_back(sql);
    return all;
}

int Database::schema_version() { return user_version(*connection_); }

std::string site_secret(Database& db)
{
    auto row = db.prepared("SELECT value FROM site_secret WHERE name = 'seal'");
    if (!row.step()) throw DatabaseError{"the database '" + db.path().string() + "' has lost its secret; restore a backup"};
    return row.blob(0);
}

}  // namespace majlis::store
