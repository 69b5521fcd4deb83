#include "core/moderation/quotes.hpp"

#include <algorithm>
#include <array>

#include "core/moderation/lines.hpp"
#include "core/text/ascii.hpp"

namespace majlis::moderation {
namespace {

constexpr std::size_t longest_attribution = 4;  // lines
constexpr std::size_t attribution_bytes = 400;

/// How an attribution begins and what stands in its end.
struct Attribution {
    std::string_view begin;
    std::vector<std::string_view> verbs;
};

const std::vector<Attribution>& attributions()
{
    // Arabic as plain_form() writes it: alef without hamza, yeh for alef maksura, heh for teh marbuta.
    static const std::vector<Attribution> all{
        {"on ", {"wrote", "writes", "said"}},
        {"le ", {"a écrit", "a ecrit", "écrivait", "écrit"}},
        {"en date de ", {"a écrit"}},
        {"à ", {"a écrit", "écrivait"}},
        {"du ", {"a écrit"}},
        {"em ", {"escreveu"}},
        {"el ", {"escribió", "va escriure"}},
        {"am ", {"schrieb"}},
        {"il ", {"ha scritto"}},
        {"op ", {"schreef"}},
        {"في ", {"كتب", "كتبت", "كتابه ما يلي"}},
        {"بتاريخ ", {"كتب", "كتبت"}},
        {"يوم ", {"كتب", "كتبت"}},
        {"كتب ", {"في", "بتاريخ", "يوم", ":"}},
        {"كتبت ", {"في", "بتاريخ", "يوم", ":"}},
    };
    return all;
}

bool ends_like_attribution(std::string_view text)
{
    while (text.ends_with(' ')) text.remove_suffix(1);
    return text.ends_with(':') || text.ends_with("：") || text.ends_with("؛") || text.ends_with(":-");
}

bool has_date_or_address(std::string_view text)
{
    if (text.find('@') != std::string_view::npos) return true;
    if (std::ranges::any_of(text, [](char c) { return text::is_digit(c); })) return true;
    // Arabic-Indic digits: U+0660..0669, U+06F0..06F9.
    for (std::size_t at = 0; at + 1 < text.size(); ++at) {
        const auto a = static_cast<unsigned char>(text[at]), b = static_cast<unsigned char>(text[at + 1]);
        if ((a == 0xd9 && b >= 0xa0 && b <= 0xa9) || (a == 0xdb && b >= 0xb0 && b <= 0xb9)) return true;
    }
    return false;
}

bool is_attribution(std::string_view text)
{
    if (!ends_like_attribution(text) || !has_date_or_address(text)) return false;
    for (const auto& one : attributions())
        if (text.starts_with(one.begin) &&
            std::ranges::any_of(one.verbs, [&](auto verb) { return text.find(verb) != text.npos; }))
            return true;
    // "Karim Benali <karim@example.org> wrote:", "2026-02-03 10:00 GMT+01:00 Karim <...>:"
    const bool verb_last = std::ranges::any_of(
        std::array{"wrote:", "wrote :", "a écrit:", "a écrit :", "écrit :", "writes:", "كتب:", "كتب :", "كتبت:", "schrieb:"},
        [&](std::string_view verb) { return text.ends_with(verb); });
    const bool stamp =
        text.size() > 10 && text::is_digit(text[0]) && text::is_digit(text[3]) && text[4] == '-' && text.ends_with(">:");
    return verb_last || stamp;
}

/// "-----Original Message-----", also with dashes of other lengths, stars or none at all but a colon at the end.
bool is_original_mark(std::string_view line)
{
    std::string_view words = line;
    const auto ruler = [](char c) { return c == '-' || c == '_' || c == '*' || c == '=' || c == ' '; };
    while (!words.empty() && ruler(words.front())) words.remove_prefix(1);
    const bool dashes = line.size() - words.size() >= 3;
    while (!words.empty() && ruler(words.back())) words.remove_suffix(1);
    while (words.ends_with(':') || words.ends_with(' ')) words.remove_suffix(1);
    static const std::vector<std::string_view> marks{
        "original message",   "original appointment",    "message d'origine", "message original",    "message initial",
        "forwarded message",  "message transféré",       "message réexpédié", "الرساله الاصليه",     "رساله اصليه",
        "رساله معاد توجيهها", "ursprüngliche nachricht", "mensaje original",  "messaggio originale", "mensagem original",
        "reply message",      "reply above this line"};
    if (dashes && std::ranges::find(marks, words) != marks.end()) return true;
    static const std::vector<std::string_view> starts{"begin forwarded message", "début du message transféré",
                                                      "début du message réexpédié", "بدايه الرساله المعاد توجيهها"};
    return starts_with_any(words, starts);
}

/// "from: karim@example.org", "de : ...", "*from:* ...", "من: ..."; 'd' for the date, 't' for To, 's' for Subject, 0 for none.
char header_label(std::string_view line)
{
    while (line.starts_with('*') || line.starts_with(' ')) line.remove_prefix(1);
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon > 40) return 0;
    auto label = text::trim(line.substr(0, colon));
    while (label.ends_with('*')) label.remove_suffix(1);
    static constexpr std::array<std::pair<std::string_view, char>, 26> labels{{
        {"from", 'f'},         {"de", 'f'},    {"von", 'f'},     {"من", 'f'},        {"expéditeur", 'f'}, {"المرسل", 'f'},
        {"sent", 'd'},         {"date", 'd'},  {"envoyé", 'd'},  {"envoyé le", 'd'}, {"gesendet", 'd'},   {"تاريخ الارسال", 'd'},
        {"التاريخ", 'd'},      {"to", 't'},    {"à", 't'},       {"a", 't'},         {"an", 't'},         {"الي", 't'},
        {"destinataire", 't'}, {"cc", 't'},    {"subject", 's'}, {"objet", 's'},     {"sujet", 's'},      {"betreff", 's'},
        {"الموضوع", 's'},      {"موضوع", 's'},
    }};
    for (const auto& [name, kind] : labels)
        if (label == name) return kind;
    if (label == "ارسلت" || label == "تم الارسال" || label == "تاريخ") return 'd';
    return 0;
}

/// From, and two of date, To and Subject, within the next lines.
bool header_block(const std::vector<std::string>& lines, std::size_t at)
{
    if (header_label(lines[at]) != 'f') return false;
    std::string others;
    for (std::size_t i = at + 1; i < lines.size() && i < at + 7; ++i) {
        const char kind = header_label(lines[i]);
        if (kind != 0 && kind != 'f' && others.find(kind) == std::string::npos) others += kind;
    }
    return others.size() >= 2;
}

bool is_long_ruler(std::string_view line)
{
    return line.size() >= 10 &&
           (line.find_first_not_of('_') == std::string_view::npos || line.find_first_not_of('-') == std::string_view::npos);
}

}  // namespace

bool is_quoted_line(std::string_view line) { return line.starts_with('>') || line == "|" || line.starts_with("| "); }

std::size_t attribution_lines(const std::vector<std::string>& lines, std::size_t at)
{
    std::string joined;
    for (std::size_t count = 1; count <= longest_attribution && at + count <= lines.size(); ++count) {
        const auto& line = lines[at + count - 1];
        if (line.empty() || is_quoted_line(line) || joined.size() + line.size() > attribution_bytes) return 0;
        joined += (joined.empty() ? "" : " ") + line;
        if (is_attribution(joined)) return count;
    }
    return 0;
}

std::size_t separator_lines(const std::vector<std::string>& lines, std::size_t at)
{
    if (is_original_mark(lines[at])) return 1;
    if (header_block(lines, at)) return 1;
    if (!is_long_ruler(lines[at])) return 0;
    std::size_t next = at + 1;
    while (next < lines.size() && next < at + 3 && lines[next].empty()) ++next;
    return next < lines.size() && (header_block(lines, next) || is_original_mark(lines[next])) ? next - at + 1 : 0;
}

}  // namespace majlis::moderation
