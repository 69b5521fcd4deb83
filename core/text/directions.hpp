#pragma once

#include <string>
#include <string_view>

namespace majlis::text {

/// Without the marks that steer the direction of text, which our own Arabic letters put around addresses and ids, and which come
/// along when those are copied: U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069.
std::string without_directions(std::string_view text);

}  // namespace majlis::text
