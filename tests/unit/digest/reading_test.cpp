#include <doctest/doctest.h>

#include <chrono>

#include "core/digest/lines.hpp"
#include "core/text/charset.hpp"
#include "tests/unit/digest/issue.hpp"

using namespace majlis;
using namespace majlis::digest;
using namespace majlis::digest::test;

TEST_CASE("a post keeps its text, in UTF-8, and loses its files")  // B-145
{
    const auto odd = odd_mails();
    CHECK(post(1, odd[0]).text == "Pr\u00e9sents : \u00e9t\u00e9\r\n");
    CHECK(post(1, odd[0]).subject == "R\u00e9union");
    CHECK(post(1, odd[1]).text.starts_with("\u0627\u0644\u0633\u0644\u0627\u0645"));
    CHECK(post(1, odd[1]).subject == "raw \u0627\u0644\u0633\u0644\u0627\u0645");
    CHECK(post(1, odd[2]).text == "Hi Mom \u263a-a!\r\n");
    CHECK(post(1, odd[3]).text.starts_with("caf"));
    CHECK(post(1, odd[4]).text.starts_with("One two\r\n"));
    CHECK(post(1, odd[4]).text.find("no") == std::string::npos);
    const auto halves = post(1, odd[17]);
    CHECK(halves.text == "first half\r\n\r\nsecond half\r\n");
    REQUIRE(halves.attachments.size() == 1);
    CHECK(halves.attachments[0].name == "\u0627.pdf");
    CHECK(halves.attachments[0].type == "application/pdf");
    CHECK(halves.attachments[0].size_bytes == 8);
}

