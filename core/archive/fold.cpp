#include "core/archive/fold.hpp"

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include <array>

#include "core/text/ascii.hpp"

namespace majlis::archive {
namespace {

/// What one character is to a word.
enum class Role { letter, nothing, separator };

struct Folded {
    Role role = Role::separator;
    std::string text;  // of a letter
};

void append(std::string& out, UChar32 c)
{
    std::array<char, U8_MAX_LENGTH> bytes{};
    int32_t size = 0;
    UBool error = false;
    U8_APPEND(bytes.data(), size, U8_MAX_LENGTH, c, error);
    if (!error) out.append(bytes.data(), static_cast<std::size_t>(size));
}

bool is_vowel_mark(UChar32 c)
{
    return (c >= 0x610 && c <= 0x61a) || (c >= 0x64b && c <= 0x65f) || c == 0x670 || (c >= 0x6d6 && c <= 0x6ed);
}

/// Between letters of one word and seen by nobody: joiners, marks of direction, soft hyphen, tatweel.
bool is_invisible(UChar32 c)
{
    return c == 0xad || c == 0x640 || c == 0x61c || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

/// 0: to be dropped. Letters that people write one for the other.
UChar32 arabic(UChar32 c)
{
    switch (c) {
        case 0x622:  // alef with madda, hamza above, hamza below, wasla
        case 0x623:
        case 0x625:
        case 0x671:
        case 0x672:
        case 0x673:
            return 0x627;
        case 0x621:  // hamza alone
        case 0x674:
            return 0;
        case 0x624:  // hamza on waw
            return 0x648;
        case 0x626:  // hamza on ya, alef maksura, Farsi ya
        case 0x649:
        case 0x6cc:
        case 0x6d2:
            return 0x64a;
        case 0x629:  // ta marbuta, and ha in its other forms
        case 0x6c0:
        case 0x6c1:
        case 0x6c3:
        case 0x6d5:
            return 0x647;
        case 0x6a9:  // kaf of Farsi
            return 0x643;
        default:
            return c;
    }
}

std::string_view latin(UChar32 c)
{
    switch (c) {
        case 0xc6:
        case 0xe6:
            return "ae";
        case 0x152:
        case 0x153:
            return "oe";
        case 0xdf:
        case 0x1e9e:
            return "ss";
        case 0xd8:
        case 0xf8:
            return "o";
        case 0x110:
        case 0x111:
        case 0xd0:
        case 0xf0:
            return "d";
        case 0x141:
        case 0x142:
            return "l";
        case 0x131:
            return "i";
        default:
            return {};
    }
}

/// One character that has no further decomposition.
Folded fold_plain(UChar32 c)
{
    if (c < 0x80) {
        const auto ascii = static_cast<char>(c);
        if (text::is_letter(ascii) || text::is_digit(ascii)) return {Role::letter, std::string(1, text::lower(ascii))};
        return {};
    }
    if (is_invisible(c) || is_vowel_mark(c)) return {Role::nothing, {}};
    if (const auto pair = latin(c); !pair.empty()) return {Role::letter, std::string{pair}};
    const auto type = u_charType(c);
    if (type == U_NON_SPACING_MARK || type == U_ENCLOSING_MARK) return {Role::nothing, {}};
    if (type == U_DECIMAL_DIGIT_NUMBER) return {Role::letter, std::string(1, static_cast<char>('0' + u_charDigitValue(c)))};
    if (!u_isalnum(c) && type != U_COMBINING_SPACING_MARK) return {};
    const UChar32 kept = arabic(c);
    if (kept == 0) return {Role::nothing, {}};
    Folded folded{Role::letter, {}};
    append(folded.text, u_foldCase(kept, U_FOLD_CASE_DEFAULT));
    return folded;
}

const UNormalizer2* decomposer()
{
    static const UNormalizer2* const nfkd = [] {
        UErrorCode error = U_ZERO_ERROR;
        return unorm2_getNFKDInstance(&error);
    }();
    return nfkd;
}

Folded fold(UChar32 c)
{
    if (c < 0x80) return fold_plain(c);
    std::array<UChar, 64> parts{};
    UErrorCode error = U_ZERO_ERROR;
    const int32_t size = decomposer() == nullptr
                             ? -1
                             : unorm2_getDecomposition(decomposer(), c, parts.data(), static_cast<int32_t>(parts.size()), &error);
    if (size <= 0 || U_FAILURE(error)) return fold_plain(c);
    Folded all{Role::nothing, {}};
    for (int32_t at = 0; at < size;) {
        UChar32 part = 0;
        U16_NEXT(parts.data(), at, size, part);
        const auto one = fold_plain(part);
        if (one.role == Role::separator && all.text.empty()) all.role = Role::separator;
        if (one.role != Role::letter) continue;
        all.role = Role::letter;
        all.text += one.text;
    }
    return all;
}

/// Takes off the Arabic article and what is written together with it, where at least three letters are left.
void drop_article(std::string& word)
{
    static constexpr std::array<std::string_view, 6> articles{"\u0648\u0627\u0644", "\u0628\u0627\u0644", "\u0643\u0627\u0644",
                                                              "\u0641\u0627\u0644", "\u0627\u0644",       "\u0644\u0644"};
    constexpr std::size_t three_letters = 6;
    if (word.empty() || (static_cast<unsigned char>(word.front()) & 0xfc) != 0xd8) return;
    for (const auto article : articles)
        if (word.starts_with(article) && word.size() >= article.size() + three_letters) {
            word.erase(0, article.size());
            return;
        }
}

}  // namespace

FoundWord next_word(std::string_view utf8, std::size_t from)
{
    FoundWord word;
    bool full = false;  // at a whole character: what follows is not kept
    const auto keep = [&](std::string_view letters) {
        full = full || word.folded.size() + letters.size() > longest_word;
        if (!full) word.folded += letters;
    };
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(utf8.data());
    for (std::size_t at = from; at < utf8.size();) {
        if (const char ascii = utf8[at]; text::is_ascii(ascii)) {  // most of all text: no need to ask ICU
            const bool letter = text::is_letter(ascii) || text::is_digit(ascii);
            if (!letter && !word.folded.empty()) break;
            if (letter && word.folded.empty()) word.begin = at;
            const char lower = text::lower(ascii);
            if (letter) keep({&lower, 1});
            ++at;
            if (letter) word.end = at;
            continue;
        }
        // ICU counts in int32_t: a window of one character is enough for it.
        const auto window = static_cast<int32_t>(std::min<std::size_t>(utf8.size() - at, U8_MAX_LENGTH));
        int32_t read = 0;
        UChar32 c = 0;
        U8_NEXT(bytes + at, read, window, c);
        const auto folded = c < 0 ? Folded{} : fold(c);
        const auto next = at + static_cast<std::size_t>(read);
        if (folded.role == Role::letter) {
            if (word.folded.empty()) word.begin = at;
            keep(folded.text);
            word.end = next;
        } else if (folded.role == Role::separator && !word.folded.empty()) {
            break;
        }
        at = next;
    }
    drop_article(word.folded);
    if (word.folded.empty()) word.begin = word.end = utf8.size();
    return word;
}

std::vector<std::string> fold_words(std::string_view utf8)
{
    std::vector<std::string> words;
    for (std::size_t at = 0; at < utf8.size();) {
        auto word = next_word(utf8, at);
        if (word.folded.empty()) break;
        at = word.end;
        words.push_back(std::move(word.folded));
    }
    return words;
}

std::string fold_text(std::string_view utf8, std::size_t max_bytes)
{
    std::string out;
    out.reserve(std::min(utf8.size(), max_bytes));
    for (std::size_t at = 0; at < utf8.size() && out.size() < max_bytes;) {
        const auto word = next_word(utf8, at);
        if (word.folded.empty()) break;
        at = word.end;
        if (!out.empty()) out += ' ';
        out += word.folded;
    }
    return out;
}

}  // namespace majlis::archive
