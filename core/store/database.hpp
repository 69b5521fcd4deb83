#pragma once
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>

#include <boost/system/result.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/text/problem.hpp"

namespace majlis::store {

/// A value, or why not in words for the person who asked. What he asked for is then unchanged.
template <class T>
using Answer = boost::system::result<T, text::Problem>;

/// A file that majlis cannot work with. what() names it and says what to do.
class DatabaseError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// One that stays so until a person mends it: damaged, not whole, of another program, of a newer majlis, or where none may lie.
class UnusableDatabase : public DatabaseError {
public:
    using DatabaseError::DatabaseError;
};

/// Who does something, and when: kept in the journal with every change.
struct By {
    std::string who;      ///< "cli:root", "majlisd", "mail:someone@example.org"
    std::int64_t at = 0;  ///< Unix seconds
};

enum class Open {
    create,      ///< made where it is missing, brought forward where it is old
    upgrade,     ///< must exist; brought forward where it is old (a copy is kept beside it)
    read_write,  ///< must exist and be of this majlis
    read_only,
};

struct DatabaseOptions {
    std::chrono::milliseconds busy_timeout{10'000};  ///< how long a statement waits for somebody else's write
    std::size_t cache_bytes = 8 << 20;               ///< pages in memory; the daemon's whole memory must stay under 64 MB
    std::string site_language{};  ///< of lists that set none, nor any above them; "": the default of the setting
};

/// SQLite says "busy": nothing happened, the same may be tried again.
bool is_busy(const SQLite::Exception& error) noexcept;

class Database;

/// A statement out of the cache. Goes back reset and without bindings when the guard ends; the same SQL may be in use several
/// times at once. Names of parameters are given with their colon.
class Prepared {
public:
    Prepared(Database& db, std::string_view sql);
    ~Prepared();
    Prepared(Prepared&&) noexcept = default;
    Prepared& operator=(Prepared&&) = delete;

    SQLite::Statement* operator->() noexcept { return statement_.get(); }
    SQLite::Statement& operator*() noexcept { return *statement_; }

    Prepared& bind(const char* name, std::int64_t value);
    Prepared& bind(const char* name, std::string_view text);
    Prepared& bind(const char* name, const std::string& text);
    Prepared& bind(const char* name, const char* text);
    Prepared& bind(const char* name, const std::optional<std::int64_t>& value);
    Prepared& bind(const char* name, const std::optional<std::string>& text);
    /// `bytes` must live until the statement has run.
    Prepared& bind_blob(const char* name, std::string_view bytes);

    /// True when a row stands ready.
    bool step() { return statement_->executeStep(); }
    /// Runs to the end and may be bound and run again; rows changed.
    std::int64_t run();

    std::int64_t integer(int column) const;
    std::string text(int column) const;  ///< "" for NULL
    std::string blob(int column) const;
    bool null(int column) const;
    std::optional<std::int64_t> maybe_integer(int column) const;
    std::optional<std::string> maybe_text(int column) const;

private:
    Database* db_;
    std::string_view sql_;
    std::unique_ptr<SQLite::Statement> statement_;
};

/// One connection to the database, for one thread at a time.
class Database {
public:
    /// Throws DatabaseError when the file is missing or cannot be opened, UnusableDatabase when it is of another program,
    /// corrupt, of a newer majlis, or lacks part of its schema (looked at by who may bring it forward); SQLite::Exception for all
    /// else (SQLITE_BUSY while somebody brings it forward).
    explicit Database(const std::filesystem::path& path, Open open = Open::read_write, const DatabaseOptions& options = {});
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// `sql` must outlive the guard: a literal.
    Prepared prepared(std::string_view sql) { return Prepared{*this, sql}; }
    /// Runs SQL that has no parameters and no result.
    void execute(const char* sql) { connection_->exec(sql); }

    sqlite3* handle() const noexcept { return connection_->getHandle(); }
    SQLite::Database& connection() noexcept { return *connection_; }
    const std::filesystem::path& path() const noexcept { return path_; }
    std::size_t cache_bytes() const noexcept { return cache_bytes_; }
    const std::string& site_language() const noexcept { return site_language_; }

    /// Changes when another connection has committed something; never by this one's own commits.
    std::int64_t data_version();
    std::int64_t last_id() const noexcept;
    /// Whether a transaction is open on this connection.
    bool in_transaction() const noexcept;
    /// Every statement that was prepared so far and is not in use: for tests of the query plans.
    std::vector<std::string_view> known_sql() const;
    /// Number of the last migration that the file has seen.
    int schema_version();

private:
    friend class Prepared;
    friend class Transaction;
    std::unique_ptr<SQLite::Statement> take(std::string_view sql);
    void give_back(std::string_view sql, std::unique_ptr<SQLite::Statement> statement) noexcept;

    std::filesystem::path path_;
    std::size_t cache_bytes_;
    std::string site_language_;
    std::unique_ptr<SQLite::Database> connection_;
    std::unordered_map<std::string_view, std::vector<std::unique_ptr<SQLite::Statement>>> idle_;  // keys: literals
    int depth_ = 0;  // open Transactions, one inside the other
};

enum class Begin { immediate, deferred, exclusive };

/// Rolls back unless committed. Inside another one it is a savepoint, so that functions that are transactions of their own can
/// be part of a larger event.
class Transaction {
public:
    explicit Transaction(Database& db, Begin begin = Begin::immediate);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    /// Once. What throws here has changed nothing.
    void commit();

private:
    Database& db_;
    int level_;
    bool done_ = false;
};

/// The key under which tokens are sealed: 32 random bytes made with the database, never shown.
std::string site_secret(Database& db);

/// Name of the network file system that `path` (or its folder, if it does not exist yet) lies on; nullopt for a local disk.
/// SQLite's locks do not hold there.
std::optional<std::string> network_file_system(const std::filesystem::path& path);

}  // namespace majlis::store
