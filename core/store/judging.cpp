#include "core/store/arrivals.hpp"
#include "core/text/printable.hpp"

namespace majlis::store {

std::vector<NewMail> next_new(Database& db, std::size_t limit, std::int64_t after_id)
{
    auto rows = db.prepared(
        "SELECT a.id, a.content_id, a.size, a.junk, a.attempts, a.arrived_at, coalesce(i.name, '') FROM arrival a "
        "LEFT JOIN folder f ON f.id = a.folder_id LEFT JOIN inbox i ON i.id = f.inbox_id "
        "WHERE a.stage = 'new' AND a.id > :after ORDER BY a.id LIMIT :limit");
    rows.bind(":after", after_id).bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<NewMail> mails;
    while (rows.step())
        mails.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3) != 0 ? Junk::yes : Junk::no,
                         rows.integer(4), rows.integer(5), rows.text(6)});
    return mails;
}

std::int64_t last_arrival(Database& db)
{
    auto row = db.prepared("SELECT coalesce(max(id), 0) FROM arrival");
    return row.step() ? row.integer(0) : 0;
}

void note_attempt(Database& db, std::int64_t arrival_id)
{
    db.prepared("UPDATE arrival SET attempts = attempts + 1 WHERE id = :id").bind(":id", arrival_id).run();
}

void suspect_first(Database& db)
{
    db.prepared("UPDATE arrival SET attempts = max(attempts, 1) WHERE id = (SELECT min(id) FROM arrival WHERE stage = 'new')")
        .run();
}

void mark_judged(Database& db, std::int64_t arrival_id, std::string_view kind, std::string_view note)
{
    auto update = db.prepared("UPDATE arrival SET stage = 'done', kind = :kind, note = :note WHERE id = :id");
    update.bind(":kind", kind).bind(":note", text::printable(note, 500)).bind(":id", arrival_id).run();
}

std::vector<ArrivalInfo> recent_arrivals(Database& db, std::size_t limit)
{
    auto rows = db.prepared(
        "SELECT a.id, a.size, a.arrived_at, coalesce(i.name, ''), coalesce(f.name, ''), a.place, a.stage, coalesce(a.kind, ''), "
        "a.note "
        "FROM arrival a LEFT JOIN folder f ON f.id = a.folder_id LEFT JOIN inbox i ON i.id = f.inbox_id ORDER BY a.id DESC LIMIT "
        ":limit");
    rows.bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<ArrivalInfo> found;
    while (rows.step())
        found.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.text(3), rows.text(4), rows.text(5),
                         rows.text(6), rows.text(7), rows.text(8)});
    return found;
}

std::int64_t count_new(Database& db)
{
    auto row = db.prepared("SELECT count(*) FROM arrival WHERE stage = 'new'");
    return row.step() ? row.integer(0) : 0;
}

}  // namespace majlis::store
