#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majlis::imap {

/// Folder names on the wire: modified UTF-7 (RFC 3501, 5.1.3).
std::string encode_utf7(std::string_view utf8);
/// Nothing when it is not modified UTF-7.
std::optional<std::string> decode_utf7(std::string_view name);

/// A quoted string. The text holds no NUL, CR or LF, or std::invalid_argument is thrown: nobody smuggles in a command.
std::string quoted_string(std::string_view text);

/// UIDs as a sequence set: "1:3,7". They must be in ascending order, without repeats.
std::string sequence_set(std::span<const std::uint32_t> uids);

/// A day for SEARCH, in UTC: "1-Feb-2026".
std::string search_date(std::int64_t unix_time);

/// Where our folders live: prefix of the personal name space ("INBOX."), and what separates levels (NUL: flat).
struct NameSpace {
    std::string prefix;
    char separator = '/';
};

/// The server's name for a logical one: levels by '/', UTF-8. "Majlis/Done" -> "INBOX.Majlis.Done". INBOX stays INBOX; a name
/// that already begins with the prefix does not get it twice.
std::string server_name(std::string_view logical, const NameSpace& space);

}  // namespace majlis::imap
