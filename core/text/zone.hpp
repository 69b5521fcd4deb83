#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace majlis::text {

/// A moment as a clock on the wall shows it.
struct LocalTime {
    int year = 1970, month = 1, day = 1;  ///< month and day from 1
    int hour = 0, minute = 0, second = 0;
    int weekday = 4;  ///< 0 is Sunday
    friend bool operator==(const LocalTime&, const LocalTime&) = default;
};

/// `zone` is an IANA name; one that is not known counts as UTC.
LocalTime local_time(std::int64_t unix_time, std::string_view zone);

/// The moment at which the clock shows this; where it is skipped or comes twice, a sensible one of them. `weekday` is not read.
/// Fields out of range run over into the next ("day 32").
std::int64_t unix_time(const LocalTime& time, std::string_view zone);

/// "2026-03-02"
std::string iso_date(const LocalTime& time);

}  // namespace majlis::text
