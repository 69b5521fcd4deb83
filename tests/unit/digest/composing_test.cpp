#include <doctest/doctest.h>
#include <mimetic/mimeentity.h>

#include <chrono>
#include <sstream>

#include "core/compose/fields.hpp"
#include "core/compose/lines.hpp"
#include "core/digest/lines.hpp"
#include "core/digest/outline.hpp"
#include "core/digest/post_view.hpp"
#include "core/message/message.hpp"
#include "core/text/ascii.hpp"
#include "tests/unit/digest/issue.hpp"

using namespace majlis;
using namespace majlis::digest;
using namespace majlis::digest::test;

namespace {

std::vector<Post> odd_posts()
{
    std::vector<Post> posts;
    for (const auto& raw : odd_mails()) {
        const auto id = static_cast<std::int64_t>(posts.size()) + 1;
        posts.push_back(post(id, raw, id % 4));
    }
    return posts;
}

/// All text of the mail, decoded.
std::string all_text(const std::string& mail)
{
    std::string out;
    const auto message = scan_message(mail);
    for (const Part& part : message.parts)
        if (part.type == "text" && !part.divided) out += part_text(part);
    return out;
}

using Mails = std::vector<std::pair<std::string, std::string>>;  // Message-ID, body as it stands there

/// The mails in it as mimetic reads them: a parser that is not ours.
void read_by_mimetic(mimetic::MimeEntity& entity, Mails& mails)
{
    const bool is_message = entity.header().contentType().type() == "message";
    for (auto* part : entity.body().parts()) {
        if (is_message) mails.emplace_back(part->header().messageid().str(), text::trim(std::string{part->body()}));
        read_by_mimetic(*part, mails);
    }
}

/// The same as we read them.
Mails read_by_us(const Message& message)
{
    Mails mails;
    for (const Part& part : message.parts)
        if (part.parent > 0 && message.parts[static_cast<std::size_t>(part.parent)].is_message())
            mails.emplace_back(field_text(part.fields, "Message-ID"), text::trim(part.body));
    return mails;
}

bool holds(const std::string& text, const std::string& wanted) { return text.find(wanted) != std::string::npos; }

}  // namespace

TEST_CASE("every post comes out of a digest as it went in, by three readers of MIME and by RFC 1153")  // B-142, B-143, B-145
{
    for (const auto format : {Format::mime, Format::plain}) {
        const auto issue = issue_of(odd_posts(), format);
        const auto mail = digest::compose(issue);
        CHECK(taken_apart(mail) == expected_of(issue));
        const auto message = scan_message(mail);
        CHECK(message.defects.empty());
        CHECK(message.oddities.empty());
        CHECK(text::is_ascii(mail));
        CHECK(compose::clean_lines(mail));
        CHECK(compose::longest_line(mail) <= compose::max_line);
        CHECK(digest::compose(issue) == mail);
        if (format == Format::plain) continue;
        std::size_t mails = 0;
        for (const Part& part : message.parts) mails += part.is_message() ? 1 : 0;
        CHECK(mails == issue.sections[0].posts.size());
        std::istringstream stream{mail};
        mimetic::MimeEntity entity{stream};
        Mails read;
        read_by_mimetic(entity, read);
        CHECK(read.size() == mails);
        CHECK(read == read_by_us(message));
    }
}

TEST_CASE("real mail comes out of a digest, every one of it")
{
    const auto mails = real_mails();
    std::vector<Post> posts;
    for (const auto& raw : mails) posts.push_back(post(static_cast<std::int64_t>(posts.size()) + 1, raw));
    for (const auto format : {Format::mime, Format::plain}) {
        if (posts.empty()) continue;
        const auto issue = issue_of(posts, format);
        CHECK(taken_apart(digest::compose(issue)) == expected_of(issue));
    }
    MESSAGE(mails.size(), " samples");
}

TEST_CASE("a post that knows the boundaries of a digest is held together by others")
{
    const auto plain = mail("x", "text\r\n");
    const auto first = digest::compose(issue_of({post(1, plain)}, Format::mime));
    std::string delimiters;
    for (const Part& part : scan_message(first).parts)
        if (!part.boundary.empty()) delimiters += "--" + part.boundary + "\r\n--" + part.boundary + "--\r\n";
    CHECK(delimiters.size() > 40);
    const auto issue = issue_of({post(1, mail("x", "text\r\n" + delimiters))}, Format::mime);
    CHECK(taken_apart(digest::compose(issue)) == expected_of(issue));
}

