#include "core/commands/fold.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "core/text/ascii.hpp"

namespace majlis::commands {
namespace {

/// One character as it is compared; 0: left out.
UChar32 plain(UChar32 c)
{
    const auto type = u_charType(c);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK || type == U_FORMAT_CHAR || c == 0x0640) return 0;
    if (u_isUWhiteSpace(c) || u_iscntrl(c)) return ' ';
    if (const auto digit = u_charDigitValue(c); digit >= 0) return '0' + digit;
    switch (c) {
        case 0x0629:  // ta marbuta
            return 0x0647;
        case 0x0649:  // alef maksura
            return 0x064a;
        case 0x0671:  // alef wasla
            return 0x0627;
        case 0x2019:
        case 0x2018:
        case 0x02bc:
        case '`':
            return '\'';
        case 0x2010:
        case 0x2011:
        case 0x2013:
        case 0x2014:
            return '-';
        default:
            return u_foldCase(c, U_FOLD_CASE_DEFAULT);
    }
}

/// The same as the long way round, for what most lines are.
std::string folded_ascii(std::string_view ascii)
{
    std::string out;
    out.reserve(ascii.size());
    for (const char c : ascii) {
        if (static_cast<unsigned char>(c) > ' ' && c != 0x7f)
            out += c == '`' ? '\'' : text::lower(c);
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

}  // namespace

std::string folded(std::string_view utf8)
{
    if (text::is_ascii(utf8)) return folded_ascii(utf8);
    UErrorCode status = U_ZERO_ERROR;
    const auto* decompose = icu::Normalizer2::getNFKDInstance(status);
    auto text = icu::UnicodeString::fromUTF8(icu::StringPiece{utf8.data(), static_cast<int32_t>(utf8.size())});
    if (U_SUCCESS(status)) {
        const auto apart = decompose->normalize(text, status);
        if (U_SUCCESS(status)) text = apart;
    }
    icu::UnicodeString out;
    for (int32_t at = 0; at < text.length(); at = text.moveIndex32(at, 1)) {
        const auto c = plain(text.char32At(at));
        if (c == 0) continue;
        if (c == ' ' && (out.isEmpty() || out.charAt(out.length() - 1) == ' ')) continue;
        out.append(c);
    }
    std::string result;
    out.toUTF8String(result);
    return std::string{text::trim(result)};
}

}  // namespace majlis::commands
