#include "core/lists/roster.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

using namespace majlis;

namespace {
/// Every row as "line:address|name|mode|language", or "line:!" and its problem.
std::vector<std::string> rows_of(std::string bytes, const RosterOptions& options = {})
{
    std::istringstream in{std::move(bytes)};
    const auto reader = read_roster(in, options);
    if (!reader) return {"!" + reader.error().message};
    std::vector<std::string> out;
    RosterRow row;
    while ((*reader)->next(row)) {
        const std::string line = std::to_string(row.line) + ":";
        out.push_back(row.problem.empty() ? line + row.address + "|" + row.name + "|" + row.mode + "|" + row.language
                                          : line + "!" + row.problem);
    }
    return out;
}

using Rows = std::vector<std::string>;
bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }
}  // namespace

TEST_CASE("our own CSV is read, its heading in any order and spelling")
{
    CHECK(rows_of("address,name,mode,language\nanne@example.org,Anne,daily,ar\n") == Rows{"2:anne@example.org|Anne|daily|ar"});
    CHECK(rows_of("Language;E-Mail;Mode;Name\r\nfr-FR;a@b.org;;Anne\r\n") == Rows{"2:a@b.org|Anne||fr"});
    CHECK(rows_of("\xef\xbb\xbfNom\tPr\xc3\xa9nom\tCourriel\nDubois\tAnne\ta@b.org") == Rows{"2:a@b.org|Anne Dubois||"});
    CHECK(rows_of("sep=;\nemail;name\na@b.org;x\n") == Rows{"3:a@b.org|x||"});
    CHECK(rows_of("email\na@b.org\n\nc@d.org") == Rows{"2:a@b.org|||", "4:c@d.org|||"});
    CHECK(rows_of("a@b.org,Anne,each,fr\n", {.format = RosterFormat::csv}) == Rows{"1:a@b.org|Anne|each|fr"});
    CHECK(rows_of("Anne,a@b.org\n", {.format = RosterFormat::csv}) == Rows{"1:a@b.org|Anne||"});
    CHECK(rows_of("first name,last name,email\nAnne,Dubois,a@b.org") == Rows{"2:a@b.org|Anne Dubois||"});
}

TEST_CASE("quotes, embedded lines and doubled quotes are RFC 4180's, and line numbers stay right")
{
    CHECK(rows_of("address,name\na@b.org,\"Dubois, Anne\"\n\"\"\"e space\"\"@b.org\",\"H \"\"Hal\"\"\"\n") ==
          Rows{"2:a@b.org|Dubois, Anne||", "3:\"e space\"@b.org|H \"Hal\"||"});
    CHECK(rows_of("address,name\na@b.org,\"two\r\nlines\"\nc@d.org,x\n") == Rows{"2:a@b.org|two lines||", "4:c@d.org|x||"});
    CHECK(rows_of("address,name\na@b.org,O\"Neill\n") == Rows{"2:a@b.org|O\"Neill||"});
    const Rows open = rows_of("address,name\na@b.org,\"open\nc@d.org,x\ne@f.org,y\n");
    REQUIRE(open.size() == 3);
    CHECK(has(open[0], "2:!a quote"));
    CHECK(open[1] == "3:c@d.org|x||");
    CHECK(open[2] == "4:e@f.org|y||");
}

