#include "core/store/journal.hpp"

#include <cstdint>

#include "core/text/printable.hpp"

namespace majlis::store {

void journal(Database& db, const By& by, const JournalLine& line)
{
    auto insert = db.prepared(
        "INSERT INTO journal (at, event, actor, list_id, address, detail) "
        "VALUES (:at, :event, :actor, :list, :address, :detail)");
    insert.bind(":at", by.at).bind(":event", line.event).bind(":actor", by.who).bind(":list", line.list_id);
    insert.bind(":address", line.address).bind(":detail", text::printable(line.detail, 1'000)).run();
}

namespace {

#define MAJLIS_JOURNAL_COLUMNS                                                                       \
    "SELECT j.id, j.at, j.event, j.actor, coalesce(l.name, ''), j.address, j.detail FROM journal j " \
    "LEFT JOIN list l ON l.id = j.list_id "
/// Each of the four questions has a statement of its own, so that each walks an index backwards.
std::string_view sql_for(const JournalQuery& query)
{
    if (query.address && query.list_id)
        return MAJLIS_JOURNAL_COLUMNS
            "WHERE j.address = :address AND j.address <> '' AND +j.list_id = :list AND j.id < :before ORDER BY j.id DESC LIMIT "
            ":limit";
    if (query.address)
        return MAJLIS_JOURNAL_COLUMNS
            "WHERE j.address = :address AND j.address <> '' AND j.id < :before ORDER BY j.id DESC LIMIT :limit";
    if (query.list_id) return MAJLIS_JOURNAL_COLUMNS "WHERE j.list_id = :list AND j.id < :before ORDER BY j.id DESC LIMIT :limit";
    return MAJLIS_JOURNAL_COLUMNS "WHERE j.id < :before ORDER BY j.id DESC LIMIT :limit";
}

}  // namespace

std::vector<JournalEntry> read_journal(Database& db, const JournalQuery& query)
{
    auto rows = db.prepared(sql_for(query));
    if (query.address) rows.bind(":address", *query.address);
    if (query.list_id) rows.bind(":list", *query.list_id);
    rows.bind(":before", query.before_id.value_or(INT64_MAX)).bind(":limit", static_cast<std::int64_t>(query.limit));
    std::vector<JournalEntry> entries;
    while (rows.step())
        entries.push_back(
            {rows.integer(0), rows.integer(1), rows.text(2), rows.text(3), rows.text(4), rows.text(5), rows.text(6)});
    return entries;
}

}  // namespace majlis::store