TEST_CASE("its header names list, volume and issue, and no robot answers it")  // B-147
{
    const auto mail = digest::compose(issue_of({post(1, odd_mails()[0])}, Format::mime));
    const auto message = scan_message(mail);
    const auto& fields = message.root().fields;
    CHECK(field_text(fields, "Subject") == "[MAIMC] Digest, vol 3, issue 12");
    CHECK(field_text(fields, "From") == "MAIMC <maimc@maimc.org>");
    CHECK(field_text(fields, "Reply-To") == "maimc@maimc.org");
    CHECK(field_text(fields, "Message-ID") == "<digest.1@maimc.org>");
    CHECK(field_text(fields, "List-Id") == "MAIMC <maimc.maimc.org>");
    CHECK(field_text(fields, "Auto-Submitted") == "auto-generated");
    CHECK(field_text(fields, "Content-Language") == "en");
    for (const char* once : {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"})
        CHECK(find_fields(fields, once).size() == 1);
}

TEST_CASE("several trees give one digest, in the name of the site")
{
    auto issue = issue_of({post(1, odd_mails()[0])}, Format::plain);
    issue.roots.push_back({"Others", "others@maimc.org", 1, 2});
    issue.list.reset();
    CHECK(digest::subject_of(issue) == "[MAIMC and friends] Digest, 2026-11-22");
    CHECK(holds(all_text(digest::compose(issue)), "End of MAIMC and friends Digest\r\n*******************************\r\n"));
}

TEST_CASE("threads stand together, and the table of contents counts what it names")
{
    std::vector<Post> posts;
    posts.push_back(post(1, mail("Budget", "one"), 7));
    posts.push_back(post(2, mail("Room", "two")));
    posts.push_back(post(3, mail("Re: Budget", "three", "In-Reply-To: <1@example.org>\r\n", "Salma <s@example.org>"), 7));
    posts.push_back(post(4, mail("Room again", "four")));
    const auto issue = issue_of(std::move(posts), Format::plain);
    const auto text = all_text(digest::compose(issue));
    CHECK(holds(text, "\r\n  1-2. Budget \u2013 Karim Alaoui, Salma\r\n  3. Room \u2013 Karim Alaoui\r\n  4. Room again \u2013"));
    CHECK(holds(text, "\r\nMAIMC Rabat <rabat@maimc.org>\r\n"));
    CHECK(holds(text, "[1] MAIMC Rabat: Budget (1-2)\r\n\r\none\r\n"));
    CHECK(holds(text, "[2] MAIMC Rabat\r\n\r\nthree\r\n"));
    CHECK(text.find("three") < text.find("\r\n\r\ntwo"));
}

TEST_CASE("a thread on two lists is one in each, and posts without a thread stand alone")
{
    auto issue = issue_of({post(1, mail("a", "x"), 7), post(2, mail("b", "x")), post(3, mail("c", "x"))}, Format::mime);
    issue.sections.push_back(issue.sections[0]);
    issue.sections[1].posts = {post(4, mail("Re: a", "x"), 7)};
    const auto outline = outline_of(issue);
    CHECK(outline.threads.size() == 4);
    CHECK(outline.threads[3].first == 4);
}

TEST_CASE("without an archive that knows the threads, an answer stands with what it answers")
{
    std::vector<Post> posts;
    posts.push_back(post(1, mail("a", "x")));
    posts.push_back(post(2, mail("b", "x")));
    posts.push_back(post(3, mail("Re: a", "x", "In-Reply-To: <1@example.org>\r\n")));
    posts.push_back(post(4, mail("Re: a", "x", "References: <1@example.org> <gone@example.org>\r\n")));
    posts.push_back(post(5, mail("Re: c", "x", "In-Reply-To: <gone@example.org>\r\n")));
    const auto issue = issue_of(std::move(posts), Format::mime);
    const auto outline = outline_of(issue);
    REQUIRE(outline.threads.size() == 3);
    CHECK(outline.threads[0].posts.size() == 3);
}

TEST_CASE("an answer goes where the list wants it, in the thread of its post")
{
    auto issue = issue_of({post(1, mail("Caf\u00e9 & th\u00e9?", "x", "Reply-To: me@example.org\r\n"))}, Format::mime);
    auto& section = issue.sections[0];
    const auto& one = section.posts[0];
    CHECK(answer_url(one, section) ==
          "mailto:rabat@maimc.org?Subject=Re%3A%20Caf%C3%A9%20%26%20th%C3%A9%3F&In-Reply-To=%3C1@example.org%3E");
    CHECK(get_url(one, section) == "mailto:rabat+request@maimc.org?subject=get%20%3C1%40example.org%3E");
    const auto reply_to = [&] { return field_text(scan_header(mail_fields(one, section)), "Reply-To"); };
    CHECK(reply_to() == "me@example.org");
    section.reply_to = ListFace::ReplyTo::list;
    CHECK(reply_to() == "rabat@maimc.org, me@example.org");
    section.reply_to = ListFace::ReplyTo::both;
    CHECK(reply_to() == "me@example.org, rabat@maimc.org");
    section.posting = ListFace::Posting::moderators;
    CHECK(answer_url(one, section).starts_with("mailto:me@example.org?"));
    CHECK(holds(all_text(digest::compose(issue)), "To answer the author:\r\n<mailto:me@example.org?"));
}

TEST_CASE("a link that answers stays short, whatever the subject")
{
    std::string arabic;
    for (int i = 0; i < 60; ++i) arabic += "\u0627\u062c\u062a\u0645\u0627\u0639 ";
    auto issue = issue_of({post(1, mail("x", "x"))}, Format::mime);
    auto& one = issue.sections[0].posts[0];
    for (const auto& subject : {arabic, std::string(900, 'a'), std::string{"\u0627\u062c\u062a\u0645\u0627\u0639"}}) {
        one.subject = subject;
        const auto url = answer_url(one, issue.sections[0]);
        CHECK(url.size() <= 320);
        CHECK(holds(url, "Subject=Re%3A%20"));
        CHECK(url.ends_with("&In-Reply-To=%3C1@example.org%3E"));
    }
}

TEST_CASE("an attached mail has the fields of its post and none of ours or of the way it came")  // B-139, B-147
{
    const auto raw = mail("s", "x", "In-Reply-To: <p@x>\r\nReferences: <r@x> <p@x>\r\nDKIM-Signature: v=1\r\nX-Spam: no\r\n",
                          "Karim <karim@strict.example>");
    const auto mail = digest::compose(issue_of({post(1, raw)}, Format::mime));
    const auto message = scan_message(mail);
    const Part* inner = nullptr;
    for (const Part& part : message.parts)
        if (part.parent > 0 && message.parts[static_cast<std::size_t>(part.parent)].is_message()) inner = &part;
    REQUIRE(inner != nullptr);
    CHECK(field_text(inner->fields, "From") == "Karim <karim@strict.example>");
    CHECK(field_text(inner->fields, "Date") == "Sun, 22 Nov 2026 10:00:00 +0100");
    CHECK(field_text(inner->fields, "Message-ID") == "<1@example.org>");
    CHECK(field_text(inner->fields, "In-Reply-To") == "<p@x>");
    CHECK(field_text(inner->fields, "References") == "<r@x> <p@x>");
    CHECK(field_text(inner->fields, "DKIM-Signature").empty());
    CHECK(field_text(inner->fields, "Received").empty());
    CHECK(field_text(inner->fields, "X-Spam").empty());
}

TEST_CASE("files are named with their size, and how to get them")
{
    const auto text = all_text(digest::compose(issue_of({post(5, odd_mails()[17])}, Format::plain)));
    CHECK(holds(text,
                "Attachments:\r\n\u200e- \u0627.pdf (application/pdf, 1 KB)\r\nTo get the whole post by mail:\r\n"
                "<mailto:rabat+request@maimc.org?subject=get%20%3C5%40example.org%3E>\r\n"));
    CHECK_FALSE(holds(text, "JVBER"));
}

TEST_CASE("a digest of 10,000 posts ends somewhere, and says so")
{
    std::vector<Post> posts;
    const auto raw = mail("Subject", "A few words.\r\n");
    for (std::int64_t i = 1; i <= 10'000; ++i) posts.push_back(post(i, raw, i % 3'000));
    const auto begun = std::chrono::steady_clock::now();
    const auto issue = issue_of(std::move(posts), Format::plain);
    const auto mail = digest::compose(issue);
    CHECK(mail.size() < 4 * max_issue_bytes);
    const auto text = all_text(mail);
    CHECK(holds(text, "\r\nPosts: 10000, since "));
    CHECK(holds(text, "And 5000 more posts"));
    CHECK(holds(text, "And 1000 more threads."));
    CHECK(taken_apart(mail) == expected_of(issue));
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{60});
}

