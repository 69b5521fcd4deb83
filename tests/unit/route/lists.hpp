#pragma once

#include "core/route/route.hpp"

#include <map>
#include <string>

/// The lists of the tests, and their numbers.
inline std::optional<std::int64_t> find_test_list(std::string_view key)
{
    static const std::map<std::string, std::int64_t, std::less<>> lists{{"rabat@maimc.org", 1},
                                                                        {"maroc@maimc.org", 2},
                                                                        {"rabat-help@maimc.org", 3},
                                                                        {"me+rabat@gmail.com", 4},
                                                                        {"agdal-rabat@maimc.org", 5}};
    const auto at = lists.find(key);
    return at == lists.end() ? std::nullopt : std::optional{at->second};
}

/// "1 post; 2 confirm abc"
inline std::string shown(const std::vector<majlis::Target>& targets)
{
    std::string out;
    for (const auto& target : targets) {
        if (!out.empty()) out += "; ";
        out += std::to_string(target.list_id) + " " + std::string{command_name(target.command)};
        if (!target.token.empty()) out += " " + target.token;
    }
    return out;
}
