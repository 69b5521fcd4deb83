#pragma once

#include <string_view>

namespace majlis::filter_parts {

/// The type that a file name stands for, by its last extension, in lower case: "application/x-msdownload" for "a.b.exe"; "" for
/// an unknown one. `name` must be in lower case.
std::string_view type_of_name(std::string_view name);

}  // namespace majlis::filter_parts
