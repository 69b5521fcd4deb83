#include "core/text/zone.hpp"

#include <unicode/gregocal.h>
#include <unicode/timezone.h>

#include <cstdio>
#include <memory>
#include <stdexcept>

namespace majlis::text {
namespace {

std::unique_ptr<icu::GregorianCalendar> calendar(std::string_view zone)
{
    UErrorCode error = U_ZERO_ERROR;
    const auto name = icu::UnicodeString::fromUTF8(icu::StringPiece{zone.data(), static_cast<int32_t>(zone.size())});
    std::unique_ptr<icu::TimeZone> place{icu::TimeZone::createTimeZone(name)};
    if (*place == icu::TimeZone::getUnknown()) place.reset(icu::TimeZone::getGMT()->clone());
    auto made = std::make_unique<icu::GregorianCalendar>(place.release(), error);
    if (U_FAILURE(error)) throw std::runtime_error{std::string{"no calendar: "} + u_errorName(error)};
    made->setGregorianChange(-1e18, error);  // proleptic, as ISO 8601 counts
    return made;
}

}  // namespace

LocalTime local_time(std::int64_t unix_time, std::string_view zone)
{
    const auto clock = calendar(zone);
    UErrorCode error = U_ZERO_ERROR;
    clock->setTime(static_cast<double>(unix_time) * 1000.0, error);
    LocalTime time;
    time.year = clock->get(UCAL_EXTENDED_YEAR, error);
    time.month = clock->get(UCAL_MONTH, error) + 1;
    time.day = clock->get(UCAL_DATE, error);
    time.hour = clock->get(UCAL_HOUR_OF_DAY, error);
    time.minute = clock->get(UCAL_MINUTE, error);
    time.second = clock->get(UCAL_SECOND, error);
    time.weekday = clock->get(UCAL_DAY_OF_WEEK, error) - 1;
    if (U_FAILURE(error)) throw std::runtime_error{std::string{"no local time: "} + u_errorName(error)};
    return time;
}

std::int64_t unix_time(const LocalTime& time, std::string_view zone)
{
    const auto clock = calendar(zone);
    UErrorCode error = U_ZERO_ERROR;
    clock->clear();
    clock->set(time.year, time.month - 1, time.day, time.hour, time.minute, time.second);
    const double milliseconds = clock->getTime(error);
    if (U_FAILURE(error)) throw std::runtime_error{std::string{"no such time: "} + u_errorName(error)};
    return static_cast<std::int64_t>(milliseconds / 1000.0);
}

std::string iso_date(const LocalTime& time)
{
    char out[40];
    std::snprintf(out, sizeof out, "%04d-%02d-%02d", time.year, time.month, time.day);
    return out;
}

}  // namespace majlis::text
