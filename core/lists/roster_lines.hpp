#pragma once

#include <cstddef>
#include <istream>
#include <string>
#include <string_view>
#include <vector>

namespace majlis::roster {

struct Line {
    std::string_view text;  ///< without its end; valid until the next call
    std::size_t number = 0;
    bool too_long = false;  ///< cut at the limit
};

/// Reads a stream in blocks and yields its lines: LF, CRLF or CR, a byte order mark dropped, UTF-16 (with one) turned into UTF-8.
class Lines {
public:
    Lines(std::istream& in, std::size_t max_line);

    /// False at the end. Throws std::runtime_error when the stream cannot be read.
    bool next(Line& line);

    /// The first block without taking it, for guessing a format.
    std::string_view peek();

    /// Makes next() yield `lines` again before what follows: for a quoted field that turned out to have no end.
    void give_back(std::vector<std::string> lines, std::size_t first_number);

    std::size_t bytes_read() const { return bytes_read_; }

private:
    bool fill();
    std::size_t find_end();
    void take_block();
    void decode_utf16(std::string_view block);

    enum class Coding { unknown, bytes, utf16_little, utf16_big };

    std::istream& in_;
    std::size_t max_line_;
    Coding coding_ = Coding::unknown;
    std::string block_, buffer_, utf16_rest_, given_;
    std::size_t position_ = 0, number_ = 0, bytes_read_ = 0;
    std::size_t feed_ = 0;      ///< where in buffer_ the next LF stands, its size if there is none; known if not before position_
    std::size_t searched_ = 0;  ///< up to here buffer_ holds no line end
    bool ended_ = false;
    bool after_cr_ = false;  ///< the last line ended with CR: an LF that follows belongs to it
    std::vector<std::string> replay_;
    std::size_t replay_at_ = 0, replay_number_ = 0;
};

}  // namespace majlis::roster
