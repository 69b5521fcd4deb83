#include "core/store/search_rank.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace majlis::store {
namespace {

constexpr double k1 = 1.2, b = 0.75;
constexpr const char* name = "archive_rank";

/// How often each phrase stands in this post, by the weight of where it stands.
int weighed_counts(const Fts5ExtensionApi& api, Fts5Context* context, std::vector<double>& counts, int columns,
                   sqlite3_value** weights)
{
    int instances = 0;
    if (const int error = api.xInstCount(context, &instances); error != SQLITE_OK) return error;
    for (int i = 0; i < instances; ++i) {
        int phrase = 0, column = 0, offset = 0;
        if (const int error = api.xInst(context, i, &phrase, &column, &offset); error != SQLITE_OK) return error;
        counts[static_cast<std::size_t>(phrase)] += column < columns ? sqlite3_value_double(weights[column]) : 1.0;
    }
    return SQLITE_OK;
}

/// Its length in words beside that of all; 1: as long as they are.
int relative_length(const Fts5ExtensionApi& api, Fts5Context* context, double& length)
{
    int words = 0;
    sqlite3_int64 all = 0, rows = 0;
    int error = api.xColumnSize(context, -1, &words);
    if (error == SQLITE_OK) error = api.xColumnTotalSize(context, -1, &all);
    if (error == SQLITE_OK) error = api.xRowCount(context, &rows);
    length = all > 0 ? static_cast<double>(words) * static_cast<double>(rows) / static_cast<double>(all) : 1.0;
    return error;
}

extern "C" void rank(const Fts5ExtensionApi* api, Fts5Context* context, sqlite3_context* result, int count,
                     sqlite3_value** weights)
{
    std::vector<double> counts(static_cast<std::size_t>(std::max(api->xPhraseCount(context), 0)));
    double length = 1.0;
    int error = weighed_counts(*api, context, counts, count, weights);
    if (error == SQLITE_OK) error = relative_length(*api, context, length);
    if (error != SQLITE_OK) return sqlite3_result_error_code(result, error);
    double score = 0;
    for (const double often : counts) score += often * (k1 + 1) / (often + k1 * (1 - b + b * length));
    sqlite3_result_double(result, -score);
}

/// https://www.sqlite.org/fts5.html#extending_fts5
fts5_api* api_of(sqlite3* connection)
{
    fts5_api* api = nullptr;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(connection, "SELECT fts5(?1)", -1, &statement, nullptr) == SQLITE_OK) {
        sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
        sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    return api;
}

/// Whether a statement with it can be prepared: each registration would stay beside those before it.
bool is_known(sqlite3* connection)
{
    sqlite3_stmt* statement = nullptr;
    constexpr const char* sql = "SELECT archive_rank(archive_word) FROM archive_word WHERE archive_word MATCH 'a' LIMIT 0";
    const bool known = sqlite3_prepare_v2(connection, sql, -1, &statement, nullptr) == SQLITE_OK;
    sqlite3_finalize(statement);
    return known;
}

}  // namespace

void know_archive_rank(Database& db)
{
    if (is_known(db.handle())) return;
    auto* api = api_of(db.handle());
    if (api == nullptr || api->xCreateFunction(api, name, nullptr, rank, nullptr) != SQLITE_OK)
        throw std::runtime_error{"this SQLite has no FTS5: the archive cannot be searched"};
}

}  // namespace majlis::store
