#include "daemon/delivery/abilities.hpp"

#include <utility>

namespace majlis::delivery {

void Abilities::learn(const smtp::Offer& offer)
{
    largest_ = offer.max_size;
    smtputf8_ = offer.smtputf8;
}

std::string Abilities::lacks(const Demand& demand) const
{
    if (demand.smtputf8 && !smtputf8_) return "an address in its header is not ASCII, and the relay does not offer SMTPUTF8";
    if (largest_ != 0 && demand.bytes > largest_)
        return "it has " + std::to_string(demand.bytes) + " bytes, and the relay takes at most " + std::to_string(largest_);
    return {};
}

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
