#pragma once
#include <optional>
#include <string_view>

namespace majlis::store {

/// How a member receives the posts of a list.
enum class Mode { none, weekly, daily, each };  // from the weakest to the strongest

std::optional<Mode> mode_named(std::string_view name);
std::string_view mode_name(Mode mode);

}  // namespace majlis::store
