#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace majlis::text {

/// Decodes `bytes` to UTF-8. Never fails: what cannot be decoded becomes U+FFFD. `charset` is a name as found in mail, with the
/// aliases that mail invents ("'utf-8'", "ks_c_5601-1987", "iso-8859-8-i", "x-sjis"). An empty or unknown name, and us-ascii over
/// 8-bit bytes, is a guess: UTF-8 if valid, else windows-1256 or -1251 where the bytes look like it, else windows-1252.
std::string to_utf8(std::string_view bytes, std::string_view charset);

/// Encodes UTF-8 in `charset`; nothing if the charset is unknown or cannot hold the text, or the text is no UTF-8.
std::optional<std::string> from_utf8(std::string_view utf8, std::string_view charset);

/// Strict: no overlong forms, no surrogates, nothing above U+10FFFF.
bool valid_utf8(std::string_view bytes);

/// Length in bytes (1 to 4) of the UTF-8 character at the start of `bytes`; 0 where there is no valid one.
std::size_t utf8_length(std::string_view bytes);

/// Whether a converter for this name is at hand.
bool known_charset(std::string_view charset);

}  // namespace majlis::text