TEST_CASE("a wrong line says what is wrong, and the others are read")
{
    const Rows rows =
        rows_of("address,mode\na@b.org,sometimes\nnot an address,each\n,each\nc@localhost,\nd@e.org,none\nh\xc3\xa9l@e.org,\n" +
                std::string(70'000, 'x') + "\nf@g.org\n");
    REQUIRE(rows.size() == 8);
    CHECK(has(rows[0], "2:!mode 'sometimes' is unknown; use each, daily, weekly or none"));
    CHECK(has(rows[1], "3:!'not an address'"));
    CHECK(has(rows[2], "4:!''"));
    CHECK(has(rows[3], "no dot"));
    CHECK(rows[4] == "6:d@e.org||none|");
    CHECK(has(rows[5], "majlis member add"));
    CHECK(has(rows[6], "8:!the line is longer than 65536 bytes"));
    CHECK(rows[7] == "9:f@g.org|||");
    const Rows headless = rows_of("colour,size\nred,5\n", {.format = RosterFormat::csv});
    REQUIRE(headless.size() == 1);
    CHECK(has(headless[0], "no column is named"));
}

TEST_CASE("charsets are told by their mark, as declared, or guessed")
{
    CHECK(rows_of("address,name\na@b.org,Chlo\xe9\n") == Rows{"2:a@b.org|Chloé||"});
    CHECK(rows_of("address,name\na@b.org,\xe3\xd1\xcd\xc8\xc7\n", {.charset = "windows-1256"}) == Rows{"2:a@b.org|مرحبا||"});
    std::string utf16 = "\xff\xfe";
    for (const char c : std::string{"address,name\na@b.org,Anne\n"}) utf16 += {c, '\0'};
    CHECK(rows_of(utf16) == Rows{"2:a@b.org|Anne||"});
    std::string large = "\xff\xfe";
    std::string line;
    for (const char c : std::string{"a@b.org\r\n"}) line += {c, '\0'};
    for (int i = 0; i < 40'000; ++i) large += line;
    const Rows many = rows_of(large);
    CHECK(many.size() == 40'000);
    CHECK(many.back() == "40000:a@b.org|||");
}

TEST_CASE("plain lines are read however people write them")
{
    CHECK(
        rows_of("# comment\n\nanne@example.org\nFarid, Jr. <farid@example.net>\n\"Dan, Jr.\" <dan@example.org>, eve@example.org\n"
                "guy@example.org (Guy (the) Tall)\nH \"Hal\" Hart <h@example.org>\nb@c.org\tBilal\nAnne Dubois a@b.org\nx@y.org; "
                "z@y.org\n") == Rows{"3:anne@example.org|||", "4:farid@example.net|Farid, Jr.||", "5:dan@example.org|Dan, Jr.||",
                                     "5:eve@example.org|||", "6:guy@example.org|Guy (the) Tall||",
                                     "7:h@example.org|H \"Hal\" Hart||", "8:b@c.org|Bilal||", "9:a@b.org|Anne Dubois||",
                                     "10:x@y.org|||", "10:z@y.org|||"});
    CHECK(rows_of("a@b.org\rc@d.org\r\ne@f.org") == Rows{"1:a@b.org|||", "2:c@d.org|||", "3:e@f.org|||"});
    const Rows rows = rows_of("nobody here\n\"open <a@b.org>\n");
    REQUIRE(rows.size() == 2);
    CHECK(has(rows[0], "1:!"));
    CHECK(rows[1] == "2:a@b.org|\"open||");
}

TEST_CASE("a wrong file is one clear row, a wrong folder a clear error")
{
    CHECK(has(rows_of("}q\x01(garbage").at(0), "!this is no pickle"));
    CHECK(has(rows_of("{\"a\": 1}").at(0), "!this is not the JSON"));
    CHECK(has(rows_of(std::string(100'000, '[')).at(0), "!this is not the JSON"));
    CHECK(rows_of("").empty());
    CHECK(has(rows_of("a@b.org", {.format = RosterFormat::mlmmj}).at(0), "folder"));
    CHECK(open_roster("/nonexistent/file").error().message.find("No such file") != std::string::npos);
    CHECK(open_roster(std::filesystem::temp_directory_path() / ".").error().message.find("mlmmj") != std::string::npos);
    CHECK(roster_format("AUTO") == RosterFormat::automatic);
    CHECK(roster_format("xml") == std::nullopt);
    CHECK(roster_format_name(RosterFormat::mailman2) == "mailman2");
}

TEST_CASE("garbage in every format is bounded and never an exception")
{
    for (const RosterFormat format : {RosterFormat::automatic, RosterFormat::csv, RosterFormat::text, RosterFormat::mailman2,
                                      RosterFormat::mailman3, RosterFormat::sympa, RosterFormat::google}) {
        for (const std::string piece :
             {"\"", ",", "\n", "\r", "a@b.c\n", "\"\n", "<", "email a\n", "a,\"b\n", "\xff", "(", "\"a\"b\",", "{", "@,"}) {
            std::string bytes;
            while (bytes.size() < 300'000) bytes += piece;
            RosterOptions options;
            options.format = format;
            CAPTURE(piece);
            CHECK(rows_of(bytes, options).size() <= 300'001);
        }
    }
}
