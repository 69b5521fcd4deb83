#include "core/text/parameters.hpp"

#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/words.hpp"

#include <algorithm>
#include <charconv>

namespace majlis::text {

namespace {

constexpr std::size_t max_parameters = 200;
constexpr int max_segment = 999;
constexpr std::size_t max_name = 60;

/// A piece of a parameter as it is written: `name*2*=value`.
struct Segment {
    std::string name;
    int index = -1;         ///< -1: a plain parameter
    bool extended = false;  ///< percent-encoded
    std::string value;
};

bool is_file_name(std::string_view name) { return name.starts_with("name") || name.starts_with("filename"); }

bool token_character(char c)
{
    return !is_space(c) && !is_control(c) && std::string_view{"()<>@,;:\\\"/[]?="}.find(c) == std::string_view::npos;
}

/// Whether `rest` begins with ` token=`: the next parameter, its semicolon forgotten.
bool next_parameter(std::string_view rest)
{
    rest = rest.substr(0, max_name + 10);
    std::size_t i = 0;
    while (i < rest.size() && is_space(rest[i])) ++i;
    const std::size_t begin = i;
    while (i < rest.size() && token_character(rest[i])) ++i;
    return begin != 0 && i > begin && i < rest.size() && rest[i] == '=';
}

/// Skips white space and comments; an unclosed comment ends with the text.
std::string_view skip_comments(std::string_view s)
{
    int depth = 0;
    std::size_t i = 0;
    for (; i < s.size(); ++i) {
        if (depth > 0 && s[i] == '\\')
            ++i;
        else if (s[i] == '(')
            ++depth;
        else if (s[i] == ')' && depth > 0)
            --depth;
        else if (depth == 0 && !is_space(s[i]))
            break;
    }
    return s.substr(std::min(i, s.size()));
}

class Reader {
public:
    explicit Reader(std::string_view body) : rest_{body} {}

    std::string read_value()
    {
        std::string out;
        int depth = 0;
        while (!rest_.empty() && (depth > 0 || rest_.front() != ';')) {
            const char c = rest_.front();
            if (c == '(')
                ++depth;
            else if (c == ')' && depth > 0)
                --depth;
            else if (depth == 0 && !out.empty() && is_space(c) && next_parameter(rest_))
                break;
            else if (depth == 0 && !is_space(c) && !is_control(c))
                out += lower(c);
            rest_.remove_prefix(1);
        }
        return out;
    }

    /// False at the end.
    bool read_segment(Segment& segment)
    {
        while (true) {
            rest_ = skip_comments(rest_);
            if (rest_.empty()) return false;
            if (rest_.front() != ';') break;
            rest_.remove_prefix(1);
        }
        const std::size_t end = std::min(rest_.find_first_of("=;"), rest_.size());
        const bool has_value = end < rest_.size() && rest_[end] == '=';
        name_segment(segment, trim(rest_.substr(0, end)));
        rest_.remove_prefix(has_value ? end + 1 : end);
        segment.value.clear();
        if (!has_value) return true;
        while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
        segment.value = rest_.starts_with('"') ? read_quoted() : read_plain(segment.name);
        return true;
    }

private:
    /// "filename*1*" -> filename, 1, extended.
    static void name_segment(Segment& segment, std::string_view name)
    {
        segment = {};
        name = name.substr(0, std::min(name.find_first_of(" \t("), max_name));  // "charset (a comment) = utf-8"
        if (name.ends_with('*')) {
            segment.extended = true;
            segment.index = 0;
            name.remove_suffix(1);
        }
        const std::size_t star = name.find('*');
        if (star != std::string_view::npos) {
            int index = 0;
            const auto [end, error] = std::from_chars(name.data() + star + 1, name.data() + name.size(), index);
            const bool whole = error == std::errc{} && end == name.data() + name.size() && index >= 0 && index <= max_segment;
            segment.index = whole ? index : max_segment;
            name = name.substr(0, star);
        }
        segment.name = lowered(trim(name));
    }

    /// A quote ends the string if what follows could end a parameter; any other is part of a file name somebody did not escape.
    static bool closes(std::string_view behind)
    {
        const std::size_t i = behind.substr(0, max_name).find_first_not_of(" \t");
        if (i == std::string_view::npos) return true;
        return behind[i] == ';' || behind[i] == '(' || next_parameter(behind) ||
               (i == 0 && next_parameter(std::string{" "}.append(behind.substr(0, max_name))));
    }

    std::string read_quoted()
    {
        std::string out;
        const std::string_view whole = rest_;
        for (std::size_t i = 1; i < whole.size(); ++i) {
            const char c = whole[i];
            if (c == '"' && closes(whole.substr(i + 1))) {
                rest_ = whole.substr(i + 1);
                return out;
            }
            // "\"" and "\\" are escapes; any other backslash belongs to a path of Windows.
            const bool escape = c == '\\' && i + 1 < whole.size() && (whole[i + 1] == '"' || whole[i + 1] == '\\');
            if (escape &&
                !(whole[i + 1] == '"' && closes(whole.substr(i + 2)) && whole.find('"', i + 2) == std::string_view::npos))
                ++i;
            out += whole[i];
        }
        // No end: the next semicolon is the likeliest one.
        const std::size_t end = std::min(whole.find(';'), whole.size());
        rest_ = whole.substr(end);
        return std::string{trim(whole.substr(1, end - 1))};
    }

