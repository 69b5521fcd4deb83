#include "core/message/message.hpp"

#include <doctest/doctest.h>

using namespace majlis;

namespace {

/// "name=body|name=body", line ends in bodies shown as '~'.
std::string shown(std::string_view header)
{
    std::string out;
    for (const Field& field : scan_header(header)) {
        if (!out.empty()) out += '|';
        out.append(field.name).append("=");
        for (const char c : field.body)
            if (c != '\r') out += c == '\n' ? '~' : c;
    }
    return out;
}

}  // namespace

TEST_CASE("fields are read as mail really writes them")
{
    const struct {
        std::string_view header, fields;
    } table[] = {
        {"A: 1\nB: 2\n", "A=1|B=2"},
        {"A: 1\r\nB: 2\r\n\r\nC: 3\r\n", "A=1|B=2"},
        {"A: 1\rB: 2\r\rC: 3", "A=1|B=2"},
        {"A: 1\r\r\nB: 2\r\r\n\r\r\nC: 3", "A=1|B=2"},
        {"A:1\nB  \t: 2", "A=1|B=2"},
        {"A:\n folded\n\tagain\nB: 2\n", "A=folded~\tagain|B=2"},
        {"A: x\n \nB: 2\n", "A=x~ |B=2"},
        {"A:\nB:\n\n", "A=|B="},
        {" leading\nA: 1\n", "A=1"},
        {"A: 1\nno field at all\nSubject: 2\n\n", "A=1|=no field at all|Subject=2"},
        {"A: 1\nPr\xc3\xa9nom: x\nB: 2\n\n", "A=1|=Pr\xc3\xa9nom: x|B=2"},
        {"A: 1\nHello world\nhow: are you\n", "A=1"},
        {"Hello world\nSubject: x\n", ""},
        {": no name\n", ""},
        {"A: ends without a line end", "A=ends without a line end"},
    };
    for (const auto& row : table) {
        CAPTURE(row.header);
        CHECK(shown(row.header) == row.fields);
    }
}

TEST_CASE("the bytes of all fields together are the header")
{
    const std::string_view header = "A: 1\r\nno field\r\n\tstill it\r\nSubject: x\r\n y\r\nB:\r\n";
    std::string together;
    for (const Field& field : scan_header(header)) together += field.bytes;
    CHECK(together == header);
}

TEST_CASE("a body without an empty line before it is not lost")
{
    const std::string raw = "Subject: x\nFrom: a@b.org\nDear all,\nnote: this is the body\n";
    const auto message = scan_message(raw);
    CHECK(message.root().fields.size() == 2);
    CHECK(message.root().body == "Dear all,\nnote: this is the body\n");
    CHECK(message.root().gap.empty());
    CHECK(message.oddities.size() == 1);
}

TEST_CASE("fields are found in any case, the first one first")
{
    const auto fields = scan_header("To: 1\nSUBJECT: =?utf-8?Q?=C3=A9t=C3=A9?=\nto: 2\n");
    REQUIRE(find_field(fields, "tO") != nullptr);
    CHECK(find_field(fields, "to")->body == "1");
    CHECK(find_fields(fields, "TO").size() == 2);
    CHECK(find_field(fields, "Cc") == nullptr);
    CHECK(field_text(fields, "Subject") == "\xc3\xa9t\xc3\xa9");
    CHECK(field_text(fields, "Cc").empty());
}
