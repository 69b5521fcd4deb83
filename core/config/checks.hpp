#pragma once

#include "core/config/config.hpp"
#include "core/config/section.hpp"

/// What no key says alone: values that contradict each other, and the defaults that hang on other values.
namespace majlis::config {

void check_inbox(const Section& section, InboxConfig& inbox);
void check_relay(const Section& section, RelayConfig& relay);

}  // namespace majlis::config
