#include "core/lists/pickle_text.hpp"

#include "core/text/ascii.hpp"
#include "core/text/utf8.hpp"

#include <cstdint>

namespace majlis::pickle {

namespace {

int hex(char c)
{
    if (text::is_digit(c)) return c - '0';
    return text::lower(c) >= 'a' && text::lower(c) <= 'f' ? text::lower(c) - 'a' + 10 : -1;
}

std::uint32_t hex_number(std::string_view digits)
{
    std::uint32_t value = 0;
    for (const char c : digits) {
        if (hex(c) < 0) throw Broken{"a broken escape"};
        value = value << 4 | static_cast<std::uint32_t>(hex(c));
    }
    return value;
}

}  // namespace

std::string from_repr(std::string_view repr)
{
    repr = text::trim(repr);
    if (repr.size() < 2 || repr.front() != repr.back()) throw Broken{"a string without quotes"};
    repr = repr.substr(1, repr.size() - 2);
    std::string out;
    for (std::size_t i = 0; i < repr.size(); ++i) {
        if (repr[i] != '\\' || i + 1 == repr.size()) {
            out += repr[i];
            continue;
        }
        switch (const char c = repr[++i]) {
            case 'n':
                out += '\n';
                break;
            case 'r':
                out += '\r';
                break;
            case 't':
                out += '\t';
                break;
            case 'x':
                if (i + 2 >= repr.size()) throw Broken{"a broken escape"};
                out += static_cast<char>(static_cast<unsigned char>(hex_number(repr.substr(i + 1, 2))));
                i += 2;
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string from_raw_unicode(std::string_view raw)
{
    std::string out;
    std::uint32_t lead = 0;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        std::uint32_t c = static_cast<unsigned char>(raw[i]);
        const std::size_t digits = i + 1 < raw.size() && raw[i] == '\\' ? (raw[i + 1] == 'u' ? 4 : raw[i + 1] == 'U' ? 8 : 0) : 0;
        if (digits != 0 && i + 1 + digits < raw.size()) {
            c = hex_number(raw.substr(i + 2, digits));
            i += 1 + digits;
        }
        if (c >= 0xd800 && c <= 0xdbff) {
            lead = c;
            continue;
        }
        if (c >= 0xdc00 && c <= 0xdfff) c = lead == 0 ? 0xfffd : 0x10000 + ((lead - 0xd800) << 10) + (c - 0xdc00);
        text::append_utf8(out, c > 0x10ffff ? 0xfffd : c);
        lead = 0;
    }
    return out;
}

}  // namespace majlis::pickle
