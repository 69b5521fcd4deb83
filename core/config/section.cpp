#include "core/config/section.hpp"

#include <algorithm>

#include "core/address/address.hpp"
#include "core/text/charset.hpp"
#include "core/text/nearest.hpp"
#include "core/text/printable.hpp"
#include "core/text/units.hpp"

namespace majlis::config {
namespace {

bool has_control(std::string_view text)
{
    return std::any_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

}  // namespace

std::string in_quotes(std::string_view text) { return '"' + text::printable(text, 100) + '"'; }

std::string alternatives(std::span<const std::string_view> words)
{
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
        out += words[i];
    }
    return out;
}

std::string listed(std::span<const std::string_view> words)
{
    std::string out;
    for (const std::string_view word : words) out += (out.empty() ? "" : ", ") + std::string{word};
    return out;
}

std::string_view Section::text(std::string_view key) const
{
    const Value* value = table_.find(key);
    return value && value->kind == Value::Kind::text ? std::string_view{value->text} : std::string_view{};
}

Message Section::message(std::string_view key, std::string text) const
{
    const Value* value = table_.find(key);
    std::string where = title_;
    if (!key.empty()) where += (where.empty() ? "" : " ") + text::printable(key, 60);
    return {value ? value->line : table_.line, (where.empty() ? "" : where + ": ") + std::move(text)};
}

Section Section::below(std::string_view key, const Value& table) const
{
    const std::string name = name_ + "." + std::string{key};
    return {name, "[" + name + "]", table, folder_, report_};
}

bool Reading::is(Value::Kind kind, std::string_view wanted)
{
    if (value_.kind == kind) return true;
    error("this must be " + std::string{wanted} + ", not " + std::string{kind_name(value_.kind)});
    return false;
}

std::optional<std::string> Reading::text()
{
    if (!is(Value::Kind::text, "a text in quotes")) return std::nullopt;
    if (value_.text.empty()) {
        error("this may not be empty: write a value, or leave the line out");
        return std::nullopt;
    }
    if (has_control(value_.text) || value_.text.size() > 4096 || !text::valid_utf8(value_.text)) {
        error("this must be one line of at most 4096 bytes, without control characters");
        return std::nullopt;
    }
    return value_.text;
}

std::optional<std::vector<std::string>> Reading::texts()
{
    if (!is(Value::Kind::array, "a list of texts, such as [\"a\", \"b\"]")) return std::nullopt;
    if (value_.items.size() > 1000) {
        error("this list holds " + std::to_string(value_.items.size()) + " values; 1000 is the most");
        return std::nullopt;
    }
    std::vector<std::string> out;
    bool good = true;
    for (const Value& item : value_.items) {
        auto text = Reading{section_, key_, item}.text();
        if (!text) {
            good = false;
        } else if (std::find(out.begin(), out.end(), *text) != out.end()) {
            error(in_quotes(*text) + " stands here twice: remove one");
            good = false;
        } else {
            out.push_back(std::move(*text));
        }
    }
    if (!good) return std::nullopt;
    return out;
}

std::optional<unsigned> Reading::number(std::int64_t least, std::int64_t most)
{
    if (!is(Value::Kind::integer, "a whole number without quotes")) return std::nullopt;
    if (value_.number < least || value_.number > most) {
        error(std::to_string(value_.number) + " is out of range: " + std::to_string(least) + " to " + std::to_string(most));
        return std::nullopt;
    }
    return static_cast<unsigned>(value_.number);
}

std::optional<bool> Reading::truth()
{
    if (!is(Value::Kind::truth, "true or false, without quotes")) return std::nullopt;
    return value_.truth;
}

std::optional<std::filesystem::path> Reading::path()
{
    const auto name = text();
    if (!name) return std::nullopt;
    return (section_.folder() / *name).lexically_normal();
}

std::optional<std::chrono::seconds> Reading::duration(std::chrono::seconds least, std::chrono::seconds most)
{
    if (!is(Value::Kind::text, "a duration in quotes, such as \"60s\"")) return std::nullopt;
    const auto seconds = text::parse_duration(value_.text);
    if (!seconds) {
        error(in_quotes(value_.text) + " is no duration: write a number with s, m, h, d or w, such as \"90s\" or \"5d\"");
        return std::nullopt;
    }
    if (*seconds < least.count() || *seconds > most.count()) {
        error(in_quotes(value_.text) + " is out of range: " + text::format_duration(least.count()) + " to " +
              text::format_duration(most.count()));
        return std::nullopt;
    }
    return std::chrono::seconds{*seconds};
}

std::optional<std::int64_t> Reading::size(std::int64_t least, std::int64_t most)
{
    if (!is(Value::Kind::text, "a size in quotes, such as \"30MB\"")) return std::nullopt;
    const auto bytes = text::parse_size(value_.text);
    if (!bytes) {
        error(in_quotes(value_.text) + " is no size: write a number with KB, MB or GB, such as \"30MB\"");
        return std::nullopt;
    }
    if (*bytes < least || *bytes > most) {
        error(in_quotes(value_.text) + " is out of range: " + text::format_size(least) + " to " + text::format_size(most));
        return std::nullopt;
    }
    return bytes;
}

std::optional<std::string> Reading::address()
{
    const auto given = text();
    if (!given) return std::nullopt;
    const auto address = parse_address(*given);
    if (!address) {
        error(in_quotes(*given) + " is no mail address (" + address.error().message() +
              "): write one such as \"admin@example.org\"");
        return std::nullopt;
    }
    return address->text();
}

std::optional<std::size_t> Reading::choose(std::span<const std::string_view> words)
{
    if (!is(Value::Kind::text, "a text in quotes")) return std::nullopt;
    const auto found = std::find(words.begin(), words.end(), value_.text);
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
    error(in_quotes(value_.text) + " is not known here: write " + alternatives(words));
    return std::nullopt;
}

}  // namespace majlis::config
