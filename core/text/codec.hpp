#pragma once

#include <string>
#include <string_view>

namespace majlis::text {

/// Decodes base64, skipping every byte outside the alphabet; after padding a new group may begin (parts pasted together). Linear.
std::string decode_base64(std::string_view bytes);

/// Lines of 76 characters ended by CRLF; empty for empty.
std::string encode_base64(std::string_view bytes);

/// One line without line ends: for encoded-words and SASL.
std::string encode_base64_line(std::string_view bytes);

/// Decodes quoted-printable (RFC 2045, 6.7). A "=" that begins no escape stays as it is; white space at line ends is dropped.
std::string decode_quoted_printable(std::string_view bytes);

/// Lines of at most 76 characters; line ends (CRLF, LF or CR) become CRLF.
std::string encode_quoted_printable(std::string_view text);

}  // namespace majlis::text
