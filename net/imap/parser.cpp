#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <string_view>
#include <utility>

#include "core/text/ascii.hpp"
#include "net/imap/response.hpp"

namespace majlis::imap {

namespace {

std::string uppered(std::string_view s)
{
    std::string out{s};
    for (char& c : out) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return out;
}

template <class Number>
std::optional<Number> to_number(std::string_view digits)
{
    Number value{};
    const auto* end = digits.data() + digits.size();
    const auto [rest, error] = std::from_chars(digits.data(), end, value);
    if (digits.empty() || error != std::errc{} || rest != end) return std::nullopt;
    return value;
}

Status to_status(std::string_view word)
{
    static constexpr std::array<std::pair<std::string_view, Status>, 5> names = {
        {{"OK", Status::ok}, {"NO", Status::no}, {"BAD", Status::bad}, {"BYE", Status::bye}, {"PREAUTH", Status::preauth}}};
    for (const auto& [name, status] : names) {
        if (text::equal_nocase(word, name)) return status;
    }
    return Status::none;
}

/// A literal or string that was read.
struct Value {
    enum class Kind { nil, atom, string, literal } kind = Kind::nil;
    std::string text;
    Literal* literal = nullptr;
};

/// Walks over the text of a response. Every reader tells by nullopt or false that this is not what stands here.
class Cursor {
public:
    Cursor(RawResponse& raw, const Limits& limits) : raw_(raw), rest_(raw.text), limits_(limits) {}

    std::string_view rest() const { return rest_; }
    bool at_end() const { return rest_.empty(); }
    bool skip(char c)
    {
        if (rest_.empty() || rest_.front() != c) return false;
        rest_.remove_prefix(1);
        return true;
    }
    void skip_spaces()
    {
        while (skip(' ')) {
        }
    }
    /// Up to a space, parenthesis, quote or literal; brackets keep what is between them together.
    std::string_view atom();
    std::optional<Value> value();
    /// A parenthesised list of anything, passed over without recursion.
    bool skip_list();
    /// "(a b c)": its words.
    std::optional<std::vector<std::string>> words();

private:
    std::optional<Value> quoted();
    Literal* next_literal();

