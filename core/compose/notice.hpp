#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace majlis {

/// Mail that majlis itself writes, from the templates in etc/templates/LANGUAGE/NAME.txt (Mustache; the first line is the
/// subject, then an empty line, then the text; etc/templates/README.md tells the values of each).
/// Every notice also knows {{site}}. A value that is not given is empty, and a section `{{#x}}...{{/x}}` on it is left out.
struct NoticeValues {
    using Row = std::map<std::string, std::string>;
    std::map<std::string, std::string> text;       ///< UTF-8, from anywhere: made harmless here, one line
    std::map<std::string, std::string> blocks;     ///< the same for texts of several lines; the first 60 are shown
    std::map<std::string, std::vector<Row>> rows;  ///< the first 50 of each are shown; {{more}} counts the others
};

/// In whose name a notice goes out, and to whom.
struct NoticeFace {
    std::string from_name;     ///< the list's title or the site's name
    std::string from_address;  ///< the list's +owner, or the site's owner
    std::string reply_to;      ///< empty: replies go to from_address
    std::string to;
    std::string site;     ///< name of the site
    std::string domain;   ///< for the Message-ID
    std::string list;     ///< name of the list in whose name it goes, for its own templates; empty: the site's
    std::string list_id;  ///< RFC 2919, of that list
    std::string list_title;
    std::string in_reply_to;  ///< Message-ID that it answers, without brackets; or empty
    std::string token;        ///< "confirm-TOKEN": stands in the Message-ID, where a reply's References bring it back
    std::string original;     ///< a mail as it came, shown beside the text as message/rfc822
    std::size_t original_bytes = 256 * 1024;  ///< so much of it at most
    /// Folder whose templates replace ours: lists/LIST/LANGUAGE/NAME.txt, else LANGUAGE/NAME.txt; empty: none.
    std::filesystem::path templates;
    std::int64_t now = 0;  ///< Unix seconds, for Date
};

struct Notice {
    std::string bytes;       ///< RFC 5322, CRLF, 7-bit unless an address is not ASCII
    std::string message_id;  ///< without brackets
    std::string subject;     ///< UTF-8
};

/// A line of a text in Arabic. Some readers show every text from left to right, others take a line's direction from its first
/// letter, and isolated letters do not count (UAX 9, P2): it begins with a mark, and is an isolate of its own direction.
std::string right_to_left_line(std::string_view line);

/// What a template says, before it becomes a mail.
struct NoticeText {
    std::string subject;  ///< UTF-8, one line
    std::string text;     ///< UTF-8, CRLF line ends
};
/// The text alone. Throws as render_notice() does.
NoticeText render_notice_text(std::string_view name, std::string_view language, const NoticeValues& values,
                              const NoticeFace& face);

/// Throws std::invalid_argument for a name without a template, std::runtime_error for a template that cannot be read. A language
/// without this template falls back to English.
Notice render_notice(std::string_view name, std::string_view language, const NoticeValues& values, const NoticeFace& face);

/// A short text from etc/templates/LANGUAGE/phrases.txt, whose lines are "KEY: Mustache text": the reason of a rule, the answer
/// to one command line. Throws std::invalid_argument for a key that no language has.
std::string render_phrase(std::string_view key, std::string_view language, const std::map<std::string, std::string>& values,
                          const std::filesystem::path& templates = {});

/// Keys of all phrases, for tests.
std::vector<std::string> phrase_keys();

/// Names of all notices, for tests and for `check`.
std::vector<std::string> notice_names();

}  // namespace majlis
