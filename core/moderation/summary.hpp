#pragma once

#include <cstddef>
#include <cstdint>

#include "core/moderation/sweep.hpp"

namespace majlis::moderation {

/// One letter to each moderator who is due one, at most `limit` of them: all that waits, to those who want it daily, at the hour
/// of the summary; what was too much for single letters, an hour after the last summary, to the others. How many.
std::size_t summaries(store::Database& db, const SweepContext& context, std::int64_t now, std::size_t limit);

/// Seconds since midnight, and the day (since 1970), in a time zone; UTC where it is unknown.
struct LocalTime {
    std::int64_t day = 0, second = 0;
};
LocalTime local_time(std::int64_t now, const std::string& timezone);

}  // namespace majlis::moderation
