#include "core/message/header_scan.hpp"

#include "core/text/ascii.hpp"
#include "core/text/words.hpp"

#include <algorithm>
#include <array>

namespace majlis {
namespace header {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// Length of a field's name at the start of the line, 0 where there is none. White space before the colon is obsolete but legal.
std::size_t name_length(std::string_view line)
{
    std::size_t n = 0;
    while (n < line.size() && line[n] > ' ' && line[n] < 0x7f && line[n] != ':') ++n;
    std::size_t colon = n;
    while (colon < line.size() && is_blank(line[colon])) ++colon;
    return n > 0 && colon < line.size() && line[colon] == ':' ? n : 0;
}

/// "Prénom: x": meant as a field, though its name holds what a name must not.
bool resembles_field(std::string_view line)
{
    const auto colon = line.substr(0, 80).find(':');
    return colon != std::string_view::npos && colon > 0 && line.substr(0, colon).find_first_of(" \t") == std::string_view::npos;
}

/// Names that a sentence of a body hardly begins with.
bool is_usual_name(std::string_view name)
{
    static constexpr std::array<std::string_view, 16> whole{
        "from",       "to",          "cc",           "bcc",      "date",       "subject",    "sender",      "reply-to",
        "references", "in-reply-to", "mime-version", "received", "precedence", "user-agent", "return-path", "received-spf"};
    static constexpr std::array<std::string_view, 9> starts{"x-",   "content-", "message-", "list-",     "dkim-",
                                                            "arc-", "resent-",  "auto-",    "delivered-"};
    return std::any_of(whole.begin(), whole.end(), [&](auto n) { return text::equal_nocase(n, name); }) ||
           std::any_of(starts.begin(), starts.end(), [&](auto n) { return text::starts_with_nocase(name, n); });
}

/// A line without a colon: rubbish inside the header if a usual field follows it, else the first line of the body.
bool header_goes_on(std::string_view raw, std::size_t next_line)
{
    constexpr int most_continuations = 10;
    for (int i = 0; i <= most_continuations; ++i) {
        const Line next = read_line(raw, next_line);
        const auto line = raw.substr(next.begin, next.text_end - next.begin);
        if (line.empty() || !is_blank(line.front())) return is_usual_name(line.substr(0, name_length(line)));
        next_line = next.next;
    }
    return false;
}

class Reader {
public:
    Reader(std::string_view raw, std::size_t begin, const ScanLimits& limits, std::vector<Field>& fields, Notes& notes)
        : raw_{raw}, begin_{begin}, limits_{limits}, fields_{fields}, notes_{notes}
    {
    }

    Block read(const Delimiters* delimiters)
    {
        for (std::size_t at = begin_; at < raw_.size();) {
            const Line line = read_line(raw_, at);
            const auto text = raw_.substr(line.begin, line.text_end - line.begin);
            notes_.bare_cr |= line.next - line.text_end == 1 && raw_[line.text_end] == '\r';
            if (text.empty()) return finish(at, line.next);
            if (delimiters != nullptr && text.starts_with("--") && delimiters->ends_part(text)) return finish(at, at);
            if (!take(line, text)) {
                notes_.no_separator = true;
                return finish(at, at);
            }
            at = line.next;
        }
        return finish(raw_.size(), raw_.size());
    }

private:
    /// False where the body begins with this line.
    bool take(const Line& line, std::string_view text)
    {
        if (is_blank(text.front())) {
            notes_.stray_line |= !open_;
            return true;
        }
        const std::size_t name = name_length(text);
        if (name == 0) {
            if (!resembles_field(text) && (count_ == 0 || !header_goes_on(raw_, line.next))) return false;
            notes_.stray_line = true;
        }
        close(line.begin);
        open_ = true;
        name_ = text.substr(0, name);
        field_begin_ = line.begin;
        ++count_;
        return true;
    }

    void close(std::size_t end)
    {
        if (!open_) return;
        open_ = false;
        if (fields_.size() >= limits_.fields || field_begin_ - begin_ >= limits_.header_bytes) {
            notes_.too_large = true;
            return;
        }
        const auto bytes = raw_.substr(field_begin_, end - field_begin_);
        fields_.push_back({name_, body_of(bytes), bytes});
    }

    std::string_view body_of(std::string_view bytes)
    {
        auto body = bytes;
        if (!name_.empty()) body.remove_prefix(body.find(':') + 1);
        while (!body.empty() && text::is_space(body.front())) body.remove_prefix(1);
        while (!body.empty() && (body.back() == '\r' || body.back() == '\n')) body.remove_suffix(1);
        if (body.size() > limits_.field_bytes) {
            notes_.field_too_long = true;
            body = body.substr(0, limits_.field_bytes);
        }
        return body;
    }

    Block finish(std::size_t end, std::size_t body_begin)
    {
        close(end);
        return {end, body_begin};
    }

    std::string_view raw_;
    std::size_t begin_;
    const ScanLimits& limits_;
    std::vector<Field>& fields_;
    Notes& notes_;
    bool open_ = false;
    std::string_view name_;
    std::size_t field_begin_ = 0;
    std::size_t count_ = 0;
};

}  // namespace

Line read_line(std::string_view raw, std::size_t begin)
{
    std::size_t end = begin;
    while (end < raw.size() && raw[end] != '\n' && raw[end] != '\r') ++end;
    const auto rest = raw.substr(end, 3);
    const std::size_t width = rest.starts_with("\r\n") ? 2 : rest.starts_with("\r\r\n") ? 3 : rest.empty() ? 0 : 1;
    return {begin, end, end + width};
}

Block read_block(std::string_view raw, std::size_t begin, const ScanLimits& limits, const Delimiters* delimiters,
                 std::vector<Field>& fields, Notes& notes)
{
    return Reader{raw, begin, limits, fields, notes}.read(delimiters);
}

}  // namespace header

std::vector<Field> scan_header(std::string_view raw_header, const ScanLimits& limits)
{
    std::vector<Field> fields;
    header::Notes notes;
    header::read_block(raw_header, 0, limits, nullptr, fields, notes);
    return fields;
}

const Field* find_field(const std::vector<Field>& fields, std::string_view name)
{
    const auto at = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return text::equal_nocase(f.name, name); });
    return at == fields.end() ? nullptr : &*at;
}

std::vector<const Field*> find_fields(const std::vector<Field>& fields, std::string_view name)
{
    std::vector<const Field*> found;
    for (const Field& field : fields)
        if (text::equal_nocase(field.name, name)) found.push_back(&field);
    return found;
}

std::string field_text(const std::vector<Field>& fields, std::string_view name)
{
    const Field* field = find_field(fields, name);
    return field == nullptr ? std::string{} : std::string{text::trim(text::decode_words(field->body))};
}

}  // namespace majlis
