#include "core/classify/recognisers.hpp"

#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"

#include <algorithm>

/// Codes and lines in what servers say: RFC 3463, RFC 5321.
namespace majlis::recognise {
namespace {

constexpr std::size_t longest_diagnostic = 500;  // bytes

/// How many digits stand here, at most `most`.
std::size_t digits_at(std::string_view words, std::size_t at, std::size_t most)
{
    std::size_t n = 0;
    while (n < most && at + n < words.size() && text::is_digit(words[at + n])) ++n;
    return n;
}

/// The length of "5.1.1" here, or 0. The subject is 0 to 7 (RFC 3463), the detail at most three digits.
std::size_t enhanced_at(std::string_view words, std::size_t at)
{
    if (at + 5 > words.size() || words[at + 1] != '.' || words[at + 2] < '0' || words[at + 2] > '7' || words[at + 3] != '.')
        return 0;
    const auto detail = digits_at(words, at + 4, 4);
    const auto end = at + 4 + detail;
    if (detail == 0 || detail > 3) return 0;
    const bool goes_on =
        end < words.size() && (text::is_letter(words[end]) || (words[end] == '.' && digits_at(words, end + 1, 1) > 0));
    return goes_on ? 0 : end - at;
}

/// A number of three digits is a reply only where a reply may stand: not in "after 480 minutes" or "port 587".
bool is_reply_at(std::string_view words, std::size_t at)
{
    if (digits_at(words, at, 4) != 3 || words[at + 1] > '5') return false;
    const auto behind = words.substr(at + 3, 12);
    if (!behind.empty() && (text::is_letter(behind[0]) || behind[0] == '.' || behind[0] == '@' || behind[0] == '%'))
        return behind[0] == '.' && (behind.size() == 1 || text::is_space(behind[1]));
    for (const auto* unit :
         {" minute", " hour", " second", " day", " byte", " kb", " mb", " k ", " message", " recipient", " time"})
        if (text::starts_with_nocase(behind, unit)) return false;
    return true;
}

bool is_version(std::string_view before)
{
    const auto words = text::lowered(text::trim(before.substr(before.size() - std::min<std::size_t>(before.size(), 12))));
    for (const auto* name : {"version", "release", " v", "exim", "domino", "notes", "service", "ver.", "agent"})
        if (words.ends_with(name)) return true;
    return false;
}

}  // namespace

std::string status_in(std::string_view words)
{
    std::string reply;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (words[i] != '2' && words[i] != '4' && words[i] != '5') continue;
        const char before = i > 0 ? words[i - 1] : ' ';
        if (text::is_letter(before) || text::is_digit(before) || before == '.' || before == '@' || before == '+' || before == '$')
            continue;
        if (const auto size = enhanced_at(words, i); size > 0 && !is_version(words.substr(0, i)))
            return std::string{words.substr(i, size)};
        if (words[i] == '2' || before == '-' || before == '/' || !reply.empty()) continue;
        if (is_reply_at(words, i)) reply = std::string{words[i]} + ".0.0";
    }
    return reply;
}

namespace {

/// Not longer than a diagnostic may be, and no character cut in two.
std::string shortened(std::string utf8)
{
    if (utf8.size() <= longest_diagnostic) return utf8;
    auto end = longest_diagnostic;
    while (end > 0 && (static_cast<unsigned char>(utf8[end]) & 0xc0) == 0x80) --end;
    utf8.resize(end);
    return utf8;
}

}  // namespace

std::string diagnostic_line(std::string_view words)
{
    std::string line;
    for (const char c : words.substr(0, 4 * longest_diagnostic)) {
        const bool blank = text::is_control(c) || c == ' ';
        if (blank && (line.empty() || line.back() == ' ')) continue;
        if (line.size() >= longest_diagnostic) break;
        line += blank ? ' ' : c;
    }
    while (line.ends_with(' ')) line.pop_back();
    // A character cut in two goes; what is no UTF-8 at all is decoded as a guess.
    for (int cut = 0; cut < 4 && !line.empty() && !text::valid_utf8(line) && !text::is_ascii(line.back()); ++cut) {
        auto shorter = line;
        shorter.resize(line.size() - static_cast<std::size_t>(cut) - 1);
        if (text::valid_utf8(shorter)) return shorter;
    }
    return text::valid_utf8(line) ? line : shortened(text::to_utf8(line, "us-ascii"));  // a guess may be longer than the bytes
}

}  // namespace majlis::recognise
