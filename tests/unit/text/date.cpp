#include "core/text/date.hpp"

#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

using namespace majlis::text;

TEST_CASE("a date is read in every form that mail has")
{
    constexpr std::int64_t t = 1136214245;  // 2006-01-02 15:04:05 UTC
    for (const std::string text : {
             "Mon, 02 Jan 2006 15:04:05 +0000",
             "Mon, 2 Jan 2006 15:04:05 GMT",
             "2 Jan 2006 15:04:05 -0000",
             "2 Jan 06 15:04:05 UT",
             "2 Jan 106 15:04:05 Z",
             "Mon,02 Jan 2006 16:04:05 +0100 (CET)",
             "Mon, 02 Jan 2006 10:04:05 EST",
             "Mon (a (nested) comment) , 02 Jan 2006 15:04:05",
             "\tMonday, 2 January 2006 15:04:05 UTC ",
             "Mon Jan  2 15:04:05 2006",
             "Mon Jan  2 10:04:05 EST 2006",
             "Mon, 02-Jan-2006 15:04:05 GMT",
             "02-Jan-2006 15:04:05 +0000",
             "Mon, 2 Jan 2006 16:04:05 +01:00",
             "Mon, 2 Jan 2006 16:04:05 GMT+1",
             "Mon, 2 Jan 2006 15.04.05 +0000",
             "Mon, 2 Jan 2006 3:04:05 PM +0000",
             "2006-01-02T15:04:05Z",
             "2006-01-02 16:04:05+01:00",
             "Mon, 2 Jan 2006 15:04:05 +0000 Romance Standard Time",
             "Mon, 2 Jan 2006\r\n 15:04:05 +0000",
         }) {
        CAPTURE(text);
        CHECK(parse_date(text) == t);
    }
    CHECK(parse_date("Thu, 1 Jan 1970 00:00:00 +0000") == 0);
    CHECK(parse_date("Thu, 29 Feb 2024 00:00:00 +0000") == 1709164800);
    CHECK(parse_date("1 Jan 50 00:00:00 +0000") == std::nullopt);  // 1950
    CHECK(parse_date("1 Jan 99 00:00:00 +0000") == 915148800);
}

TEST_CASE("what is no date is nothing, never an error")
{
    for (const std::string text : {"", "now", "31 Feb 2006 10:00:00 +0000", "2 Jan 2006 25:00:00 +0000", "2 Jan 2006 10:61:00",
                                   "29 Feb 2023 10:00", "99999999999 Jan 2006", "2 Jan 20060 10:00:00", "(((((",
                                   "Mon, 99 Foo 2006", "1 Jan 0001 00:00:00", "--::--", "-", "2006-13-01"}) {
        CAPTURE(text);
        CHECK(parse_date(text) == std::nullopt);
    }
    CHECK(parse_date(std::string(1'000'000, '(')) == std::nullopt);
}

TEST_CASE("a date is written as RFC 5322 wants it")
{
    CHECK(format_date(1136214245) == "Mon, 02 Jan 2006 15:04:05 +0000");
    CHECK(format_date(0) == "Thu, 01 Jan 1970 00:00:00 +0000");
    CHECK(format_date(1709164800) == "Thu, 29 Feb 2024 00:00:00 +0000");
    for (std::int64_t t = 0; t < 4'000'000'000; t += 86400 * 17 + 12345) CHECK(parse_date(format_date(t)) == t);
    CHECK_THROWS_AS(format_date(-1), std::out_of_range);
}
