#include <doctest/doctest.h>

#include "core/text/codec.hpp"
#include "tests/unit/compose/copy.hpp"

using namespace majlis;

namespace {

ListFace footed(const std::string& footer = "-- \n{title} <{address}>")
{
    ListFace face = rabat();
    face.footer = footer;
    return face;
}

std::string body_of(const std::string& mail) { return mail.substr(mail.find("\n\n") + 2); }

const std::string from = "From: a@example.org\nMIME-Version: 1.0\n";

}  // namespace

TEST_CASE("a footer is appended to plain text")
{
    CHECK(body_of(copied(from + "\nHello\n", footed())) == "Hello\n-- \nMAIMC Rabat <rabat@maimc.org>\n");
    CHECK(body_of(copied(from + "\nHello", footed())) == "Hello\n-- \nMAIMC Rabat <rabat@maimc.org>\n");
    CHECK(body_of(copied(from + "\n", footed())) == "-- \nMAIMC Rabat <rabat@maimc.org>\n");
    CHECK(body_of(copied(from + "\nHello\n", footed(" \n\t"))) == "Hello\n");
}

TEST_CASE("placeholders are filled, once, and unknown ones stay")
{
    ListFace face = footed("{list} {title} {archive_url} {nobody} {list");
    face.title = "{address}";
    face.archive_url = "https://x";
    CHECK(body_of(copied(from + "\n", face)) == "rabat {address} https://x {nobody} {list\n");
}

TEST_CASE("a footer goes out in the post's own charset where that holds it")
{
    const auto face = footed("caf\u00e9");
    const std::string latin =
        copied(from + "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\n\xe9\n", face);
    CHECK(body_of(latin) == "\xe9\ncaf\xe9\n");
    const std::string narrow =
        copied(from + "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 7bit\n\ne\n", face);
    CHECK(body_of(narrow) == "e\ncaf\xe9\n");
    CHECK(field_of(narrow, "Content-Transfer-Encoding") == "8bit");
    const std::string utf8 = copied(from + "Content-Type: text/plain; charset=utf-8\n\nh\u00e9\n", face);
    CHECK(body_of(utf8) == "h\u00e9\ncaf\u00e9\n");
}

TEST_CASE("ASCII text takes a footer that is not by being called UTF-8, and flowed text stays flowed")
{
    const auto face = footed("caf\u00e9");
    const std::string bare = copied("From: a@example.org\n\nHello\n", face);
    CHECK(field_of(bare, "Content-Type") == "text/plain; charset=utf-8");
    CHECK(field_of(bare, "MIME-Version") == "1.0");
    CHECK(field_of(bare, "Content-Transfer-Encoding") == "8bit");
    CHECK(body_of(bare) == "Hello\ncaf\u00e9\n");
    const std::string flowed =
        copied(from + "Content-Type: text/plain; charset=us-ascii; format=flowed; delsp=yes\n\nHello \nyou\n", face);
    CHECK(field_of(flowed, "Content-Type") == "text/plain; charset=utf-8; delsp=yes; format=flowed");
    CHECK(body_of(flowed) == "Hello \nyou\ncaf\u00e9\n");
}

TEST_CASE("a footer in flowed text joins no line and is not joined")
{
    const auto face = footed("-- \nFrom us \n> x");
    const std::string mail = copied(from + "Content-Type: text/plain; format=flowed\n\nend \n", face);
    CHECK(body_of(mail) == "end \n\n-- \n From us\n > x\n");
}

TEST_CASE("text that its charset cannot take a footer into is wrapped, its bytes unchanged")
{
    const auto face = footed("\u0645\u0631\u062d\u0628\u0627");
    for (const char* type :
         {"text/plain; charset=iso-8859-1", "text/plain; charset=x-klingon", "text/plain", "text/plain; charset=utf-16"}) {
        const std::string mail = copied(from + "Content-Type: " + type + "\nContent-Transfer-Encoding: 8bit\n\ncaf\xe9\n", face);
        const Message message = scan_message(mail);
        REQUIRE_MESSAGE(message.parts.size() == 3, type);
        CHECK(message.root().is("multipart", "mixed"));
        CHECK(message.parts[1].body == "caf\xe9\n");
        CHECK(field_of(std::string{message.parts[1].header}, "Content-Type") == type);
        CHECK(part_text(message.parts[2]) == "\u0645\u0631\u062d\u0628\u0627\r\n");
        CHECK(message.parts[2].disposition == "inline");
    }
}

TEST_CASE("quoted-printable and base64 text take the footer inside their encoding")
{
    const auto face = footed("caf\u00e9 =");
    const std::string type = "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: ";
    const std::string qp = copied(from + type + "quoted-printable\n\nh=C3=A9 soft=\nbreak\n", face);
    CHECK(body_of(qp) == "h=C3=A9 soft=\nbreak\ncaf=C3=A9 =3D\n");
    const std::string open = copied(from + type + "quoted-printable\n\nh=C3=A9=\n", face);
    CHECK(part_content(scan_message(open).root()) == "h\u00e9\ncaf\u00e9 =\n");
    const std::string base64 = copied(from + type + "base64\n\naMOpbGxv\n", face);
    CHECK(part_content(scan_message(base64).root()) == "h\u00e9llo\r\ncaf\u00e9 =\r\n");
}

