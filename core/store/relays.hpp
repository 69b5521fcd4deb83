#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"

namespace majlis::store {

/// Names all relays that have no row: whoever pauses every relay also means one that gets another name before majlisd starts.
constexpr std::string_view other_relays{};

/// What is known of a relay across restarts.
struct RelayState {
    std::string name;
    std::int64_t paused_until = 0;  // Unix seconds; 0: not paused; max: until the operator resumes it
    std::string paused_by;          // "", "operator" or "failure"
    std::int64_t failures = 0;      // in a row
    std::string last_error;
    std::int64_t last_ok_at = 0;
    std::int64_t pace = 0;  // recipients in 1,000 seconds while it has work, as last observed; 0: not known
};

/// A relay that was never heard of is paused with other_relays.
RelayState relay_state(Database& db, std::string_view relay);

/// A failure of the relay itself: it rests until `until`. Does not shorten an operator's pause.
void relay_failed(Database& db, std::string_view relay, std::string_view error, std::int64_t until, std::int64_t now);
void relay_worked(Database& db, std::string_view relay, std::int64_t now);
/// How fast it was seen to take mail.
void relay_pace(Database& db, std::string_view relay, std::int64_t pace, std::int64_t now);
void pause_relay(Database& db, std::string_view relay, std::string_view actor, std::int64_t now);
/// True when it was paused.
bool resume_relay(Database& db, std::string_view relay, std::string_view actor, std::int64_t now);
/// All that are known, by whatever name, and other_relays.
void pause_every_relay(Database& db, std::string_view actor, std::int64_t now);
/// The operator's pauses alone: a failing relay goes on resting.
void resume_every_relay(Database& db, std::string_view actor, std::int64_t now);

/// What a relay was asked to take in one minute.
struct Usage {
    std::int64_t minute = 0;  // Unix seconds / 60
    std::int64_t recipients = 0;
    std::int64_t messages = 0;
};
/// Buckets from `from_minute` on, oldest first.
std::vector<Usage> relay_usage(Database& db, std::string_view relay, std::int64_t from_minute);

/// Reserves before the first MAIL; negative numbers give back what was not used. Inside the caller's transaction, if any.
void reserve_usage(Database& db, std::string_view relay, std::int64_t now, std::int64_t recipients, std::int64_t messages);

}  // namespace majlis::store
