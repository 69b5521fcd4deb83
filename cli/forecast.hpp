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
    std::string why;                ///< when nobody can tell: "" otherwise
    std::int64_t limits_until = 0;  ///< Unix seconds: its relays' limits leave nothing for it before; 0: they do
};
/// Of everything that is open, oldest first; the first `most` of them.
std::vector<Forecast> forecast_open(store::Database& db, const Config& config, std::int64_t now, std::size_t most = 500);

/// Of a post that would be accepted now, behind and beside what is open.
Forecast forecast_new(store::Database& db, const Config& config, std::span<const std::int64_t> list_ids, std::int64_t now);

/// For people: a time; "later than" one; or why nobody can tell.
std::string done_text(const Forecast& forecast, std::int64_t now);

/// The relays that share a post to these lists; those that only stand in where there are no others.
std::vector<const RelayConfig*> senders_of(store::Database& db, const Config& config, std::span<const std::int64_t> list_ids);

}  // namespace majlis::cli
