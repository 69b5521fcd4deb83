#include "core/digest/dates.hpp"

#include <unicode/smpdtfmt.h>
#include <unicode/timezone.h>

#include <memory>
#include <stdexcept>

namespace majlis::digest {
namespace {

icu::UnicodeString wide(std::string_view utf8)
{
    return icu::UnicodeString::fromUTF8(icu::StringPiece{utf8.data(), static_cast<std::int32_t>(utf8.size())});
}

/// Arabic as Morocco writes it: months of its own, and the digits of the rest of the mail.
icu::Locale locale_of(std::string_view language)
{
    if (language == "ar") return icu::Locale{"ar", "MA"};
    return language == "fr" ? icu::Locale{"fr", "FR"} : icu::Locale{"en", "GB"};
}

std::string formatted(std::int64_t unix_time, std::string_view zone, std::string_view language, std::string_view pattern)
{
    UErrorCode error = U_ZERO_ERROR;
    icu::SimpleDateFormat format{wide(pattern), locale_of(language), error};
    if (U_FAILURE(error)) throw std::runtime_error{std::string{"no date format: "} + u_errorName(error)};
    std::unique_ptr<icu::TimeZone> place{icu::TimeZone::createTimeZone(wide(zone))};
    if (*place == icu::TimeZone::getUnknown()) place.reset(icu::TimeZone::getGMT()->clone());
    format.adoptTimeZone(place.release());
    icu::UnicodeString shown;
    format.format(static_cast<double>(unix_time) * 1000.0, shown);
    std::string out;
    shown.toUTF8String(out);
    return out;
}

}  // namespace

std::string day_in_words(std::int64_t unix_time, std::string_view zone, std::string_view language)
{
    return formatted(unix_time, zone, language, "EEEE d MMMM y");
}

std::string moment_in_words(std::int64_t unix_time, std::string_view zone, std::string_view language)
{
    return formatted(unix_time, zone, language, language == "ar" ? "d MMMM y\u060c HH:mm" : "d MMMM y, HH:mm");
}

}  // namespace majlis::digest