    RawResponse& raw_;
    std::string_view rest_;
    const Limits& limits_;
    std::size_t literals_ = 0;
};

std::string_view Cursor::atom()
{
    std::size_t at = 0;
    bool bracket = false;
    for (; at < rest_.size(); ++at) {
        const char c = rest_[at];
        if (c == '\0' || c == '"') break;
        if (bracket) {
            bracket = c != ']';
            continue;
        }
        if (c == ' ' || c == '(' || c == ')') break;
        bracket = c == '[';
    }
    const auto found = rest_.substr(0, at);
    rest_.remove_prefix(at);
    return found;
}

Literal* Cursor::next_literal() { return literals_ < raw_.literals.size() ? &raw_.literals[literals_++] : nullptr; }

std::optional<Value> Cursor::quoted()
{
    Value value{Value::Kind::string, {}, nullptr};
    while (!rest_.empty()) {
        char c = rest_.front();
        rest_.remove_prefix(1);
        if (c == '"') return value;
        if (c == '\0') return std::nullopt;
        if (c == '\\') {
            if (rest_.empty()) return std::nullopt;
            c = rest_.front();
            rest_.remove_prefix(1);
        }
        value.text += c;
    }
    return std::nullopt;
}

std::optional<Value> Cursor::value()
{
    if (skip('"')) return quoted();
    if (skip('\0')) {
        Value value{Value::Kind::literal, {}, next_literal()};
        if (value.literal == nullptr) return std::nullopt;
        return value;
    }
    const auto word = atom();
    if (word.empty()) return std::nullopt;
    if (text::equal_nocase(word, "NIL")) return Value{};
    return Value{Value::Kind::atom, std::string(word), nullptr};
}

bool Cursor::skip_list()
{
    std::size_t depth = 0;
    do {
        skip_spaces();
        if (skip('(')) {
            if (++depth > limits_.nesting) return false;
        } else if (skip(')')) {
            if (depth == 0) return false;
            --depth;
        } else if (!value()) {
            return false;
        }
    } while (depth > 0);
    return true;
}

std::optional<std::vector<std::string>> Cursor::words()
{
    if (!skip('(')) return std::nullopt;
    std::vector<std::string> found;
    for (;;) {
        skip_spaces();
        if (skip(')')) return found;
        const auto word = atom();
        if (word.empty() || found.size() == limits_.words) return std::nullopt;
        found.emplace_back(word);
    }
}

std::string text_of(Value&& value) { return value.literal != nullptr ? std::move(value.literal->bytes) : std::move(value.text); }

/// "BODY[HEADER]<0>" and its value.
bool read_section(std::string_view name, Value&& value, FetchItem& item)
{
    const auto open = name.find('[');
    const auto close = name.find(']', open);
    if (close == std::string_view::npos) return false;
    Section section;
    section.name = uppered(name.substr(open + 1, close - open - 1));
    auto origin = name.substr(close + 1);
    if (origin.size() > 2 && origin.front() == '<' && origin.back() == '>') {
        const auto offset = to_number<std::uint64_t>(origin.substr(1, origin.size() - 2));
        if (!offset) return false;
        section.offset = *offset;
        section.partial = true;
    }
    section.drained = value.literal != nullptr && value.literal->drained;
    section.size = value.literal != nullptr ? value.literal->size : value.text.size();
    section.bytes = text_of(std::move(value));
    item.sections.push_back(std::move(section));
    return true;
}

/// "(UID 7 RFC822.SIZE 12 BODY[] {12}...)"
bool read_fetch(Cursor& cursor, FetchItem& item)
{
    if (!cursor.skip('(')) return false;
    for (;;) {
        cursor.skip_spaces();
        if (cursor.skip(')')) return true;
        const auto name = cursor.atom();
        if (name.empty()) return false;
        cursor.skip_spaces();
        if (text::equal_nocase(name, "FLAGS")) {
            auto flags = cursor.words();
            if (!flags) return false;
            item.flags = std::move(*flags);
            continue;
        }
        if (!cursor.rest().empty() && cursor.rest().front() == '(') {
            if (!cursor.skip_list()) return false;
            continue;
        }
        auto value = cursor.value();
        if (!value) return false;
        if (text::equal_nocase(name, "UID")) {
            item.uid = to_number<std::uint32_t>(value->text).value_or(0);
        } else if (text::equal_nocase(name, "RFC822.SIZE")) {
            item.size = to_number<std::uint64_t>(value->text);
        } else if (text::equal_nocase(name, "INTERNALDATE")) {
            item.internal_date = parse_internal_date(value->text);
        } else if (text::starts_with_nocase(name, "BODY[") && !read_section(name, std::move(*value), item)) {
            return false;
        }
    }
}

/// "[CODE] words" behind OK, NO, BAD, BYE or PREAUTH.
void read_status_text(std::string_view rest, Response& response)
{
    rest = text::trim(rest);
    if (rest.starts_with('[')) {
        const auto close = rest.find(']');
        if (close != std::string_view::npos) {
            response.code = rest.substr(1, close - 1);
            rest = text::trim(rest.substr(close + 1));
        }
    }
    response.text = rest;
}

void read_capability(Cursor& cursor, Response& response, const Limits& limits)
{
    for (;;) {
        cursor.skip_spaces();
        const auto word = cursor.atom();
        if (word.empty() || response.words.size() == limits.words) break;
        response.words.emplace_back(word);
    }
    response.kind = Response::Kind::capability;
}

void read_search(Cursor& cursor, Response& response, const Limits& limits)
{
    for (;;) {
        cursor.skip_spaces();
        const auto number = to_number<std::uint32_t>(cursor.atom());
        if (!number) break;  // the end, or "(MODSEQ 917162500)"
        if (response.numbers.size() == limits.numbers) throw ProtocolError(too_many_found);
        response.numbers.push_back(*number);
    }
    response.kind = Response::Kind::search;
}

bool read_separator(Value&& value, char& separator)
{
    if (value.kind == Value::Kind::nil) return true;
    if (value.kind != Value::Kind::string || value.text.size() != 1) return false;
    separator = value.text.front();
    return true;
}

/// (\HasNoChildren) "/" name
bool read_list(Cursor& cursor, Response& response)
{
    auto attributes = cursor.words();
    cursor.skip_spaces();
    auto separator = cursor.value();
    cursor.skip_spaces();
    auto name = cursor.value();
    if (!attributes || !separator || !name || !read_separator(std::move(*separator), response.folder.separator)) return false;
    response.folder.attributes = std::move(*attributes);
    response.folder.name = name->kind == Value::Kind::nil ? "NIL" : text_of(std::move(*name));
    response.kind = Response::Kind::list;
    return true;
}

/// (("INBOX." ".")) NIL NIL: the first personal name space (RFC 2342).
bool read_namespace(Cursor& cursor, Response& response)
{
    if (!cursor.skip('(')) return false;
    cursor.skip_spaces();
    if (!cursor.skip('(')) return false;
    auto prefix = cursor.value();
    cursor.skip_spaces();
    auto separator = cursor.value();
    if (!prefix || !separator || !read_separator(std::move(*separator), response.folder.separator)) return false;
    response.folder.name = text_of(std::move(*prefix));
    response.kind = Response::Kind::name_space;
    return true;
}

void read_numbered(std::uint32_t number, Cursor& cursor, Response& response)
{
    cursor.skip_spaces();
    const auto word = cursor.atom();
    if (text::equal_nocase(word, "EXISTS")) {
        response.kind = Response::Kind::exists;
        response.number = number;
    } else if (text::equal_nocase(word, "EXPUNGE")) {
        response.kind = Response::Kind::expunge;
        response.number = number;
    } else if (text::equal_nocase(word, "FETCH")) {
        cursor.skip_spaces();
        response.fetch.sequence = number;
        if (read_fetch(cursor, response.fetch)) response.kind = Response::Kind::fetch;
    }
}

void read_untagged(Cursor& cursor, Response& response, const Limits& limits)
{
    const auto word = cursor.atom();
    response.status = to_status(word);
    if (response.status != Status::none) {
        response.kind = Response::Kind::status;
        read_status_text(cursor.rest(), response);
    } else if (const auto number = to_number<std::uint32_t>(word)) {
        read_numbered(*number, cursor, response);
    } else if (text::equal_nocase(word, "CAPABILITY")) {
        read_capability(cursor, response, limits);
    } else if (text::equal_nocase(word, "SEARCH")) {
        read_search(cursor, response, limits);
    } else if (text::equal_nocase(word, "LIST") || text::equal_nocase(word, "XLIST")) {
        cursor.skip_spaces();
        read_list(cursor, response);
    } else if (text::equal_nocase(word, "NAMESPACE")) {
        cursor.skip_spaces();
        read_namespace(cursor, response);
    }
}

}  // namespace

Section* FetchItem::section(const std::string& name)
{
    const auto found = std::find_if(sections.begin(), sections.end(), [&](const Section& each) { return each.name == name; });
    return found == sections.end() ? nullptr : &*found;
}

Response parse_response(RawResponse raw, const Limits& limits)
{
    Response response;
    Cursor cursor{raw, limits};
    if (cursor.skip('+')) {
        response.kind = Response::Kind::continuation;
        response.text = text::trim(cursor.rest());
        return response;
    }
    const auto tag = cursor.atom();
    if (tag.empty() || !cursor.skip(' ')) return response;
    if (tag == "*") {
        read_untagged(cursor, response, limits);
        return response;
    }
    const auto status = to_status(cursor.atom());
    if (status == Status::ok || status == Status::no || status == Status::bad) {
        response.kind = Response::Kind::tagged;
        response.tag = tag;
        response.status = status;
        read_status_text(cursor.rest(), response);
    }
    return response;
}

/// "17-Jul-1996 02:44:25 -0700"; a day below 10 has a space or nothing before it.
std::optional<std::int64_t> parse_internal_date(std::string_view text)
{
    static constexpr std::string_view months = "janfebmaraprmayjunjulaugsepoctnovdec";
    text = text::trim(text);
    const auto dash = text.find('-');
    const auto day = to_number<unsigned>(text.substr(0, dash));
    if (dash == std::string_view::npos || !day || text.size() != dash + 24) return std::nullopt;
    const auto rest = text.substr(dash);  // "-Jul-1996 02:44:25 -0700"
    const auto month = months.find(text::lowered(rest.substr(1, 3)));
    const auto year = to_number<int>(rest.substr(5, 4));
    const auto hour = to_number<int>(rest.substr(10, 2));
    const auto minute = to_number<int>(rest.substr(13, 2));
    const auto second = to_number<int>(rest.substr(16, 2));
    const auto zone = to_number<int>(rest.substr(20, 4));
    const char sign = rest[19];
    if (month == std::string_view::npos || month % 3 != 0 || !year || !hour || !minute || !second || !zone) return std::nullopt;
    if ((sign != '+' && sign != '-') || *year < 1970 || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(month / 3 + 1)},
                                           std::chrono::day{*day}};
    if (!date.ok()) return std::nullopt;
    const auto days = std::chrono::sys_days{date}.time_since_epoch().count();
    const std::int64_t local = std::int64_t{days} * 86400 + *hour * 3600 + *minute * 60 + *second;
    const std::int64_t offset = (*zone / 100) * 3600 + (*zone % 100) * 60;
    return sign == '+' ? local - offset : local + offset;
}

}  // namespace majlis::imap
