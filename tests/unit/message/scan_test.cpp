#include "core/message/message.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace majlis;

namespace {

std::string mixed(std::string_view body) { return "Content-Type: multipart/mixed; boundary=b\n\n" + std::string{body}; }

bool has(const std::vector<std::string>& list, std::string_view what) { return std::ranges::find(list, what) != list.end(); }

/// "multipart/mixed,text/plain@1": every part with its depth.
std::string shape(const Message& message)
{
    std::string out;
    for (const Part& part : message.parts) {
        if (!out.empty()) out += ' ';
        out += part.type + "/" + part.subtype + "@" + std::to_string(part.depth);
    }
    return out;
}

}  // namespace

TEST_CASE("a plain mail is one part, divided by the empty line")
{
    const std::string raw = "Subject: x\r\nFrom: a@b.org\r\n\r\nbody\r\n";
    const auto message = scan_message(raw);
    REQUIRE(message.parts.size() == 1);
    CHECK(message.root().header == "Subject: x\r\nFrom: a@b.org\r\n");
    CHECK(message.root().gap == "\r\n");
    CHECK(message.root().body == "body\r\n");
    CHECK(message.root().is("text", "plain"));
    CHECK(message.defects.empty());
    CHECK(message.oddities.empty());
}

TEST_CASE("views point into the raw mail")
{
    const std::string raw = mixed("--b\nA: 1\n\none\n--b--\n");
    const auto message = scan_message(raw);
    for (const Part& part : message.parts)
        for (const auto view : {part.header, part.gap, part.body}) {
            CHECK(view.data() >= raw.data());
            CHECK(view.data() + view.size() <= raw.data() + raw.size());
        }
}

TEST_CASE("parts end before the line end that belongs to the boundary")
{
    for (const std::string end : {"\n", "\r\n", "\r"}) {
        CAPTURE(end);
        std::string raw =
            "Content-Type: multipart/mixed; boundary=b\n\npreamble\n--b\nX: 1\n\none\n--b\n\ntwo\n\n--b--\nepilogue\n";
        for (std::size_t at = 0; (at = raw.find('\n', at)) != std::string::npos; at += end.size()) raw.replace(at, 1, end);
        const auto message = scan_message(raw);
        REQUIRE(message.parts.size() == 3);
        CHECK(message.parts[1].body == "one");
        CHECK(message.parts[2].body == "two" + end);
        CHECK(message.parts[2].header.empty());
        CHECK(message.root().divided);
    }
}

TEST_CASE("a boundary matches as a whole line only")
{
    const struct {
        std::string_view line;
        bool matches;
    } table[] = {{"--b", true},   {"--b \t ", true}, {"--bb", false}, {"--b x", false},
                 {" --b", false}, {"-b", false},     {"--B", false},  {"x--b", false}};
    for (const auto& row : table) {
        CAPTURE(row.line);
        const auto raw = mixed("--b\n\none\n" + std::string{row.line} + "\n\ntwo\n--b--\n");
        CHECK(scan_message(raw).parts.size() == (row.matches ? 3U : 2U));
    }
}

TEST_CASE("of two boundaries the longer is not taken for the shorter")
{
    const std::string raw =
        "Content-Type: multipart/mixed; boundary=\"--x\"\n\n----x\nContent-Type: multipart/alternative; boundary=\"--x-1\"\n\n"
        "----x-1\n\na\n----x-1\nContent-Type: text/html\n\nb\n----x-1--\n----x\nContent-Type: application/pdf\n\nc\n----x--\n";
    CHECK(shape(scan_message(raw)) == "multipart/mixed@0 multipart/alternative@1 text/plain@2 text/html@2 application/pdf@1");
}

TEST_CASE("a missing closing boundary ends with the mail")
{
    const auto raw = mixed("--b\n\none\n--b\n\ntwo\n");
    const auto message = scan_message(raw);
    REQUIRE(message.parts.size() == 3);
    CHECK(message.parts[2].body == "two\n");
    CHECK(has(message.oddities, "a multipart has no closing boundary"));
    CHECK(message.defects.empty());
}

TEST_CASE("content behind an unclosed inner multipart is kept")
{
    const auto raw = mixed("--b\nContent-Type: multipart/alternative; boundary=i\n\n--i\n\ninner\n--b\n\nouter\n--b--\n");
    const auto message = scan_message(raw);
    REQUIRE(message.parts.size() == 4);
    CHECK(message.parts[2].body == "inner");
    CHECK(message.parts[3].body == "outer");
    CHECK(message.parts[3].parent == 0);
}

TEST_CASE("behind the closing boundary nothing begins a part")
{
    const auto raw = mixed("--b\n\none\n--b--\n--b\n\ntwo\n");
    CHECK(scan_message(raw).parts.size() == 2);
}

TEST_CASE("empty parts are parts")
{
    CHECK(scan_message(mixed("--b\n--b--\n")).parts.size() == 2);
    CHECK(scan_message(mixed("--b\n--b\n\n--b\nX: 1\n--b--")).parts.size() == 4);
    CHECK(scan_message(mixed("--b")).parts.size() == 2);
    const auto raw = mixed("--b\nX: 1\n--b--\n");
    const auto message = scan_message(raw);
    CHECK(message.parts[1].fields.size() == 1);
    CHECK(message.parts[1].body.empty());
}

