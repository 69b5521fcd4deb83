#include "core/store/modes.hpp"

#include <array>
#include <utility>

namespace majlis::store {
namespace {

constexpr std::array<std::pair<Mode, std::string_view>, 4> names{
    {{Mode::each, "each"}, {Mode::daily, "daily"}, {Mode::weekly, "weekly"}, {Mode::none, "none"}}};

}  // namespace

std::optional<Mode> mode_named(std::string_view name)
{
    for (const auto& [mode, word] : names)
        if (word == name) return mode;
    return std::nullopt;
}

std::string_view mode_name(Mode mode)
{
    for (const auto& [known, word] : names)
        if (known == mode) return word;
    return "none";
}

}  // namespace majlis::store
