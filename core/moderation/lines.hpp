#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace majlis::moderation {

/// One line of a text as it is compared: directional marks and zero-width characters dropped, no-break spaces as spaces, runs of
/// spaces as one, trimmed, curly apostrophes straight, letters lower (French capitals with accents too), Arabic letters without
/// vowel signs and in one form (alef, yeh, teh marbuta).
std::string plain_form(std::string_view line);

/// Without directional marks and zero-width characters, and trimmed: what a person sees.
std::string visible(std::string_view line);

/// At most `limit` lines; what is behind them is one more line. Line ends of any kind.
std::vector<std::string_view> split_lines(std::string_view text, std::size_t limit);

bool starts_with_any(std::string_view text, const std::vector<std::string_view>& beginnings);

}  // namespace majlis::moderation
