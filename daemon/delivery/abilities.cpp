#include "daemon/delivery/abilities.hpp"

#include <utility>

namespace majlis::delivery {

std::string lacks(const smtp::Offer& offer, const Demand& demand)
{
    if (demand.smtputf8 && !offer.smtputf8) return "an address in its header is not ASCII, and the relay does not offer SMTPUTF8";
    if (offer.max_size != 0 && demand.bytes > offer.max_size)  // RFC 1870, 4: 0 is no limit
        return "it has " + std::to_string(demand.bytes) + " bytes, and the relay takes at most " + std::to_string(offer.max_size);
    return {};
}

bool Abilities::holds(const Found& found, std::int64_t now) const { return now < found.until && !take(found.demand); }

bool Abilities::note_unfit(std::int64_t delivery, const Demand& demand, std::vector<std::string> senders, std::int64_t now)
{
    std::erase_if(found_, [&](const auto& one) { return !holds(one.second, now); });
    if (found_.size() >= most_remembered && !found_.contains(delivery)) return false;
    found_.insert_or_assign(delivery, Found{demand, std::move(senders), now + memory});
    return true;
}

bool Abilities::unfit(std::int64_t delivery, std::int64_t now) const
{
    const auto found = found_.find(delivery);
    return found != found_.end() && holds(found->second, now);
}

std::vector<Abilities::Unfit> Abilities::all_unfit(std::int64_t now) const
{
    std::vector<Unfit> all;
    for (const auto& [delivery, found] : found_)
        if (holds(found, now)) all.push_back({delivery, &found.senders});
    return all;
}

}  // namespace majlis::delivery
