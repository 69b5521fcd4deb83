#include "core/digest/digest.hpp"

#include <algorithm>

#include "core/compose/fields.hpp"
#include "core/compose/footer.hpp"
#include "core/compose/lines.hpp"
#include "core/compose/notice.hpp"
#include "core/compose/transfer.hpp"
#include "core/digest/dates.hpp"
#include "core/digest/lines.hpp"
#include "core/digest/post_view.hpp"
#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/date.hpp"
#include "core/text/printable.hpp"
#include "core/text/words.hpp"
#include "core/text/zone.hpp"

namespace majlis::digest {
namespace {

constexpr std::size_t preamble_rule = 70, message_rule = 30;  // RFC 1153
constexpr std::string_view contents_mark = "majlis-contents";

std::string listname(const Issue& issue)
{
    const bool one = issue.roots.size() == 1;
    const auto name = plain_line(one ? issue.roots.front().title : issue.site, 100);
    return name.empty() && !issue.roots.empty() ? plain_line(issue.roots.front().address, 100) : name;
}

NoticeFace face_of(const Issue& issue)
{
    NoticeFace face;
    face.site = issue.site;
    face.templates = issue.templates;
    if (issue.list) face.list = issue.list->name;
    return face;
}

NoticeValues values_of(const Issue& issue, std::size_t posts)
{
    NoticeValues values;
    auto& text = values.text;
    if (issue.roots.size() == 1) {
        const Root& root = issue.roots.front();
        text["list_title"] = listname(issue);
        text["volume"] = std::to_string(root.volume);
        text["issue"] = std::to_string(root.issue);
    }
    text["date"] = text::iso_date(text::local_time(issue.until, issue.timezone));
    text["day"] = day_in_words(issue.until, issue.timezone, issue.language);
    if (issue.since > 0) text["since"] = moment_in_words(issue.since, issue.timezone, issue.language);
    text["posts"] = std::to_string(posts);
    text["contents"] = contents_mark;
    if (!issue.roots.empty()) text["request_address"] = command_address(issue.roots.front().address, "request");
    for (const Section& section : issue.sections) {
        if (section.posting != ListFace::Posting::allowed) continue;
        const auto& name = section.title.empty() ? section.address : section.title;
        values.rows["lists"].push_back({{"name", plain_line(name, 100)}, {"address", section.address}});
    }
    return values;
}

/// What stands before the table of contents, and behind the posts.
struct Frame {
    std::string subject, head, foot;
};

Frame frame_of(const Issue& issue, std::size_t posts)
{
    const auto rendered = render_notice_text("digest", issue.language, values_of(issue, posts), face_of(issue));
    Frame frame;
    frame.subject = rendered.subject;
    std::string* side = &frame.head;
    for (std::size_t at = 0; at < rendered.text.size();) {
        const auto end = std::min(rendered.text.find("\r\n", at), rendered.text.size());
        const auto line = std::string_view{rendered.text}.substr(at, end - at);
        at = end + 2;
        if (side == &frame.head && (line == contents_mark || line == isolated(contents_mark, issue.language)))
            side = &frame.foot;
        else if (!side->empty() || !line.empty())
            side->append(line.empty() ? std::string{} : directed(line, issue.language)).append("\r\n");
    }
    while (frame.head.ends_with("\r\n\r\n")) frame.head.resize(frame.head.size() - 2);
    return frame;
}

std::string rule(std::size_t length) { return std::string(length, '-') + "\r\n"; }

std::string mailbox_field_of(std::string_view name, const std::string& person, const std::string& address)
{
    auto found = parse_mailboxes(address);
    if (found.empty()) return {};
    found.resize(1);
    found.front().name = plain_line(person, 120);
    return compose::mailbox_field(name, found);
}

/// All but the fields of its body.
std::string header_of(const Issue& issue, const Frame& frame)
{
    const auto& to = issue.to.empty() ? issue.from_address : issue.to;
    std::string out = mailbox_field_of("From", issue.from_name, issue.from_address);
    out += mailbox_field_of("To", to == issue.from_address ? issue.from_name : "", to);
    if (!issue.reply_to.empty()) out += mailbox_field_of("Reply-To", "", issue.reply_to);
    out += compose::field("Subject", text::encode_words(frame.subject, 9));
    out += compose::field("Date", text::format_date(issue.until));
    out += compose::field("Message-ID", "<" + text::printable(issue.message_id, 300) + ">");
    out += "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\nPrecedence: list\r\n";
    CopyOptions shared;
    shared.audience = CopyOptions::Audience::shared;
    if (issue.list) out += compose::list_fields(*issue.list, shared);
    return out + "MIME-Version: 1.0\r\n" + compose::field("Content-Language", text::printable(issue.language, 20));
}

/// Content-Type, Content-Transfer-Encoding, the empty line and the text.
std::string text_part(std::string_view utf8)
{
    auto encoded = compose::encode_text(utf8);
    if (!encoded.body.ends_with("\r\n")) encoded.body += "\r\n";
    return "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: " + std::string{encoded.encoding} + "\r\n\r\n" +
           encoded.body;
}

std::string mime_body(const Issue& issue, const Outline& outline, const Frame& frame)
{
    const Words words = words_of(issue);
    std::vector<std::string> mails;
    mails.reserve(outline.posts);
    for (const Thread& thread : outline.threads)
        for (std::size_t i = 0; i < thread.posts.size(); ++i)
            mails.push_back("Content-Type: message/rfc822\r\n\r\n" + mail_fields(*thread.posts[i], *thread.section) +
                            "MIME-Version: 1.0\r\n" + text_part(post_body(thread, i, issue, words)));
    std::string posts;
    for (const auto& mail : mails) posts += mail;
    const auto inner = compose::boundary_for(posts);
    posts = "Content-Type: multipart/digest; boundary=\"" + inner + "\"\r\n\r\n";
    for (const auto& mail : mails) posts.append("--" + inner + "\r\n").append(mail).append("\r\n");
    posts += "--" + inner + "--\r\n";
    mails.clear();

    const auto first = text_part(frame.head + "\r\n" + contents_of(outline, issue) + "\r\n" + rule(preamble_rule));
    const auto last = text_part(frame.foot);
    const auto outer = compose::boundary_for(posts + first + last);
    const auto delimiter = "--" + outer + "\r\n";
    return "Content-Type: multipart/mixed; boundary=\"" + outer + "\"\r\n\r\n" + delimiter + first + "\r\n" + delimiter + posts +
           "\r\n" + delimiter + last + "\r\n--" + outer + "--\r\n";
}

std::size_t characters_in(std::string_view utf8)
{
    return static_cast<std::size_t>(
        std::ranges::count_if(utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80; }));
}

std::string plain_body(const Issue& issue, const Outline& outline, const Frame& frame)
{
    const Words words = words_of(issue);
    std::string text =
        frame.head + "\r\n" + contents_of(outline, issue) + "\r\n" + frame.foot + "\r\n" + rule(preamble_rule) + "\r\n";
    for (const Thread& thread : outline.threads)
        for (std::size_t i = 0; i < thread.posts.size(); ++i)
            text.append(text_fields(*thread.posts[i]))
                .append("\r\n")
                .append(post_body(thread, i, issue, words))
                .append("\r\n")
                .append(rule(message_rule))
                .append("\r\n");
    const auto end = "End of " + listname(issue) + " Digest";
    return text_part(text + end + "\r\n" + std::string(characters_in(end), '*') + "\r\n");
}

}  // namespace

std::string compose(const Issue& issue)
{
    const Outline outline = outline_of(issue);
    const Frame frame = frame_of(issue, outline.posts + outline.left_out);
    return header_of(issue, frame) +
           (issue.format == Format::mime ? mime_body(issue, outline, frame) : plain_body(issue, outline, frame));
}

std::string subject_of(const Issue& issue)
{
    std::size_t posts = 0;
    for (const Section& section : issue.sections) posts += section.posts.size();
    return frame_of(issue, posts).subject;
}

}  // namespace majlis::digest
