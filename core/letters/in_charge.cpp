#include "core/letters/in_charge.hpp"

#include "core/store/roles.hpp"

namespace majlis {

std::vector<std::string> in_charge(store::Database& db, const SiteFace& site, std::int64_t list_id, store::Holding whom)
{
    std::vector<std::string> addresses;
    for (auto& member : store::reachable_holders(db, list_id, whom, most_in_charge))
        addresses.push_back(std::move(member.address));
    if (addresses.empty() && !site.owner.empty()) addresses.push_back(site.owner);
    return addresses;
}

}  // namespace majlis
