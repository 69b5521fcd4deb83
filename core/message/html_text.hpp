#pragma once

#include <string>
#include <string_view>

namespace majlis {

/// Whether an address that is not the text of its link stands behind it: "our site <https://example.org/>".
enum class HtmlLinks { leave_out, show };

/// Readable text of HTML (UTF-8): blocks on lines of their own, paragraphs apart, quotes behind "> ", lists with "- " and
/// numbers, cells of a row apart by " | ", pictures by their description, entities decoded, white space collapsed; scripts,
/// styles, comments and what is not displayed left out. A line whose direction (dir) is not that of its first letter begins with
/// a mark (U+200E, U+200F). No empty lines at begin and end. Linear and safe on anything.
std::string html_to_text(std::string_view html, HtmlLinks links = HtmlLinks::leave_out);

}  // namespace majlis
