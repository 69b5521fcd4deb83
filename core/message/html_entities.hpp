#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace majlis::html {

/// A character reference at the start of `rest`, which begins with "&": its bytes, 0 where it is none, and the character.
/// Numbers mean what browsers take them for (windows-1252 below 160); a soft hyphen is no character (0).
struct Reference {
    std::size_t length = 0;
    std::uint32_t character = 0;
};
Reference read_reference(std::string_view rest);

/// U+FFFD for what is no character.
void append_utf8(std::string& out, std::uint32_t character);

/// A value of an attribute: references replaced.
std::string decoded(std::string_view value);

}  // namespace majlis::html
