#include "core/message/message.hpp"

#include <doctest/doctest.h>

using namespace majlis;

TEST_CASE("a part's content is decoded as it declares")
{
    const struct {
        std::string_view head, body, text;
    } table[] = {
        {"Content-Transfer-Encoding: base64\nContent-Type: text/plain; charset=utf-8\n", "w6l0w6k=\n", "\xc3\xa9t\xc3\xa9"},
        {"Content-Transfer-Encoding: quoted-printable\nContent-Type: text/plain; charset=iso-8859-1\n", "=E9t=E9",
         "\xc3\xa9t\xc3\xa9"},
        {"Content-Transfer-Encoding: 8bit\nContent-Type: text/plain; charset=windows-1252\n", "30 \x80", "30 \xe2\x82\xac"},
        {"Content-Transfer-Encoding: x-unknown\n", "as it is", "as it is"},
        {"Subject: undeclared 8-bit\n", "\xc3\xa9t\xc3\xa9", "\xc3\xa9t\xc3\xa9"},
    };
    for (const auto& row : table) {
        CAPTURE(row.head);
        const auto raw = std::string{row.head} + "\n" + std::string{row.body};
        CHECK(part_text(scan_message(raw).root()) == row.text);
    }
}

TEST_CASE("plain text is preferred to HTML, and attachments are not read")
{
    const std::string raw =
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Disposition: attachment\n\nattached\n"
        "--b\nContent-Type: message/rfc822\n\nSubject: x\n\ninner mail\n"
        "--b\nContent-Type: multipart/alternative; boundary=i\n\n--i\nContent-Type: "
        "text/html\n\n<p>rich</p>\n--i\n\nplain\n--i--\n--b--\n";
    const auto message = scan_message(raw);
    REQUIRE(first_text(message) != nullptr);
    CHECK(first_text(message)->body == "plain");
    CHECK(readable_text(message) == "plain");
}

TEST_CASE("HTML is read where there is nothing else")
{
    const std::string raw =
        "Content-Type: text/html; charset=utf-8\n\n<html><style>p{}</style><p>Bonjour&nbsp;&agrave; tous</p></html>";
    CHECK(readable_text(scan_message(raw)) == "Bonjour \xc3\xa0 tous");
}

TEST_CASE("a mail without text has none")
{
    const std::string raw = "Content-Type: image/png\n\nxyz";
    CHECK(first_text(scan_message(raw)) == nullptr);
    CHECK(readable_text(scan_message(raw)).empty());
}
