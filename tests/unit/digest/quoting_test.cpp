#include <doctest/doctest.h>

#include "core/message/message.hpp"
#include "core/policy/administrivia.hpp"
#include "core/text/words.hpp"
#include "tests/unit/digest/issue.hpp"

using namespace majlis;
using namespace majlis::digest;
using namespace majlis::digest::test;

namespace {

std::string answer(const std::string& subject, const std::string& text)
{
    return "From: a@example.org\r\nSubject: " + text::encode_words(subject, 9) +
           "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n" + text;
}

/// The first text that a mail program shows, each line behind "> ".
std::string quoted(const std::string& mail)
{
    const auto message = scan_message(mail);
    const auto text = readable_text(message);
    std::string out = "> ";
    for (const char c : text) {
        out += c;
        if (c == '\n') out += "> ";
    }
    return out;
}

bool is_held(const std::string& mail) { return !quoted_digest(scan_message(mail)).empty(); }

}  // namespace

TEST_CASE("an answer to a whole digest of ours is told, in each language and format")  // B-048
{
    for (const char* language : {"fr", "ar", "en"})
        for (const auto format : {Format::mime, Format::plain})
            for (const std::size_t roots : {1U, 2U}) {
                CAPTURE(language);
                auto issue = issue_of({post(1, mail("Budget", "What do you think?\r\n"))}, format, language);
                issue.roots.resize(roots, {"Others", "others@maimc.org", 1, 1});
                const auto subject = digest::subject_of(issue);
                const auto whole = quoted(digest::compose(issue));
                CHECK(is_held(answer("Re: " + subject, "I agree.\r\n")));
                CHECK(is_held(answer("I agree", "I do.\r\n\r\n" + whole)));
                CHECK(is_held(answer("I agree", "I do.\r\n\r\nFrom: MAIMC\r\nSubject: " + subject + "\r\n\r\nx\r\n")));
            }
}

TEST_CASE("an answer to one post of a digest is a post like any other")
{
    for (const char* language : {"fr", "ar", "en"})
        for (const auto format : {Format::mime, Format::plain}) {
            CAPTURE(language);
            const auto issue = issue_of({post(1, mail("Budget", "What do you think?\r\n"))}, format, language);
            CHECK_FALSE(is_held(answer("Re: Budget", "Good.\r\n\r\n> [1] MAIMC Rabat\r\n> What do you think?\r\n")));
            auto text = quoted(digest::compose(issue));
            const auto rule = text.find("\n> " + std::string(70, '-'));
            if (format == Format::plain) CHECK_FALSE(is_held(answer("Re: Budget", "Good.\r\n" + text.substr(rule + 74))));
        }
}

TEST_CASE("what only speaks of a digest is none")
{
    for (const char* subject : {"A digest of the meeting", "R\u00e9sum\u00e9, vol Casablanca-Paris", "Digest of volume sales",
                                "R\u00e9sum\u00e9 du 2026", "R\u00e9sum\u00e9 2026-11-22",
                                "\u0645\u0644\u062e\u0635 \u0627\u0644\u0627\u062c\u062a\u0645\u0627\u0639 2026-11-22", "digest",
                                "Re: digestive, vol 3"})
        CHECK_MESSAGE(!is_held(answer(subject, "Hello\r\n")), subject);
    for (const char* subject : {"Re: Rabat Digest, Vol 3, Issue 12", "Re: Rabat Digest V3 #12", "RE: [x] DIGEST, VOL. 3"})
        CHECK_MESSAGE(is_held(answer(subject, "Hello\r\n")), subject);
}

TEST_CASE("a quoted digest is told in a mail of HTML alone")
{
    const std::string rule(70, '-');
    CHECK(is_held("From: a@x.org\r\nSubject: s\r\nContent-Type: text/html\r\n\r\n<p>I agree<blockquote>In this issue:<br>" +
                  rule + "<br>x</blockquote>"));
    CHECK_FALSE(is_held("From: a@x.org\r\nSubject: s\r\nContent-Type: text/html\r\n\r\n<p>I agree<br>" + rule + "<br>x"));
}
