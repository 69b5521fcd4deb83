#include "core/digest/post_view.hpp"

#include <algorithm>

#include "core/compose/fields.hpp"
#include "core/compose/notice.hpp"
#include "core/digest/lines.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"
#include "core/text/words.hpp"

namespace majlis::digest {
namespace {

constexpr std::size_t folds_at = 76;
constexpr std::size_t characters_of_a_heading = 60;
constexpr std::string_view line_below_text = "__________";

bool reachable(const Mailbox& one) { return !one.address.local.empty() && !one.address.domain.empty(); }

/// For a header of ASCII alone; who has no address that fits there is shown as an empty group (RFC 6857, 3.1.8).
std::string ascii_mailbox(const Mailbox& one)
{
    const auto wire = compose::wire(one);
    if (reachable(one) && text::is_ascii(wire.address.text())) return format_mailbox(wire);
    auto shown = one.name;
    if (reachable(one)) shown += (shown.empty() ? "" : " ") + one.address.text();
    return text::encode_phrase(shown) + " :;";
}

std::string mailboxes_field(std::string_view name, const std::vector<Mailbox>& mailboxes)
{
    std::string body;
    for (const Mailbox& one : mailboxes) body += (body.empty() ? "" : ",\r\n ") + ascii_mailbox(one);
    return body.empty() ? body : compose::field(name, body);
}

std::string ids_field(std::string_view name, const std::vector<std::string>& ids)
{
    std::string body;
    for (const auto& id : ids) body += (body.empty() ? "<" : "\r\n <") + text::printable(id, 300) + ">";
    return body.empty() || !text::is_ascii(body) ? std::string{} : compose::field(name, body);
}

std::vector<Mailbox> answers_of(const Post& post, const Section& section)
{
    std::vector<Mailbox> answers;
    const auto list = parse_mailboxes(section.address);
    if (section.reply_to == ListFace::ReplyTo::list) answers = list;
    for (const Mailbox& one : post.reply_to) answers.push_back(one);
    if (section.reply_to != ListFace::ReplyTo::both) return answers;
    if (post.reply_to.empty())
        for (const Mailbox& one : post.from)
            if (reachable(one)) answers.push_back(one);
    for (const Mailbox& one : list) answers.push_back(one);
    return answers;
}

/// `Name <a@b>` for a text of UTF-8.
std::string shown_mailbox(const Mailbox& one)
{
    std::string name = one.name;
    if (name.find_first_of("()<>@,;:\\\"[].") != std::string::npos) {
        std::string quoted = "\"";
        for (const char c : name) quoted.append(c == '"' || c == '\\' ? "\\" : "").push_back(c);
        name = quoted + "\"";
    }
    if (!reachable(one)) return name;
    const auto address = text::printable(one.address.text(), 330);
    return name.empty() ? address : name + " <" + address + ">";
}

std::string shown_mailboxes(std::string_view field, const std::vector<Mailbox>& mailboxes)
{
    if (mailboxes.empty()) return {};
    std::string out = std::string{field} + ": ";
    std::size_t column = out.size();
    for (std::size_t i = 0; i < mailboxes.size(); ++i) {
        const auto one = shown_mailbox(mailboxes[i]);
        if (i > 0) out += column + one.size() > folds_at ? ",\r\n " : ", ";
        column = i > 0 && column + one.size() > folds_at ? one.size() + 1 : column + one.size() + 2;
        out += one;
    }
    return out + "\r\n";
}

/// A link stands alone on its line, and the line runs from left to right.
std::string link_lines(const std::string& label, const std::string& url, const std::string& language)
{
    return label + "\r\n" + (language == "ar" ? "\u200e" : "") + "<" + url + ">\r\n";
}

std::string place_line(const Thread& thread, std::size_t index, const std::string& language)
{
    const auto number = [&language](std::size_t n) { return isolated(std::to_string(n), language); };
    const auto title = plain_line(thread.section->title.empty() ? thread.section->address : thread.section->title, 100);
    std::string line = "[" + number(thread.first + index) + "] " + isolated(title, language);
    if (index == 0 && thread.posts.size() > 1) {
        const auto subject = shortened(subject_of(thread), characters_of_a_heading);
        if (!subject.empty()) line += ": " + isolated(subject, language);
        line += " (" + number(thread.first) + "-" + number(thread.last()) + ")";
    }
    return directed(line, language) + "\r\n";
}

std::string file_lines(const Post& post, const Issue& issue, const Words& words)
{
    if (post.attachments.empty()) return {};
    const auto line = [&issue](std::string_view key, const std::map<std::string, std::string>& values) {
        return directed(render_phrase(key, issue.language, values, issue.templates), issue.language) + "\r\n";
    };
    std::string out = words.files + "\r\n";
    for (const Attachment& one : post.attachments) {
        const auto kilobytes = std::to_string(std::max<std::size_t>((one.size_bytes + 1023) / 1024, 1));
        out += line("removed-part", {{"name", one.name}, {"type", one.type}, {"kilobytes", kilobytes}});
    }
    if (post.more_attachments > 0) out += line("removed-parts-more", {{"count", std::to_string(post.more_attachments)}});
    return out;
}

/// What is below the text: what is missing there, the files, the links.
std::string notes(const Post& post, const Section& section, const Issue& issue, const Words& words)
{
    std::string out;
    const auto get = get_url(post, section);
    const bool whole = post.shown == Post::Text::whole;
    if (!whole) out += (post.shown == Post::Text::cut ? words.cut : words.left_out) + "\r\n";
    out += file_lines(post, issue, words);
    if ((!whole || !post.attachments.empty()) && !get.empty()) out += link_lines(words.get, get, issue.language);
    const bool on_list = section.posting == ListFace::Posting::allowed;
    if (const auto answer = answer_url(post, section); !answer.empty())
        out += link_lines(on_list ? words.answer_list : words.answer_author, answer, issue.language);
    return out;
}

}  // namespace

Words words_of(const Issue& issue)
{
    const auto phrase = [&issue](std::string_view key) {
        return directed(render_phrase(key, issue.language, {}, issue.templates), issue.language);
    };
    return {phrase("digest-files"),   phrase("digest-get"), phrase("digest-answer-list"), phrase("digest-answer-author"),
            phrase("digest-no-text"), phrase("digest-cut"), phrase("digest-left-out")};
}

std::string mail_fields(const Post& post, const Section& section)
{
    std::string out = compose::field("Date", post.date);
    out += mailboxes_field("From", post.from) + mailboxes_field("To", post.to) + mailboxes_field("Cc", post.cc);
    out += mailboxes_field("Reply-To", answers_of(post, section));
    if (!post.subject.empty()) out += compose::field("Subject", text::encode_words(post.subject, 9));
    if (!post.keywords.empty()) out += compose::field("Keywords", text::encode_words(post.keywords, 10));
    if (!post.message_id.empty()) out += ids_field("Message-ID", {post.message_id});
    return out + ids_field("In-Reply-To", post.in_reply_to) + ids_field("References", post.references);
}

std::string text_fields(const Post& post)
{
    std::string out = "Date: " + post.date + "\r\n";
    out += shown_mailboxes("From", post.from) + shown_mailboxes("To", post.to) + shown_mailboxes("Cc", post.cc);
    if (!post.subject.empty()) out += "Subject: " + post.subject + "\r\n";
    if (!post.message_id.empty()) out += "Message-ID: <" + text::printable(post.message_id, 300) + ">\r\n";
    if (!post.keywords.empty()) out += "Keywords: " + post.keywords + "\r\n";
    return out;
}

std::string post_body(const Thread& thread, std::size_t index, const Issue& issue, const Words& words)
{
    const Post& post = *thread.posts[index];
    std::string out = place_line(thread, index, issue.language) + "\r\n";
    if (text::trim(post.text).empty()) {
        if (post.shown == Post::Text::whole) out += words.no_text + "\r\n";
    } else {
        out += issue.format == Format::plain ? without_separators(post.text) : post.text;
    }
    const auto below = notes(post, *thread.section, issue, words);
    if (!below.empty()) out.append("\r\n").append(line_below_text).append("\r\n").append(below);
    return out;
}

namespace {

constexpr std::size_t longest_in_link = 240;  // bytes; a letter of Arabic takes six

/// As much of the subject as a link can hold that is still one: In-Reply-To tells the thread.
std::string encoded_subject(const std::string& subject)
{
    for (std::size_t characters = 150; characters > 10; characters = characters * 3 / 4) {
        auto encoded = compose::percent_encode(shortened(subject, characters), "");
        if (encoded.size() <= longest_in_link) return encoded;
    }
    return compose::percent_encode(shortened(subject, 10), "");
}

}  // namespace

std::string answer_url(const Post& post, const Section& section)
{
    const bool on_list = section.posting == ListFace::Posting::allowed;
    std::string address = on_list ? section.address : "";
    if (!on_list)
        for (const auto* group : {&post.reply_to, &post.from})
            for (const Mailbox& one : *group)
                if (address.empty() && reachable(one)) address = one.address.text();
    if (address.empty()) return {};
    auto url = mailto_url(address);
    const std::string subject = text::starts_with_nocase(post.subject, "re:") ? post.subject : "Re: " + post.subject;
    url += "?Subject=" + encoded_subject(subject);
    if (!post.message_id.empty() && text::is_ascii(post.message_id))
        url += "&In-Reply-To=" + compose::percent_encode("<" + post.message_id + ">", "@");
    return url;
}

std::string get_url(const Post& post, const Section& section)
{
    if (post.message_id.empty()) return {};
    return mailto_url(command_address(section.address, "request"), "get <" + post.message_id + ">");
}

}  // namespace majlis::digest
