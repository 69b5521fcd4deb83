#include <doctest/doctest.h>

#include "core/compose/lines.hpp"
#include "core/compose/post_copy.hpp"
#include "core/message/message.hpp"
#include "tests/unit/compose/copy.hpp"

using namespace majlis;
using namespace majlis::compose;

TEST_CASE("every line end becomes CRLF, and NUL goes")
{
    CHECK(clean("a\nb\rc\r\nd") == "a\r\nb\r\nc\r\nd\r\n");
    CHECK(clean("a\r\r\nb") == "a\r\nb\r\n");
    CHECK(clean("a\r\rb") == "a\r\n\r\nb\r\n");
    CHECK(clean("a\r") == "a\r\n");
    CHECK(clean(std::string("a\0b\r\n", 5)) == "ab\r\n");
    CHECK(clean("") == "");
    for (const char* text : {"", "a\r\n", "\r\n\r\n", "a\r\nb\r\n"}) CHECK(clean_lines(text));
    for (const char* text : {"a", "a\n", "a\r", "\ra\r\n", "a\r\r\n", "a\n\r\n", "a\r\nb"})
        CHECK_MESSAGE(!clean_lines(text), text);
}

TEST_CASE("long lines are cut where it hurts least")
{
    CHECK(cut_long_lines("a\r\n", Where::body) == "a\r\n");
    const std::string folded =
        cut_long_lines("X: " + std::string(900, 'a') + " " + std::string(900, 'b') + "\r\n", Where::header);
    CHECK(folded == "X: " + std::string(900, 'a') + "\r\n " + std::string(900, 'b') + "\r\n");
    const std::string hard = cut_long_lines("X: " + std::string(5000, 'a') + "\r\n", Where::header);
    CHECK(longest_line(hard) <= max_line);
    const std::string body = cut_long_lines(std::string(3000, 'a') + "\r\nb\r\n", Where::body);
    CHECK(longest_line(body) <= max_line);
    std::string arabic;
    for (int i = 0; i < 1000; ++i) arabic += "\u0645";
    const std::string cut = cut_long_lines(arabic + "\r\n", Where::body);
    CHECK(cut.substr(0, 998).ends_with("\u0645"));
    const std::string spaces = cut_long_lines(std::string(5000, ' ') + "\r\n", Where::header);
    CHECK(longest_line(spaces) <= max_line);
}

TEST_CASE("dots are stuffed at line starts alone")
{
    CHECK(dot_stuff("") == "");
    CHECK(dot_stuff(".\r\n..a\r\na.b\r\n") == "..\r\n...a\r\na.b\r\n");
    CHECK(dot_stuff("\r\n.\r\n.\r\n") == "\r\n..\r\n..\r\n");
}

TEST_CASE("a cut in a body begins no boundary and no field")
{
    const std::string head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    const std::string preamble =
        cut_long_lines(std::string(max_line, 'x') + "--b\r\nContent-Type: text/html\r\n\r\n", Where::body);
    CHECK(scan_message(head + preamble).parts.size() == 1);
    const std::string part = "--b\r\nX: " + std::string(max_line - 3, 'x') + "Content-Type: text/html\r\n\r\nx\r\n--b--\r\n";
    const std::string mail = head + cut_long_lines(part, Where::body);
    REQUIRE(scan_message(mail).parts.size() == 2);
    CHECK(scan_message(mail).parts[1].is("text", "plain"));
    CHECK(longest_line(mail) <= max_line);
}
