#include "core/text/zone.hpp"

#include <doctest/doctest.h>

using namespace majlis::text;

TEST_CASE("a moment is read off the wall of a place")
{
    const auto there = local_time(1'772'445'600, "Asia/Tokyo");  // Mon, 02 Mar 2026 10:00:00 UTC
    CHECK(there == LocalTime{2026, 3, 2, 19, 0, 0, 1});
    CHECK(iso_date(there) == "2026-03-02");
    CHECK(local_time(1'772'445'600, "No/Where") == LocalTime{2026, 3, 2, 10, 0, 0, 1});
    CHECK(local_time(-1, "UTC") == LocalTime{1969, 12, 31, 23, 59, 59, 3});
}

TEST_CASE("the clock of a place tells the moment, also where it is put forward or back")
{
    CHECK(unix_time({2026, 3, 2, 19, 0, 0, 0}, "Asia/Tokyo") == 1'772'445'600);
    CHECK(unix_time({2026, 3, 32, 0, 0, 0, 0}, "UTC") == unix_time({2026, 4, 1, 0, 0, 0, 0}, "UTC"));
    // 29 March 2026, 02:30 is not on any clock in Paris; 25 October, 02:30 is there twice.
    CHECK(unix_time({2026, 3, 29, 2, 30, 0, 0}, "Europe/Paris") == 1'774'747'800);
    const auto twice = unix_time({2026, 10, 25, 2, 30, 0, 0}, "Europe/Paris");
    CHECK((twice == 1'792'888'200 || twice == 1'792'891'800));
    // Morocco puts its clocks back for Ramadan.
    CHECK(local_time(unix_time({2026, 2, 20, 18, 0, 0, 0}, "Africa/Casablanca"), "Africa/Casablanca").hour == 18);
}
