#include "core/letters/in_charge.hpp"

#include <algorithm>

#include "core/store/bounces.hpp"
#include "core/store/roles.hpp"

namespace majlis {
namespace {

bool is_switched_off(store::Database& db, std::int64_t member_id)
{
    const auto state = store::bounce_state(db, member_id);
    return state && state->stage == store::BounceStage::suspended;
}

}  // namespace

std::vector<std::string> in_charge(store::Database& db, const SiteFace& site, std::int64_t list_id, InCharge whom)
{
    std::vector<std::string> addresses;
    for (const auto& holder : store::role_holders(db, list_id, store::Reckon::effective)) {
        const auto& address = holder.member.address;
        if (addresses.size() == most_in_charge) break;
        if (whom == InCharge::owners && holder.role != store::Role::owner) continue;
        if (std::ranges::find(addresses, address) != addresses.end() || is_switched_off(db, holder.member.id)) continue;
        addresses.push_back(address);
    }
    if (addresses.empty() && !site.owner.empty()) addresses.push_back(site.owner);
    return addresses;
}

}  // namespace majlis
