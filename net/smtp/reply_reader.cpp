#include "net/smtp/reply_reader.hpp"

#include <algorithm>

#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::smtp {

namespace {

/// Whether this can be the beginning of a reply line: three digits, then a space, a hyphen or the end.
bool begins_well(std::string_view line)
{
    if (!line.empty() && (line[0] < '2' || line[0] > '5')) return false;
    for (std::size_t i = 1; i < 3 && i < line.size(); ++i) {
        if (!text::is_digit(line[i])) return false;
    }
    return line.size() < 4 || line[3] == ' ' || line[3] == '-';
}

std::string_view without_line_end(std::string_view line)
{
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    return line;
}

/// The "5.1.1" at the front of a line's text, if it is of the class that the code says.
std::string_view status_at(std::string_view text, char of_class)
{
    if (text.size() < 5 || text[0] != of_class || text[1] != '.' || of_class == '3') return {};
    std::size_t at = 2;
    for (int part = 0; part < 2; ++part) {
        const auto begin = at;
        while (at < text.size() && at - begin < 3 && text::is_digit(text[at])) ++at;
        if (at == begin) return {};
        if (part == 0 && (at == text.size() || text[at++] != '.')) return {};
    }
    return at == text.size() || text[at] == ' ' ? text.substr(0, at) : std::string_view{};
}

void append_text(std::string& out, std::string_view line)
{
    if (line.empty() || out.size() >= max_reply_text) return;
    if (!out.empty()) out += ' ';
    const auto room = max_reply_text - std::min(out.size(), max_reply_text);
    if (text::is_plain(line) && line.size() <= room) {
        out.append(line);
    } else if (room > 3) {
        out.append(text::printable(line, room - 3));  // its ellipsis may come on top
    }
}

/// Takes code, status and text from a line that begins well, with three digits at least. Each line's code replaces the last
/// one's.
void take(std::string_view line, Reply& reply)
{
    reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    const char of_class = line[0];
    line.remove_prefix(std::min<std::size_t>(line.size(), 4));
    const auto status = status_at(line, of_class);
    if (!status.empty()) {
        reply.status.assign(status);
        line.remove_prefix(std::min(line.size(), status.size() + 1));
    }
    append_text(reply.text, line);
}

}  // namespace

Reading read_reply(std::string_view bytes, Reply& reply)
{
    reply.status.clear();
    reply.text.clear();
    std::size_t at = 0;
    for (std::size_t count = 0; count < max_reply_lines; ++count) {
        const auto rest = bytes.substr(at);
        const auto end = rest.substr(0, max_reply_line).find('\n');
        const auto line = without_line_end(rest.substr(0, end == std::string_view::npos ? rest.size() : end));
        if (!begins_well(line)) return {Reading::What::garbage, 0};
        if (end == std::string_view::npos) {
            return {rest.size() >= max_reply_line ? Reading::What::garbage : Reading::What::incomplete, 0};
        }
        if (line.size() < 3) return {Reading::What::garbage, 0};
        at += end + 1;
        take(line, reply);
        if (line.size() > 3 && line[3] == '-') continue;
        if (!reply.status.empty() && reply.status[0] != line[0]) reply.status.clear();
        return {Reading::What::reply, at};
    }
    return {Reading::What::garbage, 0};
}

}  // namespace majlis::smtp