TEST_CASE("attached mails are read, and their parts are told from ours")
{
    const auto raw = mixed(
        "--b\nContent-Type: message/rfc822\n\nSubject: inner\nContent-Type: multipart/mixed; boundary=i\n\n"
        "--i\n\ntext\n--i--\n--b--\n");
    const auto message = scan_message(raw);
    CHECK(shape(message) == "multipart/mixed@0 message/rfc822@1 multipart/mixed@2 text/plain@3");
    CHECK(message.parts[2].parent == 1);
    CHECK(message.parts[2].fields.front().body == "inner");
    CHECK(message.parts[1].divided);
}

TEST_CASE("an encoded attached mail is not descended")
{
    for (const auto* encoding : {"base64", "quoted-printable", "x-uuencode"}) {
        const auto raw = mixed("--b\nContent-Type: message/rfc822\nContent-Transfer-Encoding: " + std::string{encoding} +
                               "\n\nSubject: inner\n\nx\n--b--\n");
        const auto message = scan_message(raw);
        CHECK(message.parts.size() == 2);
        CHECK_FALSE(message.parts[1].divided);
    }
}

TEST_CASE("the parts of a digest are mails where they name no type")
{
    const std::string raw =
        "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: one\n\n1\n--b\nContent-Type: text/plain\n\nplain\n--b--\n";
    CHECK(shape(scan_message(raw)) == "multipart/digest@0 message/rfc822@1 text/plain@2 text/plain@1");
}

TEST_CASE("what a part says of itself is read once, in any order and case")
{
    const std::string raw =
        "content-disposition: ATTACHMENT; filename=\"a;b.pdf\"\nCONTENT-TYPE: Application/PDF; name=other.pdf; charset=UTF-8\n"
        "Content-Transfer-Encoding: BASE64 (comment)\nContent-Type: text/html\n\n";
    const auto message = scan_message(raw);
    const Part& part = message.root();
    CHECK(part.is("application", "pdf"));
    CHECK(part.name == "a;b.pdf");
    CHECK(part.disposition == "attachment");
    CHECK(part.charset == "UTF-8");
    CHECK(part.encoding == Encoding::base64);
}

TEST_CASE("a Content-Type that names no type leaves the default")
{
    for (const auto* type : {"text", "", "/plain", "text/", ";charset=utf-8"}) {
        CAPTURE(type);
        const auto raw = "Content-Type: " + std::string{type} + "\n\nx";
        const auto message = scan_message(raw);
        CHECK(message.root().is("text", "plain"));
        CHECK(message.oddities.size() == 1);
    }
}

TEST_CASE("a multipart without a usable boundary reads as one piece")
{
    const std::string none = "Content-Type: multipart/mixed\n\n--b\n\nx\n--b--\n";
    CHECK(scan_message(none).parts.size() == 1);
    CHECK(has(scan_message(none).oddities, "a multipart declares no boundary"));
    const auto unused = mixed("no boundary line\n");
    CHECK_FALSE(scan_message(unused).root().divided);
    CHECK(has(scan_message(unused).oddities, "a boundary is declared but never used"));
}

TEST_CASE("an mbox line before the header belongs to no field")
{
    const std::string raw = "From a@b.org Mon Jan  1 00:00:00 2024\nSubject: x\n\nbody";
    const auto message = scan_message(raw);
    CHECK(message.mbox_line == "From a@b.org Mon Jan  1 00:00:00 2024\n");
    const std::string twice = "From a@b.org Mon Jan  1 00:00:00 2024\n>From c@d.org Mon Jan  1 00:00:00 2024\n";
    const std::string again = twice + "Subject: x\n\nFrom here\n";
    const Message old = scan_message(again);
    CHECK(old.mbox_line == twice);
    CHECK(old.root().fields.size() == 1);
    CHECK(old.root().body == "From here\n");
    CHECK(message.root().header == "Subject: x\n");
    CHECK(message.root().fields.size() == 1);
}

TEST_CASE("nothing at all is a mail with a defect")
{
    for (const std::string raw : {"", "\n", "\r\n", "\r", "--", "From ", ":", " "}) {
        CAPTURE(raw);
        const auto message = scan_message(raw);
        REQUIRE(message.parts.size() == 1);
        CHECK(has(message.defects, "no header"));
    }
}

TEST_CASE("two From fields and NUL bytes are told")
{
    const std::string raw{"From: a@b.org\nFrom: c@d.org\n\nx\0y", 32};
    const auto message = scan_message(raw);
    CHECK(has(message.defects, "more than one From field"));
    CHECK(has(message.oddities, "NUL bytes"));
}

TEST_CASE("an inner header that an outer boundary cuts still lies inside the part around it")
{
    const auto raw = mixed("--b\nContent-Type: multipart/mixed; boundary=i\n\n--i\nX: 1\n--b--\n");
    const auto message = scan_message(raw);
    REQUIRE(message.parts.size() == 3);
    const auto end = [](std::string_view view) { return view.data() + view.size(); };
    CHECK(message.parts[2].header == "X: 1\n");
    CHECK(end(message.parts[2].header) <= end(message.parts[1].body));
}
