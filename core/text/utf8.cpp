#include "core/text/utf8.hpp"
#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"

#include <cstdint>
#include <cstring>

namespace majlis::text {

namespace {

bool continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// Eight bytes at once: most mail is ASCII.
std::size_t ascii_prefix(std::string_view s)
{
    std::size_t i = 0;
    for (; i + 8 <= s.size(); i += 8) {
        std::uint64_t block = 0;
        std::memcpy(&block, s.data() + i, 8);
        if ((block & 0x8080808080808080U) != 0) break;
    }
    while (i < s.size() && is_ascii(s[i])) ++i;
    return i;
}

/// Bounds of the second byte (Unicode 15, table 3-7): they exclude overlong forms, surrogates and what lies beyond U+10FFFF.
bool second_byte_fits(unsigned char first, unsigned char second)
{
    switch (first) {
        case 0xe0:
            return second >= 0xa0 && second <= 0xbf;
        case 0xed:
            return second >= 0x80 && second <= 0x9f;
        case 0xf0:
            return second >= 0x90 && second <= 0xbf;
        case 0xf4:
            return second >= 0x80 && second <= 0x8f;
        default:
            return second >= 0x80 && second <= 0xbf;
    }
}

}  // namespace

std::size_t utf8_length(std::string_view bytes)
{
    if (bytes.empty()) return 0;
    const auto first = static_cast<unsigned char>(bytes[0]);
    if (first < 0x80) return 1;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || bytes.size() < length) return 0;
    if (!second_byte_fits(first, static_cast<unsigned char>(bytes[1]))) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if (!continuation(bytes[i])) return 0;
    }
    return length;
}

bool valid_utf8(std::string_view bytes)
{
    while (true) {
        bytes.remove_prefix(ascii_prefix(bytes));
        if (bytes.empty()) return true;
        const std::size_t length = utf8_length(bytes);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
}

void append_utf8(std::string& out, std::uint32_t c)
{
    const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
    if (c < 0x80) {
        byte(c);
    } else if (c < 0x800) {
        byte(0xc0 | c >> 6);
        byte(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        byte(0xe0 | c >> 12);
        byte(0x80 | (c >> 6 & 0x3f));
        byte(0x80 | (c & 0x3f));
    } else {
        byte(0xf0 | c >> 18);
        byte(0x80 | (c >> 12 & 0x3f));
        byte(0x80 | (c >> 6 & 0x3f));
        byte(0x80 | (c & 0x3f));
    }
}

}  // namespace majlis::text
