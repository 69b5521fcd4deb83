#include "core/store/check.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <string_view>
#include <utility>

#include "core/store/content.hpp"
#include "core/store/migrate.hpp"
#include "core/store/shape.hpp"
#include "core/store/trouble.hpp"
#include "core/token/sha256.hpp"

namespace majlis::store {
namespace {

constexpr auto put_back =
    "stop majlisd and put back a backup ('majlis db restore FILE'); without one, read \"Without a backup\" in OPERATIONS.md";

void append(std::vector<Unsound>& to, std::vector<Unsound> more)
{
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<Unsound> check_shape(Database& db)
{
    std::vector<Unsound> found;
    for (auto& fault : shape_faults(db.connection(), user_version(db.connection())))
        found.push_back({"schema", std::move(fault), put_back});
    return found;
}

/// Rows that have a number are named; of a table whose rows have none, how many there are.
std::vector<Unsound> check_references(Database& db)
{
    std::vector<Unsound> found;
    std::map<std::pair<std::string, std::string>, std::int64_t> unnamed;  // by both tables
    std::int64_t more = 0;
    const auto add = [&found](const std::string& table, const std::string& rows, const std::string& missing) {
        found.push_back(
            {"references", "table " + table + ", " + rows + ": what it refers to in " + missing + " is missing", put_back});
    };
    auto broken = db.prepared("PRAGMA foreign_key_check");
    while (broken.step()) {
        if (broken.null(1))
            ++unnamed[{broken.text(0), broken.text(2)}];
        else if (found.size() < most_of_a_sort)
            add(broken.text(0), "row " + broken.text(1), broken.text(2));
        else
            ++more;
    }
    if (more > 0) found.push_back({"references", "and " + std::to_string(more) + " rows more", put_back});
    for (const auto& [tables, count] : unnamed) add(tables.first, "rows: " + std::to_string(count), tables.second);
    return found;
}

/// "" where the bytes are those that arrived.
std::string damage_of(Database& db, std::int64_t content_id, const std::string& sha256)
{
    token::Sha256 sum;
    try {
        read_content(db, content_id, [&](std::string_view bytes) { sum.update(bytes); });
    } catch (const SQLite::Exception&) {
        throw;
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    const auto digest = sum.finish();
    if (std::string_view{reinterpret_cast<const char*>(digest.data()), digest.size()} == sha256) return {};
    return "content " + std::to_string(content_id) + " is not what arrived: its SHA-256 differs";
}

/// Chunks that are missing, cut, doubled or changed: SQLite's own check does not look into them.
std::vector<Unsound> check_contents(Database& db)
{
    std::vector<Unsound> found;
    auto rows = db.prepared("SELECT id, sha256 FROM content WHERE sha256 IS NOT NULL AND keep <> 'gone' ORDER BY id");
    while (rows.step()) {
        auto damage = damage_of(db, rows.integer(0), rows.blob(1));
        if (damage.empty()) continue;
        if (found.size() == most_of_a_sort) damage = others_too;
        found.push_back({"mails", std::move(damage),
                         "the mail may still lie in the mailbox (Majlis/Done), or in a backup; take it off the archive with "
                         "'majlis archive remove', or drop its delivery"});
        if (found.size() > most_of_a_sort) break;
    }
    return found;
}

/// One row of SQLite's answer may tell of many pages, below a heading.
void add_lines(std::string_view said, std::vector<Unsound>& found)
{
    for (std::size_t at = 0; at < said.size();) {
        const auto end = std::min(said.find('\n', at), said.size());
        const auto line = said.substr(at, end - at);
        if (line != "ok" && !line.starts_with("***")) found.push_back({"pages", std::string{line}, put_back});
        at = end + 1;
    }
}

}  // namespace

std::vector<Unsound> check_pages(SQLite::Database& connection)
{
    std::vector<Unsound> found;
    try {
        SQLite::Statement rows{connection, "PRAGMA integrity_check(20)"};
        while (rows.executeStep()) add_lines(rows.getColumn(0).getString(), found);
    } catch (const SQLite::Exception& error) {
        if (!is_damage(error)) throw;
        found.push_back({"pages", error.what(), put_back});
    }
    return found;
}

std::vector<Unsound> check_database(Database& db)
{
    Transaction snapshot{db, Begin::deferred};
    auto found = check_pages(db.connection());
    if (found.empty()) found = check_shape(db);
    if (!found.empty()) return found;  // what rows say is of no worth then
    append(found, check_references(db));
    append(found, check_invariants(db));
    append(found, check_contents(db));
    return found;
}

}  // namespace majlis::store
