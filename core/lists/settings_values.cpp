#include "core/lists/settings_table.hpp"
#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/units.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace majlis::settings {

namespace {

constexpr int most_counted = 1'000'000;
constexpr std::int64_t longest = 10LL * 365 * 86400;  ///< seconds
constexpr std::int64_t largest = std::int64_t{1} << 30;
constexpr std::size_t most_types = 100;

std::optional<int> number(std::string_view text)
{
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size() || value < 0 || value > most_counted) return {};
    return value;
}

Normalised text_up_to(std::string_view value, std::size_t bytes)
{
    const bool plain = std::none_of(value.begin(), value.end(), [](char c) { return text::is_control(c) && c != '\t'; });
    if (!plain || value.size() > bytes || !text::valid_utf8(value)) return {};
    return std::string{text::trim(value)};
}

std::string_view word_at(std::string_view allowed, std::size_t index)
{
    for (; index > 0 && !allowed.empty(); --index) {
        const std::size_t comma = allowed.find(", ");
        allowed.remove_prefix(comma == std::string_view::npos ? allowed.size() : comma + 2);
    }
    return allowed.substr(0, allowed.find(", "));
}

bool is_type(std::string_view type)
{
    const auto token = [](std::string_view s) {
        return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) {
            return text::is_letter(c) || text::is_digit(c) || c == '-' || c == '+' || c == '.' || c == '_';
        });
    };
    if (type.starts_with('.')) return type.size() <= 16 && token(type.substr(1));
    const std::size_t slash = type.find('/');
    if (slash == std::string_view::npos) return false;
    return token(type.substr(0, slash)) && (type.substr(slash + 1) == "*" || token(type.substr(slash + 1)));
}

std::vector<std::string> split_types(std::string_view list)
{
    std::vector<std::string> types;
    while (!list.empty()) {
        const std::size_t end = std::min(list.find_first_of(", \t"), list.size());
        if (end > 0) types.push_back(text::lowered(list.substr(0, end)));
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return types;
}

/// "30/10m" or "3x7d": a count, a separator, a duration.
struct CountAndTime {
    int count = 0;
    std::int64_t seconds = 0;
};

std::optional<CountAndTime> count_and_time(std::string_view value, std::string_view separator)
{
    const std::size_t at = value.find(separator);
    if (at == std::string_view::npos) return {};
    const auto count = number(text::trim(value.substr(0, at)));
    const auto seconds = text::parse_duration(value.substr(at + separator.size()));
    if (!count || !seconds || *seconds < 1 || *seconds > longest) return {};
    return CountAndTime{*count, *seconds};
}

/// What was stored was checked; anything else was written by another program.
template <class T>
T checked(const std::optional<T>& value, std::string_view stored)
{
    if (!value) throw std::runtime_error{"a stored setting cannot be read: " + std::string{stored}};
    return *value;
}

}  // namespace

std::size_t index_of(const Entry& entry, std::string_view value)
{
    for (std::size_t i = 0;; ++i) {
        const std::string_view word = word_at(entry.key.allowed, i);
        if (word.empty()) return std::string_view::npos;
        if (text::equal_nocase(word, value)) return i;
    }
}

Normalised one_of(const Entry& entry, std::string_view value)
{
    std::string word = text::lowered(text::trim(value));
    std::replace(word.begin(), word.end(), '_', '-');
    const bool a_switch = index_of(entry, "on") != std::string_view::npos;
    if (a_switch && (word == "yes" || word == "true" || word == "1")) word = "on";
    if (a_switch && (word == "no" || word == "false" || word == "0")) word = "off";
    if (word.empty() || index_of(entry, word) == std::string_view::npos) return {};
    return word;
}

Normalised line(const Entry&, std::string_view value) { return text_up_to(value, 1000); }

Normalised short_line(const Entry&, std::string_view value) { return text_up_to(value, 60); }

Normalised paragraph(const Entry&, std::string_view value)
{
    std::string out;
    for (const char c : value) {
        if (text::is_control(c) && c != '\n' && c != '\r' && c != '\t') return {};
        if (c != '\r') out += c;
    }
    if (out.size() > 4000 || !text::valid_utf8(out)) return {};
    while (out.ends_with('\n')) out.pop_back();
    return out;
}

Normalised url(const Entry&, std::string_view value)
{
    value = text::trim(value);
    if (value.empty()) return std::string{};
    const bool web = text::starts_with_nocase(value, "https://") || text::starts_with_nocase(value, "http://");
    const bool clean = std::all_of(value.begin(), value.end(),
                                   [](char c) { return c > ' ' && c != 0x7f && c != '<' && c != '>' && c != '"' && c != ','; });
    if (!web || !clean || value.size() > 500 || value.size() < 10) return {};
    return std::string{value};
}

Normalised count(const Entry&, std::string_view value)
{
    const auto n = number(text::trim(value));
    if (!n) return {};
    return std::to_string(*n);
}

Normalised positive(const Entry& entry, std::string_view value)
{
    auto n = count(entry, value);
    return n == "0" ? std::nullopt : n;
}

Normalised size(const Entry&, std::string_view value)
{
    const auto bytes = text::parse_size(value);
    if (!bytes || *bytes > largest) return {};
    return text::format_size(*bytes);
}

Normalised duration(const Entry&, std::string_view value)
{
    const auto seconds = text::parse_duration(value);
    if (!seconds || *seconds < 1 || *seconds > longest) return {};
    return text::format_duration(*seconds);
}

Normalised attachments(const Entry&, std::string_view value)
{
    value = text::trim(value);
    if (text::equal_nocase(value, "all")) return "all";
    std::string mode;
    for (const std::string_view word : {"allow", "deny"}) {
        if (text::starts_with_nocase(value, word)) mode = word;
    }
    if (mode.empty()) return {};
    value.remove_prefix(mode.size());
    if (value.empty() || (value.front() != ' ' && value.front() != ':')) return {};
    const auto types = split_types(value.substr(1));
    if (types.empty() || types.size() > most_types || !std::all_of(types.begin(), types.end(), is_type)) return {};
    std::string out = mode;
    for (const std::string& type : types) out += (&type == types.data() ? " " : ", ") + type;
    return out;
}

Normalised flood(const Entry&, std::string_view value)
{
    value = text::trim(value);
    if (text::equal_nocase(value, "off") || value == "0") return "off";
    const auto read = count_and_time(value, "/");
    if (!read || read->count == 0) return {};
    return std::to_string(read->count) + "/" + text::format_duration(read->seconds);
}

Normalised warnings(const Entry&, std::string_view value)
{
    value = text::trim(value);
    if (value == "0") return "0x7d";
    auto read = count_and_time(value, "x");
    if (!read) read = count_and_time(value, "X");
    if (!read) read = count_and_time(value, "\xc3\x97");  // the sign of multiplication
    if (!read || read->count > 100) return {};
    return std::to_string(read->count) + "x" + text::format_duration(read->seconds);
}

Attachments read_attachments(std::string_view value)
{
    if (value == "all") return {};
    const std::size_t space = value.find(' ');
    const bool deny = value.substr(0, space) == "deny";
    return {deny ? Attachments::Mode::deny : Attachments::Mode::allow, split_types(value.substr(std::min(space, value.size())))};
}

Flood read_flood(std::string_view value)
{
    if (value == "off") return {0, 0};
    const auto read = checked(count_and_time(value, "/"), value);
    return {read.count, read.seconds};
}

BounceWarnings read_warnings(std::string_view value)
{
    const auto read = checked(count_and_time(value, "x"), value);
    return {read.count, read.seconds};
}

}  // namespace majlis::settings
