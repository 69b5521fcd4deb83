#include "core/store/relays.hpp"

#include <limits>
#include <optional>

#include "core/store/journal.hpp"

namespace majlis::store {
namespace {

constexpr std::int64_t for_ever = std::numeric_limits<std::int64_t>::max();

std::string in_words(std::string_view relay) { return relay == other_relays ? "every relay" : std::string{relay}; }

std::optional<RelayState> known_state(Database& db, std::string_view relay)
{
    auto row = db.prepared(
        "SELECT name, paused_until, paused_by, failures, last_error, coalesce(last_ok_at, 0), pace FROM relay WHERE name = "
        ":name");
    if (!row.bind(":name", relay).step()) return std::nullopt;
    return RelayState{row.text(0), row.integer(1), row.text(2), row.integer(3), row.text(4), row.integer(5), row.integer(6)};
}

}  // namespace

RelayState relay_state(Database& db, std::string_view relay)
{
    if (auto known = known_state(db, relay)) return *known;
    RelayState unknown = known_state(db, other_relays).value_or(RelayState{});
    unknown.name = relay;
    return unknown;
}

void relay_failed(Database& db, std::string_view relay, std::string_view error, std::int64_t until, std::int64_t now)
{
    auto mark = db.prepared(
        "INSERT INTO relay (name, paused_until, paused_by, failures, last_error, updated_at) VALUES (:name, :until, 'failure', "
        "1, :error, :now) "
        "ON CONFLICT (name) DO UPDATE SET failures = failures + 1, last_error = :error, updated_at = :now, "
        "paused_until = CASE WHEN paused_by = 'operator' THEN paused_until ELSE :until END, "
        "paused_by = CASE WHEN paused_by = 'operator' THEN 'operator' ELSE 'failure' END");
    mark.bind(":name", relay).bind(":until", until).bind(":error", error).bind(":now", now).run();
}

void relay_worked(Database& db, std::string_view relay, std::int64_t now)
{
    auto mark = db.prepared(
        "INSERT INTO relay (name, last_ok_at, updated_at) VALUES (:name, :now, :now) "
        "ON CONFLICT (name) DO UPDATE SET failures = 0, last_ok_at = :now, updated_at = :now, "
        "paused_until = CASE WHEN paused_by = 'operator' THEN paused_until ELSE 0 END, "
        "paused_by = CASE WHEN paused_by = 'operator' THEN 'operator' ELSE '' END");
    mark.bind(":name", relay).bind(":now", now).run();
}

void relay_pace(Database& db, std::string_view relay, std::int64_t pace, std::int64_t now)
{
    auto note = db.prepared(
        "INSERT INTO relay (name, pace, updated_at) VALUES (:name, :pace, :now) "
        "ON CONFLICT (name) DO UPDATE SET pace = :pace, updated_at = :now");
    note.bind(":name", relay).bind(":pace", pace).bind(":now", now).run();
}

void pause_relay(Database& db, std::string_view relay, std::string_view actor, std::int64_t now)
{
    Transaction transaction{db};
    auto mark = db.prepared(
        "INSERT INTO relay (name, paused_until, paused_by, updated_at) VALUES (:name, :until, 'operator', :now) "
        "ON CONFLICT (name) DO UPDATE SET paused_until = :until, paused_by = 'operator', updated_at = :now");
    mark.bind(":name", relay).bind(":until", for_ever).bind(":now", now).run();
    journal(db, {std::string{actor}, now}, {.event = "relay-paused", .list_id = {}, .address = {}, .detail = in_words(relay)});
    transaction.commit();
}

bool resume_relay(Database& db, std::string_view relay, std::string_view actor, std::int64_t now)
{
    Transaction transaction{db};
    // Its own row, also where it rests with the others.
    const bool resumed = relay_state(db, relay).paused_until > 0;
    auto mark = db.prepared(
        "INSERT INTO relay (name, updated_at) VALUES (:name, :now) ON CONFLICT (name) DO UPDATE SET paused_until = 0, "
        "paused_by = '', failures = 0, updated_at = :now");
    if (resumed) mark.bind(":name", relay).bind(":now", now).run();
    if (resumed)
        journal(db, {std::string{actor}, now},
                {.event = "relay-resumed", .list_id = {}, .address = {}, .detail = in_words(relay)});
    transaction.commit();
    return resumed;
}

void pause_every_relay(Database& db, std::string_view actor, std::int64_t now)
{
    Transaction transaction{db};
    auto mark = db.prepared("UPDATE relay SET paused_until = :until, paused_by = 'operator', updated_at = :now");
    mark.bind(":until", for_ever).bind(":now", now).run();
    pause_relay(db, other_relays, actor, now);
    transaction.commit();
}

void resume_every_relay(Database& db, std::string_view actor, std::int64_t now)
{
    Transaction transaction{db};
    resume_relay(db, other_relays, actor, now);
    // One that rests after a failure was not paused by anybody.
    auto mark = db.prepared(
        "UPDATE relay SET paused_until = 0, paused_by = '', failures = 0, updated_at = :now WHERE paused_by = 'operator'");
    mark.bind(":now", now).run();
    transaction.commit();
}

std::vector<Usage> relay_usage(Database& db, std::string_view relay, std::int64_t from_minute)
{
    std::vector<Usage> found;
    auto rows = db.prepared(
        "SELECT minute, recipients, messages FROM relay_usage WHERE relay = :relay AND minute >= :from ORDER BY minute");
    rows.bind(":relay", relay).bind(":from", from_minute);
    while (rows.step()) found.push_back({rows.integer(0), rows.integer(1), rows.integer(2)});
    return found;
}

void reserve_usage(Database& db, std::string_view relay, std::int64_t now, std::int64_t recipients, std::int64_t messages)
{
    auto add = db.prepared(
        "INSERT INTO relay_usage (relay, minute, recipients, messages) VALUES (:relay, :minute, max(0, :recipients), max(0, "
        ":messages)) "
        "ON CONFLICT (relay, minute) DO UPDATE SET recipients = max(0, recipients + :recipients), messages = max(0, messages + "
        ":messages)");
    add.bind(":relay", relay).bind(":minute", now / 60).bind(":recipients", recipients).bind(":messages", messages).run();
}

}  // namespace majlis::store
