#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Lines of a digest, in texts of both directions.
namespace majlis::digest {

/// One printable line of at most `max_bytes`, without marks that turn the direction of what follows (UAX 9): a name or a subject
/// may stand anywhere in it and disturbs nothing. Spaces at both ends are left out.
std::string plain_line(std::string_view value, std::size_t max_bytes = 200);

/// At most `characters` of it, an ellipsis in place of the rest. `line` is UTF-8.
std::string shortened(std::string_view line, std::size_t characters);

/// Whether a letter in it is written from right to left.
bool has_right_to_left(std::string_view utf8);

/// A value from plain_line() for a line in this language: isolated (U+2068, U+2069) in Arabic always, else where it would turn
/// the line round.
std::string isolated(std::string_view line, std::string_view language);

/// The line that is made of such values begins with a mark of the language's own direction where it needs one: some readers take
/// the direction of a line from its first letter, and isolated letters do not count. In Arabic it is isolated as well (U+2067),
/// for those readers who show every text from left to right.
std::string directed(std::string_view line, std::string_view language);

/// Text of a post for RFC 1153: blank lines at both ends are gone, and a line of nothing but 27 hyphens or more, or one of
/// asterisks below "End of ...", begins with a blank instead (RFC 1153 asks it of 30 hyphens; programs split at more). The "-- "
/// above a signature loses its space: mail programs would take all posts behind it for the signature. CRLF.
std::string without_separators(std::string_view crlf_text);

}  // namespace majlis::digest
