#include "core/store/status.hpp"

#include "core/text/printable.hpp"

namespace majlis::store {

bool tell_once(Database& db, std::string_view subject, std::int64_t now, std::int64_t again_after)
{
    auto upsert = db.prepared(
        "INSERT INTO told (subject, at) VALUES (:subject, :now) ON CONFLICT (subject) DO UPDATE SET at = excluded.at "
        "WHERE :again > 0 AND told.at + :again <= excluded.at");
    return upsert.bind(":subject", subject).bind(":now", now).bind(":again", again_after).run() != 0;
}

bool forget_told(Database& db, std::string_view subject)
{
    return db.prepared("DELETE FROM told WHERE subject = :subject").bind(":subject", subject).run() != 0;
}

std::optional<std::int64_t> told_at(Database& db, std::string_view subject)
{
    auto row = db.prepared("SELECT at FROM told WHERE subject = :subject");
    row.bind(":subject", subject);
    return row.step() ? std::optional{row.integer(0)} : std::nullopt;
}

void daemon_started(Database& db, std::int64_t pid, std::string_view version, std::int64_t now)
{
    auto replace = db.prepared(
        "INSERT OR REPLACE INTO daemon (id, pid, version, started_at, seen_at, state) "
        "VALUES (1, :pid, :version, :now, :now, 'starting')");
    replace.bind(":pid", pid).bind(":version", version).bind(":now", now).run();
}

void daemon_seen(Database& db, std::string_view state, std::int64_t now)
{
    db.prepared("UPDATE daemon SET state = :state, seen_at = :now WHERE id = 1").bind(":state", state).bind(":now", now).run();
}

std::optional<DaemonState> daemon_state(Database& db)
{
    auto row = db.prepared("SELECT pid, version, started_at, seen_at, state FROM daemon WHERE id = 1");
    if (!row.step()) return std::nullopt;
    return DaemonState{row.integer(0), row.text(1), row.integer(2), row.integer(3), row.text(4)};
}

void inbox_state(Database& db, std::int64_t inbox_id, std::string_view state, Contact contact, std::string_view error,
                 std::int64_t now)
{
    auto update = db.prepared(
        "UPDATE inbox SET state = :state, state_at = iif(state = :state AND state_at IS NOT NULL, state_at, :now), last_ok_at = "
        "iif(:ok, :now, last_ok_at), "
        "last_error = iif(:error = '', last_error, :error) WHERE id = :id");
    update.bind(":state", state).bind(":ok", std::int64_t{contact == Contact::made ? 1 : 0});
    update.bind(":error", text::printable(error, 500)).bind(":now", now).bind(":id", inbox_id).run();
}

std::vector<InboxState> inbox_states(Database& db)
{
    auto rows = db.prepared(
        "SELECT name, state, coalesce(last_error, ''), coalesce(state_at, 0), coalesce(last_ok_at, 0) FROM inbox ORDER BY name");
    std::vector<InboxState> states;
    while (rows.step()) states.push_back({rows.text(0), rows.text(1), rows.text(2), rows.integer(3), rows.integer(4)});
    return states;
}

}  // namespace majlis::store