    /// Up to the semicolon; a value that is no file name also ends before a comment, or before a parameter without semicolon.
    std::string read_plain(std::string_view name)
    {
        std::size_t end = 0;
        const bool file = is_file_name(name);
        while (end < rest_.size() && rest_[end] != ';') {
            if (file || !is_space(rest_[end])) {
                ++end;
                continue;
            }
            const std::size_t next = std::min(rest_.find_first_not_of(" \t", end), rest_.size());
            if (next == rest_.size() || rest_[next] == '(' || next_parameter(rest_.substr(next - 1))) break;
            end = next;
        }
        std::string out{trim(rest_.substr(0, end))};
        rest_.remove_prefix(end);
        return out;
    }

    std::string_view rest_;
};

int hex(char c)
{
    if (is_digit(c)) return c - '0';
    return lower(c) >= 'a' && lower(c) <= 'f' ? lower(c) - 'a' + 10 : -1;
}

std::string decode_percent(std::string_view s)
{
    std::string out;
    for (std::size_t i = 0; i < s.size(); ++i) {
        const int high = i + 2 < s.size() ? hex(s[i + 1]) : -1;
        const int low = i + 2 < s.size() ? hex(s[i + 2]) : -1;
        if (s[i] == '%' && high >= 0 && low >= 0) {
            out += static_cast<char>(static_cast<unsigned char>(high * 16 + low));
            i += 2;
        } else {
            out += s[i];
        }
    }
    return out;
}

std::string without_controls(std::string text)
{
    for (char& c : text) {
        if (is_control(c)) c = ' ';
    }
    return text;
}

std::string plain_text(std::string_view name, const std::string& value)
{
    if (name == "boundary") return value;
    const bool words = value.find("=?") != std::string::npos;
    return without_controls(words ? decode_words(value) : to_utf8(value, ""));
}

/// The pieces of one name, in the order of their numbers.
std::string join(std::string_view name, const std::vector<const Segment*>& pieces)
{
    std::string bytes, charset;
    bool extended = false;
    for (const Segment* piece : pieces) {
        std::string_view value = piece->value;
        if (piece == pieces.front() && piece->extended) {
            const std::size_t first = value.find('\'');
            const std::size_t second = first == std::string_view::npos ? first : value.find('\'', first + 1);
            if (second != std::string_view::npos) {
                charset = value.substr(0, first);
                value.remove_prefix(second + 1);
            }
        }
        extended = extended || piece->extended;
        bytes += piece->extended ? decode_percent(value) : std::string{value};
    }
    return extended && name != "boundary" ? without_controls(to_utf8(bytes, charset)) : plain_text(name, bytes);
}

bool is_continued(const Segment& segment) { return segment.index >= 0; }

/// Extended and continued forms stand before plain ones of the same name (RFC 6266, 4.3).
std::vector<Parameter> assemble(std::vector<Segment> segments)
{
    std::stable_sort(segments.begin(), segments.end(),
                     [](const Segment& a, const Segment& b) { return a.name != b.name ? a.name < b.name : a.index < b.index; });
    std::vector<Parameter> out;
    for (std::size_t i = 0; i < segments.size();) {
        std::vector<const Segment*> pieces, plain;
        const std::string& name = segments[i].name;
        for (; i < segments.size() && segments[i].name == name; ++i) {
            const Segment& segment = segments[i];
            if (!is_continued(segment))
                plain.push_back(&segment);
            else if (pieces.empty() || pieces.back()->index != segment.index)
                pieces.push_back(&segment);
        }
        if (!pieces.empty()) out.push_back({name, join(name, pieces)});
        for (const Segment* one : plain) out.push_back({name, plain_text(name, one->value)});
    }
    return out;
}

}  // namespace

const std::string* ParameterValue::find(std::string_view name) const
{
    const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.name == name; });
    return found == parameters.end() ? nullptr : &found->value;
}

std::string ParameterValue::get(std::string_view name) const
{
    const std::string* found = find(name);
    return found == nullptr ? std::string{} : *found;
}

ParameterValue parse_parameters(std::string_view field_body)
{
    const std::string body = unfold(field_body);
    Reader reader{body};
    ParameterValue out;
    out.value = reader.read_value();
    std::vector<Segment> segments;
    Segment segment;
    while (segments.size() < max_parameters && reader.read_segment(segment)) {
        if (!segment.name.empty()) segments.push_back(segment);
    }
    out.parameters = assemble(std::move(segments));
    return out;
}

}  // namespace majlis::text