TEST_CASE("it speaks three languages, and each line of it keeps its direction")
{
    const std::string subject = "=?utf-8?B?2KfYrNiq2YXYp9i5?=";
    for (const char* language : {"fr", "ar", "en"}) {
        CAPTURE(language);
        auto issue = issue_of({post(1, mail(subject, "x", "", "=?utf-8?B?2LPZhNmF2Yk=?= <s@x.org>"))}, Format::mime, language);
        const auto text = all_text(digest::compose(issue));
        CHECK_FALSE(holds(text, "{{"));
        CHECK(holds(text, "\u2068\u0627\u062c\u062a\u0645\u0627\u0639\u2069 \u2013 \u2068\u0633\u0644\u0645\u0649\u2069"));
        const bool arabic = std::string_view{language} == "ar";
        CHECK(holds(text, arabic ? "\r\n\u200f\u2067  \u20681\u2069. " : "\r\n\u200e  1. "));
        CHECK(holds(text, arabic ? "\r\n\u200e<mailto:rabat@" : "\r\n<mailto:rabat@"));
        if (!arabic) continue;
        for (std::size_t at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at + 2)) {
            const auto line = std::string_view{text}.substr(at + 2, text.find("\r\n", at + 2) - at - 2);
            if (has_right_to_left(line)) CHECK(line.starts_with("\u200f\u2067"));
        }
    }
    CHECK(digest::subject_of(issue_of({}, Format::mime, "fr")) == "[MAIMC] R\u00e9sum\u00e9, vol. 3, n\u00b0 12");
}