TEST_CASE("a multipart/mixed gets a part at its end")
{
    const std::string parts =
        "preamble\n--b\nContent-Type: text/plain\n\none\n--b\nContent-Type: multipart/alternative; "
        "boundary=b2\n\n--b2\n\ntwo\n--b2--\n\n";
    const std::string mail =
        copied(from + "Content-Type: multipart/mixed; boundary=b\n\n" + parts + "--b--\nepilogue\n", footed("the end"));
    CHECK(body_of(mail) == parts +
                               "--b\nContent-Type: text/plain; charset=us-ascii\nContent-Disposition: inline\n"
                               "Content-Transfer-Encoding: 7bit\n\nthe end\n--b--\nepilogue\n");
    const std::string empty = copied(from + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n--b--\n", footed("the end"));
    CHECK(scan_message(empty).parts.size() == 3);
}

TEST_CASE("a multipart/mixed without its end is wrapped")
{
    const std::string broken = from + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n";
    const std::string mail = copied(broken, footed("the end"));
    const Message message = scan_message(mail);
    REQUIRE(message.parts.size() == 4);
    CHECK(message.parts[1].boundary == "b");
    CHECK(part_text(message.parts.back()) == "the end");
}

TEST_CASE("what is signed, encrypted or alternative is wrapped, its bytes unchanged")
{
    for (const char* subtype :
         {"signed; protocol=\"application/pgp-signature\"; micalg=pgp-sha256", "encrypted", "alternative", "related"}) {
        const std::string fields =
            "Content-Type: multipart/" + std::string{subtype} + ";\n boundary=\"b\"\nContent-Description: odd  one\n";
        const std::string body =
            "--b\nContent-Type: text/plain; charset=utf-8\n\ncaf\u00e9 \n--b\nContent-Type: application/x\n\nsig\n--b--\n";
        const std::string mail = copied(from + fields + "\n" + body, footed("the end"));
        CHECK_MESSAGE(mail.find("\n" + fields + "\n" + body) != std::string::npos, subtype);
        const Message message = scan_message(mail);
        CHECK(message.root().is("multipart", "mixed"));
        CHECK(part_text(message.parts.back()) == "the end");
        CHECK(field_of(mail, "Content-Transfer-Encoding") == "8bit");
        CHECK(field_of(mail, "Content-Description") == "(none)");  // it describes the part, and went with it
    }
}

TEST_CASE("HTML, attachments and attached mails are wrapped")
{
    for (const char* fields :
         {"Content-Type: text/html\n", "Content-Type: text/plain; name=a.txt\n", "Content-Disposition: attachment\n",
          "Content-Type: message/rfc822\n", "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n",
          "Content-Transfer-Encoding: x-uuencode\n"}) {
        const std::string mail = copied(from + fields + "\nU3ViamVjdDo=\n", footed("the end"));
        CHECK_MESSAGE(mail.find(std::string{"\n"} + fields + "\nU3ViamVjdDo=\n") != std::string::npos, fields);
        CHECK_MESSAGE(scan_message(mail).root().is("multipart", "mixed"), fields);
    }
}

TEST_CASE("a body that holds our boundary gets another")
{
    const std::string first = copied(from + "Content-Type: text/html\n\nx\n", footed("end"));
    const std::string boundary = scan_message(first).root().boundary;
    CHECK(boundary.size() <= 70);
    const std::string second = copied(from + "Content-Type: text/html\n\nx\n--" + boundary + "--\n", footed("end"));
    CHECK(scan_message(second).root().boundary != boundary);
}

TEST_CASE("a stale Content-Length goes when the body changes, and stays when it does not")
{
    const std::string mail = from + "Content-Length: 6\nContent-Type: text/html\n\nHello\n";
    CHECK(field_of(copied(mail), "Content-Length") == "6");
    CHECK(field_of(copied(mail, footed("end")), "Content-Length") == "(none)");
}

TEST_CASE("what was taken out of a post is told before the footer, and holds no placeholder")
{
    CopyOptions options;
    options.note = "Taken out:\n- {address}.exe\n";
    CHECK(body_of(copied(from + "\nHello\n", footed(), options)) ==
          "Hello\n\nTaken out:\n- {address}.exe\n-- \nMAIMC Rabat <rabat@maimc.org>\n");
    CHECK(body_of(copied(from + "\nHello\n", rabat(), options)) == "Hello\n\nTaken out:\n- {address}.exe\n");
    const std::string page = copied(from + "Content-Type: text/html\n\n<p>Hello\n", rabat(), options);
    CHECK(part_text(scan_message(page).parts.back()) == "\nTaken out:\n- {address}.exe");
    options.note = " \n";
    CHECK(body_of(copied(from + "\nHello\n", rabat(), options)) == "Hello\n");
}

TEST_CASE("a footer says the same to all: words about one member stay as they are")
{
    CHECK(body_of(copied(from + "\n", footed("{member} {member_address}"))) == "{member} {member_address}\n");
}

TEST_CASE("white space is no footer, and the blank of a signature line stays")
{
    const std::string mail = from + "Content-Type: text/html\n\nx\n";
    CHECK(copied(mail, footed("\n\n  \t\n")) == copied(mail));
    const std::string wrapped = copied(mail, footed("-- \nend"));
    CHECK(part_text(scan_message(wrapped).parts.back()) == "-- \nend");
    const std::string quoted = copied(
        from + "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\nx\n", footed("-- \nend"));
    CHECK(part_content(scan_message(quoted).root()) == "x\n-- \nend\n");
}
