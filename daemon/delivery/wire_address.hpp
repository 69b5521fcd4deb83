#pragma once

#include <string>
#include <string_view>

namespace majlis::delivery {

bool ascii(std::string_view text);

/// What the wire wants: the domain as A-labels, so that SMTPUTF8 is needed for the local part alone.
std::string wire_address(const std::string& address);

}  // namespace majlis::delivery
