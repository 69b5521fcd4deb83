#pragma once

#include <string>
#include <string_view>

namespace majlis::reports {

/// One line of text that Markdown shows as it is.
std::string escaped(std::string_view line);

/// A mail's plain text as Markdown: its own lists, headings and links work, HTML does not, lines stay lines.
std::string markdown_body(std::string_view text);

/// "[shown](path)", both made harmless.
std::string link(std::string_view shown, std::string_view path);

/// Without its signature ("-- "); with Quotes::drop also without quoted lines, what introduces them, and an original that is
/// quoted whole below the text.
enum class Quotes { keep, drop };
std::string own_text(std::string_view text, Quotes quotes);

}  // namespace majlis::reports
