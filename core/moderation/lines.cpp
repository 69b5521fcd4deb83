#include "core/moderation/lines.hpp"

#include <algorithm>
#include <cstdint>

#include "core/text/ascii.hpp"

namespace majlis::moderation {
namespace {

/// The next character of UTF-8 text; a byte that begins none is taken alone.
char32_t take(std::string_view& text)
{
    const auto first = static_cast<unsigned char>(text.front());
    const std::size_t length = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 1;
    char32_t c = length == 1 ? first : first & (0xffU >> (length + 1));
    std::size_t used = 1;
    for (; used < length && used < text.size(); ++used) {
        const auto next = static_cast<unsigned char>(text[used]);
        if ((next & 0xc0U) != 0x80U) break;
        c = (c << 6U) | (next & 0x3fU);
    }
    text.remove_prefix(used);
    return used == length ? c : 0xfffd;
}

void put(std::string& out, char32_t c)
{
    const auto byte = [&](char32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
    if (c < 0x80) {
        byte(c);
    } else if (c < 0x800) {
        byte(0xc0U | (c >> 6U));
        byte(0x80U | (c & 0x3fU));
    } else if (c < 0x10000) {
        byte(0xe0U | (c >> 12U));
        byte(0x80U | ((c >> 6U) & 0x3fU));
        byte(0x80U | (c & 0x3fU));
    } else {
        byte(0xf0U | (c >> 18U));
        byte(0x80U | ((c >> 12U) & 0x3fU));
        byte(0x80U | ((c >> 6U) & 0x3fU));
        byte(0x80U | (c & 0x3fU));
    }
}

/// Marks that steer the direction of text, joiners, byte order marks, soft hyphens, variation selectors.
bool unseen(char32_t c)
{
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           c == 0x061c || c == 0x00ad || (c >= 0xfe00 && c <= 0xfe0f) || (c < 0x20 && c != '\t') || c == 0x7f;
}

bool space(char32_t c)
{
    return c == ' ' || c == '\t' || c == 0x00a0 || (c >= 0x2000 && c <= 0x200a) || c == 0x202f || c == 0x3000 || c == 0x2800;
}

/// The form in which letters are compared; 0: dropped.
char32_t folded(char32_t c)
{
    if (c >= 'A' && c <= 'Z') return c - 'A' + 'a';
    if (c >= 0x00c0 && c <= 0x00de && c != 0x00d7) return c + 0x20;  // Latin-1 capitals
    if (c == 0x2018 || c == 0x2019 || c == 0x02bc || c == 0x00b4) return '\'';
    if ((c >= 0x064b && c <= 0x065f) || c == 0x0670 || c == 0x0640) return 0;     // Arabic vowel signs, tatweel
    if (c == 0x0622 || c == 0x0623 || c == 0x0625 || c == 0x0671) return 0x0627;  // alef
    if (c == 0x0649 || c == 0x0626) return 0x064a;                                // alef maksura, yeh with hamza
    if (c == 0x0624) return 0x0648;                                               // waw with hamza
    if (c == 0x0629) return 0x0647;                                               // teh marbuta
    if (c == 0xff1a || c == 0xfe55) return ':';
    if (c >= 0x2010 && c <= 0x2015) return '-';
    return c;
}

}  // namespace

std::string plain_form(std::string_view line)
{
    std::string out;
    bool gap = false;
    while (!line.empty()) {
        const char32_t c = take(line);
        if (unseen(c)) continue;
        if (space(c)) {
            gap = true;
            continue;
        }
        const char32_t letter = folded(c);
        if (letter == 0) continue;
        if (gap && !out.empty()) out += ' ';
        gap = false;
        put(out, letter);
    }
    return out;
}

std::string visible(std::string_view line)
{
    std::string out;
    while (!line.empty()) {
        const char32_t c = take(line);
        if (!unseen(c)) put(out, space(c) ? U' ' : c);
    }
    return std::string{text::trim(out)};
}

std::vector<std::string_view> split_lines(std::string_view text, std::size_t limit)
{
    std::vector<std::string_view> lines;
    while (!text.empty() && lines.size() < limit) {
        const auto end = text.find_first_of("\r\n");
        lines.push_back(text.substr(0, end));
        if (end == std::string_view::npos) return lines;
        text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
    }
    if (!text.empty()) lines.push_back(text);
    return lines;
}

bool starts_with_any(std::string_view text, const std::vector<std::string_view>& beginnings)
{
    return std::ranges::any_of(beginnings, [&](std::string_view beginning) { return text.starts_with(beginning); });
}

}  // namespace majlis::moderation
