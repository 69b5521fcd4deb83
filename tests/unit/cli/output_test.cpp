#include "cli/output.hpp"

#include <doctest/doctest.h>

#include <sstream>

#include "cli/terminal.hpp"

using namespace majlis::cli;

namespace {

std::string table(Format format, const std::vector<Record>& rows)
{
    std::ostringstream out;
    Table printed{out, format, "nobody"};
    for (const Record& row : rows) printed.add(row);
    printed.finish();
    return out.str();
}

}  // namespace

TEST_CASE("a table is aligned by characters, not by bytes")
{
    CHECK(table(Format::text, {{{"name", "\xc3\xa9t\xc3\xa9"}, {"n", 1}}, {{"name", "abcdef"}, {"n", 22}}}) ==
          "name    n\n\xc3\xa9t\xc3\xa9     1\nabcdef  22\n");
}

TEST_CASE("an empty table says so in words, and is an empty array in JSON")
{
    CHECK(table(Format::text, {}) == "nobody\n");
    CHECK(table(Format::json, {}) == "[]\n");
}

TEST_CASE("JSON keeps the order of the fields and the types of the values")
{
    CHECK(table(Format::json, {{{"b", "x\"y"}, {"a", 7}, {"none", Value{}}, {"yes", true}}, {{"b", Array{1, "z"}}}}) ==
          "[\n{\"b\":\"x\\\"y\",\"a\":7,\"none\":null,\"yes\":true},\n{\"b\":[1,\"z\"]}\n]\n");
}

TEST_CASE("bytes that are no UTF-8 make neither JSON nor a table fail")
{
    CHECK(json_text({{"k", "\xff"}}) == "{\"k\":\"\xef\xbf\xbd\"}");
    CHECK(table(Format::text, {{{"k", "\xff"}}}).find('\xff') == std::string::npos);
}

TEST_CASE("a hostile subject cannot command the terminal")
{
    const std::string text = table(Format::text, {{{"subject", "a\033[2Jb\r\nc"}}});
    CHECK(text.find('\033') == std::string::npos);
    CHECK(text == "subject\na?[2Jb?\\nc\n");
}

TEST_CASE("rows behind the first 500 are printed as they come")
{
    std::ostringstream out;
    Table printed{out, Format::text, ""};
    for (int i = 0; i < 501; ++i) printed.add({{"n", i}});
    CHECK(out.str().ends_with("500\n"));
}

TEST_CASE("times are ISO 8601 in UTC, and never is null")
{
    CHECK(cell_text(time_value(1'795'363'643)) == "2026-11-22T16:07:23Z");
    CHECK(std::holds_alternative<std::nullptr_t>(time_value(0).as));
}

TEST_CASE("durations and sizes are told in two units at most")
{
    CHECK(duration_text(12) == "12 s");
    CHECK(duration_text(3'700) == "1 h 1 min");
    CHECK(duration_text(273'600) == "3 d 4 h");
    CHECK(size_text(999) == "999 bytes");
    CHECK(size_text(30'500'000) == "30.5 MB");
}

TEST_CASE("a progress bar is full only at the end")
{
    CHECK(progress_line("x", 0, 10, 10) == "x  [..........]   0 %");
    CHECK(progress_line("x", 9, 10, 10) == "x  [#########.]  90 %");
    CHECK(progress_line("x", 99, 10, 10) == "x  [##########] 100 %");
    CHECK(progress_line("x", 5, 0, 10) == "x  5");
}
