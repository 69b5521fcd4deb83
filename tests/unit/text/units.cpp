#include "core/text/units.hpp"

#include "core/text/nearest.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace majlis::text;

TEST_CASE("sizes are read as people write them")
{
    CHECK(parse_size("0") == 0);
    CHECK(parse_size("1MB") == 1024 * 1024);
    CHECK(parse_size("30 mb") == 30 * 1024 * 1024);
    CHECK(parse_size("10K") == 10240);
    CHECK(parse_size("2GiB") == std::int64_t{2} << 30);
    CHECK(parse_size("17b") == 17);
    for (const std::string bad : {"", "MB", "-1", "1.5MB", "1XB", "1MBB", "99999999999999999999", "9999999999GB", "1 2"}) {
        CAPTURE(bad);
        CHECK(parse_size(bad) == std::nullopt);
    }
    for (const std::int64_t size : {0, 1, 1023, 1024, 1025, 1 << 20, 3 << 20}) CHECK(parse_size(format_size(size)) == size);
    CHECK(format_size(1 << 20) == "1MB");
}

TEST_CASE("durations are read as people write them")
{
    CHECK(parse_duration("0") == 0);
    CHECK(parse_duration("45s") == 45);
    CHECK(parse_duration("14d") == 14 * 86400);
    CHECK(parse_duration("2w") == 14 * 86400);
    CHECK(parse_duration("1h30m") == 5400);
    CHECK(parse_duration("10M") == 600);
    for (const std::string bad : {"", "d", "10", "-1d", "1y", "1.5h", "99999999999999999999d", "999999999999999999w", "1d x"}) {
        CAPTURE(bad);
        CHECK(parse_duration(bad) == std::nullopt);
    }
    CHECK(format_duration(14 * 86400) == "14d");
    CHECK(format_duration(5400) == "90m");
    CHECK(format_duration(0) == "0s");
}

TEST_CASE("the nearest known word is proposed, if any is near")
{
    constexpr std::array<std::string_view, 4> known{"subject_tag", "posting", "max_size", "archive"};
    CHECK(nearest("subject-tag", known) == "subject_tag");
    CHECK(nearest("subjct_tag", known) == "subject_tag");
    CHECK(nearest("postign", known) == "posting");
    CHECK(nearest("MaxSize", known) == "max_size");
    CHECK(nearest("zebra", known).empty());
    CHECK(nearest("", known).empty());
    CHECK(nearest(std::string(100'000, 'a'), known).empty());
}
