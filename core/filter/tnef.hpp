#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace majlis::filter_parts {

/// File names inside a TNEF container ("winmail.dat", MS-OXTNEF): its attAttachTitle attributes, UTF-8. Empty for what is none;
/// at most 1,000.
std::vector<std::string> tnef_names(std::string_view content);

}  // namespace majlis::filter_parts
