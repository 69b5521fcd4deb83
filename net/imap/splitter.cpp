#include "net/imap/splitter.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "core/text/ascii.hpp"

namespace majlis::imap {

namespace {

/// The size in "...{123}" or "...{123+}" at the end of a line; the position of its brace (or of the '~' before it) goes to `at`.
std::optional<std::uint64_t> announced_literal(std::string_view line, std::size_t& at)
{
    if (line.size() < 3 || line.back() != '}') return std::nullopt;
    const auto brace = line.rfind('{');
    if (brace == std::string_view::npos) return std::nullopt;
    auto digits = line.substr(brace + 1, line.size() - brace - 2);
    if (!digits.empty() && digits.back() == '+') digits.remove_suffix(1);
    if (digits.empty() || digits.size() > 18 ||
        !std::all_of(digits.begin(), digits.end(), [](char c) { return text::is_digit(c); })) {
        return std::nullopt;
    }
    std::uint64_t size = 0;
    for (const char c : digits) size = size * 10 + static_cast<std::uint64_t>(c - '0');
    at = brace > 0 && line[brace - 1] == '~' ? brace - 1 : brace;
    return size;
}

}  // namespace

std::optional<RawResponse> Splitter::take(std::string_view& bytes)
{
    while (!bytes.empty()) {
        if (literal_left_ > 0) {
            take_literal(bytes);
            continue;
        }
        const auto end = bytes.find('\n');
        const auto piece = bytes.substr(0, end);
        if (piece.size() > limits_.line - std::min(limits_.line, response_.text.size())) {
            throw ProtocolError("the IMAP server sent a line longer than " + std::to_string(limits_.line) + " bytes");
        }
        if (piece.find('\0') != std::string_view::npos) throw ProtocolError("the IMAP server sent a NUL outside of a literal");
        response_.text += piece;
        if (end == std::string_view::npos) {
            bytes = {};
            return std::nullopt;
        }
        bytes.remove_prefix(end + 1);
        if (auto whole = end_line()) return whole;
    }
    return std::nullopt;
}

void Splitter::take_literal(std::string_view& bytes)
{
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(literal_left_, bytes.size()));
    auto& literal = response_.literals.back();
    if (!literal.drained) literal.bytes += bytes.substr(0, count);
    literal_left_ -= count;
    bytes.remove_prefix(count);
}

/// A line is whole: either a literal follows it, or the response ends here.
std::optional<RawResponse> Splitter::end_line()
{
    if (response_.text.size() > line_start_ && response_.text.back() == '\r') response_.text.pop_back();
    std::size_t at = 0;
    const auto size = announced_literal(std::string_view(response_.text).substr(line_start_), at);
    if (size && may_hold_literals()) {
        response_.text.resize(line_start_ + at);
        begin_literal(*size);
        return std::nullopt;
    }
    line_start_ = 0;
    kept_ = 0;
    return std::exchange(response_, {});
}

void Splitter::begin_literal(std::uint64_t size)
{
    if (size > limits_.drained) throw ProtocolError("the IMAP server announced a literal of " + std::to_string(size) + " bytes");
    if (response_.literals.size() == limits_.literals)
        throw ProtocolError("the IMAP server sent too many literals in one response");
    const bool kept = size <= limits_.literal && size <= limits_.response - kept_;
    auto& literal = response_.literals.emplace_back();
    literal.size = size;
    literal.drained = !kept;
    if (kept) {
        literal.bytes.reserve(static_cast<std::size_t>(std::min<std::uint64_t>(size, 64U << 10U)));
        kept_ += static_cast<std::size_t>(size);
    }
    literal_left_ = size;
    response_.text += '\0';
    line_start_ = response_.text.size();
}

/// Words for people may end in "{5}": only data may hold literals (RFC 3501, 9: resp-text has none).
bool Splitter::may_hold_literals() const
{
    if (!response_.text.starts_with("* ")) return false;
    static constexpr std::array<std::string_view, 5> status = {"OK", "NO", "BAD", "BYE", "PREAUTH"};
    const std::string_view rest = std::string_view(response_.text).substr(2);
    const auto word = rest.substr(0, rest.find(' '));
    return std::none_of(status.begin(), status.end(), [&](std::string_view name) { return text::equal_nocase(word, name); });
}

}  // namespace majlis::imap
