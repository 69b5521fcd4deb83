#pragma once

#include <algorithm>
#include <string>
#include <string_view>

/// Letters, spaces and trimming in ASCII alone: never the locale's opinion.
namespace majlis::text {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }
constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
constexpr bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }
constexpr bool is_ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

inline bool is_ascii(std::string_view s)
{
    // Looks at all of it, so that the compiler takes many bytes a step: each copy asks it of its addresses.
    char all = 0;
    for (const char c : s) all = static_cast<char>(all | c);
    return is_ascii(all);
}

/// Printable ASCII and spaces alone.
inline bool is_plain(std::string_view s)
{
    bool plain = true;
    for (const char c : s) plain &= c >= ' ' && c <= '~';
    return plain;
}

inline std::string lowered(std::string_view s)
{
    std::string out{s};
    for (char& c : out) c = lower(c);
    return out;
}

inline bool equal_nocase(std::string_view a, std::string_view b)
{
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

inline bool starts_with_nocase(std::string_view s, std::string_view prefix)
{
    return s.size() >= prefix.size() && equal_nocase(s.substr(0, prefix.size()), prefix);
}

constexpr std::string_view trim(std::string_view s)
{
    while (!s.empty() && is_space(s.front())) s.remove_prefix(1);
    while (!s.empty() && is_space(s.back())) s.remove_suffix(1);
    return s;
}

}  // namespace majlis::text
