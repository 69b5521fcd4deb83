#include "core/store/bounces.hpp"

#include <algorithm>

#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/text/printable.hpp"

namespace majlis::store {
namespace {

constexpr std::size_t most_text = 500;
constexpr std::int64_t clocks_differ = 3'600;  // seconds by which lines of the journal may be out of order

std::string_view source_name(BounceSource source)
{
    switch (source) {
        case BounceSource::token:
            return "token";
        case BounceSource::report:
            return "report";
        case BounceSource::relay:
            break;
    }
    return "relay";
}

Bounce bounce_of(Prepared& row)
{
    Bounce bounce;
    bounce.id = row.integer(0);
    bounce.member_id = row.integer(1);
    bounce.list_id = row.maybe_integer(2);
    bounce.delivery_id = row.maybe_integer(3);
    bounce.state = row.text(4);
    bounce.weight = static_cast<int>(row.integer(5));
    bounce.points = static_cast<int>(row.integer(6));
    bounce.cause = row.text(7);
    bounce.status = row.text(8);
    bounce.text = row.text(9);
    bounce.source = row.text(10);
    bounce.at = row.integer(11);
    return bounce;
}

BounceState state_of(Prepared& row)
{
    BounceState state;
    state.member_id = row.integer(0);
    const auto name = row.text(1);
    state.stage = name == "probing" ? BounceStage::probing : name == "suspended" ? BounceStage::suspended : BounceStage::counting;
    state.points = static_cast<int>(row.integer(2));
    state.day = row.integer(3);
    state.day_points = static_cast<int>(row.integer(4));
    state.last_at = row.integer(5);
    state.list_id = row.maybe_integer(6);
    state.probe_delivery = row.maybe_integer(7);
    state.warnings = static_cast<int>(row.integer(8));
    state.since = row.integer(9);
    state.next_at = row.integer(10);
    return state;
}

/// An id below those of all posts that came since then: the newest are looked at, in steps that double, so that what is old is
/// never read. What was held before then and approved later is missed by it.
std::int64_t first_decided_since(Database& db, std::int64_t since)
{
    auto last = db.prepared("SELECT coalesce(max(id), 0) FROM post_list");
    auto id = last.step() ? last.integer(0) : 0;
    for (std::int64_t step = 64; id > 0; step *= 2) {
        auto row = db.prepared("SELECT decided_at FROM post_list WHERE id <= :id ORDER BY id DESC LIMIT 1");
        row.bind(":id", id);
        if (!row.step() || row.integer(0) < since) break;
        id -= step;
    }
    return std::max<std::int64_t>(0, id);
}

/// An id below those of all lines of the journal since then, found in the same way.
std::int64_t first_journalled_since(Database& db, std::int64_t since)
{
    auto last = db.prepared("SELECT coalesce(max(id), 0) FROM journal");
    auto id = last.step() ? last.integer(0) : 0;
    for (std::int64_t step = 64; id > 0; step *= 2) {
        auto row = db.prepared("SELECT at FROM journal WHERE id <= :id ORDER BY id DESC LIMIT 1");
        row.bind(":id", id);
        if (!row.step() || row.integer(0) < since) break;
        id -= step;
    }
    return std::max<std::int64_t>(0, id);
}

void set_bouncing(Database& db, std::int64_t member_id, std::int64_t bouncing)
{
    db.prepared("UPDATE member SET bouncing = :on WHERE id = :id AND bouncing <> :on")
        .bind(":on", bouncing)
        .bind(":id", member_id)
        .run();
}

}  // namespace

void add_bounce(Database& db, const NewBounce& bounce, std::int64_t now)
{
    auto insert = db.prepared(
        "INSERT INTO bounce (member_id, list_id, delivery_id, state, weight, cause, status, text, source, at) "
        "VALUES (:member, :list, :delivery, 'new', :weight, :cause, :status, :text, :source, :at)");
    insert.bind(":member", bounce.member_id).bind(":list", bounce.list_id).bind(":delivery", bounce.delivery_id);
    insert.bind(":weight", std::int64_t{bounce.weight}).bind(":cause", bounce.cause).bind(":status", bounce.status);
    insert.bind(":text", text::printable(bounce.text, most_text)).bind(":source", source_name(bounce.source)).bind(":at", now);
    insert.run();
}

std::vector<Bounce> new_bounces(Database& db, std::int64_t until, std::size_t limit)
{
    auto rows = db.prepared(
        "SELECT id, member_id, list_id, delivery_id, state, weight, points, cause, status, text, source, at FROM bounce "
        "WHERE state = 'new' AND at <= :until ORDER BY id LIMIT :limit");
    rows.bind(":until", until);
    rows.bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<Bounce> all;
    while (rows.step()) all.push_back(bounce_of(rows));
    return all;
}

std::vector<Bounce> bounces_of(Database& db, std::int64_t member_id, std::size_t limit)
{
    auto rows = db.prepared(
        "SELECT id, member_id, list_id, delivery_id, state, weight, points, cause, status, text, source, at FROM bounce "
        "WHERE member_id = :member ORDER BY id DESC LIMIT :limit");
    rows.bind(":member", member_id).bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<Bounce> all;
    while (rows.step()) all.push_back(bounce_of(rows));
    return all;
}

void settle_bounce(Database& db, std::int64_t id, int points)
{
    db.prepared("UPDATE bounce SET state = 'counted', points = :points WHERE id = :id")
        .bind(":points", std::int64_t{points})
        .bind(":id", id)
        .run();
}

void waive_bounce(Database& db, std::int64_t id, std::string_view why)
{
    db.prepared(
          "UPDATE bounce SET state = 'not counted', points = 0, text = :why || CASE WHEN text = '' THEN '' ELSE ': ' || text END "
          "WHERE id = :id")
        .bind(":why", why)
        .bind(":id", id)
        .run();
}

std::int64_t members_failed(Database& db, std::int64_t delivery_id, std::int64_t limit)
{
    auto row = db.prepared(
        "SELECT count(DISTINCT member_id) FROM (SELECT member_id FROM bounce WHERE delivery_id = :delivery LIMIT :limit)");
    row.bind(":delivery", delivery_id).bind(":limit", limit);
    return row.step() ? row.integer(0) : 0;
}

std::string latest_failure(Database& db, std::int64_t delivery_id)
{
    auto row = db.prepared("SELECT text FROM bounce WHERE delivery_id = :delivery AND text <> '' ORDER BY id DESC LIMIT 1");
    row.bind(":delivery", delivery_id);
    return row.step() ? row.text(0) : std::string{};
}

std::int64_t waive_delivery(Database& db, std::int64_t delivery_id, std::string_view why)
{
    db.prepared(
          "UPDATE bounce_state SET points = max(0, points - (SELECT coalesce(sum(points), 0) FROM bounce "
          "WHERE bounce.delivery_id = :delivery AND bounce.member_id = bounce_state.member_id)) "
          "WHERE state = 'counting' AND member_id IN (SELECT member_id FROM bounce WHERE delivery_id = :delivery)")
        .bind(":delivery", delivery_id)
        .run();
    return db
        .prepared(
            "UPDATE bounce SET state = 'not counted', points = 0, text = :why || CASE WHEN text = '' THEN '' ELSE ': ' || text "
            "END "
            "WHERE delivery_id = :delivery AND state <> 'not counted'")
        .bind(":why", why)
        .bind(":delivery", delivery_id)
        .run();
}

std::string_view stage_name(BounceStage stage)
{
    switch (stage) {
        case BounceStage::counting:
            return "counting";
        case BounceStage::probing:
            return "probing";
        case BounceStage::suspended:
            break;
    }
    return "suspended";
}

std::optional<BounceState> bounce_state(Database& db, std::int64_t member_id)
{
    auto row = db.prepared(
        "SELECT member_id, state, points, day, day_points, last_at, list_id, probe_delivery, warnings, since, next_at "
        "FROM bounce_state WHERE member_id = :member");
    row.bind(":member", member_id);
    if (!row.step()) return std::nullopt;
    return state_of(row);
}

void put_bounce_state(Database& db, const BounceState& state)
{
    auto put = db.prepared(
        "INSERT INTO bounce_state (member_id, state, points, day, day_points, last_at, list_id, probe_delivery, warnings, since, "
        "next_at) VALUES (:member, :state, :points, :day, :day_points, :last, :list, :probe, :warnings, :since, :next) "
        "ON CONFLICT (member_id) DO UPDATE SET state = excluded.state, points = excluded.points, day = excluded.day, "
        "day_points = excluded.day_points, last_at = excluded.last_at, list_id = excluded.list_id, "
        "probe_delivery = excluded.probe_delivery, warnings = excluded.warnings, since = excluded.since, next_at = "
        "excluded.next_at");
    put.bind(":member", state.member_id).bind(":state", stage_name(state.stage)).bind(":points", std::int64_t{state.points});
    put.bind(":day", state.day).bind(":day_points", std::int64_t{state.day_points}).bind(":last", state.last_at);
    put.bind(":list", state.list_id).bind(":probe", state.probe_delivery).bind(":warnings", std::int64_t{state.warnings});
    put.bind(":since", state.since).bind(":next", state.next_at).run();
    set_bouncing(db, state.member_id, state.stage == BounceStage::suspended ? 1 : 0);
}

bool forget_bounces(Database& db, std::int64_t member_id, const By& by)
{
    Transaction transaction{db};
    const auto gone = db.prepared("DELETE FROM bounce_state WHERE member_id = :member").bind(":member", member_id).run();
    db.prepared("UPDATE bounce SET state = 'not counted', points = 0 WHERE member_id = :member AND state = 'new'")
        .bind(":member", member_id)
        .run();
    set_bouncing(db, member_id, 0);
    if (gone > 0) {
        auto key = db.prepared("SELECT address_key FROM member WHERE id = :member");
        key.bind(":member", member_id);
        journal(db, by, {.event = "bounces-forgotten", .list_id = {}, .address = key.step() ? key.text(0) : "", .detail = ""});
    }
    transaction.commit();
    return gone > 0;
}

std::vector<BounceState> due_bounce_states(Database& db, std::int64_t now, std::size_t limit)
{
    auto rows = db.prepared(
        "SELECT member_id, state, points, day, day_points, last_at, list_id, probe_delivery, warnings, since, next_at "
        "FROM bounce_state WHERE next_at > 0 AND next_at <= :now ORDER BY next_at LIMIT :limit");
    rows.bind(":now", now).bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<BounceState> all;
    while (rows.step()) all.push_back(state_of(rows));
    return all;
}

std::vector<BouncingMember> bouncing_members(Database& db, std::optional<std::int64_t> list_id, std::size_t limit)
{
    auto rows = db.prepared(
        "SELECT s.member_id, s.state, s.points, s.day, s.day_points, s.last_at, s.list_id, s.probe_delivery, s.warnings, "
        "s.since, "
        "s.next_at, m.address, coalesce(l.name, '') FROM bounce_state s JOIN member m ON m.id = s.member_id "
        "LEFT JOIN list l ON l.id = s.list_id WHERE :list IS NULL OR EXISTS (WITH RECURSIVE tree (id) AS (SELECT :list UNION ALL "
        "SELECT list.id FROM list JOIN tree ON list.parent_id = tree.id) SELECT 1 FROM subscription "
        "WHERE subscription.member_id = s.member_id AND subscription.list_id IN tree) "
        "ORDER BY s.state = 'suspended' DESC, s.points DESC, s.member_id LIMIT :limit");
    rows.bind(":list", list_id).bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<BouncingMember> all;
    while (rows.step()) all.push_back({state_of(rows), rows.text(11), rows.text(12)});
    return all;
}

std::vector<MissedPost> missed_posts(Database& db, std::int64_t member_id, std::int64_t since, std::size_t limit)
{
    // From his lists upwards: what is posted above a section reaches it.
    auto rows = db.prepared(
        "WITH RECURSIVE mine (id) AS (SELECT list_id FROM subscription WHERE member_id = :member AND mode <> 'none' "
        "UNION SELECT list.parent_id FROM list JOIN mine ON list.id = mine.id WHERE list.parent_id IS NOT NULL) "
        "SELECT list.name, post.subject, post.message_id, post_list.decided_at FROM mine "
        "CROSS JOIN post_list ON post_list.list_id = mine.id JOIN post ON post.id = post_list.post_id JOIN list ON list.id = "
        "mine.id "
        "WHERE post_list.id > :first AND post_list.verdict = 'accepted' AND post_list.decided_at >= :since "
        "GROUP BY post.id ORDER BY post_list.decided_at LIMIT :limit");
    rows.bind(":member", member_id).bind(":since", since).bind(":limit", static_cast<std::int64_t>(limit));
    rows.bind(":first", first_decided_since(db, since));
    std::vector<MissedPost> all;
    while (rows.step()) all.push_back({rows.text(0), rows.text(1), rows.text(2), rows.integer(3)});
    return all;
}

std::vector<BounceNews> bounce_news(Database& db, std::int64_t since, std::int64_t until, std::size_t limit)
{
    auto rows = db.prepared(
        "SELECT journal.event, journal.list_id, journal.address FROM journal CROSS JOIN list ON list.id = journal.list_id "
        "WHERE journal.id > :first AND journal.at >= :since AND journal.at < :until "
        "AND journal.event IN ('bounce-suspended', 'bounce-removed') ORDER BY journal.id LIMIT :limit");
    rows.bind(":first", first_journalled_since(db, since - clocks_differ)).bind(":since", since).bind(":until", until);
    rows.bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<BounceNews> all;
    while (rows.step()) all.push_back({rows.text(0), rows.integer(1), rows.text(2)});
    return all;
}

std::vector<std::int64_t> deliveries_of_message(Database& db, std::string_view message_id)
{
    auto rows = db.prepared(
        "SELECT delivery.id FROM post JOIN delivery ON delivery.post_id = post.id WHERE post.message_id = :id "
        "ORDER BY delivery.id DESC LIMIT 20");
    rows.bind(":id", message_id);
    std::vector<std::int64_t> ids;
    while (rows.step()) ids.push_back(rows.integer(0));
    return ids;
}

}  // namespace majlis::store
