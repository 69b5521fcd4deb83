#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/message.hpp"

/// A section's meeting report as it stands in the common repository: SECTION/YYYY/YYYY-MM-DD-title/.
namespace majlis::reports {

/// What a Subject says about being a report.
enum class Mark {
    none,
    report,  ///< bears the tag
    reply,   ///< bears the tag behind a "Re:": a correction, or talk about the report
};
/// `tag` as "[CR]", without regard to case, among the tags and reply prefixes in front of the Subject (decoded).
Mark report_mark(std::string_view subject, std::string_view tag);

/// "Re: ..." in front of the Subject, whatever tags stand there.
bool is_reply(std::string_view subject);

/// Whether a reply with the tag is a new version of the report rather than talk about it: it brings files (more than the
/// picture of a signature), or a text of its own
/// that is at least half as long as the report's.
bool replaces(const Message& reply, std::size_t report_text_bytes);

struct File {
    std::string path;  ///< below the report's folder
    std::string bytes;
};

/// What the post itself does not say.
struct Place {
    std::string section;  ///< name of the list
    std::string language = "fr";
    std::string zone = "UTC";      ///< of the date
    std::string author_fallback;   ///< name of the author where From has none
    std::int64_t received_at = 0;  ///< stands in for a Date that is missing or cannot be
};

struct Report {
    std::string title, author, date;  ///< date: YYYY-MM-DD
    std::int64_t written_at = 0;      ///< Unix seconds
    std::string folder;               ///< "rabat/2026/2026-03-02-reunion"
    std::size_t text_bytes = 0;       ///< of the author's own text
    std::vector<File> files;          ///< README.md first, then what was attached
};

enum class Version { first, correction };

/// No address stands in it: the repository may be public. A correction leaves out what it quotes.
Report make_report(const Message& message, const Place& place, Version version);

}  // namespace majlis::reports
