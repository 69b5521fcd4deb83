#include "core/digest/lines.hpp"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "core/compose/notice.hpp"
#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/printable.hpp"

namespace majlis::digest {
namespace {

constexpr std::size_t shortest_rule = 27;
constexpr std::string_view first_strong_isolate = "\u2068", pop_isolate = "\u2069";
constexpr std::string_view left_mark = "\u200e", right_mark = "\u200f";

/// U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069, and the Arabic letter mark.
bool turns_direction(std::string_view character)
{
    if (character == "\u061c" || character == left_mark || character == right_mark) return true;
    return (character >= "\u202a" && character <= "\u202e") || (character >= "\u2066" && character <= "\u2069");
}

/// Nothing but `sign`, perhaps with spaces behind.
bool is_rule(std::string_view line, char sign, std::size_t shortest)
{
    while (!line.empty() && text::is_space(line.back())) line.remove_suffix(1);
    return line.size() >= shortest && std::ranges::all_of(line, [sign](char c) { return c == sign; });
}

}  // namespace

std::string plain_line(std::string_view value, std::size_t max_bytes)
{
    std::string kept;
    for (auto rest = value.substr(0, 8 * max_bytes); !rest.empty();) {
        const auto length = std::max<std::size_t>(text::utf8_length(rest), 1);
        const auto character = rest.substr(0, length);
        if (!turns_direction(character)) kept += character;
        rest.remove_prefix(length);
    }
    return text::printable(text::trim(kept), max_bytes);
}

std::string shortened(std::string_view line, std::size_t characters)
{
    std::size_t at = 0, count = 0, fits = 0;  // `fits`: bytes that leave room for the ellipsis
    while (at < line.size()) {
        if (count + 1 == characters) fits = at;
        if (count == characters) return std::string{text::trim(line.substr(0, fits))} + "\u2026";
        at += std::max<std::size_t>(text::utf8_length(line.substr(at)), 1);
        ++count;
    }
    return std::string{line};
}

bool has_right_to_left(std::string_view utf8)
{
    const auto length = static_cast<std::int32_t>(std::min<std::size_t>(utf8.size(), 1U << 30U));
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(utf8.data());
    for (std::int32_t at = 0; at < length;) {
        UChar32 character = 0;
        U8_NEXT(bytes, at, length, character);
        const auto direction = u_charDirection(character);
        if (direction == U_RIGHT_TO_LEFT || direction == U_RIGHT_TO_LEFT_ARABIC) return true;
    }
    return false;
}

std::string isolated(std::string_view line, std::string_view language)
{
    if (line.empty() || (language != "ar" && !has_right_to_left(line))) return std::string{line};
    return std::string{first_strong_isolate}.append(line).append(pop_isolate);
}

std::string directed(std::string_view line, std::string_view language)
{
    if (language == "ar") return right_to_left_line(line);
    return std::string{has_right_to_left(line) ? left_mark : std::string_view{}}.append(line);
}

std::string without_separators(std::string_view crlf_text)
{
    std::string out;
    bool begun = false, behind_end = false;
    std::size_t blank = 0;  // lines that wait for text behind them
    for (std::size_t at = 0; at < crlf_text.size();) {
        const auto end = std::min(crlf_text.find("\r\n", at), crlf_text.size());
        const auto line = crlf_text.substr(at, end - at);
        at = end + 2;
        if (text::trim(line).empty()) {
            ++blank;
            continue;
        }
        for (; begun && blank > 0; --blank) out += "\r\n";
        blank = 0;
        begun = true;
        const bool rule = is_rule(line, '-', shortest_rule) || (behind_end && is_rule(line, '*', 1));
        if (line == "-- ")
            out += "--\r\n";
        else
            out.append(rule ? " " : line.substr(0, 1)).append(line.substr(1)).append("\r\n");
        behind_end = line.starts_with("End of ");
    }
    return out;
}

}  // namespace majlis::digest
