#include "core/text/date.hpp"

#include "core/text/ascii.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <stdexcept>
#include <vector>

namespace majlis::text {

namespace {

constexpr auto months =
    std::to_array<std::string_view>({"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"});
constexpr auto weekdays = std::to_array<std::string_view>({"sun", "mon", "tue", "wed", "thu", "fri", "sat"});
constexpr std::size_t max_date_bytes = 200;

struct Zone {
    std::string_view name;
    int minutes;
};
/// RFC 5322, 4.3, and what else is met; a single military letter means nothing reliable and counts as UTC there.
constexpr auto zones = std::to_array<Zone>({
    {"ut", 0},     {"utc", 0},    {"gmt", 0},    {"z", 0},      {"est", -300}, {"edt", -240}, {"cst", -360},
    {"cdt", -300}, {"mst", -420}, {"mdt", -360}, {"pst", -480}, {"pdt", -420}, {"wet", 0},    {"west", 60},
    {"bst", 60},   {"cet", 60},   {"met", 60},   {"mez", 60},   {"cest", 120}, {"mest", 120}, {"mesz", 120},
    {"eet", 120},  {"eest", 180}, {"msk", 180},  {"jst", 540},  {"kst", 540},
});

/// Days since 1970-01-01 in the proleptic Gregorian calendar (H. Hinnant).
constexpr std::int64_t days_from_civil(std::int64_t year, unsigned month, unsigned day)
{
    year -= month <= 2 ? 1 : 0;
    const std::int64_t era = (year >= 0 ? year : year - 399) / 400;
    const auto year_of_era = static_cast<unsigned>(year - era * 400);
    const unsigned day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    const unsigned day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + static_cast<std::int64_t>(day_of_era) - 719468;
}

struct Civil {
    std::int64_t year;
    unsigned month, day;
};

constexpr Civil civil_from_days(std::int64_t days)
{
    days += 719468;
    const std::int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    const auto day_of_era = static_cast<unsigned>(days - era * 146097);
    const unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const unsigned shifted = (5 * day_of_year + 2) / 153;
    const unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;
    return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month,
            day_of_year - (153 * shifted + 2) / 5 + 1};
}

unsigned days_in_month(std::int64_t year, unsigned month)
{
    constexpr std::array<unsigned, 12> lengths{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month == 2 && leap ? 29 : lengths[month - 1];
}

/// Words between spaces, commas and comments; nothing if the comments never end or there are too many words.
std::vector<std::string_view> split_words(std::string_view s)
{
    std::vector<std::string_view> words;
    int depth = 0;
    std::size_t begin = 0;
    for (std::size_t i = 0; i <= s.size(); ++i) {
        const char c = i < s.size() ? s[i] : ' ';
        if (depth == 0 && !is_space(c) && c != ',' && c != '(') continue;
        if (depth == 0 && i > begin) words.push_back(s.substr(begin, i - begin));
        if (c == '(') ++depth;
        if (c == ')' && depth > 0) --depth;
        begin = i + 1;
    }
    return words;
}

std::optional<int> number(std::string_view s)
{
    int value = 0;
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), value);
    if (s.empty() || !is_digit(s.front()) || error != std::errc{} || end != s.data() + s.size()) return {};
    return value;
}

/// Full names count as well: "September", "Sept.".
std::optional<unsigned> month_of(std::string_view word)
{
    for (unsigned i = 0; i < months.size(); ++i) {
        if (starts_with_nocase(word, months[i])) return i + 1;
    }
    return {};
}

bool is_weekday(std::string_view word)
{
    for (const std::string_view name : weekdays) {
        if (starts_with_nocase(word, name)) return true;
    }
    return false;
}

/// Minutes east of UTC; nothing for what is no zone. "-0000" is UTC too.
std::optional<int> zone_of(std::string_view word)
{
    for (const Zone& zone : zones) {
        if (equal_nocase(word, zone.name)) return zone.minutes;
    }
    if ((starts_with_nocase(word, "GMT") || starts_with_nocase(word, "UTC")) && word.size() > 3) word.remove_prefix(3);
    if (word.size() == 1 && is_letter(word[0])) return 0;
    if (word.empty() || (word[0] != '+' && word[0] != '-')) return {};
    std::string digits;
    for (const char c : word.substr(1)) {
        if (c != ':') digits += c;
    }
    if (digits.size() % 2 == 1) digits.insert(0, "0");
    if (digits.size() == 2) digits += "00";
    const auto value = number(digits);
    if (!value || digits.size() != 4 || *value % 100 > 59 || *value / 100 > 23) return {};
    const int minutes = *value / 100 * 60 + *value % 100;
    return word[0] == '-' ? -minutes : minutes;
}

struct Clock {
    int hour = 0, minute = 0, second = 0;
};

/// "15:04", "15:04:05", "15.04.05", "15:04:05.123".
std::optional<Clock> clock_of(std::string_view word)
{
    std::array<int, 3> parts{};
    std::size_t count = 0;
    const char separator = word.find(':') != std::string_view::npos ? ':' : '.';
    while (count < 3) {
        const std::size_t at = word.find(separator);
        std::string_view part = word.substr(0, at);
        if (count == 2) part = part.substr(0, part.find('.'));
        const auto value = number(part);
        if (!value) return {};
        parts[count++] = *value;
        if (at == std::string_view::npos) break;
        word.remove_prefix(at + 1);
    }
    if (count < 2 || parts[0] > 23 || parts[1] > 59 || parts[2] > 60) return {};
    return Clock{parts[0], parts[1], parts[2]};
}

