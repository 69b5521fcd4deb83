#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Text in header fields: RFC 2047 encoded-words with RFC 2231's language suffix, read as they are found in the wild.
namespace majlis::text {

/// A field body without its folding: each CR and LF is dropped, the white space after it stays (RFC 5322, 2.2.3).
std::string unfold(std::string_view field_body);

/// Unfolds and decodes to UTF-8: adjacent words of one charset are joined before conversion, words inside quotes, without a space
/// between, or with raw spaces inside are decoded, raw 8-bit is guessed. A word in an unknown charset stays as it is written.
/// Never fails; the time is linear. CR, LF and NUL become spaces; other control characters are kept (printable() is for showing).
std::string decode_words(std::string_view field_body);

/// Encodes unstructured text for a header field whose current line already holds `column` bytes (the name, colon and space).
/// Folded with CRLF SP below 76 columns, each word at most 75 bytes and whole characters. Plain ASCII stays as it is, but folded
/// at its spaces; CR, LF and NUL never survive.
std::string encode_words(std::string_view utf8, std::size_t column);

/// A display name for a mailbox: atoms, a quoted-string, or encoded-words, folded with CRLF SP where it is long. Empty stays
/// empty; control characters become spaces.
std::string encode_phrase(std::string_view utf8);

}  // namespace majlis::text
