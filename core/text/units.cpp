#include "core/text/units.hpp"

#include "core/text/ascii.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace majlis::text {

namespace {

constexpr std::int64_t most = std::int64_t{1} << 62;

/// Takes the digits at the start of `text`; nothing without any, or above 2^62.
std::optional<std::int64_t> take_number(std::string_view& text)
{
    std::int64_t number = 0;
    if (text.empty() || !is_digit(text.front())) return {};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number > most) return {};
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return number;
}

std::optional<std::int64_t> times(std::int64_t number, std::int64_t unit)
{
    if (number > most / unit) return {};
    return number * unit;
}

/// Bytes, by the letter before "B" or "iB".
std::int64_t size_unit(std::string_view name)
{
    constexpr std::string_view letters = "kmgt";
    if (name.empty() || equal_nocase(name, "b")) return 1;
    const std::size_t power = letters.find(lower(name.front()));
    const std::string_view rest = name.substr(1);
    if (power == std::string_view::npos || !(rest.empty() || equal_nocase(rest, "b") || equal_nocase(rest, "ib"))) return 0;
    return std::int64_t{1} << (10 * (power + 1));
}

std::int64_t duration_unit(char c)
{
    switch (lower(c)) {
        case 's':
            return 1;
        case 'm':
            return 60;
        case 'h':
            return 3600;
        case 'd':
            return 86400;
        case 'w':
            return 7 * 86400;
        default:
            return 0;
    }
}

}  // namespace

std::optional<std::int64_t> parse_size(std::string_view text)
{
    text = trim(text);
    const auto number = take_number(text);
    const std::int64_t unit = size_unit(trim(text));
    if (!number || unit == 0) return {};
    return times(*number, unit);
}

std::string format_size(std::int64_t bytes)
{
    constexpr auto units = std::to_array<std::pair<int, const char*>>({{30, "GB"}, {20, "MB"}, {10, "KB"}});
    for (const auto& [shift, name] : units) {
        const std::int64_t unit = std::int64_t{1} << shift;
        if (bytes != 0 && bytes % unit == 0) return std::to_string(bytes / unit) + name;
    }
    return std::to_string(bytes);
}

std::string readable_size(std::int64_t bytes)
{
    constexpr std::int64_t kb = 1024, mb = kb * kb;
    if (bytes < kb) return std::to_string(bytes) + " B";
    const auto unit = bytes < mb ? kb : mb;
    const auto tenths = bytes / unit * 10 + bytes % unit * 10 / unit;
    return std::to_string(tenths / 10) + (tenths % 10 == 0 ? "" : "." + std::to_string(tenths % 10)) +
           (unit == kb ? " KB" : " MB");
}

std::optional<std::int64_t> parse_duration(std::string_view text)
{
    text = trim(text);
    if (text == "0") return 0;
    if (text.empty()) return {};
    std::int64_t total = 0;
    while (!text.empty()) {
        const auto number = take_number(text);
        const std::int64_t unit = text.empty() ? 0 : duration_unit(text.front());
        if (!number || unit == 0) return {};
        const auto part = times(*number, unit);
        if (!part || *part > most - total) return {};
        total += *part;
        text.remove_prefix(1);
    }
    return total;
}

std::string format_duration(std::int64_t seconds)
{
    constexpr auto units = std::to_array<std::pair<std::int64_t, const char*>>({{86400, "d"}, {3600, "h"}, {60, "m"}});
    for (const auto& [unit, name] : units) {
        if (seconds != 0 && seconds % unit == 0) return std::to_string(seconds / unit) + name;
    }
    return std::to_string(seconds) + "s";
}

}  // namespace majlis::text
