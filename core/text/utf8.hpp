#pragma once

#include <cstdint>
#include <string>

namespace majlis::text {

/// One character, U+0000 to U+10FFFF.
void append_utf8(std::string& out, std::uint32_t c);

}  // namespace majlis::text
