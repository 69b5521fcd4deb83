#include "core/compose/lines.hpp"

#include <algorithm>
#include <cstring>

#include "core/compose/post_copy.hpp"

namespace majlis::compose {
namespace {

constexpr std::size_t none = std::string_view::npos;

std::size_t find(std::string_view text, char c, std::size_t from)
{
    if (from >= text.size()) return none;
    const void* found = std::memchr(text.data() + from, c, text.size() - from);
    return found ? static_cast<std::size_t>(static_cast<const char*>(found) - text.data()) : none;
}

/// Calls `line(view with its CRLF)` for each line; the last one may lack the end.
template <class Line>
void each_line(std::string_view text, Line line)
{
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = find(text, '\n', at);
        const std::size_t next = end == none ? text.size() : end + 1;
        line(text.substr(at, next - at));
        at = next;
    }
}

std::string_view without_end(std::string_view line)
{
    if (line.ends_with('\n')) line.remove_suffix(1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

/// Never within a UTF-8 character.
std::size_t whole_characters(std::string_view text, std::size_t length)
{
    std::size_t cut = length;
    while (cut > 0 && length - cut < 4 && (static_cast<unsigned char>(text[cut]) & 0xc0U) == 0x80U) --cut;
    return cut == 0 || length - cut == 4 ? length : cut;
}

void cut_header_line(std::string_view line, std::string& out)
{
    while (line.size() > max_line) {
        const std::size_t space = line.find_last_of(" \t", max_line);
        const bool blank_before = space == none || line.find_first_not_of(" \t") >= space;
        if (blank_before) {
            const std::size_t cut = whole_characters(line, max_line - 1);
            out.append(line.substr(0, cut)).append("\r\n ");
            line.remove_prefix(cut);
        } else {
            out.append(line.substr(0, space)).append("\r\n");
            line.remove_prefix(space);
        }
    }
    out += line;
}

}  // namespace

bool clean_lines(std::string_view text)
{
    if (text.empty()) return true;
    if (!text.ends_with("\r\n") || find(text, '\0', 0) != none) return false;
    std::size_t cr = find(text, '\r', 0);
    for (std::size_t lf = find(text, '\n', 0); lf != none; lf = find(text, '\n', lf + 1)) {
        if (cr == none || cr + 1 != lf) return false;
        cr = find(text, '\r', lf + 1);
    }
    return cr == none;
}

std::string clean(std::string_view text)
{
    std::string out;
    out.reserve(text.size() + text.size() / 32 + 2);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\r') {
            std::size_t next = i;
            while (next < text.size() && text[next] == '\r') ++next;
            if (next < text.size() && text[next] == '\n') {
                out += "\r\n";
                i = next;
            } else {
                for (; i < next; ++i) out += "\r\n";
                --i;
            }
        } else if (c == '\n') {
            out += "\r\n";
        } else if (c != '\0') {
            out += c;
        }
    }
    if (!out.empty() && !out.ends_with("\r\n")) out += "\r\n";
    return out;
}

std::size_t longest_line(std::string_view text)
{
    std::size_t longest = 0;
    each_line(text, [&](std::string_view line) { longest = std::max(longest, without_end(line).size()); });
    return longest;
}

std::string cut_long_lines(std::string_view text, Where where)
{
    std::string out;
    out.reserve(text.size() + text.size() / 256 + 2);
    each_line(text, [&](std::string_view whole) {
        std::string_view line = without_end(whole);
        const std::string_view end = whole.substr(line.size());
        if (where == Where::header) {
            cut_header_line(line, out);
        } else {
            for (std::size_t room = max_line; line.size() > room; room = max_line - 1) {
                const std::size_t cut = whole_characters(line, room);
                out.append(line.substr(0, cut)).append("\r\n ");
                line.remove_prefix(cut);
            }
            out += line;
        }
        out += end;
    });
    return out;
}

}  // namespace majlis::compose

namespace majlis {

std::string dot_stuff(std::string_view crlf_text)
{
    std::string out;
    out.reserve(crlf_text.size() + 64);
    bool line_begins = true;
    compose::each_line(crlf_text, [&](std::string_view line) {
        if (line_begins && line.front() == '.') out += '.';
        out += line;
        line_begins = line.ends_with('\n');
    });
    return out;
}

}  // namespace majlis
