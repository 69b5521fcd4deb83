#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "core/queue/limits.hpp"

namespace majlis::queue {

/// Limits with what was used of them.
struct Meter {
    std::vector<Limit> limits;
    std::vector<Usage> usage;
    unsigned reserve_percent = 0;
};

/// A relay, as a forecast sees it.
struct Outlet {
    static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();
    Meter meter;
    std::uint64_t per_message = 1;  ///< recipients that share one message
    double pace = 1;                ///< recipients a second, of all its connections
    std::int64_t opens_at = 0;      ///< it rests until then; never: until somebody resumes it
    bool backup = false;            ///< works while all others rest
};

/// What is left to send of one delivery.
struct Load {
    enum class Rank { urgent, post, digest };
    Rank rank = Rank::post;
    std::vector<std::uint64_t> recipients;  ///< [0]: without a limit of their domain; then by the order of `domains`
    std::vector<bool> outlets;              ///< which of them may send it
    std::int64_t not_before = 0;            ///< the last of its deferred recipients is tried again then
};

struct Foresight {
    std::optional<std::int64_t> done_at;  ///< Unix seconds: its last copy will have left; nullopt: nobody can tell, or not at all
    bool beyond = false;                  ///< later than the forecast looks
};

constexpr std::chrono::hours forecast_horizon{90 * 24};

/// When each load will have left, if nothing else comes: rolls the limits of relays and domains forward minute by minute, the
/// urgent first, posts in equal shares, digests after them, each relay at most at its pace.
std::vector<Foresight> forecast(const std::vector<Outlet>& outlets, const std::vector<Meter>& domains,
                                const std::vector<Load>& loads, std::int64_t now);

}  // namespace majlis::queue
