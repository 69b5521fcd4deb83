#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Sizes and durations as people write them in configuration and settings.
namespace majlis::text {

/// "90", "10KB", "1MB", "30 MiB", "1G" in bytes, any case, K = 1024; nothing for anything else or beyond 2^62.
std::optional<std::int64_t> parse_size(std::string_view text);
/// The shortest exact form: "1MB", "1500".
std::string format_size(std::int64_t bytes);
/// "1.5 MB" as people read sizes; a KB is 1024 bytes.
std::string readable_size(std::int64_t bytes);

/// "45s", "10m", "12h", "14d", "2w", "1h30m" in seconds; a unit is required but for 0. Nothing for anything else or beyond 2^62.
std::optional<std::int64_t> parse_duration(std::string_view text);
/// The largest unit that divides it, up to days: "14d", "90m", "0s".
std::string format_duration(std::int64_t seconds);

}  // namespace majlis::text
