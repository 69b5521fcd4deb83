#include "core/text/codec.hpp"

#include "core/text/ascii.hpp"

#include <array>
#include <cstdint>

namespace majlis::text {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t foreign = 255;

constexpr std::array<std::uint8_t, 256> make_values()
{
    std::array<std::uint8_t, 256> values{};
    values.fill(foreign);
    for (std::size_t i = 0; i < alphabet.size(); ++i)
        values[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}
constexpr auto values = make_values();

int hex(char c)
{
    if (is_digit(c)) return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

char byte(std::uint32_t value) { return static_cast<char>(static_cast<unsigned char>(value & 0xff)); }

/// A group cut short by padding or the end: two characters hold one byte, three hold two, one holds none.
void flush_group(std::string& out, std::uint32_t& group, int& count)
{
    if (count >= 2) out += byte(group >> (count == 2 ? 4 : 10));
    if (count == 3) out += byte(group >> 2);
    group = 0;
    count = 0;
}

void append_group(std::string& out, std::string_view three)
{
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < three.size() ? static_cast<unsigned char>(three[i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) out += i <= three.size() ? alphabet[group >> (18 - 6 * i) & 0x3f] : '=';
}

}  // namespace

std::string decode_base64(std::string_view bytes)
{
    std::string out;
    out.reserve(bytes.size() / 4 * 3 + 3);
    std::uint32_t group = 0;
    int count = 0;
    for (const char c : bytes) {
        const std::uint8_t value = values[static_cast<unsigned char>(c)];
        if (value != foreign) {
            group = group << 6 | value;
            if (++count < 4) continue;
            out += byte(group >> 16);
            out += byte(group >> 8);
            out += byte(group);
            group = 0;
            count = 0;
        } else if (c == '=') {
            flush_group(out, group, count);
        }
    }
    flush_group(out, group, count);
    return out;
}

std::string encode_base64_line(std::string_view bytes)
{
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) append_group(out, bytes.substr(i, 3));
    return out;
}

std::string encode_base64(std::string_view bytes)
{
    constexpr std::size_t line_bytes = 57;  // 76 characters
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4 + bytes.size() / line_bytes * 2 + 2);
    for (std::size_t i = 0; i < bytes.size(); i += line_bytes) {
        const std::string_view line = bytes.substr(i, line_bytes);
        for (std::size_t j = 0; j < line.size(); j += 3) append_group(out, line.substr(j, 3));
        out += "\r\n";
    }
    return out;
}

namespace {

/// The length of the soft line break at the start of `bytes`, which begins with "="; 0 if it is none.
std::size_t soft_break(std::string_view bytes)
{
    std::size_t end = 1;
    while (end < bytes.size() && (bytes[end] == ' ' || bytes[end] == '\t')) ++end;
    if (end == bytes.size()) return end;
    if (bytes.substr(end, 2) == "\r\n") return end + 2;
    return bytes[end] == '\n' || bytes[end] == '\r' ? end + 1 : 0;
}

int escaped_byte(std::string_view bytes)
{
    const int high = bytes.size() > 2 ? hex(bytes[1]) : -1;
    const int low = bytes.size() > 2 ? hex(bytes[2]) : -1;
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

}  // namespace

std::string decode_quoted_printable(std::string_view bytes)
{
    std::string out;
    out.reserve(bytes.size());
    std::size_t kept = 0;  // what stands behind it is white space that only counts if something follows on its line
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const char c = bytes[i];
        if (c == '=') {
            const std::string_view rest = bytes.substr(i);
            if (const int value = escaped_byte(rest); value >= 0) {
                out += byte(static_cast<std::uint32_t>(value));
                kept = out.size();
                i += 2;
                continue;
            }
            if (const std::size_t length = soft_break(rest); length != 0) {
                kept = out.size();
                i += length - 1;
                continue;
            }
        }
        if (c == '\n' || c == '\r') out.resize(kept);
        out += c;
        if (c != ' ' && c != '\t') kept = out.size();
    }
    out.resize(kept);
    return out;
}

std::string encode_quoted_printable(std::string_view text)
{
    constexpr std::string_view digits = "0123456789ABCDEF";
    constexpr std::size_t line_limit = 75;  // and the soft break's "="
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    std::size_t column = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\r' || c == '\n') {
            if (c == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
            out += "\r\n";
            column = 0;
            continue;
        }
        const bool line_ends = i + 1 == text.size() || text[i + 1] == '\r' || text[i + 1] == '\n';
        const bool blank = c == ' ' || c == '\t';
        // "From " and a lone dot at the start of a line are what gateways change.
        const bool fragile = column == 0 && (c == '.' || (c == 'F' && text.substr(i, 5) == "From "));
        // Behind a soft break a hyphen might begin what looks like a boundary.
        const bool fragile_behind_break = c == '-' && column >= line_limit;
        const bool plain = !fragile && !fragile_behind_break && c != '=' && is_ascii(c) && (blank ? !line_ends : !is_control(c));
        const std::size_t width = plain ? 1 : 3;
        if (column + width > (line_ends ? line_limit + 1 : line_limit)) {
            out += "=\r\n";
            column = 0;
        }
        if (plain) {
            out += c;
        } else {
            const auto value = static_cast<unsigned char>(c);
            out += '=';
            out += digits[value >> 4];
            out += digits[value & 15];
        }
        column += width;
    }
    return out;
}

}  // namespace majlis::text
