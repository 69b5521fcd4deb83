#include "core/reports/markdown.hpp"

#include <algorithm>
#include <vector>

#include "core/moderation/lines.hpp"
#include "core/moderation/quotes.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::reports {
namespace {

constexpr std::size_t most_lines = 50'000;

std::vector<std::string_view> lines_of(std::string_view text)
{
    std::vector<std::string_view> lines;
    for (std::size_t at = 0; at < text.size() && lines.size() < most_lines;) {
        const auto end = std::min(text.find('\n', at), text.size());
        auto line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        lines.push_back(line);
        at = end + 1;
    }
    return lines;
}

/// Lists, headings, quotes, tables and rules are already lines of their own.
bool stands_alone(std::string_view line)
{
    line = text::trim(line);
    if (line.empty()) return true;
    if (std::string_view{"#>|-*+="}.find(line.front()) != std::string_view::npos) return true;
    return text::is_digit(line.front()) && line.find(". ") < 4;
}

/// "On Monday Ann wrote:", "Le 2 mars, Ann a écrit :"
bool introduces_quote(std::string_view line)
{
    line = text::trim(line);
    return line.ends_with(':') && line.size() < 300;
}

bool quote_follows(const std::vector<std::string_view>& lines, std::size_t at)
{
    while (at < lines.size() && text::trim(lines[at]).empty()) ++at;
    return at < lines.size() && lines[at].starts_with('>');
}

/// "-----Original Message-----" or "From: ... Sent: ...": with somebody's address soon behind it. Minutes may have a heading of
/// their own, "De : le bureau, Date : ..., Objet : ...".
bool original_begins(const std::vector<std::string>& plain, std::size_t at)
{
    constexpr std::size_t longest_heading = 9;  // lines
    if (moderation::separator_lines(plain, at) == 0) return false;
    const auto end = std::min(at + longest_heading, plain.size());
    return std::any_of(plain.begin() + static_cast<std::ptrdiff_t>(at), plain.begin() + static_cast<std::ptrdiff_t>(end),
                       [](const std::string& line) { return line.find('@') != std::string::npos; });
}

}  // namespace

std::string escaped(std::string_view line)
{
    std::string out;
    for (const char c : text::printable(line, 1000)) {
        if (c == '<')
            out += "&lt;";
        else if (c == '&')
            out += "&amp;";
        else if (std::string_view{"\\`*_[]|#!~"}.find(c) != std::string_view::npos)
            out.append("\\").push_back(c);
        else
            out += c;
    }
    return out;
}

std::string link(std::string_view shown, std::string_view path)
{
    static constexpr char digits[] = "0123456789ABCDEF";
    std::string target;
    for (const char c : path) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 127 || text::is_letter(c) || text::is_digit(c) || std::string_view{"/-_.+"}.find(c) != std::string_view::npos)
            target += c;
        else
            target.append("%").append({digits[byte >> 4], digits[byte & 15]});
    }
    return "[" + escaped(shown) + "](" + target + ")";
}

std::string markdown_body(std::string_view text)
{
    const auto lines = lines_of(text);
    std::string out;
    for (std::size_t n = 0; n < lines.size(); ++n) {
        auto line = lines[n];
        while (line.ends_with(' ') || line.ends_with('\t')) line.remove_suffix(1);
        // HTML would be run by who shows the page; a link in angle brackets is none.
        for (std::size_t at = 0; at < line.size(); ++at) {
            const bool link_begins = line.substr(at).starts_with("<http://") || line.substr(at).starts_with("<https://");
            if (line[at] == '<' && !link_begins)
                out += "&lt;";
            else if (static_cast<unsigned char>(line[at]) >= 32 || line[at] == '\t')
                out += line[at];
        }
        const bool more = n + 1 < lines.size() && !stands_alone(line) && !stands_alone(lines[n + 1]);
        out += more ? "  \n" : "\n";
    }
    while (out.ends_with("\n\n")) out.pop_back();
    return out;
}

std::string own_text(std::string_view text, Quotes quotes)
{
    std::string out;
    const auto lines = lines_of(text);
    std::vector<std::string> plain;
    if (quotes == Quotes::drop)
        for (const auto line : lines) plain.push_back(moderation::plain_form(line));
    bool any = false;
    for (std::size_t n = 0; n < lines.size(); ++n) {
        const auto line = lines[n];
        if (line == "-- ") break;
        if (quotes == Quotes::drop) {
            if (line.starts_with('>')) continue;
            if (introduces_quote(line) && quote_follows(lines, n + 1)) continue;
            // Broken over several lines; it names an address more often than not.
            const auto attribution = moderation::attribution_lines(plain, n);
            if (attribution > 0 && quote_follows(lines, n + attribution)) {
                n += attribution - 1;
                continue;
            }
            if (any && original_begins(plain, n)) break;
        }
        any = any || !text::trim(line).empty();
        out.append(line).push_back('\n');
    }
    return out;
}

}  // namespace majlis::reports
