#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/bounces/blame.hpp"
#include "core/letters/site_face.hpp"
#include "core/store/lists.hpp"
#include "core/store/members.hpp"

/// What follows from bounces: points, a probe, suspension, warnings, removal. One state a member, over all lists.
namespace majlis::bounces {

/// Keeps what a report says of each member; points are counted by step(). What became of it, for people. Inside the caller's
/// transaction.
std::string take_bounce(store::Database& db, const Report& report, std::int64_t now);

/// When many members fail at one post, it is not they who failed.
struct Breaker {
    std::int64_t share = 20;    ///< percent of those whom it has reached so far
    std::int64_t members = 10;  ///< at least so many
};

struct Step {
    std::size_t done = 0;  ///< bounces and members looked at; 0: nothing to do
    bool wrote = false;    ///< the outbox has something new
};
/// One slice: counts what is new, and does what is due. At most one point a day, soft bounces half a point; forgotten after the
/// list's quiet time. At the threshold a probe is sent first; if that comes back, delivery is off, the member is warned at
/// intervals (a reply is the way back), and after the last one he leaves all lists. One transaction.
Step step(store::Database& db, const SiteFace& site, const Breaker& breaker, std::int64_t now, std::size_t limit);

/// His mail goes out again; tells him what he missed since `since`. Inside the caller's transaction.
void resume(store::Database& db, const SiteFace& site, const store::List& list, const store::Member& member, std::int64_t since,
            const store::By& by);

}  // namespace majlis::bounces
