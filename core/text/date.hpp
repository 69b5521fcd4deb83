#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace majlis::text {

/// Unix seconds of a Date field: RFC 5322 with obsolete zones, two-digit years, comments, missing weekday, seconds or zone (UTC
/// then), and the order of ctime(). Nothing where a number is out of range or the year is outside 1970..9999.
std::optional<std::int64_t> parse_date(std::string_view rfc5322);

/// "Mon, 02 Jan 2006 15:04:05 +0000". Throws std::out_of_range outside the years 1970..9999.
std::string format_date(std::int64_t unix_time);

}  // namespace majlis::text
