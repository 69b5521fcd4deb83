#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "core/store/database.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/domain_limits.hpp"

/// What is still to be sent, for forecasts.
namespace majlis::store {

struct Remaining {
    std::vector<std::int64_t> recipients;  // [0]: whose domain has no limit; then by the rules of `domains`
    bool exact = true;                     // false: counted in part, and reckoned from that
    std::int64_t total() const;
};
/// Who has no outcome yet. Looks at about `most` members who are not cut into ranges; the others are taken to be like them.
Remaining remaining_recipients(Database& db, const DeliveryInfo& info, const DomainLimits& domains, std::size_t most = 20'000);

/// Whom a post to these lists would reach now, as count_recipients() counts them.
Remaining future_recipients(Database& db, std::span<const std::int64_t> list_ids, const DomainLimits& domains);

}  // namespace majlis::store
