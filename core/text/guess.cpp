#include "core/text/guess.hpp"

#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"

#include <array>
#include <cstddef>

namespace majlis::text {

namespace {

/// Enough to tell a script; a guess need not read megabytes.
constexpr std::size_t sample_bytes = 64 * 1024;

/// The letters that make up most of any Arabic text in windows-1256, and of any Russian one in windows-1251.
constexpr std::string_view arabic_letters = "\xc7\xe1\xed\xe3\xe6\xe4\xd1\xca\xc8\xc9\xcf\xda\xe5\xd3\xdd\xe3\xcd\xde\xdf\xd4";
constexpr std::string_view cyrillic_letters = "\xee\xe5\xe0\xe8\xed\xf2\xf1\xf0\xe2\xeb\xea\xec\xe4\xef\xf3\xff\xfc\xfb\xe7\xe1";

struct Census {
    std::size_t latin = 0, high = 0, arabic = 0, cyrillic = 0;
};

Census count_letters(std::string_view bytes)
{
    std::array<std::size_t, 256> histogram{};
    for (const char c : bytes.substr(0, sample_bytes)) ++histogram[static_cast<unsigned char>(c)];
    Census census;
    for (std::size_t c = 'A'; c <= 'z'; ++c) census.latin += is_letter(static_cast<char>(c)) ? histogram[c] : 0;
    for (std::size_t c = 0x80; c < 0x100; ++c) census.high += histogram[c];
    for (const char c : arabic_letters) census.arabic += histogram[static_cast<unsigned char>(c)];
    for (const char c : cyrillic_letters) census.cyrillic += histogram[static_cast<unsigned char>(c)];
    return census;
}

bool looks_like_iso_2022_jp(std::string_view bytes)
{
    return bytes.find("\x1b$B") != std::string_view::npos || bytes.find("\x1b$@") != std::string_view::npos;
}

}  // namespace

std::string_view guess_charset(std::string_view bytes)
{
    if (valid_utf8(bytes)) return looks_like_iso_2022_jp(bytes) && is_ascii(bytes) ? "iso-2022-jp" : "utf-8";
    const Census census = count_letters(bytes);
    // French has one accent among many letters; a text in another script is made of high bytes, and of its common letters.
    const bool other_script = census.high >= 3 && census.high >= census.latin;
    const std::size_t best = std::max(census.arabic, census.cyrillic);
    if (!other_script || best * 10 < census.high * 6) return "windows-1252";
    return census.arabic >= census.cyrillic ? "windows-1256" : "windows-1251";
}

}  // namespace majlis::text
