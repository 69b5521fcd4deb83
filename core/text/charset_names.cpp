#include "core/text/charset_names.hpp"

#include "core/text/ascii.hpp"

#include <unicode/ucnv.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace majlis::text {

namespace {

using Alias = std::pair<std::string_view, std::string_view>;

/// Where ICU does not know a label, or reads it more narrowly than those who write it mean it.
constexpr auto aliases = std::to_array<Alias>({
    {"utf8", "utf-8"},
    {"utf8mb4", "utf-8"},
    {"unicode", "utf-8"},
    {"unicode-1-1-utf-8", "utf-8"},
    {"unicode11utf8", "utf-8"},
    {"x-unicode20utf8", "utf-8"},
    {"cp65001", "utf-8"},
    {"utf7", "utf-7"},
    {"unicode-1-1-utf-7", "utf-7"},
    {"csunicode11utf7", "utf-7"},
    {"x-unicode-2-0-utf-7", "utf-7"},
    {"ascii", "us-ascii"},
    {"ansi_x3.4-1968", "us-ascii"},
    {"646", "us-ascii"},
    {"usascii", "us-ascii"},
    {"ansi_x3.110-1983", "windows-1252"},
    {"ansi_x3.110", "windows-1252"},
    {"iso-ir-99", "windows-1252"},
    {"ansi", "windows-1252"},
    {"x-ansi", "windows-1252"},
    {"iso-8859-1-windows-3.0-latin-1", "windows-1252"},
    {"iso-8859-1-windows-3.1-latin-1", "windows-1252"},
    {"iso-8859-8-i", "iso-8859-8"},
    {"iso-8859-8-e", "iso-8859-8"},
    {"visual", "iso-8859-8"},
    {"logical", "iso-8859-8"},
    {"iso-8859-6-i", "iso-8859-6"},
    {"iso-8859-6-e", "iso-8859-6"},
    {"asmo-708", "iso-8859-6"},
    {"iso-8859-11", "windows-874"},
    {"tis-620", "windows-874"},
    {"ks_c_5601-1987", "windows-949"},
    {"ks_c_5601-1989", "windows-949"},
    {"ks_c_5601", "windows-949"},
    {"ksc5601", "windows-949"},
    {"ksc_5601", "windows-949"},
    {"euc-kr", "windows-949"},
    {"uhc", "windows-949"},
    {"cp949", "windows-949"},
    {"gb2312", "gb18030"},
    {"gb_2312-80", "gb18030"},
    {"gb2312_charset", "gb18030"},
    {"gbk", "gb18030"},
    {"euc-cn", "gb18030"},
    {"cp936", "gb18030"},
    {"windows-936", "gb18030"},
    {"csgb2312", "gb18030"},
    {"chinesebig5", "big5"},
    {"cn-big5", "big5"},
    {"cp950", "big5"},
    {"sjis", "windows-31j"},
    {"shift_jis", "windows-31j"},
    {"shift-jis", "windows-31j"},
    {"ms_kanji", "windows-31j"},
    {"cp932", "windows-31j"},
    {"windows-932", "windows-31j"},
    {"ujis", "euc-jp"},
    {"eucjp-win", "euc-jp"},
    {"cp51932", "euc-jp"},
    {"iso-2022-jp-ms", "iso-2022-jp-2"},
    {"cp50220", "iso-2022-jp"},
    {"cp50221", "iso-2022-jp"},
    {"mac", "macintosh"},
    {"macroman", "macintosh"},
    {"mac-roman", "macintosh"},
    {"x-mac-ce", "x-mac-centraleurroman"},
    {"koi8", "koi8-r"},
    {"koi", "koi8-r"},
    {"koi8-ru", "koi8-u"},
    {"cp-1252", "windows-1252"},
});

constexpr auto guesses = std::to_array<std::string_view>(
    {"", "unknown", "unknown-8bit", "x-unknown", "x-user-defined", "default", "default_charset", "none", "null", "undefined",
     "8bit", "7bit", "binary", "charset", "iso", "x-gbk-or-unknown", "auto", "_autodetect_all"});

bool name_character(char c)
{
    return is_letter(c) || is_digit(c) || c == '-' || c == '_' || c == '.' || c == ':' || c == '+' || c == '(' || c == ')';
}

/// Lower case, without the quotes, spaces and remains of HTML in which mail wraps a name. Nothing that ICU could take for a path.
std::string clean(std::string_view label)
{
    label = label.substr(0, 200);
    const auto first = std::find_if(label.begin(), label.end(), name_character);
    const auto last = std::find_if_not(first, label.end(), name_character);
    std::string name = lowered({first, last});
    if (const std::size_t rest = name.find("http-equiv"); rest != std::string::npos) name.resize(rest);
    return name;
}

bool icu_opens(const std::string& name)
{
    UErrorCode status = U_ZERO_ERROR;
    if (name.empty() || name.size() >= UCNV_MAX_CONVERTER_NAME_LENGTH) return false;
    UConverter* converter = ucnv_open(name.c_str(), &status);
    if (converter != nullptr) ucnv_close(converter);
    return U_SUCCESS(status);
}

/// "cp-850", "win1252", "x-cp1251", "ibm_437", "dos-866": the number of a code page.
std::optional<std::string> code_page(std::string_view name)
{
    constexpr auto prefixes =
        std::to_array<std::string_view>({"windows", "win", "cp", "ms", "ibm", "dos", "codepage", "mswin", "iso-cp"});
    for (const std::string_view prefix : prefixes) {
        if (!name.starts_with(prefix)) continue;
        std::string_view number = name.substr(prefix.size());
        while (!number.empty() && (number.front() == '-' || number.front() == '_')) number.remove_prefix(1);
        if (number.size() < 3 || number.size() > 5 || !std::all_of(number.begin(), number.end(), is_digit)) continue;
        const bool windows = number.starts_with("125") || number == "874";
        for (const char* family : {windows ? "windows-" : "cp", "ibm-"}) {
            if (std::string candidate = family + std::string{number}; icu_opens(candidate)) return candidate;
        }
    }
    return {};
}

/// "iso8859-15", "iso-885915", "8859_1", "iso_8859-6:1987", "latin-1".
std::optional<std::string> iso_8859(std::string_view name)
{
    const std::size_t at = name.find("8859");
    if (at == std::string_view::npos || at > 5) return {};
    std::string_view part = name.substr(at + 4);
    while (!part.empty() && !is_digit(part.front())) part.remove_prefix(1);
    std::size_t digits = 0;
    while (digits < part.size() && is_digit(part[digits])) ++digits;
    std::string candidate = "iso-8859-" + std::string{part.substr(0, digits)};
    if (digits == 0 || digits > 2 || !icu_opens(candidate)) return {};
    return candidate;
}

const Alias* find_alias(std::string_view name)
{
    const auto found = std::find_if(aliases.begin(), aliases.end(), [&](const Alias& alias) { return alias.first == name; });
    return found == aliases.end() ? nullptr : &*found;
}

CharsetName known(std::string name) { return {CharsetName::Kind::known, std::move(name)}; }

}  // namespace

CharsetName resolve_charset(std::string_view label)
{
    std::string name = clean(label);
    if (std::find(guesses.begin(), guesses.end(), name) != guesses.end()) return {CharsetName::Kind::guess, {}};
    for (int round = 0; round < 3; ++round) {
        if (const Alias* alias = find_alias(name)) return known(std::string{alias->second});
        if (auto page = code_page(name)) return known(std::move(*page));
        if (icu_opens(name)) return known(std::move(name));
        if (auto part = iso_8859(name)) return known(std::move(*part));
        if (!name.starts_with("x-")) break;
        name.erase(0, 2);
    }
    return {};
}

}  // namespace majlis::text
