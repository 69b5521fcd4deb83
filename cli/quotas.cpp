#include "cli/quotas.hpp"

#include <algorithm>

#include "core/store/domain_limits.hpp"
#include "core/store/relays.hpp"

namespace majlis::cli {
namespace {

/// The reserve is rounded down, as queue::allowance() does it.
Quota quota_of(const LimitConfig& limit, std::int64_t used, unsigned reserve_percent)
{
    const std::int64_t reserve = limit.count * static_cast<std::int64_t>(reserve_percent) / 100;
    const std::int64_t rest = std::max<std::int64_t>(limit.count - used, 0);
    return {limit, used, std::max<std::int64_t>(rest - reserve, 0), std::min(rest, reserve)};
}

}  // namespace

std::vector<Quota> quotas_of(store::Database& db, const RelayConfig& relay, std::int64_t now)
{
    std::vector<Quota> quotas;
    for (const LimitConfig& limit : relay.limits) {
        std::int64_t used = 0;
        for (const auto& usage : store::relay_usage(db, relay.name, (now - limit.window.count()) / 60))
            used += limit.unit == LimitConfig::Unit::recipients ? usage.recipients : usage.messages;
        quotas.push_back(quota_of(limit, used, relay.reserve_percent));
    }
    return quotas;
}

std::vector<Quota> quotas_of(store::Database& db, const DomainConfig& domain, std::int64_t now)
{
    std::vector<Quota> quotas;
    for (const LimitConfig& limit : domain.limits) {
        std::int64_t used = 0;
        for (const queue::Usage& usage : store::domain_usage(db, domain.name, (now - limit.window.count()) / 60))
            used += static_cast<std::int64_t>(usage.recipients);
        quotas.push_back(quota_of(limit, used, domain.reserve_percent));
    }
    return quotas;
}

Array as_array(const std::vector<Quota>& quotas)
{
    Array out;
    for (const Quota& quota : quotas)
        out.emplace_back(
            Record{{"limit", quota.limit.text()}, {"used", quota.used}, {"left", quota.left}, {"reserved", quota.reserved}});
    return out;
}

}  // namespace majlis::cli