TEST_CASE("whatever comes, a post is text that can be shown")
{
    for (const auto& raw : odd_mails()) {
        const auto one = post(1, raw);
        CHECK(text::valid_utf8(one.text));
        CHECK(one.text.find_first_of(std::string{"\0\x1b\x07", 3}) == std::string::npos);
        CHECK(one.subject.find_first_of("\r\n") == std::string::npos);
        CHECK(plain_line(one.subject, 1'000) == one.subject);
        for (const auto& who : one.from) CHECK(plain_line(who.name, 1'000) == who.name);
        CHECK_FALSE(one.from.empty());
        CHECK_FALSE(one.date.empty());
    }
}

TEST_CASE("a date stays as it was written, unless a program could stumble over it")
{
    const auto date_of = [](const std::string& date) { return post(1, "From: a@b\r\nDate: " + date + "\r\n\r\nx").date; };
    for (const char* good : {"Sun, 22 Nov 2026 10:00:00 +0100", "22 Nov 2026 10:00 GMT", "Sun, 22 Nov 2026 10:00:00 +0100 (CET)"})
        CHECK(date_of(good) == good);
    for (const char* odd : {"Sun, 22 Nov 2026 10:00:00( +0100", "Sun, 22 Nov 2026 10:00:00 +0100 (C(E)T)"})
        CHECK(date_of(odd).ends_with(" +0000"));
    CHECK(date_of("never") == "Wed, 18 Nov 2026 11:06:40 +0000");
}

TEST_CASE("attached mails and nameless pictures are named by what they are, and what lies within them is not")
{
    const auto nested = post(1, odd_mails()[6]);
    REQUIRE(nested.attachments.size() == 1);
    CHECK(nested.attachments[0].name == "inner");
    CHECK(nested.attachments[0].type == "message/rfc822");
    CHECK(nested.text == "See below.\r\n");
    const auto picture = post(1, odd_mails()[5]);
    REQUIRE(picture.attachments.size() == 1);
    CHECK(picture.attachments[0].name == "a;b\"c.gif");
    CHECK(picture.text.empty());
    CHECK(picture.shown == Post::Text::whole);
}

TEST_CASE("a post of 30 MB is read in no time, and cut at a line")
{
    std::string big;
    while (big.size() < 30'000'000) big += "A line of a post that never comes to its end.\r\n";
    const auto begun = std::chrono::steady_clock::now();
    const auto cut = post(1, mail("long", big));
    CHECK(cut.shown == Post::Text::cut);
    CHECK(cut.text.size() <= max_text_bytes);
    CHECK(cut.text.size() > max_text_bytes - 100);
    CHECK(cut.text.ends_with("its end.\r\n"));
    const auto one_line = post(1, mail("one line", "\xd8\xa7" + std::string(30'000'000, 'x')));
    CHECK(one_line.shown == Post::Text::cut);
    CHECK(text::valid_utf8(one_line.text));
    const auto file = post(1, mail("file", std::string(30'000'000, 'A'),
                                   "Content-Type: application/zip; name=a.zip\r\nContent-Transfer-Encoding: base64\r\n"));
    REQUIRE(file.attachments.size() == 1);
    CHECK(file.attachments[0].size_bytes == 22'500'000);
    CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds{20});
}

TEST_CASE("an issue has room for so much text; the posts behind are still named")
{
    Budget budget;
    budget.bytes = 10;
    const auto first = read_post({1, "1@x", 0, 0, ""}, mail("a", "12345\r\n"), budget);
    CHECK(first.shown == Post::Text::whole);
    const auto second = read_post({2, "2@x", 0, 0, ""}, mail("b", "67890\r\n"), budget);
    CHECK(second.shown == Post::Text::left_out);
    CHECK(second.text.empty());
    const auto third = read_post({3, "3@x", 0, 0, ""}, mail("c", "1\r\n"), budget);
    CHECK(third.shown == Post::Text::left_out);
    CHECK(third.subject == "c");
}

TEST_CASE("thousands of names, files and references stay a few")
{
    std::string to = "To: ", files = "Content-Type: multipart/mixed; boundary=b\r\n\r\n", ids = "References: ";
    for (int i = 0; i < 3'000; ++i) {
        to += "a" + std::to_string(i) + "@example.org,\r\n ";
        ids += "<" + std::to_string(i) + "@x>\r\n ";
        files += "--b\r\nContent-Type: a/b; name=" + std::to_string(i) + "\r\n\r\nx\r\n";
    }
    const auto one = post(1, to + "z@x\r\n" + ids + "<z@x>\r\n" + files + "--b--\r\n");
    CHECK(one.to.size() == max_mailboxes_shown);
    CHECK(one.references.size() <= 11);
    CHECK(one.attachments.size() == max_files_shown);
    CHECK(one.more_attachments == 3'000 - max_files_shown);
}

TEST_CASE("lines that would split a digest begin with a blank")
{
    const std::string rule(30, '-');
    CHECK(without_separators("\r\n\r\na\r\n\r\nb\r\n\r\n") == "a\r\n\r\nb\r\n");
    CHECK(without_separators(rule + "\r\n") == " " + rule.substr(1) + "\r\n");
    CHECK(without_separators(rule + "-- \t\r\n") == " " + rule.substr(1) + "-- \t\r\n");
    CHECK(without_separators("-- \r\n" + rule + "x\r\n") == "--\r\n" + rule + "x\r\n");
    CHECK(without_separators("End of it\r\n****\r\n***\r\n") == "End of it\r\n ***\r\n***\r\n");
    CHECK(without_separators("\r\n \r\n").empty());
    CHECK(without_separators("a") == "a\r\n");
}

TEST_CASE("values of either direction keep to their place")
{
    const std::string arabic = "\u0645\u062c\u0644\u0633";
    CHECK(isolated("maroc", "fr") == "maroc");
    CHECK(isolated(arabic, "fr") == "\u2068" + arabic + "\u2069");
    CHECK(isolated("maroc", "ar") == "\u2068maroc\u2069");
    CHECK(directed("a", "fr") == "a");
    CHECK(directed(arabic, "en") == "\u200e" + arabic);
    CHECK(directed("1. a", "ar") == "\u200f\u20671. a\u2069");
    CHECK(plain_line("\u202eabc\u2066 \u061c\u200f") == "abc");
    CHECK(shortened("abcdef", 6) == "abcdef");
    CHECK(shortened("abcdefg", 6) == "abcde\u2026");
    CHECK(shortened(arabic + arabic, 5) == arabic + "\u2026");
}
