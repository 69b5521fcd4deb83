#include "core/message/html_entities.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace majlis::html {
namespace {

using Named = std::pair<std::string_view, std::uint32_t>;

/// Those of HTML 4; the others stay as they are written. Spaces of every width are a space.
constexpr std::array<Named, 259> entities{{
    {"AElig", 198},   {"AMP", 38},      {"Aacute", 193},   {"Acirc", 194},   {"Agrave", 192},   {"Alpha", 913},
    {"Aring", 197},   {"Atilde", 195},  {"Auml", 196},     {"Beta", 914},    {"COPY", 169},     {"Ccedil", 199},
    {"Chi", 935},     {"Dagger", 8225}, {"Delta", 916},    {"ETH", 208},     {"Eacute", 201},   {"Ecirc", 202},
    {"Egrave", 200},  {"Epsilon", 917}, {"Eta", 919},      {"Euml", 203},    {"GT", 62},        {"Gamma", 915},
    {"Iacute", 205},  {"Icirc", 206},   {"Igrave", 204},   {"Iota", 921},    {"Iuml", 207},     {"Kappa", 922},
    {"LT", 60},       {"Lambda", 923},  {"Mu", 924},       {"Ntilde", 209},  {"Nu", 925},       {"OElig", 338},
    {"Oacute", 211},  {"Ocirc", 212},   {"Ograve", 210},   {"Omega", 937},   {"Omicron", 927},  {"Oslash", 216},
    {"Otilde", 213},  {"Ouml", 214},    {"Phi", 934},      {"Pi", 928},      {"Prime", 8243},   {"Psi", 936},
    {"QUOT", 34},     {"REG", 174},     {"Rho", 929},      {"Scaron", 352},  {"Sigma", 931},    {"THORN", 222},
    {"Tau", 932},     {"Theta", 920},   {"Uacute", 218},   {"Ucirc", 219},   {"Ugrave", 217},   {"Upsilon", 933},
    {"Uuml", 220},    {"Xi", 926},      {"Yacute", 221},   {"Yuml", 376},    {"Zeta", 918},     {"aacute", 225},
    {"acirc", 226},   {"acute", 180},   {"aelig", 230},    {"agrave", 224},  {"alefsym", 8501}, {"alpha", 945},
    {"amp", 38},      {"and", 8743},    {"ang", 8736},     {"apos", 39},     {"aring", 229},    {"asymp", 8776},
    {"atilde", 227},  {"auml", 228},    {"bdquo", 8222},   {"beta", 946},    {"brvbar", 166},   {"bull", 8226},
    {"cap", 8745},    {"ccedil", 231},  {"cedil", 184},    {"cent", 162},    {"chi", 967},      {"circ", 710},
    {"clubs", 9827},  {"cong", 8773},   {"copy", 169},     {"crarr", 8629},  {"cup", 8746},     {"curren", 164},
    {"dArr", 8659},   {"dagger", 8224}, {"darr", 8595},    {"deg", 176},     {"delta", 948},    {"diams", 9830},
    {"divide", 247},  {"eacute", 233},  {"ecirc", 234},    {"egrave", 232},  {"empty", 8709},   {"emsp", 32},
    {"ensp", 32},     {"epsilon", 949}, {"equiv", 8801},   {"eta", 951},     {"eth", 240},      {"euml", 235},
    {"euro", 8364},   {"exist", 8707},  {"fnof", 402},     {"forall", 8704}, {"frac12", 189},   {"frac14", 188},
    {"frac34", 190},  {"frasl", 8260},  {"gamma", 947},    {"ge", 8805},     {"gt", 62},        {"hArr", 8660},
    {"harr", 8596},   {"hearts", 9829}, {"hellip", 8230},  {"iacute", 237},  {"icirc", 238},    {"iexcl", 161},
    {"igrave", 236},  {"image", 8465},  {"infin", 8734},   {"int", 8747},    {"iota", 953},     {"iquest", 191},
    {"isin", 8712},   {"iuml", 239},    {"kappa", 954},    {"lArr", 8656},   {"lambda", 955},   {"lang", 9001},
    {"laquo", 171},   {"larr", 8592},   {"lceil", 8968},   {"ldquo", 8220},  {"le", 8804},      {"lfloor", 8970},
    {"lowast", 8727}, {"loz", 9674},    {"lrm", 8206},     {"lsaquo", 8249}, {"lsquo", 8216},   {"lt", 60},
    {"macr", 175},    {"mdash", 8212},  {"micro", 181},    {"middot", 183},  {"minus", 8722},   {"mu", 956},
    {"nabla", 8711},  {"nbsp", 32},     {"ndash", 8211},   {"ne", 8800},     {"ni", 8715},      {"not", 172},
    {"notin", 8713},  {"nsub", 8836},   {"ntilde", 241},   {"nu", 957},      {"oacute", 243},   {"ocirc", 244},
    {"oelig", 339},   {"ograve", 242},  {"oline", 8254},   {"omega", 969},   {"omicron", 959},  {"oplus", 8853},
    {"or", 8744},     {"ordf", 170},    {"ordm", 186},     {"oslash", 248},  {"otilde", 245},   {"otimes", 8855},
    {"ouml", 246},    {"para", 182},    {"part", 8706},    {"permil", 8240}, {"perp", 8869},    {"phi", 966},
    {"pi", 960},      {"piv", 982},     {"plusmn", 177},   {"pound", 163},   {"prime", 8242},   {"prod", 8719},
    {"prop", 8733},   {"psi", 968},     {"quot", 34},      {"rArr", 8658},   {"radic", 8730},   {"rang", 9002},
    {"raquo", 187},   {"rarr", 8594},   {"rceil", 8969},   {"rdquo", 8221},  {"real", 8476},    {"reg", 174},
    {"rfloor", 8971}, {"rho", 961},     {"rlm", 8207},     {"rsaquo", 8250}, {"rsquo", 8217},   {"sbquo", 8218},
    {"scaron", 353},  {"sdot", 8901},   {"sect", 167},     {"shy", 173},     {"sigma", 963},    {"sigmaf", 962},
    {"sim", 8764},    {"spades", 9824}, {"sub", 8834},     {"sube", 8838},   {"sum", 8721},     {"sup", 8835},
    {"sup1", 185},    {"sup2", 178},    {"sup3", 179},     {"supe", 8839},   {"szlig", 223},    {"tau", 964},
    {"there4", 8756}, {"theta", 952},   {"thetasym", 977}, {"thinsp", 32},   {"thorn", 254},    {"tilde", 732},
    {"times", 215},   {"trade", 8482},  {"uArr", 8657},    {"uacute", 250},  {"uarr", 8593},    {"ucirc", 251},
    {"ugrave", 249},  {"uml", 168},     {"upsih", 978},    {"upsilon", 965}, {"uuml", 252},     {"weierp", 8472},
    {"xi", 958},      {"yacute", 253},  {"yen", 165},      {"yuml", 255},    {"zeta", 950},     {"zwj", 8205},
    {"zwnj", 8204},
}};
static_assert(std::is_sorted(entities.begin(), entities.end()));

/// What the numbers 128 to 159 are meant as: windows-1252.
constexpr std::array<std::uint32_t, 32> windows{
    0x20ac, 0x81,   0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d, 0x8f,
    0x90,   0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178};

constexpr std::uint32_t soft_hyphen = 0xad;
constexpr std::size_t longest_reference = 12;

std::optional<std::uint32_t> number(std::string_view digits)
{
    const bool hex = !digits.empty() && text::lower(digits.front()) == 'x';
    if (hex) digits.remove_prefix(1);
    if (digits.empty() || digits.size() > 8) return std::nullopt;
    std::uint64_t value = 0;
    for (const char c : digits) {
        const char l = text::lower(c);
        const int digit = text::is_digit(c) ? c - '0' : hex && l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
        if (digit < 0) return std::nullopt;
        value = value * (hex ? 16U : 10U) + static_cast<unsigned>(digit);
    }
    if (value >= 128 && value < 160) return windows[value - 128];
    if (value == 160) return std::uint32_t{' '};
    return value == 0 || value > 0x10ffff ? 0xfffdU : static_cast<std::uint32_t>(value);
}

std::optional<std::uint32_t> entity(std::string_view name)
{
    if (name.starts_with('#')) return number(name.substr(1));
    const auto at = std::lower_bound(entities.begin(), entities.end(), name, [](const Named& e, auto n) { return e.first < n; });
    if (at == entities.end() || at->first != name) return std::nullopt;
    return at->second;
}

}  // namespace

