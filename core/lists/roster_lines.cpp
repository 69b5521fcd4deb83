#include "core/lists/roster_lines.hpp"

#include "core/text/charset.hpp"

#include <algorithm>
#include <cstring>
#include <stdexcept>

namespace majlis::roster {

namespace {

constexpr std::size_t block_bytes = 256 * 1024;

}  // namespace

Lines::Lines(std::istream& in, std::size_t max_line) : in_{in}, max_line_{max_line} {}

/// Reads one block into block_; empty at the end.
void Lines::take_block()
{
    block_.resize(block_bytes);
    in_.read(block_.data(), static_cast<std::streamsize>(block_.size()));
    block_.resize(static_cast<std::size_t>(in_.gcount()));
    if (in_.bad()) throw std::runtime_error{"the file cannot be read"};
    bytes_read_ += block_.size();
    if (coding_ != Coding::unknown || block_.empty()) return;
    coding_ = Coding::bytes;
    const std::string_view start = block_;
    std::size_t mark = 0;
    if (start.starts_with("\xef\xbb\xbf")) mark = 3;
    if (start.starts_with("\xff\xfe")) coding_ = Coding::utf16_little;
    if (start.starts_with("\xfe\xff")) coding_ = Coding::utf16_big;
    block_.erase(0, coding_ == Coding::bytes ? mark : 2);
}

/// A block may end in the middle of a unit or of a surrogate pair: those bytes wait for the next one.
void Lines::decode_utf16(std::string_view block)
{
    utf16_rest_ += block;
    std::size_t whole = utf16_rest_.size() & ~std::size_t{1};
    if (whole >= 2 && !ended_) {
        const std::size_t high = whole - (coding_ == Coding::utf16_little ? 1 : 2);
        if ((static_cast<unsigned char>(utf16_rest_[high]) & 0xfc) == 0xd8) whole -= 2;
    }
    buffer_ +=
        text::to_utf8(std::string_view{utf16_rest_}.substr(0, whole), coding_ == Coding::utf16_little ? "utf-16le" : "utf-16be");
    utf16_rest_.erase(0, whole);
}

/// Appends to the buffer; false when nothing more comes.
bool Lines::fill()
{
    if (ended_) return false;
    buffer_.erase(0, position_);
    searched_ -= std::min(position_, searched_);
    position_ = 0;
    feed_ = 0;
    take_block();
    if (block_.empty()) ended_ = true;
    if (coding_ == Coding::utf16_little || coding_ == Coding::utf16_big)
        decode_utf16(block_);
    else
        buffer_ += block_;
    return !ended_ || !buffer_.empty();
}

std::string_view Lines::peek()
{
    if (position_ >= buffer_.size()) fill();
    return std::string_view{buffer_}.substr(position_);
}

void Lines::give_back(std::vector<std::string> lines, std::size_t first_number)
{
    lines.insert(lines.end(), std::make_move_iterator(replay_.begin() + static_cast<std::ptrdiff_t>(replay_at_)),
                 std::make_move_iterator(replay_.end()));
    replay_ = std::move(lines);
    replay_at_ = 0;
    replay_number_ = first_number;
}

/// Where in buffer_ the line ends that begins at position_; its size if the end is not there yet. The next LF is looked for once,
/// however many CRs stand before it.
std::size_t Lines::find_end()
{
    const std::size_t from = std::max(position_, searched_);
    if (feed_ < from || feed_ == 0) feed_ = std::min(buffer_.find('\n', from), buffer_.size());
    const void* found = std::memchr(buffer_.data() + from, '\r', feed_ - from);
    return found == nullptr ? feed_ : static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data());
}

bool Lines::next(Line& line)
{
    if (replay_at_ < replay_.size()) {
        given_ = std::move(replay_[replay_at_++]);
        line = {given_, replay_number_++, false};
        return true;
    }
    line = {{}, ++number_, false};
    while (true) {
        if (after_cr_ && position_ < buffer_.size()) {
            if (buffer_[position_] == '\n') ++position_;
            after_cr_ = false;
        }
        const std::size_t end = find_end();
        const std::size_t size = end - position_;
        if (end < buffer_.size()) {
            if (!line.too_long) line.text = std::string_view{buffer_}.substr(position_, std::min(size, max_line_));
            line.too_long = line.too_long || size > max_line_;
            after_cr_ = buffer_[end] == '\r';
            position_ = end + 1;
            return true;
        }
        if (size > max_line_) {  // keep the beginning, throw the rest away: memory stays flat
            if (!line.too_long) given_.assign(buffer_, position_, max_line_);
            line.too_long = true;
            line.text = given_;
            position_ = buffer_.size();
        }
        searched_ = buffer_.size();
        if (!fill() || (ended_ && position_ >= buffer_.size())) break;
        if (ended_) {  // the last line, without an end
            if (!line.too_long) line.text = std::string_view{buffer_}.substr(position_, max_line_);
            position_ = buffer_.size();
            return true;
        }
    }
    return line.too_long;
}

}  // namespace majlis::roster
