#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include "core/letters/answering.hpp"
#include "core/letters/site_face.hpp"
#include "core/store/database.hpp"

/// What follows from held posts without anybody's word: the moderators hear of them, senders hear what became of theirs, and what
/// nobody decided expires. Driven by the daemon in small steps; what is to be done stands in the database alone.
namespace majlis::moderation {

struct SweepContext {
    SiteFace site;
    Ourselves ourselves;
    bool trusts_a_server = false;             ///< [authentication] names one: then only a proven sender is written to
    std::string timezone = "UTC";             ///< IANA name, for the daily summary
    std::chrono::minutes summary_at{8 * 60};  ///< since midnight there
};

struct Swept {
    std::size_t steps = 0;    ///< posts and moderators dealt with; 0: nothing is left to do now
    std::size_t letters = 0;  ///< put into the outbox
};

/// Letters to the moderators about posts that were held, and to senders about posts that were held or rejected. At most `limit`
/// steps, each a transaction of its own.
Swept tell(store::Database& db, const SweepContext& context, std::int64_t now, std::size_t limit);

/// The expiry of what was held too long, and the moderators' summaries. The same.
Swept tidy(store::Database& db, const SweepContext& context, std::int64_t now, std::size_t limit);

}  // namespace majlis::moderation
