#include "core/store/deliveries.hpp"

#include "core/store/content.hpp"
#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/store/recipients.hpp"

namespace majlis::store {
namespace {

/// Records a target with the tree below it, or alone where its posts go to its own subscribers only.
void record_target(Database& db, std::int64_t delivery_id, std::int64_t list_id)
{
    const bool tree = settings_of(db, list_id).reach == Reach::tree;
    auto insert =
        db.prepared(tree ? "INSERT INTO delivery_list (delivery_id, target_id, list_id, parent_id) "
                           "WITH RECURSIVE below (id, parent) AS (SELECT ?2, NULL UNION ALL "
                           "SELECT l.id, l.parent_id FROM list l JOIN below b ON l.parent_id = b.id) "
                           "SELECT ?1, ?2, id, parent FROM below"
                         : "INSERT INTO delivery_list (delivery_id, target_id, list_id, parent_id) VALUES (?1, ?2, ?2, NULL)");
    insert->bind(1, delivery_id);
    insert->bind(2, list_id);
    insert->exec();
}

std::int64_t insert_delivery(Database& db, std::string_view kind, std::optional<std::int64_t> post_id, std::int64_t content_id,
                             std::optional<std::int64_t> list_id, Priority priority, std::int64_t now)
{
    auto insert = db.prepared(
        "INSERT INTO delivery (kind, post_id, content_id, list_id, priority, state, tick, last_member_id, created_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, 'active', (SELECT tick FROM membership_clock), "
        "CASE WHEN ?1 = 'post' THEN (SELECT coalesce(max(id), 0) FROM member) ELSE 0 END, ?6)");
    insert->bind(1, std::string{kind});
    if (post_id) insert->bind(2, *post_id);
    insert->bind(3, content_id);
    if (list_id) insert->bind(4, *list_id);
    insert->bind(5, static_cast<int>(priority));
    insert->bind(6, now);
    insert->exec();
    return db.last_id();
}

bool set_state(Database& db, std::int64_t delivery_id, std::string_view from, std::string_view to, std::string_view reason)
{
    auto move =
        db.prepared("UPDATE delivery SET state = ?3, reason = ?4, owner_told = 0 WHERE id = ?1 AND state = ?2 RETURNING id");
    move->bind(1, delivery_id);
    move->bind(2, std::string{from});
    move->bind(3, std::string{to});
    move->bind(4, std::string{reason});
    return move->executeStep();
}

void move_rows(Database& db, std::int64_t delivery_id, std::string_view from, std::string_view to)
{
    auto move = db.prepared("UPDATE delivery_recipient SET state = ?3, waits_for = '' WHERE delivery_id = ?1 AND state = ?2");
    move->bind(1, delivery_id);
    move->bind(2, std::string{from});
    move->bind(3, std::string{to});
    move->exec();
}

void journal_delivery(Database& db, std::string_view event, std::string_view actor, std::int64_t delivery_id,
                      std::string_view detail, std::int64_t now)
{
    const auto text = "delivery " + std::to_string(delivery_id) + (detail.empty() ? "" : ": ") + std::string{detail};
    journal(db, {std::string{actor}, now}, {.event = std::string{event}, .list_id = std::nullopt, .address = {}, .detail = text});
}

// A macro, because the three statements that share it must be literals.
#define MAJLIS_SELECT_DELIVERY                                                                                              \
    "SELECT d.id, d.kind, d.state, d.reason, coalesce(p.subject, ''), coalesce(p.message_id, ''), coalesce(p.sender, ''), " \
    "d.created_at, coalesce(d.first_sent_at, 0), coalesce(d.finished_at, 0), d.accepted, d.failed, d.next_member_id, "      \
    "d.last_member_id, d.priority FROM delivery d LEFT JOIN post p ON p.id = d.post_id "

DeliveryInfo read_info(SQLite::Statement& row)
{
    DeliveryInfo info;
    info.id = row.getColumn(0).getInt64();
    info.kind = row.getColumn(1).getString();
    info.state = row.getColumn(2).getString();
    info.reason = row.getColumn(3).getString();
    info.subject = row.getColumn(4).getString();
    info.message_id = row.getColumn(5).getString();
    info.sender = row.getColumn(6).getString();
    info.created_at = row.getColumn(7).getInt64();
    info.first_sent_at = row.getColumn(8).getInt64();
    info.finished_at = row.getColumn(9).getInt64();
    info.accepted = row.getColumn(10).getInt64();
    info.failed = row.getColumn(11).getInt64();
    info.next_member_id = row.getColumn(12).getInt64();
    info.last_member_id = row.getColumn(13).getInt64();
    info.priority = static_cast<Priority>(row.getColumn(14).getInt());
    return info;
}

void complete_info(Database& db, DeliveryInfo& info)
{
    auto lists = db.prepared(
        "SELECT name FROM list WHERE id IN (SELECT target_id FROM delivery_list WHERE delivery_id = ?1 "
        "UNION SELECT list_id FROM delivery WHERE id = ?1) ORDER BY name");
    lists->bind(1, info.id);
    while (lists->executeStep()) info.lists.push_back(lists->getColumn(0).getString());
    auto open = db.prepared(
        "SELECT count(*), coalesce(min(iif(waits_for = '', next_attempt_at, NULL)), 0), count(nullif(waits_for, '')), "
        "coalesce(max(iif(waits_for = '', next_attempt_at, NULL)), 0) FROM delivery_recipient "
        "WHERE delivery_id = ?1 AND state IN ('deferred', 'waiting')");
    open->bind(1, info.id);
    open->executeStep();
    info.deferred = open->getColumn(0).getInt64();
    info.next_attempt_at = open->getColumn(1).getInt64();
    info.limited = open->getColumn(2).getInt64();
    info.last_attempt_at = open->getColumn(3).getInt64();
}

}  // namespace

std::int64_t start_delivery(Database& db, std::int64_t post_id, std::int64_t content_id, std::span<const std::int64_t> list_ids,
                            std::int64_t now)
{
    const auto id = insert_delivery(db, "post", post_id, content_id, std::nullopt, Priority::post, now);
    for (const auto list : list_ids) record_target(db, id, list);
    finish_if_done(db, id, now);  // without any member there is nothing to do
    return id;
}

std::int64_t queue_notice(Database& db, const NoticeOrder& order, std::int64_t now)
{
    const auto content = insert_content(db, order.bytes, now);
    const auto id = insert_delivery(db, "notice", std::nullopt, content, order.list_id, order.priority, now);
    for (const auto& address : order.addresses) {
        auto insert = db.prepared(
            "INSERT OR IGNORE INTO delivery_recipient (delivery_id, member_id, address, list_id, priority, state, "
            "next_attempt_at, updated_at) "
            "VALUES (?1, 0, ?2, ?3, ?4, 'deferred', ?5, ?5)");
        insert->bind(1, id);
        insert->bind(2, address);
        if (order.list_id) insert->bind(3, *order.list_id);
        insert->bind(4, static_cast<int>(order.priority));
        insert->bind(5, now);
        insert->exec();
    }
    finish_if_done(db, id, now);
    return id;
}

bool finish_if_done(Database& db, std::int64_t delivery_id, std::int64_t now)
{
    auto finish = db.prepared(
        "UPDATE delivery SET state = 'done', reason = '', finished_at = ?2 WHERE id = ?1 AND state = 'active' AND next_member_id "
        ">= "
        "last_member_id "
        "AND NOT EXISTS (SELECT 1 FROM delivery_range WHERE delivery_id = ?1 AND done_id < last_id) "
        "AND NOT EXISTS (SELECT 1 FROM delivery_recipient WHERE delivery_id = ?1 AND state IN ('deferred', 'waiting')) RETURNING "
        "id");
    finish->bind(1, delivery_id);
    finish->bind(2, now);
    return finish->executeStep();
}

void delivery_waits(Database& db, std::int64_t delivery_id, std::string_view reason)
{
    auto note = db.prepared("UPDATE delivery SET reason = ?2 WHERE id = ?1 AND state = 'active'");
    note->bind(1, delivery_id);
    note->bind(2, std::string{reason});
    note->exec();
}

bool hold_delivery(Database& db, std::int64_t delivery_id, std::string_view reason, std::string_view actor, std::int64_t now)
{
    Transaction transaction{db};
    const bool held = set_state(db, delivery_id, "active", "held", reason);
    if (held) {
        move_rows(db, delivery_id, "deferred", "waiting");
        journal_delivery(db, "delivery-held", actor, delivery_id, reason, now);
    }
    transaction.commit();
    return held;
}

bool resume_delivery(Database& db, std::int64_t delivery_id, std::string_view actor, std::int64_t now)
{
    Transaction transaction{db};
    const bool resumed = set_state(db, delivery_id, "held", "active", "");
    if (resumed) {
        move_rows(db, delivery_id, "waiting", "deferred");
        journal_delivery(db, "delivery-resumed", actor, delivery_id, "", now);
        finish_if_done(db, delivery_id, now);
    }
    transaction.commit();
    return resumed;
}

bool drop_delivery(Database& db, std::int64_t delivery_id, std::string_view actor, std::int64_t now)
{
    Transaction transaction{db};
    const bool dropped = set_state(db, delivery_id, "active", "dropped", "") || set_state(db, delivery_id, "held", "dropped", "");
    if (dropped) {
        auto rows = db.prepared(
            "UPDATE delivery_recipient SET state = 'dropped', updated_at = ?2 "
            "WHERE delivery_id = ?1 AND state IN ('deferred', 'waiting')");
        rows->bind(1, delivery_id);
        rows->bind(2, now);
        rows->exec();
        auto end = db.prepared("UPDATE delivery SET finished_at = ?2, owner_told = 1 WHERE id = ?1");
        end->bind(1, delivery_id);
        end->bind(2, now);
        end->exec();
        journal_delivery(db, "delivery-dropped", actor, delivery_id, "", now);
    }
    transaction.commit();
    return dropped;
}

std::int64_t retry_now(Database& db, std::optional<std::int64_t> delivery_id, std::string_view actor, std::int64_t now)
{
    Transaction transaction{db};
    auto rows =
        db.prepared(delivery_id ? "UPDATE delivery_recipient SET next_attempt_at = ?1 "
                                  "WHERE delivery_id = ?2 AND state = 'deferred' AND waits_for = '' AND next_attempt_at > ?1"
                                : "UPDATE delivery_recipient SET next_attempt_at = ?1 "
                                  "WHERE state = 'deferred' AND waits_for = '' AND priority BETWEEN 0 AND 3 AND "
                                  "next_attempt_at > ?1");
    rows->bind(1, now);
    if (delivery_id) rows->bind(2, *delivery_id);
    const std::int64_t count = rows->exec();
    journal(db, {std::string{actor}, now},
            {.event = "queue-retried", .list_id = std::nullopt, .address = {}, .detail = std::to_string(count) + " recipients"});
    transaction.commit();
    return count;
}

std::vector<DeliveryInfo> list_deliveries(Database& db, Which which, std::size_t limit)
{
    std::vector<DeliveryInfo> found;
    {
        auto rows = db.prepared(which == Which::open ? MAJLIS_SELECT_DELIVERY
                                    "WHERE d.state IN ('active', 'held') ORDER BY d.id DESC LIMIT ?1"
                                                     : MAJLIS_SELECT_DELIVERY "ORDER BY d.id DESC LIMIT ?1");
        rows->bind(1, static_cast<std::int64_t>(limit));
        while (rows->executeStep()) found.push_back(read_info(*rows));
    }
    for (auto& info : found) complete_info(db, info);
    return found;
}

std::optional<DeliveryInfo> find_delivery(Database& db, std::int64_t id)
{
    auto row = db.prepared(MAJLIS_SELECT_DELIVERY "WHERE d.id = ?1");
    row->bind(1, id);
    if (!row->executeStep()) return std::nullopt;
    auto info = read_info(*row);
    complete_info(db, info);
    return info;
}

std::optional<DeliverySource> delivery_source(Database& db, std::int64_t delivery_id)
{
    auto row = db.prepared(
        "SELECT d.content_id, d.kind, p.sender, p.sender_name, p.message_id FROM delivery d LEFT JOIN post p ON p.id = d.post_id "
        "WHERE d.id = "
        ":id");
    row.bind(":id", delivery_id);
    if (!row.step()) return std::nullopt;
    return DeliverySource{row.integer(0), row.text(1) == "notice", row.text(2), row.text(3), row.text(4)};
}

namespace {

std::vector<RecipientInfo> read_recipients(Prepared rows, std::int64_t delivery_id, std::size_t limit)
{
    std::vector<RecipientInfo> found;
    rows.bind(":delivery", delivery_id).bind(":limit", static_cast<std::int64_t>(limit));
    while (rows.step()) {
        RecipientInfo info;
        info.member_id = rows.integer(0);
        info.address = rows.text(1);
        info.state = rows.text(2);
        info.relay = rows.text(3);
        info.status = rows.text(4);
        info.text = rows.text(5);
        info.code = static_cast<int>(rows.integer(6));
        info.attempts = rows.integer(7);
        info.next_attempt_at = rows.integer(8);
        info.updated_at = rows.integer(9);
        info.waits_for = rows.text(10);
        found.push_back(std::move(info));
    }
    return found;
}

#define MAJLIS_SELECT_RECIPIENT                                                                                           \
    "SELECT member_id, address, state, relay, status, text, code, attempts, next_attempt_at, updated_at, waits_for FROM " \
    "delivery_recipient "                                                                                                 \
    "WHERE delivery_id = :delivery "

}  // namespace

std::vector<RecipientInfo> delivery_recipients(Database& db, std::int64_t delivery_id, std::size_t limit)
{
    return read_recipients(db.prepared(MAJLIS_SELECT_RECIPIENT "ORDER BY member_id LIMIT :limit"), delivery_id, limit);
}

std::vector<RecipientInfo> failed_recipients(Database& db, std::int64_t delivery_id, std::size_t limit)
{
    return read_recipients(
        db.prepared(MAJLIS_SELECT_RECIPIENT "AND state IN ('failed', 'refused', 'expired') ORDER BY member_id LIMIT :limit"),
        delivery_id, limit);
}

std::vector<DeliveryInfo> take_untold(Database& db, std::size_t limit)
{
    std::vector<std::int64_t> ids;
    Transaction transaction{db};
    {
        auto rows = db.prepared(
            "SELECT id FROM delivery WHERE owner_told = 0 AND (failed > 0 OR state = 'held') AND state <> 'active' "
            "AND kind = 'post' ORDER BY id LIMIT ?1");
        rows->bind(1, static_cast<std::int64_t>(limit));
        while (rows->executeStep()) ids.push_back(rows->getColumn(0).getInt64());
    }
    std::vector<DeliveryInfo> told;
    for (const auto id : ids) {
        auto mark = db.prepared("UPDATE delivery SET owner_told = 1 WHERE id = ?1");
        mark->bind(1, id);
        mark->exec();
        told.push_back(find_delivery(db, id).value());
    }
    transaction.commit();
    return told;
}

Scope future_scope(Database& db, std::span<const std::int64_t> list_ids)
{
    std::vector<ScopeLine> lines;
    for (const auto list : list_ids) {
        const bool tree = settings_of(db, list).reach == Reach::tree;
        auto rows = db.prepared(
            "WITH RECURSIVE below (id, parent) AS (SELECT ?1, NULL UNION ALL "
            "SELECT l.id, l.parent_id FROM list l JOIN below b ON l.parent_id = b.id WHERE ?2) SELECT id, parent FROM below");
        rows->bind(1, list);
        rows->bind(2, tree ? 1 : 0);
        while (rows->executeStep()) lines.push_back({list, rows->getColumn(0).getInt64(), rows->getColumn(1).getInt64()});
    }
    auto scope = scope_of(lines);
    scope.tick = scope.last_member_id = INT64_MAX;
    return scope;
}

std::int64_t count_recipients(Database& db, std::span<const std::int64_t> list_ids)
{
    const auto scope = future_scope(db, list_ids);
    std::int64_t count = 0;
    RecipientWalk walk{db};
    for (std::int64_t after = 0; after < scope.last_member_id;) {
        const auto step = walk.step(scope, after, scope.last_member_id, 1'000);
        count += static_cast<std::int64_t>(step.recipients.size());
        after = step.reached;
    }
    return count;
}

}  // namespace majlis::store
