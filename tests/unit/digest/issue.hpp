#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/digest/digest.hpp"

/// Issues for the tests.
namespace majlis::digest::test {

inline std::string mail(const std::string& subject, const std::string& body, const std::string& fields = "",
                        const std::string& from = "Karim Alaoui <karim@example.org>")
{
    return "Received: from x\r\nFrom: " + from + "\r\nTo: rabat@maimc.org\r\nSubject: " + subject +
           "\r\nDate: Sun, 22 Nov 2026 10:00:00 +0100\r\n" + fields + "\r\n" + body;
}

/// A post with the id ID@example.org.
inline Post post(std::int64_t id, std::string_view raw, std::int64_t thread = 0)
{
    Budget budget;
    return read_post({id, std::to_string(id) + "@example.org", 1'795'000'000, thread, "someone@example.org"}, raw, budget);
}

inline Issue issue_of(std::vector<Post> posts, Format format, const std::string& language = "en")
{
    Issue issue;
    issue.format = format;
    issue.language = language;
    issue.roots = {{"MAIMC", "maimc@maimc.org", 3, 12}};
    Section section;
    section.list_id = 2;
    section.depth = 1;
    section.title = "MAIMC Rabat";
    section.address = "rabat@maimc.org";
    section.posts = std::move(posts);
    issue.sections.push_back(std::move(section));
    issue.since = 1'795'284'000;
    issue.until = 1'795'370'400;
    issue.timezone = "Africa/Casablanca";
    issue.message_id = "digest.1@maimc.org";
    issue.site = "MAIMC and friends";
    issue.from_name = "MAIMC";
    issue.from_address = "maimc@maimc.org";
    issue.reply_to = "maimc@maimc.org";
    ListFace face;
    face.name = "maimc";
    face.title = "MAIMC";
    face.address = "maimc@maimc.org";
    face.list_id = "maimc.maimc.org";
    issue.list = face;
    return issue;
}

/// Posts that try to break a digest, or were written by programs that know no better.
std::vector<std::string> odd_mails();

/// The mail samples of the corpus; none where it is not at hand.
std::vector<std::string> real_mails();

/// What tests/unit/digest/take_apart.py says of the mail: its lines.
std::vector<std::string> taken_apart(const std::string& mail);

/// The lines that it must say.
std::vector<std::string> expected_of(const Issue& issue);

}  // namespace majlis::digest::test
