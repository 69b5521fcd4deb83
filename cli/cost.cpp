#include "cli/cost.hpp"

#include <algorithm>
#include <ctime>
#include <vector>

#include "cli/forecast.hpp"
#include "cli/quotas.hpp"

namespace majlis::cli {
namespace {

std::int64_t messages_of(const RelayConfig& relay, std::int64_t recipients)
{
    const std::int64_t each =
        relay.personal == RelayConfig::Personal::always ? 1 : std::max<std::int64_t>(relay.recipients_per_message, 1);
    return (recipients + each - 1) / each;
}

Array needs(const std::vector<Quota>& quotas, std::int64_t recipients, std::int64_t messages)
{
    Array out;
    for (const Quota& quota : quotas) {
        const bool by_recipients = quota.limit.unit == LimitConfig::Unit::recipients;
        out.emplace_back(Record{{"limit", quota.limit.text()},
                                {"needs", by_recipients ? recipients : messages},
                                {"left", quota.left},
                                {"reserved", quota.reserved}});
    }
    return out;
}

/// By weight, as the daemon divides a long post; whoever has room or is faster takes more.
Array shares_of(Context& context, const std::vector<const RelayConfig*>& relays, std::int64_t recipients, std::int64_t now)
{
    std::int64_t weights = 0, left = recipients;
    for (const RelayConfig* relay : relays) weights += relay->weight;
    Array out;
    for (const RelayConfig* relay : relays) {
        const std::int64_t share =
            relay == relays.back() ? left : recipients * relay->weight / std::max<std::int64_t>(weights, 1);
        left -= share;
        const auto messages = messages_of(*relay, share);
        out.emplace_back(Record{{"relay", relay->name},
                                {"recipients", share},
                                {"messages", messages},
                                {"quotas", needs(quotas_of(context.database(), *relay, now), share, messages)}});
    }
    return out;
}

/// Those domains that have limits, and members among the recipients.
Array domains_of(Context& context, const store::Remaining& remaining, std::int64_t now)
{
    Array out;
    for (std::size_t rule = 0; rule < context.config().domains.size(); ++rule) {
        const auto recipients = remaining.recipients[rule + 1];
        const DomainConfig& domain = context.config().domains[rule];
        if (recipients > 0)
            out.emplace_back(Record{{"domain", domain.name},
                                    {"recipients", recipients},
                                    {"quotas", needs(quotas_of(context.database(), domain, now), recipients, recipients)}});
    }
    return out;
}

void print_quotas(std::ostream& out, const Value& quotas)
{
    for (const Value& value : std::get<Array>(quotas.as)) {
        const Record& quota = std::get<Record>(value.as);
        out << "  quota " << cell_text(quota[0].value) << ": this post needs " << cell_text(quota[1].value) << " of "
            << cell_text(quota[2].value) << " left\n";
    }
}

}  // namespace

Record cost_of(Context& context, std::span<const std::int64_t> list_ids)
{
    const std::int64_t now = std::time(nullptr);
    const Forecast forecast = forecast_new(context.database(), context.config(), list_ids, now);
    const std::int64_t recipients = forecast.remaining.total();
    const auto at = forecast.foresight.done_at;
    return {{"recipients", recipients},
            {"relays", shares_of(context, senders_of(context.database(), context.config(), list_ids), recipients, now)},
            {"domains", domains_of(context, forecast.remaining, now)},
            {"done_at", at ? time_value(*at) : Value{}},
            {"done", done_text(forecast, now)}};
}

void print_cost(std::ostream& out, const Record& cost)
{
    const Array& relays = std::get<Array>(cost[1].value.as);
    if (relays.empty()) out << "no relay may send for these lists\n";
    for (const Value& value : relays) {
        const Record& relay = std::get<Record>(value.as);
        out << "relay " << cell_text(relay[0].value) << ": " << (relays.size() > 1 ? "about " : "")
            << counted(std::get<std::int64_t>(relay[1].value.as), "recipient") << ", "
            << counted(std::get<std::int64_t>(relay[2].value.as), "message") << '\n';
        print_quotas(out, relay[3].value);
    }
    for (const Value& value : std::get<Array>(cost[2].value.as)) {
        const Record& domain = std::get<Record>(value.as);
        out << "domain " << cell_text(domain[0].value) << ": " << counted(std::get<std::int64_t>(domain[1].value.as), "recipient")
            << '\n';
        print_quotas(out, domain[2].value);
    }
    if (!relays.empty()) out << "its last copy would have left " << cell_text(cost[4].value) << '\n';
}

}  // namespace majlis::cli
