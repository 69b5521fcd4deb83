#include "core/classify/dialects/dialect.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>
#include <array>

namespace majlis::recognise {
namespace {

constexpr std::size_t most_lines_after = 8;
constexpr std::size_t most_words = 1'500;  // bytes

/// What may stand between the begin of a line and the address that leads it.
bool is_lead(std::string_view before)
{
    const auto skip = [](char c) {
        return text::is_space(c) || text::is_digit(c) || std::string_view{"<([{'\"*-:;,.&#`|"}.find(c) != std::string_view::npos;
    };
    while (!before.empty() && skip(before.front())) before.remove_prefix(1);
    while (!before.empty() && skip(before.back())) before.remove_suffix(1);
    if (before.empty() || before == "\xe2\x80\xa2" || before == "\xc2\xb7") return true;
    static constexpr std::array labels{"rfc822",  "smtp",    "to",     "recipient", "recipients", "recipient(s)",
                                       "address", "failed",  "mailto", "email",     "user",       "an",
                                       "e-mail",  "rcpt to", "para",   "\xc3\xa0"};
    return std::any_of(labels.begin(), labels.end(), [&](const char* label) { return text::equal_nocase(before, label); });
}

}  // namespace

Spot leading_address(std::string_view line)
{
    const auto at = line.find('@');
    if (at == std::string_view::npos || at > 400 || line.starts_with('>')) return {};
    auto spots = addresses_in(line, 1);
    if (spots.empty() || !is_lead(line.substr(0, spots.front().begin))) return {};
    return std::move(spots.front());
}

bool continues_sentence(const Notice& notice, std::size_t line, std::size_t behind)
{
    if (line == 0 || notice.lines()[line - 1].size() < 50) return false;
    auto rest = notice.lines()[line].substr(behind);
    rest.remove_prefix(std::min(rest.find_first_not_of(">\"', "), rest.size()));
    return !rest.empty() && text::is_letter(rest.front());
}

std::string words_after(const Notice& notice, std::size_t line, std::size_t column)
{
    std::string words;
    for (std::size_t i = line; i < notice.lines().size() && i <= line + most_lines_after && words.size() < most_words; ++i) {
        auto piece = notice.lines()[i];
        if (i == line) piece.remove_prefix(std::min(column, piece.size()));
        if (i == line) piece.remove_prefix(std::min(piece.find_first_not_of(">)]\"':;,. \t"), piece.size()));
        if (piece.empty()) {
            if (i <= line + 1) continue;
            break;
        }
        if (i > line && !leading_address(piece).address.empty() && status_in(piece).empty()) break;  // the next recipient
        words += piece.substr(0, most_words);
        words += ' ';
    }
    return words;
}

bool is_found(const std::vector<Found>& all, std::string_view address)
{
    const auto same = [&](const Found& other) { return text::equal_nocase(other.recipient, address); };
    return all.size() >= most_recipients || std::any_of(all.begin(), all.end(), same);
}

void add_found(std::vector<Found>& all, Found found)
{
    if (!is_found(all, found.recipient)) all.push_back(std::move(found));
}

}  // namespace majlis::recognise
