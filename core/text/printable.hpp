#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace majlis::text {

/// One safe line for logs and terminals: control characters (also C1, line and paragraph separators, bidi controls) become '?',
/// invalid UTF-8 becomes U+FFFD, and what passes `max_bytes` is cut at a character and marked with an ellipsis.
std::string printable(std::string_view bytes, std::size_t max_bytes = 200);

}  // namespace majlis::text
