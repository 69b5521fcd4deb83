#include "cli/forecast.hpp"

#include <algorithm>
#include <limits>
#include <map>

#include "core/store/lists.hpp"
#include "core/store/relays.hpp"

namespace majlis::cli {
namespace {

constexpr std::int64_t usage_minutes = 31 * 24 * 60;
constexpr double guessed_pace = 5;  // recipients a second on a connection, of a relay that was never seen at work

queue::Outlet outlet_of(store::Database& db, const RelayConfig& relay, std::int64_t now)
{
    queue::Outlet outlet;
    outlet.meter.limits = limits_of(relay.limits);
    outlet.meter.reserve_percent = relay.reserve_percent;
    for (const auto& usage : store::relay_usage(db, relay.name, now / 60 - usage_minutes))
        outlet.meter.usage.push_back({usage.minute * 60, std::chrono::seconds{60}, static_cast<std::uint64_t>(usage.recipients),
                                      static_cast<std::uint64_t>(usage.messages)});
    // Where some copies are personal, the daemon books each as a message.
    if (relay.personal == RelayConfig::Personal::never) outlet.per_message = relay.recipients_per_message;
    const auto state = store::relay_state(db, relay.name);
    outlet.pace = state.pace > 0 ? static_cast<double>(state.pace) / 1'000 : guessed_pace * relay.connections;
    outlet.opens_at = state.paused_until;
    outlet.backup = relay.backup;
    return outlet;
}

std::vector<store::DomainRule> rules_of(const Config& config)
{
    std::vector<store::DomainRule> rules;
    for (const auto& domain : config.domains)
        rules.push_back({domain.name, domain.domains, limits_of(domain.limits), domain.reserve_percent});
    return rules;
}

queue::Load::Rank rank_of(store::Priority priority)
{
    if (priority <= store::Priority::notice) return queue::Load::Rank::urgent;
    return priority == store::Priority::post ? queue::Load::Rank::post : queue::Load::Rank::digest;
}

queue::Urgency urgency_of(queue::Load::Rank rank)
{
    return rank == queue::Load::Rank::urgent ? queue::Urgency::urgent : queue::Urgency::ordinary;
}

bool covers(const RelayConfig& relay, const std::vector<std::string>& addresses)
{
    return std::ranges::all_of(addresses, [&](const std::string& address) { return may_send_for(relay, address); });
}

/// The pool as it stands, and what is to go through it.
class Pool {
public:
    Pool(store::Database& db, const Config& config, std::int64_t now)
        : db_{db}, config_{config}, now_{now}, domains_{db, rules_of(config), now}
    {
        for (const auto& relay : config.relays) outlets_.push_back(outlet_of(db, relay, now));
        for (const auto& domain : config.domains)
            meters_.push_back({limits_of(domain.limits), store::domain_usage(db, domain.name, now / 60 - usage_minutes),
                               domain.reserve_percent});
        for (const auto& node : store::list_tree(db)) addresses_[node.list.name] = node.list.address;
    }

    const store::DomainLimits& domains() const { return domains_; }

    void add(Forecast forecast)
    {
        queue::Load load;
        load.rank = rank_of(forecast.info.priority);
        for (const auto recipients : forecast.remaining.recipients)
            load.recipients.push_back(static_cast<std::uint64_t>(std::max<std::int64_t>(recipients, 0)));
        for (const auto& relay : config_.relays) load.outlets.push_back(may_send(relay, forecast.info));
        load.not_before = forecast.info.last_attempt_at;
        if (forecast.info.state == "held") {
            forecast.why = "it is held";
            std::ranges::fill(load.recipients, 0);
        } else {
            forecast.why =
                forecast.info.reason.empty() ? obstacle(load) : forecast.info.reason;  // which relay takes it is not known here
            forecast.limits_until = limits_until(load);
        }
        loads_.push_back(std::move(load));
        forecasts_.push_back(std::move(forecast));
    }

    std::vector<Forecast> reckon()
    {
        const auto found = queue::forecast(outlets_, meters_, loads_, now_);
        for (std::size_t i = 0; i < found.size(); ++i)
            if (forecasts_[i].why.empty()) forecasts_[i].foresight = found[i];
        return std::move(forecasts_);
    }

private:
    bool may_send(const RelayConfig& relay, const store::DeliveryInfo& info) const
    {
        std::vector<std::string> addresses;
        for (const std::string& list : info.lists)
            if (const auto found = addresses_.find(list); found != addresses_.end()) addresses.push_back(found->second);
        return covers(relay, addresses);
    }

