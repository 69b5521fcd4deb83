#include "core/reports/names.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>

#include <algorithm>

#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::reports {
namespace {

constexpr std::size_t longest_slug = 60, longest_name = 100;  // bytes
constexpr int32_t longest_title = 1000;                       // UTF-16 units that are looked at

void append(std::string& out, UChar32 c) { icu::UnicodeString{c}.toUTF8String(out); }

bool latin_mark(UChar32 c) { return c >= 0x300 && c <= 0x36f; }

/// Cut to `most` bytes at a character.
std::string cut(std::string text, std::size_t most)
{
    if (text.size() <= most) return text;
    std::size_t end = most;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end);
    return text;
}

icu::UnicodeString unicode(std::string_view utf8)
{
    return icu::UnicodeString::fromUTF8(icu::StringPiece{utf8.data(), static_cast<int32_t>(utf8.size())});
}

/// One character, however it was typed: macOS takes names apart, and there both forms would be one file.
icu::UnicodeString composed(const icu::UnicodeString& text)
{
    UErrorCode error = U_ZERO_ERROR;
    const auto* forms = icu::Normalizer2::getNFCInstance(error);
    auto whole = U_SUCCESS(error) ? forms->normalize(text, error) : text;
    return U_SUCCESS(error) ? whole : text;
}

std::string utf8(const icu::UnicodeString& text)
{
    std::string out;
    text.toUTF8String(out);
    return out;
}

/// Devices of Windows, whatever ending they have: whoever clones the repository there could not check it out.
bool is_device(std::string_view name)
{
    const auto stem = text::lowered(name.substr(0, name.find('.')));
    if (stem == "con" || stem == "prn" || stem == "aux" || stem == "nul") return true;
    return stem.size() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) && text::is_digit(stem.back());
}

}  // namespace

std::string slug(std::string_view title)
{
    UErrorCode error = U_ZERO_ERROR;
    const auto* forms = icu::Normalizer2::getNFKDInstance(error);
    auto text = unicode(text::printable(title, 4000));
    text.truncate(longest_title);
    auto apart = U_SUCCESS(error) ? forms->normalize(text, error) : text;
    apart.toLower();
    std::string out;
    bool gap = false;
    for (int32_t at = 0; at < apart.length(); at = apart.moveIndex32(at, 1)) {
        const UChar32 c = apart.char32At(at);
        if (latin_mark(c)) continue;
        if (!u_isalnum(c) && u_charType(c) != U_NON_SPACING_MARK) {
            gap = !out.empty();
            continue;
        }
        if (gap) out += '-';
        gap = false;
        append(out, c);
    }
    out = utf8(composed(unicode(out)));
    out = cut(std::move(out), longest_slug);
    while (out.ends_with('-')) out.pop_back();
    return out.empty() ? "report" : out;
}

std::string file_name(std::string_view name, std::string_view fallback)
{
    const auto slash = name.find_last_of("/\\");
    if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
    std::string out;
    const auto text = composed(unicode(text::printable(name, 1000)));
    for (int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
        const UChar32 c = text.char32At(at);
        const bool plain = u_isalnum(c) || u_charType(c) == U_NON_SPACING_MARK ||
                           (c < 128 && std::string_view{"._-+()"}.find(static_cast<char>(c)) != std::string_view::npos);
        if (plain)
            append(out, c);
        else if (!out.ends_with('_'))
            out += '_';
    }
    while (!out.empty() && std::string_view{"._-"}.find(out.front()) != std::string_view::npos) out.erase(0, 1);
    if (out.size() > longest_name) {
        const auto dot = out.rfind('.');
        const std::string ending = dot != std::string::npos && out.size() - dot <= 12 ? out.substr(dot) : "";
        out = cut(out.substr(0, out.size() - ending.size()), longest_name - ending.size()) + ending;
    }
    while (!out.empty() && (out.back() == '.' || out.back() == '_')) out.pop_back();
    if (is_device(out)) out.insert(std::min(out.find('.'), out.size()), "_");
    return out.empty() ? std::string{fallback} : out;
}

std::string unique_name(const std::string& name, std::vector<std::string>& taken)
{
    // As file systems see it that know no capitals.
    const auto folded = [](const std::string& one) { return utf8(composed(unicode(one).foldCase())); };
    const auto is_taken = [&](const std::string& candidate) {
        return std::ranges::find(taken, folded(candidate)) != taken.end();
    };
    const auto dot = name.rfind('.');
    const auto stem = name.substr(0, dot), ending = dot == std::string::npos ? std::string{} : name.substr(dot);
    std::string candidate = name;
    for (int n = 2; is_taken(candidate); ++n) candidate = stem + "-" + std::to_string(n) + ending;
    taken.push_back(folded(candidate));
    return candidate;
}

}  // namespace majlis::reports
