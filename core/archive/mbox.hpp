#pragma once
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Mail in files: mbox (RFC 4155, quoted as mboxrd does) and folders with one mail in each file.
namespace majlis::archive {

/// A mail as files have it: lines end with LF alone, also the last one. What was written so is read and written again unchanged.
std::string unix_lines(std::string_view raw);

/// One entry, with its "From " line before and its empty line behind. `sender` "" is written MAILER-DAEMON.
std::string mbox_entry(std::string_view raw, std::string_view sender, std::int64_t received_at);

/// Unix seconds of a line "From somebody Thu Jan  1 10:00:00 2015", also where the address holds spaces ("anna at example.org");
/// nothing for any other line, so that a sentence that begins with "From" divides nothing.
std::optional<std::int64_t> mbox_line_time(std::string_view line);

struct MboxMail {
    std::string raw;             ///< unquoted, without its "From " line
    std::uint64_t position = 0;  ///< bytes before its "From " line
    std::uint64_t end = 0;       ///< bytes before the next one
    std::int64_t received_at = 0;
    std::string problem;  ///< why there is no mail here: it is too large, or no mbox; raw is then empty
};

/// Reads an mbox of any size, one mail at a time.
class MboxReader {
public:
    /// `position`: bytes of `in` that were read before. Mails above `max_bytes` are passed over, with a problem.
    MboxReader(std::istream& in, std::size_t max_bytes, std::uint64_t position = 0);
    /// nullopt at the end.
    std::optional<MboxMail> next();
    std::uint64_t position() const noexcept { return line_begin_; }

private:
    bool read_line();
    std::string_view ahead();
    bool begins_mail();
    void take_line(MboxMail& mail, bool& too_large);

    std::istream& in_;
    std::size_t max_bytes_;
    std::string block_;
    std::size_t at_ = 0;  // in block_
    std::string line_;    // the current line with its end, or the first 64 KB of a longer one
    std::uint64_t line_begin_ = 0, next_begin_ = 0;
    bool starts_ = true;       // line_ is the beginning of a line
    bool ended_line_ = true;   // the piece before ended its line
    bool after_empty_ = true;  // an empty line, or nothing, stood before it
    bool have_ = false;        // line_ waits to be used
};

}  // namespace majlis::archive
