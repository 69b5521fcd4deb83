#include "core/text/printable.hpp"

#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"

namespace majlis::text {

namespace {

/// Characters beyond ASCII that move the cursor, end a line, or turn the direction of what follows.
bool unprintable(std::string_view character)
{
    if (character.size() == 2) {
        const bool c1 = character[0] == '\xc2' && static_cast<unsigned char>(character[1]) < 0xa0;
        return c1 || character == "\xd8\x9c";  // Arabic letter mark
    }
    if (character.size() != 3) return false;
    if (character[0] == '\xef') return character == "\xef\xbb\xbf";  // BOM
    if (character[0] != '\xe2') return false;
    const auto second = static_cast<unsigned char>(character[1]);
    const auto third = static_cast<unsigned char>(character[2]);
    if (second == 0x80) return third == 0x8e || third == 0x8f || (third >= 0xa8 && third <= 0xae);  // LRM, RLM, LS..RLO
    return second == 0x81 && third >= 0xa6 && third <= 0xa9;                                        // LRI..PDI
}

}  // namespace

std::string printable(std::string_view bytes, std::size_t max_bytes)
{
    constexpr std::string_view ellipsis = "\xe2\x80\xa6";
    std::string out;
    out.reserve(std::min(bytes.size(), max_bytes) + ellipsis.size());
    while (!bytes.empty()) {
        const std::size_t length = utf8_length(bytes);
        std::string_view shown = bytes.substr(0, length);
        if (length == 0)
            shown = "\xef\xbf\xbd";
        else if ((length == 1 && is_control(bytes[0])) || unprintable(shown))
            shown = "?";
        if (out.size() + shown.size() > max_bytes) return out += ellipsis;
        out += shown;
        bytes.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return out;
}

}  // namespace majlis::text
