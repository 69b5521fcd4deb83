#pragma once

#include "core/filter/filter.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace majlis {

/// What readers are told of the parts that they miss, in the list's language (etc/templates/LANGUAGE/phrases.txt): UTF-8 lines;
/// empty where they miss none. The first 20 are named.
std::string removed_note(const std::vector<RemovedPart>& removed, std::string_view list_name, std::string_view language,
                         const std::filesystem::path& templates);

}  // namespace majlis