Reference read_reference(std::string_view rest)
{
    const auto name = rest.substr(1, longest_reference);
    const auto end = name.find(';');
    if (end == std::string_view::npos) return {};
    const auto value = entity(name.substr(0, end));
    if (!value) return {};
    return {end + 2, *value == soft_hyphen ? 0 : *value};
}

void append_utf8(std::string& out, std::uint32_t c)
{
    if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000)) c = 0xfffd;
    const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
    if (c < 0x80) return put(c);
    if (c < 0x800) {
        put(0xc0 | c >> 6);
    } else {
        if (c < 0x10000) {
            put(0xe0 | c >> 12);
        } else {
            put(0xf0 | c >> 18);
            put(0x80 | (c >> 12 & 0x3f));
        }
        put(0x80 | (c >> 6 & 0x3f));
    }
    put(0x80 | (c & 0x3f));
}

std::string decoded(std::string_view value)
{
    std::string out;
    while (!value.empty()) {
        const Reference found = value.front() == '&' ? read_reference(value) : Reference{};
        if (found.length == 0) {
            out += value.front();
        } else if (found.character != 0) {
            append_utf8(out, found.character);
        }
        value.remove_prefix(found.length == 0 ? 1 : found.length);
    }
    return out;
}

}  // namespace majlis::html
