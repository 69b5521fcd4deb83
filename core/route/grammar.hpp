#pragma once

#include "core/route/route.hpp"

#include <optional>
#include <string_view>

/// What may follow a list's name in an address; shared inside core/route.
namespace majlis::grammar {

/// "subscribe-digest", "confirm-TOKEN", "confirm+TOKEN" (lower case) -> a target without a list.
std::optional<Target> parse_command(std::string_view words);

/// 80 bits at least, base32.
bool is_token(std::string_view text);

}  // namespace majlis::grammar
