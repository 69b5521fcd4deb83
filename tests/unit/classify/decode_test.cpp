#include "core/classify/classify.hpp"

#include <doctest/doctest.h>

using namespace majlis;

TEST_CASE("a mail is shown as a person would read it")
{
    const std::string raw =
        "From: =?utf-8?Q?=C3=89lodie?= <elodie@example.org>\nSubject: =?utf-8?B?w6l0w6k=?=\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n\nHi,\n  Dear members of the council,\n--b\n"
        "Content-Type: application/pdf\nContent-Disposition: attachment; filename*=utf-8''r%C3%A9sum%C3%A9.pdf\n\nx\n--b--\n";
    const auto decoded = decode(scan_message(raw));
    CHECK(decoded.subject == "\xc3\xa9t\xc3\xa9");
    CHECK(decoded.from == "elodie@example.org");
    CHECK(decoded.from_name == "\xc3\x89lodie");
    REQUIRE(decoded.attachments.size() == 1);
    CHECK(decoded.attachments.front() == "r\xc3\xa9sum\xc3\xa9.pdf");
    CHECK(decoded.text == "Dear members of the council,");
    CHECK(decoded.parts == 2);
}

TEST_CASE("short texts and bare names are kept")
{
    const std::string raw = "From: Whomever\n\n\nyes\n";
    const auto decoded = decode(scan_message(raw));
    CHECK(decoded.text == "yes");
    CHECK(decoded.from_name == "Whomever");
    CHECK(decoded.from.empty());
}

TEST_CASE("nothing decodes to nothing")
{
    const auto decoded = decode(scan_message(""));
    CHECK(decoded.subject.empty());
    CHECK(decoded.from.empty());
    CHECK(decoded.text.empty());
    CHECK(decoded.parts == 1);
}
