#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Lines as SMTP wants them. All of it linear.
namespace majlis::compose {

constexpr std::size_t max_line = 998;  ///< RFC 5321, 4.5.3.1.6, without the CRLF

/// Whether every line ends with CRLF, the last one too, and there is no other CR or LF and no NUL. Empty text is clean.
bool clean_lines(std::string_view text);

/// Bare LF, bare CR and any run of CRs before an LF become CRLF; NUL is dropped, since servers cut or refuse a mail with one; a
/// last line without an end gets it.
std::string clean(std::string_view text);

/// Bytes of the longest line, without its CRLF. For clean text.
std::size_t longest_line(std::string_view text);

/// Cuts lines above max_line: in a header at white space where there is some, else by a fold; in a body by a line end and a space, so
/// that no cut makes a delimiter or a field of an inner header out of what was none.
enum class Where { header, body };
std::string cut_long_lines(std::string_view text, Where where);

}  // namespace majlis::compose
