#include <doctest/doctest.h>

#include "core/text/ascii.hpp"
#include "tests/unit/compose/copy.hpp"

using namespace majlis;

namespace {

CopyOptions seven_bit()
{
    CopyOptions options;
    options.transport = CopyOptions::Transport::seven_bit;
    return options;
}

std::string narrowed(const std::string& mail)
{
    const std::string out = copied(mail, rabat(), seven_bit());
    CHECK(text::is_ascii(out));
    return out;
}

const std::string from = "From: a@example.org\nMIME-Version: 1.0\n";

}  // namespace

TEST_CASE("a copy says whether it needs 8BITMIME")
{
    CHECK(!composed(crlf(from + "\nHello\n"), rabat()).eight_bit);
    CHECK(composed(crlf(from + "\ncaf\u00e9\n"), rabat()).eight_bit);
    CHECK(composed(crlf(from + "X-Odd: \xff\n\nHello\n"), rabat()).eight_bit);
    CHECK(!composed(crlf(from + "X-Odd: \xff\n\nHello\n"), rabat()).needs_smtputf8);
}

TEST_CASE("7-bit mail passes a 7-bit relay as it is")
{
    const std::string mail = from + "Content-Transfer-Encoding: 8bit\n\nHello\n";
    CHECK(copied(mail, rabat(), seven_bit()) == copied(mail));
}

TEST_CASE("8-bit text becomes quoted-printable or base64, whichever is shorter")
{
    const std::string latin =
        narrowed(from + "Content-Type: text/plain; charset=iso-8859-1\nContent-Transfer-Encoding: 8bit\n\ncaf\xe9 au lait\n");
    CHECK(field_of(latin, "Content-Transfer-Encoding") == "quoted-printable");
    CHECK(part_text(scan_message(latin).root()) == "caf\u00e9 au lait\n");
    const std::string arabic =
        narrowed(from + "Content-Type: text/plain; charset=utf-8\n\n\u0645\u0631\u062d\u0628\u0627 \u0628\u0643\u0645\n");
    CHECK(field_of(arabic, "Content-Transfer-Encoding") == "base64");
    CHECK(part_text(scan_message(arabic).root()) == "\u0645\u0631\u062d\u0628\u0627 \u0628\u0643\u0645\r\n");
    const std::string bare = narrowed("From: a@example.org\n\ncaf\u00e9\n");
    CHECK(field_of(bare, "MIME-Version") == "1.0");
}

TEST_CASE("each part is recoded by itself, also in attached mails")
{
    const std::string mail = narrowed(
        from +
        "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\npre\u00e9\n--b\nContent-Type: text/plain; "
        "charset=utf-8\n\ncaf\u00e9\n--b\nContent-Type: image/png\nContent-Transfer-Encoding: binary\n\n\x89PNG\xff\n--b\n"
        "Content-Type: text/plain\n\nplain\n--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nSubject: "
        "caf\u00e9\n"
        "Content-Transfer-Encoding: 8bit\n\nth\u00e9\n--b--\n");
    const Message message = scan_message(mail);
    REQUIRE(message.parts.size() == 6);
    CHECK(field_of(mail, "Content-Transfer-Encoding") == "7bit");
    CHECK(part_text(message.parts[1]) == "caf\u00e9");
    CHECK(message.parts[2].encoding == Encoding::base64);
    CHECK(part_content(message.parts[2]) == "\x89PNG\xff");
    CHECK(message.parts[3].body == "plain");
    CHECK(field_of(std::string{message.parts[4].header}, "Content-Transfer-Encoding") == "7bit");
    CHECK(field_text(message.parts[5].fields, "Subject") == "caf\u00e9");
    CHECK(part_text(message.parts[5]) == "th\u00e9");
}

TEST_CASE("raw bytes in the header become encoded words, and file names RFC 2231")
{
    const std::string mail = narrowed(
        "From: Ren\u00e9 <rene@example.org>\nTo: Th\xe9o <theo@b\u00fccher.example>, x@example.org\n"
        "Subject: caf\u00e9\nX-Note: \xe9t\xe9\nReceived: from caf\xe9\nContent-Type: text/plain; "
        "charset=utf-8; name=\"caf\u00e9.txt\"\nMIME-Version: 1.0\n\n\u00e9\n");
    const auto fields = scan_header(mail);
    CHECK(field_text(fields, "From") == "Ren\u00e9 <rene@example.org>");
    CHECK(field_text(fields, "To") == "Th\u00e9o <theo@xn--bcher-kva.example>, x@example.org");
    CHECK(field_text(fields, "Subject") == "caf\u00e9");
    CHECK(field_text(fields, "X-Note") == "\u00e9t\u00e9");
    CHECK(field_of(mail, "Received") == "from caf?");
    CHECK(scan_message(mail).root().name == "caf\u00e9.txt");
}

TEST_CASE("an address that is not ASCII cannot be written otherwise, and says so")
{
    const std::string mail = crlf("From: \u0623\u0645\u064a\u0646\u0629@example.org\nSubject: caf\u00e9\n\n\u00e9\n");
    CHECK(composed(mail, rabat()).needs_smtputf8);
    const PostCopy copy = composed(mail, rabat(), seven_bit());
    CHECK(copy.needs_smtputf8);
    CHECK(copy.eight_bit);
    CHECK(text::is_ascii(copy.tail));
}

TEST_CASE("over-long lines are recoded in their part alone")
{
    const std::string line(5000, 'x');
    const std::string mail =
        copied(from + "Content-Type: multipart/mixed; boundary=b\n\n--b\n\n" + line + "\n--b\nContent-Type: image/png\n\n" +
               line + "\n--b\nContent-Transfer-Encoding: base64\n\n" + std::string(4000, 'A') + "\n--b\n\nshort  \n--b--\n");
    const Message message = scan_message(mail);
    REQUIRE(message.parts.size() == 5);
    CHECK(message.parts[1].encoding == Encoding::quoted_printable);
    CHECK(part_content(message.parts[1]) == line);
    CHECK(message.parts[2].encoding == Encoding::base64);
    CHECK(part_content(message.parts[2]) == line);
    CHECK(part_content(message.parts[3]) == std::string(3000, '\0'));
    CHECK(message.parts[4].body == "short  ");
    const std::string root = copied("From: a@example.org\nX-Long: " + line + "\n\n" + line + "\n");
    CHECK(field_of(root, "Content-Transfer-Encoding") == "quoted-printable");
    CHECK(part_content(scan_message(root).root()) == line + "\n");
}
