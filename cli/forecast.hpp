#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "core/config/config.hpp"
#include "core/queue/forecast.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/outlook.hpp"

/// When what is on its way will have left: for `status` and `explain`.
namespace majlis::cli {

struct Forecast {
    store::DeliveryInfo info;
    store::Remaining remaining;
    queue::Foresight foresight;
    std::string why;  ///< when nobody can tell: "" otherwise
};
/// Of everything that is open, oldest first; the first `most` of them.
std::vector<Forecast> forecast_open(store::Database& db, const Config& config, std::int64_t now, std::size_t most = 500);

/// Of a post that would be accepted now, behind and beside what is open.
Forecast forecast_new(store::Database& db, const Config& config, std::span<const std::int64_t> list_ids, std::int64_t now);

/// For people: a time; "later than" one; or why nobody can tell.
std::string done_text(const Forecast& forecast, std::int64_t now);

/// What a relay was asked to take within the window of a limit. A minute counts while any of it may be in the window.
std::int64_t used_of(store::Database& db, const RelayConfig& relay, const LimitConfig& limit, std::int64_t now);

}  // namespace majlis::cli
