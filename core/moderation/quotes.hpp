#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// How mail programs set off what they quote. All lines are in plain_form().
namespace majlis::moderation {

/// "> text", "| text" of some programs.
bool is_quoted_line(std::string_view line);

/// How many lines from `at` on are an attribution: "On Monday, Karim wrote:", "Le lun. 3 f\u00e9vr. ... a \u00e9crit :", also
/// when it is broken over up to four lines. 0: none.
std::size_t attribution_lines(const std::vector<std::string>& lines, std::size_t at);

/// How many lines from `at` on begin an original that is quoted whole, without marks: "-----Original Message-----", a ruler with
/// "From: ... Sent: ..." below it, or that block alone. 0: none.
std::size_t separator_lines(const std::vector<std::string>& lines, std::size_t at);

}  // namespace majlis::moderation
