#include <array>
#include <charconv>
#include <chrono>

#include "core/commands/commands.hpp"
#include "core/commands/fold.hpp"
#include "core/text/ascii.hpp"
#include "core/text/units.hpp"

namespace majlis::commands {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t longest = 366 * day;

/// Three numbers apart by one of "-/.", or nothing.
std::optional<std::array<int, 3>> three_numbers(std::string_view text)
{
    std::array<int, 3> numbers{};
    for (std::size_t i = 0; i < 3; ++i) {
        const auto end = i == 2 ? text.size() : text.find_first_of("-/.");
        if (end == std::string_view::npos || end == 0 || end > 4) return std::nullopt;
        const auto read = std::from_chars(text.data(), text.data() + end, numbers.at(i));
        if (read.ec != std::errc{} || read.ptr != text.data() + end) return std::nullopt;
        text.remove_prefix(i == 2 ? end : end + 1);
    }
    return numbers;
}

std::optional<std::int64_t> date_of(std::string_view text)
{
    auto numbers = three_numbers(text);
    if (!numbers) return std::nullopt;
    if (numbers->at(2) > 31) std::swap(numbers->at(0), numbers->at(2));  // day, month, year
    const std::chrono::year_month_day date{std::chrono::year{numbers->at(0)},
                                           std::chrono::month{static_cast<unsigned>(numbers->at(1))},
                                           std::chrono::day{static_cast<unsigned>(numbers->at(2))}};
    if (!date.ok() || numbers->at(0) < 1970) return std::nullopt;
    return std::chrono::sys_days{date}.time_since_epoch().count() * day + day - 1;
}

}  // namespace

std::optional<std::int64_t> until_of(std::string_view text, std::int64_t now)
{
    const auto plain = folded(text);
    auto until = date_of(plain);
    if (!until) {
        const auto span = plain == "0" ? std::nullopt : text::parse_duration(plain);
        if (!span || *span > longest) return std::nullopt;
        until = ((now + *span) / day) * day + day - 1;
    }
    if (*until <= now || *until > now + longest + day) return std::nullopt;
    return until;
}

}  // namespace majlis::commands
