#include <doctest/doctest.h>

#include "net/imap/names.hpp"
#include "net/imap/response.hpp"
#include "net/imap/splitter.hpp"

using namespace majlis::imap;
using Kind = Response::Kind;

namespace {

/// All responses in these bytes, fed in pieces of this size.
std::vector<Response> responses(std::string_view bytes, std::size_t piece = 1'000'000, Limits limits = {})
{
    Splitter splitter{limits};
    std::vector<Response> found;
    for (std::size_t at = 0; at < bytes.size(); at += piece) {
        std::string_view rest = bytes.substr(at, piece);
        while (auto raw = splitter.take(rest)) found.push_back(parse_response(std::move(*raw), limits));
    }
    return found;
}

Response response(std::string_view line)
{
    auto found = responses(line);
    REQUIRE(found.size() == 1);
    return std::move(found.front());
}

}  // namespace

TEST_CASE("a FETCH is understood however its bytes are cut")
{
    const std::string mail = "Subject: x\r\n\r\nA001 OK fake\r\n* 9 EXISTS {3}\r\n)\r\n";
    const std::string bytes =
        "* 12 FETCH (FLAGS (\\Seen $Forwarded) UID 34 RFC822.SIZE 2048 INTERNALDATE \"17-Jul-1996 02:44:25 -0700\""
        " BODY[HEADER] {11}\r\nSubject: x\n BODY[]<262144> {" +
        std::to_string(mail.size()) + "}\r\n" + mail + ")\r\nm7 OK [READ-ONLY] done {5}\r\n";
    for (const std::size_t piece : {std::size_t{1}, std::size_t{2}, std::size_t{7}, bytes.size()}) {
        CAPTURE(piece);
        auto found = responses(bytes, piece);
        REQUIRE(found.size() == 2);
        auto& fetch = found[0].fetch;
        CHECK(found[0].kind == Kind::fetch);
        CHECK(fetch.sequence == 12);
        CHECK(fetch.uid == 34);
        CHECK(fetch.size == 2048);
        CHECK(fetch.internal_date == 837596665);
        CHECK(fetch.flags == std::vector<std::string>{"\\Seen", "$Forwarded"});
        REQUIRE(fetch.section("HEADER") != nullptr);
        CHECK(fetch.section("HEADER")->bytes == "Subject: x\n");
        REQUIRE(fetch.section("") != nullptr);
        CHECK(fetch.section("")->bytes == mail);
        CHECK(fetch.section("")->offset == 262144);
        CHECK(found[1].kind == Kind::tagged);
        CHECK(found[1].status == Status::ok);
        CHECK(found[1].code == "READ-ONLY");
        CHECK(found[1].text == "done {5}");
    }
}

TEST_CASE("what a server says is understood in all its forms")
{
    CHECK(response("* 23 EXISTS\r\n").number == 23);
    CHECK(response("* 23 expunge\n").kind == Kind::expunge);
    CHECK(response("+ idling\r\n").kind == Kind::continuation);
    CHECK(response("+\r\n").kind == Kind::continuation);
    CHECK(response("* BYE [UNAVAILABLE] back soon {4}\r\n").status == Status::bye);
    CHECK(response("* OK [UIDVALIDITY 3857529045] fine\r\n").code == "UIDVALIDITY 3857529045");
    CHECK(response("* CAPABILITY IMAP4rev1 IDLE AUTH=PLAIN\r\n").words.size() == 3);
    CHECK(response("* SEARCH 2 3 6 (MODSEQ 917162500)\r\n").numbers == std::vector<std::uint32_t>{2, 3, 6});
    CHECK(response("* SEARCH\r\n").kind == Kind::search);
    CHECK(response("* FETCH\r\n").kind == Kind::other);
    const auto list = response("* LIST (\\HasNoChildren \\Junk) \".\" \"INBOX.A \\\"b\\\"\"\r\n").folder;
    CHECK(list.separator == '.');
    CHECK(list.name == "INBOX.A \"b\"");
    CHECK(list.attributes.back() == "\\Junk");
    CHECK(response("* LIST () NIL {3}\r\nabc\r\n").folder.name == "abc");
    CHECK(response("* LIST () NIL INBOX\r\n").folder.separator == '\0');
    const auto space = response("* NAMESPACE ((\"INBOX.\" \".\")) ((\"~\" \"/\")) NIL\r\n").folder;
    CHECK(space.name == "INBOX.");
    CHECK(space.separator == '.');
    const auto body = response("* 1 FETCH (BODY[TEXT] \"short\" BODYSTRUCTURE ((\"a\" (\"b\" {2}\r\nxx)) NIL) UID 9)\r\n").fetch;
    CHECK(body.uid == 9);
    CHECK(body.sections.at(0).bytes == "short");
}