    std::string obstacle(const queue::Load& load) const
    {
        bool covered = false;
        for (std::size_t i = 0; i < load.outlets.size(); ++i) {
            covered = covered || load.outlets[i];
            if (load.outlets[i] && outlets_[i].opens_at != queue::Outlet::never) return {};
        }
        return covered ? "every relay that may send it is paused" : "no relay may send for its lists";
    }

    /// When the first of the relays that may send it has room in its limits again; 0: one has room, or none will ever work.
    std::int64_t limits_until(const queue::Load& load) const
    {
        const auto works = [&](const queue::Outlet& outlet) { return outlet.opens_at <= now_; };
        const bool backups_rest = std::ranges::any_of(outlets_, [&](const auto& o) { return !o.backup && works(o); });
        std::int64_t until = 0;
        for (std::size_t i = 0; i < load.outlets.size(); ++i) {
            if (!load.outlets[i] || !works(outlets_[i]) || (outlets_[i].backup && backups_rest)) continue;
            const auto& meter = outlets_[i].meter;
            const auto room = queue::allowance(meter.limits, meter.usage, now_, meter.reserve_percent, urgency_of(load.rank));
            if (room.copies() > 0) return 0;
            until = until == 0 ? room.next_at : std::min(until, room.next_at);
        }
        return until;
    }

    store::Database& db_;
    const Config& config_;
    std::int64_t now_;
    store::DomainLimits domains_;
    std::vector<queue::Outlet> outlets_;
    std::vector<queue::Meter> meters_;
    std::map<std::string, std::string> addresses_;  // by the list's name
    std::vector<Forecast> forecasts_;
    std::vector<queue::Load> loads_;
};

void add_open(store::Database& db, Pool& pool, std::size_t most)
{
    auto open = store::list_deliveries(db, store::Which::open, 100'000);
    std::ranges::reverse(open);  // oldest first
    if (open.size() > most) open.resize(most);
    for (auto& info : open) {
        auto remaining = store::remaining_recipients(db, info, pool.domains());
        pool.add({std::move(info), std::move(remaining), {}, {}});
    }
}

}  // namespace

std::vector<Forecast> forecast_open(store::Database& db, const Config& config, std::int64_t now, std::size_t most)
{
    Pool pool{db, config, now};
    add_open(db, pool, most);
    return pool.reckon();
}

Forecast forecast_new(store::Database& db, const Config& config, std::span<const std::int64_t> list_ids, std::int64_t now)
{
    Pool pool{db, config, now};
    add_open(db, pool, 500);
    Forecast ours;
    ours.info.state = "active";
    for (const auto id : list_ids)
        if (const auto list = store::find_list(db, id)) ours.info.lists.push_back(list->name);
    ours.remaining = store::future_recipients(db, list_ids, pool.domains());
    pool.add(std::move(ours));
    return std::move(pool.reckon().back());
}

std::string done_text(const Forecast& forecast, std::int64_t now)
{
    if (!forecast.why.empty()) return "unknown: " + forecast.why;
    if (forecast.foresight.beyond)
        return "later than " + cell_text(time_value(now + std::chrono::seconds{queue::forecast_horizon}.count()));
    if (!forecast.foresight.done_at) return "unknown";
    const auto at = *forecast.foresight.done_at;
    return cell_text(time_value(at)) + " (in " + duration_text(std::max<std::int64_t>(at - now, 0)) + ")";
}

std::vector<const RelayConfig*> senders_of(store::Database& db, const Config& config, std::span<const std::int64_t> list_ids)
{
    std::vector<std::string> addresses;
    for (const auto id : list_ids)
        if (const auto list = store::find_list(db, id)) addresses.push_back(list->address);
    for (const bool backup : {false, true}) {
        std::vector<const RelayConfig*> found;
        for (const RelayConfig& relay : config.relays)
            if (relay.backup == backup && covers(relay, addresses)) found.push_back(&relay);
        if (!found.empty()) return found;
    }
    return {};
}

}  // namespace majlis::cli
