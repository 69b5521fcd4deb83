#include "core/text/printable.hpp"

#include "core/text/charset.hpp"

#include <doctest/doctest.h>

using namespace majlis::text;

TEST_CASE("what is printed is one line of valid UTF-8 without control characters")
{
    CHECK(printable("plain مرحبا é") == "plain مرحبا é");
    CHECK(printable("a\r\nb\x1b[31m\tc\x7f") == "a??b?[31m?c?");
    CHECK(printable("\xc2\x9b"
                    "31m") == "?31m");
    CHECK(printable("a\xe2\x80\xae"
                    "b\xe2\x80\xa8"
                    "c\xd8\x9c\xef\xbb\xbf") == "a?b?c??");
    CHECK(printable("a\xff") == "a\xef\xbf\xbd");
    CHECK(printable(std::string_view{"a\0b", 3}) == "a?b");
}

TEST_CASE("a long text is cut at a character")
{
    CHECK(printable("éééé", 5) == "éé…");
    CHECK(printable("éé", 4) == "éé");
    CHECK(printable(std::string(1000, 'x')).size() == 203);
}
