#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace majlis::digest {

/// "Sunday 22 November 2026", in the reader's language and the site's zone; another language than ours is shown in English.
std::string day_in_words(std::int64_t unix_time, std::string_view zone, std::string_view language);

/// "21 November 2026, 18:00"
std::string moment_in_words(std::int64_t unix_time, std::string_view zone, std::string_view language);

}  // namespace majlis::digest
