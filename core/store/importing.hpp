#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "core/lists/roster.hpp"
#include "core/store/database.hpp"
#include "core/store/modes.hpp"

/// Many members at once: rows are staged and examined beside the database, then written in one set-based transaction.
namespace majlis::store {

struct ImportOptions {
    enum class OnError { stop, skip } on_error = OnError::stop;
    enum class Known { leave, update } known = Known::leave;  ///< what becomes of rows that are on the list already
    enum class Run { real, dry } run = Run::real;
    Mode mode = Mode::each;  ///< where a row does not say
};

struct ImportProblem {
    std::size_t line = 0;
    std::string message;
};
struct ImportReport {
    std::int64_t rows = 0;      ///< read
    std::int64_t added = 0;     ///< subscriptions made (in a dry run: that would be)
    std::int64_t already = 0;   ///< on the list before, left as they were
    std::int64_t updated = 0;   ///< on the list before, changed
    std::int64_t repeated = 0;  ///< the same address again in the file: its first row counts
    std::int64_t new_members = 0;
    std::int64_t bad = 0;
    std::vector<ImportProblem> problems;  ///< the first 100
    bool stopped = false;                 ///< nothing was changed
};

/// One import into one list. Throws away what it staged when it ends.
class Import {
public:
    Import(Database& db, std::int64_t list_id, const ImportOptions& options);
    ~Import();
    Import(const Import&) = delete;
    Import& operator=(const Import&) = delete;

    /// False: the import has stopped at a bad row. No lock on the database is held.
    bool add(const RosterRow& row);

    using Progress = std::function<void(std::int64_t done, std::int64_t total)>;
    /// Writes everything in one transaction (about 3 s for a million rows); throws SQLite's "busy" when somebody else writes for
    /// longer than the connection's busy_timeout, and may then be called again.
    ImportReport finish(const By& by, const Progress& progress = {});

private:
    void refuse(std::size_t line, std::string message);
    bool is_own(const std::string& key) const;
    void sort_staged();
    void count_known();
    void write(const By& by, const Progress& progress);
    void insert_slice(std::int64_t from, std::int64_t tick, const By& by);
    void update_slice(std::int64_t from, std::int64_t tick, const By& by);
    void note_muted(std::int64_t tick);

    Database& db_;
    std::int64_t list_id_;
    ImportOptions options_;
    ImportReport report_;
    std::unordered_set<std::string> own_keys_, own_domains_;
    std::int64_t total_ = 0;  // rows to write
    std::int64_t last_ = 0;   // number of the last of them
    bool sorted_ = false;
};

}  // namespace majlis::store
