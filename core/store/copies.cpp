#include "core/store/copies.hpp"

#include "core/store/recipients.hpp"

namespace majlis::store {
namespace {

Verdict verdict_named(std::string_view name)
{
    for (const auto verdict : {Verdict::accepted, Verdict::held, Verdict::rejected, Verdict::discarded})
        if (verdict_name(verdict) == name) return verdict;
    return Verdict::held;
}

/// Whoever was deferred or not reached has a row of his own.
bool read_own_row(Database& db, std::int64_t delivery_id, std::int64_t member_id, Copy& copy)
{
    auto row = db.prepared(
        "SELECT state, relay, code, status, text, updated_at FROM delivery_recipient WHERE delivery_id = :delivery AND member_id "
        "= "
        ":member ORDER BY updated_at DESC LIMIT 1");
    if (!row.bind(":delivery", delivery_id).bind(":member", member_id).step()) return false;
    const auto state = row.text(0);
    copy.state = state == "sent"                             ? CopyState::sent
                 : state == "deferred" || state == "waiting" ? CopyState::deferred
                                                             : CopyState::failed;
    copy.relay = row.text(1);
    if (row.integer(2) != 0) copy.reply = std::to_string(row.integer(2)) + " " + row.text(3);
    if (!row.text(4).empty()) copy.reply += (copy.reply.empty() ? "" : " ") + row.text(4);
    copy.at = row.integer(5);
    return true;
}

}  // namespace

std::vector<PostTrace> trace_post(Database& db, std::string_view message_id, std::size_t limit)
{
    auto rows = db.prepared(
        "SELECT pl.id, pl.list_id, l.name, p.sender, pl.verdict, pl.rule, pl.reason, pl.decided_at, coalesce(pl.delivery_id, 0) "
        "FROM post p CROSS JOIN post_list pl ON pl.post_id = p.id CROSS JOIN list l ON l.id = pl.list_id "
        "WHERE p.message_id = :id ORDER BY pl.id DESC LIMIT :limit");
    rows.bind(":id", message_id).bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<PostTrace> all;
    while (rows.step())
        all.push_back({rows.integer(0), rows.integer(1), rows.text(2), rows.text(3), verdict_named(rows.text(4)), rows.text(5),
                       rows.text(6), rows.integer(7), rows.integer(8)});
    return all;
}

Copy copy_of(Database& db, std::int64_t delivery_id, std::int64_t member_id)
{
    Copy copy;
    if (delivery_id == 0) return copy;
    if (read_own_row(db, delivery_id, member_id, copy)) return copy;
    const auto scope = load_scope(db, delivery_id);
    if (!covers(db, scope, member_id) || !wants_copy(db, scope, member_id)) return copy;
    copy.state = CopyState::on_its_way;
    auto range = db.prepared(
        "SELECT relay, updated_at FROM delivery_range WHERE delivery_id = :delivery AND first_id < :member AND last_id >= "
        ":member "
        "AND done_id >= :member");
    if (!range.bind(":delivery", delivery_id).bind(":member", member_id).step()) return copy;
    copy.state = CopyState::sent;
    copy.relay = range.text(0);
    copy.at = range.integer(1);
    copy.reply = "250";
    return copy;
}

}  // namespace majlis::store
