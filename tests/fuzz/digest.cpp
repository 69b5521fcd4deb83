#include <cstdint>
#include <cstdlib>
#include <string>

#include "core/compose/lines.hpp"
#include "core/digest/digest.hpp"
#include "core/message/message.hpp"
#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"

namespace {

void require(bool holds)
{
    if (!holds) std::abort();
}

using namespace majlis;

digest::Issue issue_of(std::string_view input, digest::Format format, const char* language)
{
    digest::Budget budget;
    digest::Issue issue;
    issue.format = format;
    issue.language = language;
    issue.roots = {{"MAIMC", "maimc@maimc.org", 1, 1}};
    digest::Section section;
    section.title = section.address = "rabat@maimc.org";
    // The same mail cut at each of its forms: whole, from its middle, and as the title of the list.
    section.posts.push_back(digest::read_post({1, "1@x", 0, 1, ""}, input, budget));
    section.posts.push_back(
        digest::read_post({2, std::string{input.substr(0, 100)}, -1, 1, ""}, input.substr(input.size() / 2), budget));
    section.title = std::string{input.substr(0, 300)};
    issue.sections = {section};
    issue.from_address = "maimc@maimc.org";
    issue.message_id = "d@x";
    issue.site = "MAIMC";
    return issue;
}

std::size_t count_of(std::string_view text, std::string_view what)
{
    std::size_t count = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++count;
    return count;
}

}  // namespace

/// Whatever the posts are, a digest is a sound mail that holds so many posts and no more.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view input{reinterpret_cast<const char*>(data), size};
    for (const auto format : {digest::Format::mime, digest::Format::plain}) {
        const auto issue = issue_of(input, format, size % 2 == 0 ? "ar" : "fr");
        const auto mail = digest::compose(issue);
        require(text::is_ascii(mail) && compose::clean_lines(mail) && compose::longest_line(mail) <= compose::max_line);
        const auto message = scan_message(mail);
        require(message.defects.empty());
        if (format == digest::Format::mime) {
            std::size_t mails = 0;
            for (const Part& part : message.parts) mails += part.is_message() ? 1 : 0;
            require(mails == 2);
        } else {
            const auto text = part_text(message.root());
            require(text::valid_utf8(text));
            require(count_of(text, "\r\n\r\n" + std::string(30, '-') + "\r\n\r\n") == 2);
            require(count_of(text, "\r\n" + std::string(70, '-') + "\r\n\r\n") == 1);
        }
    }
    return 0;
}
