#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "core/config/config.hpp"

namespace majlis {

/// How the site shows itself in what it writes: taken from the configuration once.
struct SiteFace {
    std::string name;
    std::string domain;    ///< for Message-IDs
    std::string owner;     ///< address
    std::string language;  ///< fr, ar, en
    std::filesystem::path templates;

    std::vector<RelayConfig> relays;  ///< some let only their own account stand in From
};

/// The address that must stand in From of a letter in the name of `list_address`; empty: the list's own will do.
std::string forced_from(const SiteFace& site, const std::string& list_address);

}  // namespace majlis