TEST_CASE("junk is passed over, and never breaks the step")
{
    for (const std::string_view junk :
         {"* 1 FETCH (UID\r\n", "* 1 FETCH UID 3\r\n", "* 99999999999999 EXISTS\r\n", "*\r\n", "\r\n", "* LIST (x\r\n",
          "* 1 FETCH ((((\r\n", "m1 MAYBE\r\n", "* NAMESPACE NIL NIL NIL\r\n", "* 1 FETCH (BODY[ {2}\r\nab)\r\n",
          "* LIST () \"\" \r\n", "* 1 FETCH (FLAGS (\"x\"))\r\n"}) {
        CAPTURE(junk);
        const auto found = responses(std::string(junk) + "m2 OK fine\r\n");
        REQUIRE(found.size() == 2);
        CHECK(found[0].kind == Kind::other);
        CHECK(found[1].kind == Kind::tagged);
    }
}

TEST_CASE("what would need too much memory is drained, or ends the connection")
{
    Limits limits;
    limits.line = 100;
    limits.numbers = 3;
    limits.literal = 10;
    limits.response = 15;
    limits.drained = 1000;
    limits.literals = 3;
    limits.nesting = 5;
    CHECK_THROWS_AS(responses(std::string(101, 'a'), 10, limits), ProtocolError);
    CHECK(responses("* SEARCH 1 2 3\r\n", 10, limits)[0].numbers.size() == 3);
    CHECK_THROWS_AS(responses("* SEARCH 1 2 3 4\r\n", 10, limits), ProtocolError);
    CHECK_THROWS_AS(responses("* 1 FETCH (BODY[] {1001}\r\n", 10, limits), ProtocolError);
    CHECK_THROWS_AS(responses("* 1 FETCH ({0}\r\n {0}\r\n {0}\r\n {0}\r\n)\r\n", 10, limits), ProtocolError);
    CHECK_THROWS_AS(responses(std::string_view("* a\0b\r\n", 7), 10, limits), ProtocolError);
    const auto found = responses(
        "* 1 FETCH (UID 5 BODY[] {11}\r\n12345678901 BODY[HEADER] {9}\r\n123456789 BODY[X] {7}\r\n1234567)\r\n", 3, limits);
    REQUIRE(found.size() == 1);
    const auto& sections = found[0].fetch.sections;
    REQUIRE(sections.size() == 3);
    CHECK(sections[0].drained);
    CHECK(sections[0].size == 11);
    CHECK(sections[1].bytes == "123456789");
    CHECK(sections[2].drained);  // together they would pass the limit of a response
    CHECK(responses("* 1 FETCH (ENVELOPE ((((((x))))))\r\n", 100, limits)[0].kind == Kind::other);
}

TEST_CASE("INTERNALDATE is a time")
{
    CHECK(parse_internal_date("01-Jan-1970 00:00:00 +0000") == 0);
    CHECK(parse_internal_date(" 1-Feb-2026 12:00:00 +0100") == 1769943600);
    CHECK(parse_internal_date("1-feb-2026 12:00:00 +0100") == 1769943600);
    for (const std::string_view bad :
         {"", "1-Feb-2026", "32-Jan-2020 00:00:00 +0000", "01-Foo-2020 00:00:00 +0000", "01-Jan-2020 25:00:00 +0000",
          "01-Jan-2020 00:00:00 0000", "01-anF-2020 00:00:00 +0000", "01-Jan-2020 00:00:00 +00000"}) {
        CHECK_MESSAGE(!parse_internal_date(bad), bad);
    }
}

TEST_CASE("folder names travel in modified UTF-7")
{
    const std::pair<const char*, const char*> names[] = {
        {"Drafts", "Drafts"},
        {"R&D", "R&-D"},
        {"Termin\u00e9", "Termin&AOk-"},
        {"\u0645\u062c\u0644\u0633", "&BkUGLAZEBjM-"},
        {"~peter/mail/\u53f0\u5317/\u65e5\u672c\u8a9e", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"},
        {"\U0001F600x", "&2D3eAA-x"},
    };
    for (const auto& [text, wire] : names) {
        CHECK(encode_utf7(text) == wire);
        CHECK(decode_utf7(wire) == text);
    }
    for (const char* bad : {"&", "&AOk", "&!!-", "&2D0-", "caf\xe9", "&AOl-x&"}) CHECK_MESSAGE(!decode_utf7(bad), bad);
}

TEST_CASE("logical names become the server's")
{
    CHECK(server_name("Majlis/Done", {"", '/'}) == "Majlis/Done");
    CHECK(server_name("Majlis/Done", {"INBOX.", '.'}) == "INBOX.Majlis.Done");
    CHECK(server_name("INBOX.Majlis.Done", {"INBOX.", '.'}) == "INBOX.Majlis.Done");
    CHECK(server_name("inbox", {"INBOX.", '.'}) == "INBOX");
    CHECK(server_name("Majlis/Done", {"", '\0'}) == "Majlis-Done");
    CHECK(quoted_string("a\"b\\") == "\"a\\\"b\\\\\"");
    CHECK_THROWS_AS(quoted_string("a\r\nm1 LOGOUT"), std::invalid_argument);
}

TEST_CASE("UIDs become the shortest sequence set")
{
    const std::vector<std::uint32_t> uids{1, 2, 3, 7, 9, 10};
    CHECK(sequence_set(uids) == "1:3,7,9:10");
    CHECK(sequence_set({}).empty());
    CHECK(search_date(1769943600) == "1-Feb-2026");
}
