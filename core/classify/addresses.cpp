#include "core/classify/notice.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>

/// Addresses in running text.
namespace majlis::recognise {
namespace {

constexpr std::size_t longest_address = 320;

bool is_word(char c) { return text::is_letter(c) || text::is_digit(c); }

bool is_local(char c)
{
    return is_word(c) || !text::is_ascii(c) || std::string_view{"!#$%&'*+-/=?^_`{|}~."}.find(c) != std::string_view::npos;
}

bool is_domain(char c) { return is_word(c) || !text::is_ascii(c) || c == '-' || c == '.' || c == '_'; }

/// Chinese, Japanese, Korean: scripts without spaces, in which a sentence goes on right before and behind an address.
bool leads_cjk(char c) { return (static_cast<unsigned char>(c) >= 0xe3 && static_cast<unsigned char>(c) <= 0xed) || c == '\xef'; }
bool continues(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

/// "SMTP=a@b", "to=a@b": the label is no part of the address; a VERP address keeps its "=".
std::size_t skip_labels(std::string_view line, std::size_t begin, std::size_t at)
{
    const auto equals = line.substr(begin, at - begin).find('=');
    if (equals == std::string_view::npos) return begin;
    const auto label = text::lowered(line.substr(begin, equals));
    for (const auto* known : {"smtp", "to", "rcpt", "recipient", "address", "email", "mail", "user", "orcpt", "from", "id"})
        if (label == known) return begin + equals + 1;
    return begin;
}

std::size_t local_begin(std::string_view line, std::size_t at, std::size_t floor)
{
    std::size_t begin = at;
    while (begin > floor && at - begin < longest_address && is_local(line[begin - 1])) --begin;
    begin = skip_labels(line, begin, at);
    if (at > begin && text::is_ascii(line[at - 1])) {
        for (std::size_t i = at; i > begin; --i) {
            if (!leads_cjk(line[i - 1]) || i >= at || !continues(line[i])) continue;
            begin = std::min(i + 2, at);  // three bytes a character
            break;
        }
    }
    const auto kept = begin;
    while (begin < at && !is_word(line[begin]) && text::is_ascii(line[begin]) && line[begin] != '_' && line[begin] != '+' &&
           line[begin] != '#')
        ++begin;
    return begin == at ? kept : begin;
}

std::size_t domain_end(std::string_view line, std::size_t at)
{
    std::size_t end = at + 1;
    if (end < line.size() && line[end] == '[') {  // an address literal
        const auto close = line.find(']', end);
        return close == std::string_view::npos || close - end > 60 ? at : close + 1;
    }
    bool dotted = false;
    while (end < line.size() && end - at < longest_address && is_domain(line[end])) {
        if (leads_cjk(line[end]) && dotted && is_word(line[end - 1])) break;
        dotted = dotted || line[end] == '.';
        ++end;
    }
    while (end > at && !is_word(line[end - 1]) && text::is_ascii(line[end - 1])) --end;
    return end;
}

bool is_hostname(std::string_view domain, bool bracketed)
{
    if (domain.empty() || domain.starts_with('.') || domain.starts_with('-') || domain.find("..") != std::string_view::npos)
        return false;
    return bracketed || domain.find('.') != std::string_view::npos;
}

}  // namespace

std::vector<Spot> addresses_in(std::string_view line, std::size_t most)
{
    std::vector<Spot> spots;
    line = line.substr(0, 4'000);
    std::size_t floor = 0;
    for (auto at = line.find('@'); at != std::string_view::npos && spots.size() < most; at = line.find('@', at + 1)) {
        const auto begin = local_begin(line, at, floor);
        const auto end = domain_end(line, at);
        if (begin == at || end <= at + 1) continue;
        const bool bracketed = begin > 0 && line[begin - 1] == '<' && end < line.size() && line[end] == '>';
        if (!is_hostname(line.substr(at + 1, end - at - 1), bracketed) || end - begin > longest_address) continue;
        spots.push_back({std::string{line.substr(begin, end - begin)}, begin, end});
        floor = end;
    }
    return spots;
}

}  // namespace majlis::recognise