/// RFC 5322, 4.3: two digits are 20xx up to 49, three are counted from 1900.
int full_year(int year, std::size_t digits)
{
    if (digits >= 4) return year;
    return digits == 2 && year < 50 ? year + 2000 : year + 1900;
}

/// What the words of a date say, in whatever order they come.
struct Reading {
    std::optional<int> day, year;
    std::optional<unsigned> month;
    std::optional<Clock> clock;
    std::optional<int> zone;
    std::optional<bool> afternoon;
};

bool read_number(Reading& reading, std::string_view word)
{
    const auto value = number(word);
    if (!value) return false;
    if (!reading.day && word.size() <= 2) {
        reading.day = value;
    } else if (!reading.year && word.size() >= 2 && word.size() <= 4) {
        reading.year = full_year(*value, word.size());
    } else {
        return false;
    }
    return true;
}

bool read_word(Reading& reading, std::string_view word);

/// "02-Jan-2006" (IMAP), "2006-01-02" and "2006-01-02T15:04:05+01:00" (ISO 8601), "15:04:05+0100".
bool read_compound(Reading& reading, std::string_view word)
{
    if (word.size() >= 10 && word[4] == '-' && word[7] == '-' && !reading.year) {
        const auto year = number(word.substr(0, 4)), month = number(word.substr(5, 2)), day = number(word.substr(8, 2));
        if (!year || !month || *month < 1 || *month > 12 || !day) return false;
        reading.year = year;
        reading.month = static_cast<unsigned>(*month);
        reading.day = day;
        const std::string_view rest = word.substr(10);
        return rest.empty() || (lower(rest[0]) == 't' && read_compound(reading, rest.substr(1)));
    }
    if (const std::size_t sign = word.find_first_of("+-Zz"); word.find(':') < sign && sign != std::string_view::npos) {
        const auto zone = zone_of(word.substr(sign));
        reading.clock = clock_of(word.substr(0, sign));
        if (!reading.zone) reading.zone = zone;
        return reading.clock && zone;
    }
    if (!reading.clock && (reading.clock = clock_of(word))) return true;
    const std::size_t dash = word.find('-');
    if (dash == 0 || dash == std::string_view::npos) return false;
    for (std::string_view rest = word; !rest.empty();) {
        const std::size_t at = std::min(rest.find('-'), rest.size());
        if (rest.substr(0, at).find_first_of("-:.") != std::string_view::npos || !read_word(reading, rest.substr(0, at)))
            return false;
        rest.remove_prefix(std::min(at + 1, rest.size()));
    }
    return true;
}

bool read_word(Reading& reading, std::string_view word)
{
    if (read_number(reading, word)) return true;
    if (const auto month = month_of(word); month && !reading.month) {
        reading.month = month;
        return true;
    }
    if (reading.clock && (equal_nocase(word, "am") || equal_nocase(word, "pm"))) {
        reading.afternoon = equal_nocase(word, "pm");
        return true;
    }
    if (const auto zone = zone_of(word); zone && reading.clock) {
        if (!reading.zone) reading.zone = zone;  // "+0100 GMT": the number was meant
        return true;
    }
    if (word.find_first_of("-:.") != std::string_view::npos && read_compound(reading, word)) return true;
    return is_weekday(word);
}

std::optional<std::int64_t> seconds_of(const Reading& r)
{
    if (!r.day || !r.month || !r.year || *r.year < 1970 || *r.year > 9999) return {};
    if (*r.day < 1 || static_cast<unsigned>(*r.day) > days_in_month(*r.year, *r.month)) return {};
    const Clock clock = r.clock.value_or(Clock{});
    int hour = clock.hour;
    if (r.afternoon && hour <= 12) hour = hour % 12 + (*r.afternoon ? 12 : 0);
    const std::int64_t days = days_from_civil(*r.year, *r.month, static_cast<unsigned>(*r.day));
    const std::int64_t time = days * 86400 + hour * 3600 + clock.minute * 60 + clock.second - r.zone.value_or(0) * 60;
    if (time < 0) return {};
    return time;
}

}  // namespace

std::optional<std::int64_t> parse_date(std::string_view rfc5322)
{
    if (rfc5322.size() > max_date_bytes * 10) return {};
    Reading reading;
    for (const std::string_view word : split_words(rfc5322)) {
        // An unknown word after the date and time ("Romance Daylight Time") is noise; before them it may be anything.
        if (!read_word(reading, word) && !(reading.day && reading.month && reading.year && reading.clock)) return {};
    }
    return seconds_of(reading);
}

std::string format_date(std::int64_t unix_time)
{
    if (unix_time < 0 || unix_time >= days_from_civil(10000, 1, 1) * 86400) throw std::out_of_range{"a date outside 1970..9999"};
    const std::int64_t days = unix_time / 86400;
    const auto second = static_cast<int>(unix_time % 86400);
    const Civil date = civil_from_days(days);
    const auto capital = [](std::string_view name) {
        return std::string{static_cast<char>(name[0] - 'a' + 'A')} + std::string{name.substr(1)};
    };
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%s, %02u %s %04d %02d:%02d:%02d +0000",
                  capital(weekdays[static_cast<std::size_t>((days + 4) % 7)]).c_str(), date.day,
                  capital(months[date.month - 1]).c_str(), static_cast<int>(date.year), second / 3600, second / 60 % 60,
                  second % 60);
    return buffer.data();
}

}  // namespace majlis::text
