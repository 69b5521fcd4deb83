#pragma once

#include "core/message/message.hpp"

#include <cstddef>
#include <string_view>
#include <vector>

/// Shared by the scanner and scan_header(); nobody else includes it.
namespace majlis::header {

/// One line: its text is [begin, text_end), the next one starts at next. A line ends at LF, CRLF, CRCRLF or a bare CR.
struct Line {
    std::size_t begin = 0, text_end = 0, next = 0;
};
Line read_line(std::string_view raw, std::size_t begin);

/// Who may end a header early: the boundary lines of the multiparts that are open around it.
class Delimiters {
public:
    virtual ~Delimiters() = default;
    virtual bool ends_part(std::string_view line) const = 0;
};

struct Notes {
    bool stray_line = false;  ///< a line that is neither field nor continuation
    bool bare_cr = false;
    bool no_separator = false;    ///< the body began without an empty line
    bool field_too_long = false;  ///< a body was cut
    bool too_large = false;       ///< fields were left out: too many, or too many bytes
};

struct Block {
    std::size_t end = 0;         ///< of the fields
    std::size_t body_begin = 0;  ///< behind the empty line
};

/// Reads fields from `begin` until the empty line, a delimiter, the first line of a body that has no empty line before it, or the
/// end. At most `limits.fields` are appended to `fields`.
Block read_block(std::string_view raw, std::size_t begin, const ScanLimits& limits, const Delimiters* delimiters,
                 std::vector<Field>& fields, Notes& notes);

}  // namespace majlis::header
