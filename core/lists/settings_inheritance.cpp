#include "core/lists/settings.hpp"
#include "core/lists/settings_table.hpp"

#include <algorithm>

namespace majlis {

namespace {

ResolvedSetting resolve_key(const SettingKey& key, std::span<const ListSettings> chain)
{
    ResolvedSetting out{key.name, std::string{key.fallback}, "", Fixed::no, ""};
    for (std::size_t depth = 0; depth < chain.size(); ++depth) {
        const ListSettings& level = chain[depth];
        const bool last = depth + 1 == chain.size();
        if (key.inherited == Inherited::no && !last) continue;
        const auto stored =
            std::find_if(level.stored.begin(), level.stored.end(), [&](const StoredSetting& s) { return s.key == key.name; });
        if (stored == level.stored.end()) continue;
        out.value = check_setting(stored->key, stored->value).value();
        out.from = level.list;
        if (stored->fixed == Fixed::no || last || key.inherited == Inherited::no) continue;
        out.above = Fixed::yes;
        out.bound_by = level.list;
        break;
    }
    return out;
}

}  // namespace

std::vector<ResolvedSetting> resolve_each(std::span<const ListSettings> chain)
{
    for (const ListSettings& level : chain) {
        for (const StoredSetting& stored : level.stored) static_cast<void>(check_setting(stored.key, stored.value).value());
    }
    std::vector<ResolvedSetting> out;
    for (const SettingKey& key : setting_keys()) out.push_back(resolve_key(key, chain));
    return out;
}

Settings resolve(std::span<const ListSettings> chain)
{
    Settings out;
    for (const ResolvedSetting& resolved : resolve_each(chain)) {
        const settings::Entry* entry = settings::find(resolved.key);
        entry->apply(out, *entry, resolved.value);
    }
    return out;
}

}  // namespace majlis
