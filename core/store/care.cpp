#include <algorithm>

#include "core/store/digests.hpp"
#include "core/store/requests.hpp"
#include "core/store/spent.hpp"
#include "core/store/status.hpp"
#include "core/store/tokens.hpp"

namespace majlis::store {
namespace {

std::int64_t purge_by_age(Database& db, std::string_view sql, std::int64_t before, std::int64_t limit)
{
    return db.prepared(sql).bind(":before", before).bind(":limit", limit).run();
}

enum class Fate { still_needed, archived, over };

/// What nobody will read again: no judgement, moderator or delivery needs it, and no list keeps it in its archive.
Fate fate_of(Database& db, std::int64_t content_id)
{
    auto row = db.prepared(
        "SELECT EXISTS (SELECT 1 FROM arrival WHERE content_id = :id AND stage = 'new') "
        "OR EXISTS (SELECT 1 FROM delivery WHERE content_id = :id AND state IN ('active', 'held')) "
        "OR EXISTS (SELECT 1 FROM post p CROSS JOIN post_list pl ON pl.post_id = p.id WHERE p.content_id = :id AND pl.verdict = "
        "'held'), "
        "EXISTS (SELECT 1 FROM post p CROSS JOIN post_list pl ON pl.post_id = p.id WHERE p.content_id = :id AND pl.verdict = "
        "'accepted' AND pl.archive = 'waiting'), "
        "EXISTS (SELECT 1 FROM post p CROSS JOIN archive_post a ON a.post_id = p.id WHERE p.content_id = :id)");
    row.bind(":id", content_id).step();
    if (row.integer(0) != 0 || row.integer(1) != 0) return Fate::still_needed;
    return row.integer(2) != 0 ? Fate::archived : Fate::over;
}

void set_keep(Database& db, std::int64_t content_id, std::string_view keep)
{
    db.prepared("UPDATE content SET keep = :keep WHERE id = :id").bind(":keep", keep).bind(":id", content_id).run();
}

/// The row and its digest stay, so that the same mail is known if it comes again.
std::int64_t purge_content(Database& db, std::int64_t before, std::int64_t limit)
{
    std::vector<std::int64_t> old;
    {
        auto rows = db.prepared(
            "SELECT id FROM content WHERE keep = 'while needed' AND sha256 IS NOT NULL AND created_at < :before "
            "ORDER BY created_at LIMIT :limit");
        rows.bind(":before", before).bind(":limit", limit);
        while (rows.step()) old.push_back(rows.integer(0));
    }
    std::int64_t done = 0;
    for (const auto id : old) {
        const auto fate = fate_of(db, id);
        if (fate == Fate::still_needed) continue;
        if (fate == Fate::over) db.prepared("DELETE FROM content_chunk WHERE content_id = :id").bind(":id", id).run();
        set_keep(db, id, fate == Fate::over ? "gone" : "for ever");
        ++done;
    }
    return done;
}

/// What was judged and filed long ago. Its uid lies below folder.uid_done and is not read again; the same post under another
/// uid is known by its identity. Rows that must stay are few, so the oldest rows are where to look; what a moderator or a
/// delivery still needs is told by its content.
std::int64_t purge_arrivals(Database& db, std::int64_t before, std::int64_t limit)
{
    auto rows = db.prepared(
        "DELETE FROM arrival WHERE id IN (SELECT a.id FROM (SELECT * FROM arrival ORDER BY id LIMIT :looked) a "
        "CROSS JOIN content c ON c.id = a.content_id WHERE a.stage = 'done' AND a.place IN ('filed', 'gone') "
        "AND a.arrived_at < :before AND c.keep <> 'while needed' LIMIT :limit)");
    return rows.bind(":looked", 4 * limit).bind(":before", before).bind(":limit", limit).run();
}

}  // namespace

std::int64_t purge_some(Database& db, const Keep& keep, std::int64_t now, std::size_t limit)
{
    const auto rows = static_cast<std::int64_t>(limit);
    Transaction transaction{db};
    // Rows of a journal are in the order of time: only its oldest are looked at.
    std::int64_t removed = purge_by_age(db,
                                        "DELETE FROM journal WHERE id IN (SELECT id FROM (SELECT id, at FROM journal ORDER BY id "
                                        "LIMIT :limit) WHERE at < :before)",
                                        now - keep.journal, rows);
    removed +=
        purge_by_age(db,
                     "DELETE FROM subscription_past WHERE (list_id, member_id, since) IN (SELECT list_id, member_id, since "
                     "FROM subscription_past WHERE ended_at < :before ORDER BY ended_at LIMIT :limit)",
                     now - keep.past, rows);
    removed += purge_by_age(db,
                            "DELETE FROM relay_usage WHERE (relay, minute) IN (SELECT relay, minute FROM relay_usage WHERE "
                            "minute < :before LIMIT :limit)",
                            (now - keep.usage) / 60, rows);
    removed += purge_by_age(db,
                            "DELETE FROM domain_usage WHERE (name, minute) IN (SELECT name, minute FROM domain_usage WHERE "
                            "minute < :before LIMIT :limit)",
                            (now - keep.usage) / 60, rows);
    removed += purge_content(db, now - keep.content, rows);
    removed += purge_arrivals(db, now - keep.arrivals, rows);
    removed += purge_tokens(db, now - keep.requests, rows) + purge_requests(db, now - keep.requests, rows);
    removed += purge_spent(db, now - keep.usage, rows) + purge_digests(db, now - keep.digests, rows);
    removed += forget_digest_bytes(db, now - keep.digest_bytes, std::min<std::int64_t>(rows, 10));
    transaction.commit();
    return removed;
}

void empty_write_ahead_log(Database& db) { db.execute("PRAGMA wal_checkpoint(TRUNCATE)"); }

std::string quick_check(Database& db)
{
    auto check = db.prepared("PRAGMA quick_check(1)");
    return check.step() ? check.text(0) : "no answer";
}

}  // namespace majlis::store
