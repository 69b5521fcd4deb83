#include <algorithm>

#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/store/member_rows.hpp"
#include "core/store/recipients.hpp"

namespace majlis::store {
namespace {

std::optional<Mode> mode_on(Database& db, std::int64_t list_id, std::int64_t member_id)
{
    auto row = db.prepared("SELECT mode FROM subscription WHERE list_id = :list AND member_id = :member");
    if (!row.bind(":list", list_id).bind(":member", member_id).step()) return std::nullopt;
    return mode_named(row.text(0));
}

std::string key_of(Database& db, std::int64_t member_id)
{
    const auto member = find_member(db, member_id);
    return member ? member->address_key : std::string{};
}

/// What the subscription was until this tick, for deliveries that were accepted before.
void keep_past(Database& db, std::int64_t list_id, std::int64_t member_id, std::int64_t tick, std::int64_t now)
{
    auto past = db.prepared(
        "INSERT INTO subscription_past (list_id, member_id, mode, since, until, ended_at) "
        "SELECT list_id, member_id, mode, since, :tick, :now FROM subscription WHERE list_id = :list AND member_id = :member");
    past.bind(":tick", tick).bind(":now", now).bind(":list", list_id).bind(":member", member_id).run();
}

/// Whether the member's place in the delivery has an outcome: he has been passed.
bool passed(Database& db, std::int64_t delivery_id, std::int64_t member_id)
{
    auto row = db.prepared(
        "SELECT done_id >= :member FROM delivery_range WHERE delivery_id = :delivery AND first_id < :member "
        "ORDER BY first_id DESC LIMIT 1");
    row.bind(":delivery", delivery_id).bind(":member", member_id);
    return row.step() && row.integer(0) != 0;
}

std::vector<std::int64_t> open_deliveries_to(Database& db, std::int64_t list_id, std::int64_t member_id)
{
    auto rows = db.prepared(
        "SELECT d.id FROM delivery d WHERE d.state IN ('active', 'held') AND d.last_member_id >= :member AND EXISTS "
        "(SELECT 1 FROM delivery_list dl WHERE dl.delivery_id = d.id AND dl.list_id = :list)");
    rows.bind(":member", member_id).bind(":list", list_id);
    std::vector<std::int64_t> ids;
    while (rows.step()) ids.push_back(rows.integer(0));
    return ids;
}

}  // namespace

std::int64_t next_tick(Database& db)
{
    auto row = db.prepared("UPDATE membership_clock SET tick = tick + 1 WHERE id = 1 RETURNING tick");
    if (!row.step()) throw DatabaseError{"the database has lost its membership clock; run 'majlis db check'"};
    const auto tick = row.integer(0);
    row.run();
    return tick;
}

void note_leaving(Database& db, std::int64_t member_id, std::int64_t list_id)
{
    for (const auto delivery : open_deliveries_to(db, list_id, member_id)) {
        if (passed(db, delivery, member_id)) continue;
        const auto scope = load_scope(db, delivery);
        if (recipient_mode(db, scope, member_id) == Mode::each) continue;
        // Where digests have been through this delivery, or a run just goes through it, the next one has to come back for him.
        auto skip = db.prepared(
            "INSERT OR IGNORE INTO delivery_skip (delivery_id, member_id, digest_id) SELECT :delivery, :member, iif(:delivery <= "
            "max((SELECT coalesce(max(delivery_id), 0) FROM digest_clock WHERE kind <> 'full'), "
            "(SELECT coalesce(max(delivery_id), 0) FROM digest_run WHERE state = 'open'), "
            "(SELECT coalesce(max(delivery_id), 0) FROM digest_mark WHERE member_id = :member)), "
            "(SELECT max(id) + 1 FROM delivery), 0)");
        skip.bind(":delivery", delivery).bind(":member", member_id).run();
    }
}

Answer<Added> add_member(Database& db, std::int64_t list_id, const NewSubscription& order, const By& by)
{
    Transaction transaction{db};
    if (!find_list(db, list_id)) return text::Problem{"there is no such list"};
    const auto known = find_member(db, std::string_view{order.address.key()});
    if (known)
        if (const auto mode = mode_on(db, list_id, known->id)) return Added{known->id, Added::Kind::already, *mode};
    const auto member = member_for_subscription(db, order, by);
    if (!member) return member.error();
    auto insert = db.prepared(
        "INSERT INTO subscription (list_id, member_id, mode, joined, since, joined_at) "
        "VALUES (:list, :member, :mode, :tick, :tick, :now)");
    insert.bind(":list", list_id).bind(":member", *member).bind(":mode", mode_name(order.mode));
    insert.bind(":tick", next_tick(db)).bind(":now", by.at).run();
    journal(db, by, {"member-added", list_id, order.address.key(), std::string{mode_name(order.mode)}});
    if (order.mode != Mode::each) note_leaving(db, *member, list_id);  // a row on a list above may mute one below
    transaction.commit();
    return Added{*member, Added::Kind::added, order.mode};
}

bool remove_member(Database& db, std::int64_t list_id, std::int64_t member_id, const By& by)
{
    Transaction transaction{db};
    if (!mode_on(db, list_id, member_id)) return false;
    keep_past(db, list_id, member_id, next_tick(db), by.at);
    auto remove = db.prepared("DELETE FROM subscription WHERE list_id = :list AND member_id = :member");
    remove.bind(":list", list_id).bind(":member", member_id).run();
    journal(db, by, {"member-removed", list_id, key_of(db, member_id), ""});
    note_leaving(db, member_id, list_id);
    transaction.commit();
    return true;
}

bool set_mode(Database& db, std::int64_t list_id, std::int64_t member_id, Mode mode, const By& by)
{
    Transaction transaction{db};
    const auto before = mode_on(db, list_id, member_id);
    if (!before) return false;
    if (*before == mode) return true;
    const auto tick = next_tick(db);
    keep_past(db, list_id, member_id, tick, by.at);
    auto update =
        db.prepared("UPDATE subscription SET mode = :mode, since = :tick WHERE list_id = :list AND member_id = :member");
    update.bind(":mode", mode_name(mode)).bind(":tick", tick).bind(":list", list_id).bind(":member", member_id).run();
    journal(db, by,
            {"member-mode", list_id, key_of(db, member_id),
             std::string{mode_name(*before)} + " is now " + std::string{mode_name(mode)}});
    note_leaving(db, member_id, list_id);
    transaction.commit();
    return true;
}

std::vector<Subscription> subscriptions_of(Database& db, std::int64_t member_id)
{
    auto rows = db.prepared(
        "SELECT s.list_id, l.name, s.mode, s.joined_at FROM subscription s JOIN list l ON l.id = s.list_id "
        "WHERE s.member_id = :member ORDER BY s.list_id");
    rows.bind(":member", member_id);
    std::vector<Subscription> found;
    while (rows.step())
        found.push_back({rows.integer(0), rows.text(1), mode_named(rows.text(2)).value_or(Mode::none), rows.integer(3)});
    return found;
}

}  // namespace majlis::store
