#include "core/policy/header_pattern.hpp"

#include <re2/re2.h>

#include <algorithm>

#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/printable.hpp"
#include "core/text/words.hpp"

namespace majlis {
namespace {

constexpr std::int64_t max_memory = 1 << 20;  // of one expression, compiled and at work
constexpr std::size_t max_name_bytes = 76;

/// RFC 5322, 2.2: printable ASCII but the colon.
bool is_field_name(std::string_view name)
{
    return !name.empty() && name.size() <= max_name_bytes &&
           std::ranges::all_of(name, [](char c) { return c > ' ' && c < 0x7f && c != ':'; });
}

RE2::Options options()
{
    RE2::Options made;
    made.set_case_sensitive(false);
    made.set_log_errors(false);
    made.set_max_mem(max_memory);
    return made;
}

}  // namespace

HeaderPattern::HeaderPattern(std::string field, std::shared_ptr<const re2::RE2> expression)
    : field_{std::move(field)}, expression_{std::move(expression)}
{
}

boost::system::result<HeaderPattern, text::Problem> HeaderPattern::compile(std::string_view field, std::string_view pattern)
{
    if (!is_field_name(field)) return text::Problem{"\"" + text::printable(field) + "\" is not the name of a header field"};
    if (pattern.empty()) return text::Problem{"an empty pattern matches every mail"};
    if (pattern.size() > max_pattern_bytes)
        return text::Problem{"the pattern is longer than " + std::to_string(max_pattern_bytes) + " bytes"};
    if (!text::valid_utf8(pattern)) return text::Problem{"the pattern is not UTF-8"};
    auto expression = std::make_shared<const RE2>(re2::StringPiece{pattern.data(), pattern.size()}, options());
    if (!expression->ok())
        return text::Problem{"\"" + text::printable(pattern) +
                             "\" is no regular expression that can be used: " + text::printable(expression->error())};
    return HeaderPattern{std::string{field}, std::move(expression)};
}

bool HeaderPattern::matches(const Message& message) const
{
    std::size_t left = max_values_bytes;
    for (const Part& part : message.parts) {
        for (const Field& field : part.fields) {
            if (!text::equal_nocase(field.name, field_)) continue;
            if (field.body.size() > left) return false;  // a piece of it would have an end that is none
            left -= field.body.size();
            if (RE2::PartialMatch(text::decode_words(field.body), *expression_)) return true;
        }
    }
    return false;
}

}  // namespace majlis
