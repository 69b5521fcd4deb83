#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"

/// What came back, and what is held against a member for it. Points are kept in halves: a hard bounce weighs 2, a soft one 1.
namespace majlis::store {

enum class BounceSource { token, report, relay };

struct NewBounce {
    std::int64_t member_id = 0;
    std::optional<std::int64_t> list_id, delivery_id;
    int weight = 0;  ///< half points; 0: nobody's fault
    std::string cause, status, text;
    BounceSource source = BounceSource::report;
};
void add_bounce(Database& db, const NewBounce& bounce, std::int64_t now);

struct Bounce {
    std::int64_t id = 0, member_id = 0;
    std::optional<std::int64_t> list_id, delivery_id;
    std::string state, cause, status, text, source;
    int weight = 0, points = 0;
    std::int64_t at = 0;
};
/// What nobody has looked at yet and came until `until`, oldest first.
std::vector<Bounce> new_bounces(Database& db, std::int64_t until, std::size_t limit);
/// Newest first.
std::vector<Bounce> bounces_of(Database& db, std::int64_t member_id, std::size_t limit);
void settle_bounce(Database& db, std::int64_t id, int points);
/// Not counted, and why.
void waive_bounce(Database& db, std::int64_t id, std::string_view why);

/// Members whose copy of a delivery failed, whoever is to blame; reads at most `limit` rows.
std::int64_t members_failed(Database& db, std::int64_t delivery_id, std::int64_t limit);
/// What the other side said of the delivery's newest failure, for people; "" where nothing is known.
std::string latest_failure(Database& db, std::int64_t delivery_id);
/// Takes back what the bounces of a delivery added, where the member's delivery still goes on; how many bounces.
std::int64_t waive_delivery(Database& db, std::int64_t delivery_id, std::string_view why);

enum class BounceStage { counting, probing, suspended };
std::string_view stage_name(BounceStage stage);

struct BounceState {
    std::int64_t member_id = 0;
    BounceStage stage = BounceStage::counting;
    int points = 0, day_points = 0;
    std::int64_t day = 0, last_at = 0;
    std::optional<std::int64_t> list_id, probe_delivery;
    int warnings = 0;
    std::int64_t since = 0, next_at = 0;
};
std::optional<BounceState> bounce_state(Database& db, std::int64_t member_id);
/// Also sets whether the member is written to at all.
void put_bounce_state(Database& db, const BounceState& state);
/// Nothing is held against him any more. False when nothing was.
bool forget_bounces(Database& db, std::int64_t member_id, const By& by);
std::vector<BounceState> due_bounce_states(Database& db, std::int64_t now, std::size_t limit);

struct BouncingMember {
    BounceState state;
    std::string address, list;
};
/// Suspended first, then by points; of a list and those below it, or of all.
std::vector<BouncingMember> bouncing_members(Database& db, std::optional<std::int64_t> list_id, std::size_t limit);

/// A post that a member missed while his delivery was off.
struct MissedPost {
    std::string list, subject, message_id;
    std::int64_t at = 0;
};
/// Accepted since then on lists that he receives, oldest first.
std::vector<MissedPost> missed_posts(Database& db, std::int64_t member_id, std::int64_t since, std::size_t limit);

/// What the journal tells of members whose mail was switched off (bounce-suspended) or who were removed (bounce-removed).
struct BounceNews {
    std::string event;
    std::int64_t list_id = 0;
    std::string address;  ///< key
};
/// From `since` on, before `until`, oldest first. Lists that are gone have none.
std::vector<BounceNews> bounce_news(Database& db, std::int64_t since, std::int64_t until, std::size_t limit);

/// Deliveries of posts and notices with this Message-ID: for reports without a token. Newest first, at most 20.
std::vector<std::int64_t> deliveries_of_message(Database& db, std::string_view message_id);

}  // namespace majlis::store
