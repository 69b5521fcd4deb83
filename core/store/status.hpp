#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"

/// What the daemon is doing and has told, and the care of the file itself.
namespace majlis::store {

/// True the first time for this subject, and again when `again_after` seconds have passed (0: never again).
bool tell_once(Database& db, std::string_view subject, std::int64_t now, std::int64_t again_after = 0);
/// The trouble is over: the next one is told again. True when it had been told.
bool forget_told(Database& db, std::string_view subject);
/// When it was told last; nullopt: never, or forgotten.
std::optional<std::int64_t> told_at(Database& db, std::string_view subject);

struct DaemonState {
    std::int64_t pid = 0;
    std::string version;
    std::int64_t started_at = 0, seen_at = 0;
    std::string state;  ///< "starting", "running", "stopping", "stopped"
};
void daemon_started(Database& db, std::int64_t pid, std::string_view version, std::int64_t now);
void daemon_seen(Database& db, std::string_view state, std::int64_t now);
/// The last daemon that worked here; whether it lives is what DaemonLock::holder() says.
std::optional<DaemonState> daemon_state(Database& db);

struct InboxState {
    std::string name, state, last_error;
    std::int64_t state_at = 0, last_ok_at = 0;
};
/// Whether the server let us in: the time of that is noted.
enum class Contact { none, made };
/// A state that it was in before keeps its time; `error` "" leaves the last error.
void inbox_state(Database& db, std::int64_t inbox_id, std::string_view state, Contact contact, std::string_view error,
                 std::int64_t now);
std::vector<InboxState> inbox_states(Database& db);

/// How long what is over is kept, in seconds.
struct Keep {
    std::int64_t journal = 400 * 86400;
    std::int64_t usage = 2 * 86400;
    std::int64_t content = 60 * 86400;      ///< of arrivals and deliveries that are done; rows of posts stay without it
    std::int64_t past = 400 * 86400;        ///< ended subscriptions
    std::int64_t arrivals = 90 * 86400;     ///< judged and filed; longer than `content`, so that the same bytes are known again
    std::int64_t requests = 60 * 86400;     ///< that have ended, and expired tokens
    std::int64_t digests = 60 * 86400;      ///< who was given which
    std::int64_t digest_bytes = 8 * 86400;  ///< of those that are delivered
};
/// Removes at most about `limit` rows of what is old; the number removed, 0 when nothing is left to do. One short transaction.
std::int64_t purge_some(Database& db, const Keep& keep, std::int64_t now, std::size_t limit = 500);

/// What was removed is not left in the write-ahead log either, unless somebody reads at the moment.
void empty_write_ahead_log(Database& db);
/// "ok", or the first thing that is wrong; indexes are not compared with their tables.
std::string quick_check(Database& db);

}  // namespace majlis::store
