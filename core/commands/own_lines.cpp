#include <algorithm>
#include <array>

#include "core/commands/commands.hpp"
#include "core/commands/fold.hpp"
#include "core/commands/words.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::commands {
namespace {

constexpr std::size_t most_read = 400;  // lines of a body that are looked at
constexpr std::size_t longest_line = 1'000;
constexpr std::size_t lines_that_doubt = 3;  // of a reply; below stand names and greetings

/// Below these, nothing was written by the sender. Folded.
bool ends_text(std::string_view plain)
{
    static const std::array beginnings{folded("sent from "),
                                       folded("envoyé de mon"),
                                       folded("envoyé depuis"),
                                       folded("envoyé à partir"),
                                       folded("get outlook for"),
                                       folded("télécharger outlook"),
                                       folded("obtenir outlook"),
                                       folded("أرسلت من"),
                                       folded("أرسل من"),
                                       folded("تم الإرسال من"),
                                       folded("مرسل من"),
                                       folded("احصل على outlook"),
                                       folded("yahoo mail"),
                                       folded("begin forwarded message"),
                                       folded("----")};
    if (plain == "--" || plain == "__") return true;
    if (plain.size() >= 5 && plain.find_first_not_of("_-=*") == std::string_view::npos) return true;
    return std::ranges::any_of(beginnings, [&](const std::string& one) { return plain.starts_with(one); });
}

/// "On Monday Ann wrote:", "Le lundi Ann a écrit :", "كتب ...:", or Outlook's "From: ... ".
bool introduces_quote(std::string_view plain)
{
    static const std::array endings{folded("wrote:"), folded("a écrit :"), folded("a écrit:"), folded("schrieb:"),
                                    folded("كتب:"),   folded("كتب :"),     folded("كتبت:"),    folded("escribió:")};
    static const std::array headers{folded("from: "), folded("de : "), folded("de: "), folded("von: "), folded("من: ")};
    if (std::ranges::any_of(endings, [&](const std::string& one) { return plain.ends_with(one); })) return true;
    static const std::string wrote = folded("كتب");
    if (plain.ends_with(':') && plain.find(wrote) != std::string_view::npos) return true;
    return std::ranges::any_of(headers, [&](const std::string& one) {
        return plain.starts_with(one) && (plain.find('@') != std::string_view::npos || plain.size() > 20);
    });
}

std::vector<std::string_view> split_lines(std::string_view text)
{
    std::vector<std::string_view> lines;
    while (!text.empty() && lines.size() < most_read) {
        const auto end = std::min(text.find_first_of("\r\n"), text.size());
        lines.push_back(text.substr(0, std::min(end, longest_line)));
        text.remove_prefix(end);
        if (text.starts_with("\r\n"))
            text.remove_prefix(2);
        else if (!text.empty())
            text.remove_prefix(1);
    }
    return lines;
}

}  // namespace

std::vector<std::string> own_lines(std::string_view body)
{
    const auto lines = split_lines(body);
    std::vector<std::string> own;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        const auto line = text::trim(lines[i]);
        if (line.starts_with('>') || line.starts_with('|')) continue;
        const auto plain = folded(line);
        if (plain.empty()) continue;
        if (ends_text(plain) || introduces_quote(plain)) break;
        // An attribution that was wrapped.
        if (i + 1 < lines.size() && plain.find(' ') != std::string::npos && introduces_quote(folded(lines[i + 1]))) break;
        own.emplace_back(line);
    }
    return own;
}

Consent consent_in(std::string_view own_text)
{
    const auto lines = split_lines(own_text);
    const auto first = std::ranges::find_if(lines, [](std::string_view line) { return !folded(line).empty(); });
    if (first == lines.end()) return Consent::yes;
    auto plain = folded(*first);
    if (const auto end = plain.find("\u060c"); end != std::string::npos) plain.resize(end);  // Arabic comma
    if (const auto end = plain.find_first_of(",.!;:"); end != std::string::npos) plain.resize(end);
    const auto word = std::string_view{plain}.substr(0, plain.find(' '));
    if (words::is_no(text::trim(plain)) || words::is_no(word)) return Consent::no;
    std::size_t read = 0;
    for (auto line = first; line != lines.end() && read < lines_that_doubt; ++line) {
        const auto said = folded(*line);
        if (said.empty()) continue;
        ++read;
        if (words::doubts(said)) return Consent::unclear;
    }
    return Consent::yes;
}

}  // namespace majlis::commands
