#include "core/message/edit.hpp"
#include "core/message/message.hpp"

#include <doctest/doctest.h>

#include <stdexcept>

using namespace majlis;

TEST_CASE("what no edit names keeps its bytes")
{
    const std::string raw = "A: 1\r\nB: 2\r\nC: 3\r\n\r\nbody\0\r bare";
    const auto fields = scan_header(raw);
    Edit edit{raw};
    CHECK(edit.apply() == raw);
    edit.insert_after(fields[2].bytes, "D: 4\r\n");
    edit.remove(fields[1].bytes);
    edit.replace(fields[0].body, "one");
    CHECK(edit.apply() == "A: one\r\nC: 3\r\nD: 4\r\n" + raw.substr(raw.find("\r\n\r\n") + 2));
}

TEST_CASE("insertions at one place keep their order and stand before a replacement there")
{
    const std::string raw = "abc";
    const std::string_view view = raw;
    Edit edit{raw};
    edit.replace(view.substr(1, 1), "B");
    edit.insert_before(view.substr(1, 1), "1");
    edit.insert_after(view.substr(0, 1), "2");
    edit.insert_after(view.substr(1, 1), "3");
    CHECK(edit.apply() == "a12B3c");
}

TEST_CASE("a piece of the mail may be taken with its edits alone")
{
    const std::string raw = "abcdef";
    const std::string_view view = raw;
    Edit edit{raw};
    edit.replace(view.substr(0, 1), "A");
    edit.replace(view.substr(3, 1), "D");
    CHECK(edit.apply(view.substr(2, 3)) == "cDe");
}

TEST_CASE("overlapping edits and foreign ranges are refused")
{
    const std::string raw = "abcdef", other = "abc";
    const std::string_view view = raw;
    Edit edit{raw};
    edit.replace(view.substr(1, 3), "x");
    CHECK_THROWS_AS(edit.replace(view.substr(3, 2), "y"), std::logic_error);
    CHECK_THROWS_AS(edit.replace(view.substr(0, 2), "y"), std::logic_error);
    CHECK_THROWS_AS(edit.replace(view.substr(1, 3), "y"), std::logic_error);
    CHECK_THROWS_AS(edit.insert_before(view.substr(2, 1), "y"), std::logic_error);
    CHECK_THROWS_AS(edit.replace(other, "y"), std::out_of_range);
    CHECK(edit.apply() == "axef");
}
