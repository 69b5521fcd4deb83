#include "core/store/check.hpp"

#include <sqlite3.h>

#include <iterator>
#include <utility>

#include "core/store/content.hpp"
#include "core/store/trouble.hpp"
#include "core/token/sha256.hpp"

namespace majlis::store {
namespace {

constexpr std::size_t most_of_a_sort = 20;
constexpr auto put_back =
    "stop majlisd and put back a backup ('majlis db restore FILE'); without one, save what can be read with sqlite3 FILE "
    ".recover";

void append(std::vector<Unsound>& to, std::vector<Unsound> more)
{
    to.insert(to.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

std::vector<Unsound> check_references(Database& db)
{
    std::vector<Unsound> found;
    auto broken = db.prepared("PRAGMA foreign_key_check");
    while (found.size() < most_of_a_sort && broken.step()) {
        std::string line{"table "};
        line.append(broken.text(0)).append(", row ").append(broken.null(1) ? "without a number" : broken.text(1));
        line.append(": what it refers to in ").append(broken.text(2)).append(" is missing");
        found.push_back({"references", std::move(line), put_back});
    }
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
    while (found.size() < most_of_a_sort && rows.step())
        if (auto damage = damage_of(db, rows.integer(0), rows.blob(1)); !damage.empty())
            found.push_back({"mails", std::move(damage),
                             "the mail may still lie in the mailbox (Majlis/Done), or in a backup; take it off the archive with "
                             "'majlis archive remove', or drop its delivery"});
    return found;
}

}  // namespace

std::vector<Unsound> check_pages(SQLite::Database& connection)
{
    std::vector<Unsound> found;
    try {
        SQLite::Statement rows{connection, "PRAGMA integrity_check(20)"};
        while (rows.executeStep())
            if (auto line = rows.getColumn(0).getString(); line != "ok") found.push_back({"pages", std::move(line), put_back});
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
    if (!found.empty()) return found;  // what rows say is of no worth then
    append(found, check_references(db));
    append(found, check_invariants(db));
    append(found, check_contents(db));
    return found;
}

}  // namespace majlis::store
