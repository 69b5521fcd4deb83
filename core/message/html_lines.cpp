#include "core/message/html_lines.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>

namespace majlis::html {
namespace {

constexpr std::size_t most_quotes = 10;  ///< signs before a line; deeper quotes have as many
constexpr std::size_t most_lists = 8;    ///< levels of indentation

constexpr std::string_view right_to_left_mark = "\xe2\x80\x8f", left_to_right_mark = "\xe2\x80\x8e";

/// The direction that a reader's program takes from the line itself (UAX 9, P2), told from the lead bytes of UTF-8: Hebrew,
/// Arabic and their neighbours are U+0590 to U+08FF, and the presentation forms U+FB1D to U+FEFF.
Direction first_strong(std::string_view line)
{
    const auto byte = [&](std::size_t at) { return at < line.size() ? static_cast<unsigned char>(line[at]) : 0U; };
    for (std::size_t at = 0; at < line.size(); ++at) {
        const unsigned lead = byte(at), next = byte(at + 1);
        if (lead < 0x80) {
            if (text::is_letter(line[at])) return Direction::left_to_right;
            continue;
        }
        if ((lead >= 0xd6 && lead <= 0xdf) || (lead == 0xe0 && next < 0xa4)) return Direction::right_to_left;
        if (lead == 0xef && next >= 0xac && next < 0xbf) return Direction::right_to_left;
        const bool letter = (lead >= 0xc3 && lead <= 0xd5) || (lead >= 0xe0 && lead <= 0xed && lead != 0xe2);
        if (letter) return Direction::left_to_right;
    }
    return Direction::unknown;
}

}  // namespace

void Lines::put(char c)
{
    if (spaces_ > 0) {
        if (c == '\n') return write_line();
        if (c != '\r') line_ += c;
        return;
    }
    if (text::is_space(c)) {
        space_ = true;
        return;
    }
    if (!line_.empty()) line_ += cell_ ? " | " : space_ ? " " : "";
    cell_ = space_ = false;
    line_ += c;
}

void Lines::next_cell()
{
    if (!line_.empty()) cell_ = true;
    space_ = false;
}

void Lines::end_line(Gap gap)
{
    if (!line_.empty()) write_line();
    space_ = cell_ = false;
    gap_ = gap_ || gap == Gap::line;
}

std::string Lines::prefix(std::size_t quotes) const
{
    std::string out;
    for (std::size_t i = 0; i < std::min(quotes, most_quotes); ++i) out += "> ";
    return out;
}

void Lines::write_line()
{
    if (gap_ && !out_.empty()) out_ += std::string{text::trim(prefix(std::min(quotes_, quotes_before_)))} + "\n";
    gap_ = false;
    quotes_before_ = quotes_;
    std::string line = prefix(quotes_);
    const std::size_t levels = lists_.size();
    if (levels > 0) line.append(2 * (levels - 1), ' ').append(marker_.empty() ? "  " : marker_);
    marker_.clear();
    const Direction own = direction_ == Direction::unknown ? direction_ : first_strong(line_);
    if (direction_ == Direction::right_to_left && own == Direction::left_to_right) line += right_to_left_mark;
    if (direction_ == Direction::left_to_right && own == Direction::right_to_left) line += left_to_right_mark;
    line += line_;
    while (!line.empty() && text::is_space(line.back())) line.pop_back();
    line_.clear();
    out_.append(line).append("\n");
}

void Lines::open_list(Items items)
{
    if (lists_.size() < most_lists)
        lists_.push_back({items});
    else
        ++deeper_lists_;
}

void Lines::close_list()
{
    if (deeper_lists_ > 0)
        --deeper_lists_;
    else if (!lists_.empty())
        lists_.pop_back();
    marker_.clear();
}

void Lines::open_item()
{
    if (lists_.empty()) {
        marker_.clear();
        return;
    }
    List& list = lists_.back();
    marker_ = list.items == Items::numbered ? std::to_string(++list.count) + ". " : "- ";
}

std::string Lines::finish()
{
    end_line();
    while (!out_.empty() && text::is_space(out_.back())) out_.pop_back();
    return std::move(out_);
}

}  // namespace majlis::html
