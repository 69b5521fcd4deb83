#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/codec.hpp"
#include "core/text/words.hpp"

#include <algorithm>

namespace majlis::text {

namespace {

constexpr std::size_t line_limit = 76;
constexpr std::size_t word_limit = 75;
constexpr std::size_t token_limit = 900;  ///< a longer one would pass the 998 bytes of a line, so it is encoded as well
constexpr std::string_view word_begin_b = "=?UTF-8?B?", word_begin_q = "=?UTF-8?Q?", word_end = "?=";
constexpr std::size_t word_overhead = word_begin_b.size() + word_end.size();

/// Valid UTF-8 without control characters, which become spaces.
std::string clean(std::string_view text)
{
    std::string out = valid_utf8(text) ? std::string{text} : to_utf8(text, "");
    for (char& c : out) {
        if (is_control(c)) c = ' ';
    }
    return out;
}

/// Writes tokens and encoded-words, and keeps the column.
class Folder {
public:
    explicit Folder(std::size_t column) : column_{column} {}

    /// A token with the spaces before it; the fold goes before the last of them.
    void token(std::string_view spaces, std::string_view text)
    {
        if (!spaces.empty() && text.empty()) {
            put(spaces);
            return;
        }
        if (!spaces.empty() && column_ + spaces.size() + text.size() > line_limit) {
            put(spaces.substr(1));
            fold();
        } else {
            put(spaces);
        }
        put(text);
    }

    /// Encodes `text` in one encoding, in words cut between characters.
    void words(std::string_view text)
    {
        const bool q = q_size(text) <= text.size() * 2;  // readable where most letters are ASCII; Arabic goes shorter as B
        while (!text.empty()) {
            const std::size_t room = column_ < line_limit ? line_limit - column_ : 0;
            std::string_view part = take(text, std::min(room, word_limit), q);
            if (part.empty()) {
                move_to_next_line();
                part = take(text, word_limit, q);
            }
            put(q ? word_begin_q : word_begin_b);
            put(q ? encode_q(part) : encode_base64_line(part));
            put(word_end);
            text.remove_prefix(part.size());
            if (!text.empty()) fold();
        }
    }

    std::string finish() { return std::move(out_); }

private:
    void put(std::string_view s)
    {
        out_ += s;
        column_ += s.size();
    }

    void fold()
    {
        out_ += "\r\n ";
        column_ = 1;
    }

    /// Folds at the space just written, so that the text gains none; at the very beginning the line is long rather than empty.
    void move_to_next_line()
    {
        if (!out_.ends_with(' ')) return;
        out_.pop_back();
        fold();
    }

    /// RFC 2047, 5 (3): the characters that are safe in a phrase too.
    static bool q_plain(char c)
    {
        return is_letter(c) || is_digit(c) || c == ' ' || c == '!' || c == '*' || c == '+' || c == '-' || c == '/';
    }

    static std::size_t q_size(std::string_view s)
    {
        std::size_t size = 0;
        for (const char c : s) size += q_plain(c) ? 1 : 3;
        return size;
    }

    static std::string encode_q(std::string_view s)
    {
        constexpr std::string_view digits = "0123456789ABCDEF";
        std::string out;
        for (const char c : s) {
            if (q_plain(c)) {
                out += c == ' ' ? '_' : c;
                continue;
            }
            out += '=';
            out += digits[static_cast<unsigned char>(c) >> 4];
            out += digits[static_cast<unsigned char>(c) & 15];
        }
        return out;
    }

    /// As many whole characters as a word of `width` bytes can hold.
    static std::string_view take(std::string_view text, std::size_t width, bool q)
    {
        const std::size_t room = width > word_overhead ? width - word_overhead : 0;
        std::size_t taken = 0, q_used = 0;
        while (taken < text.size()) {
            const std::size_t length = std::max<std::size_t>(utf8_length(text.substr(taken)), 1);
            q_used += q_size(text.substr(taken, length));
            if (q ? q_used > room : (taken + length + 2) / 3 * 4 > room) break;
            taken += length;
        }
        return text.substr(0, taken);
    }

    std::string out_;
    std::size_t column_;
};

bool must_encode(std::string_view token)
{
    return !is_ascii(token) || token.find("=?") != std::string_view::npos || token.size() > token_limit;
}

struct Span {
    std::size_t begin = std::string_view::npos, end = 0;
};

/// From the first token that must be encoded to the end of the last one.
Span encoded_span(std::string_view text)
{
    Span span;
    std::size_t begin = 0;
    while (begin < text.size()) {
        const std::size_t end = std::min(text.find(' ', begin), text.size());
        if (must_encode(text.substr(begin, end - begin))) {
            span.begin = std::min(span.begin, begin);
            span.end = end;
        }
        begin = end + 1;
    }
    return span;
}

/// Many spaces in a row could fill lines with nothing: then all is encoded.
bool too_blank(std::string_view text) { return text.find(std::string(60, ' ')) != std::string_view::npos; }

void fold_ascii(Folder& folder, std::string_view text)
{
    while (!text.empty()) {
        const std::size_t token = std::min(text.find_first_not_of(' '), text.size());
        const std::size_t end = std::min(text.find(' ', token), text.size());
        folder.token(text.substr(0, token), text.substr(token, end - token));
        text.remove_prefix(end);
    }
}

bool atom_character(char c)
{
    constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~";
    return is_letter(c) || is_digit(c) || others.find(c) != std::string_view::npos;
}

std::string quoted(std::string_view text)
{
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

}  // namespace

std::string encode_words(std::string_view utf8, std::size_t column)
{
    const std::string cleaned = clean(utf8);
    const std::string_view text = cleaned;
    Folder folder{column};
    const Span span = too_blank(text) ? Span{0, text.size()} : encoded_span(text);
    if (span.begin >= span.end) {
        fold_ascii(folder, text);
        return folder.finish();
    }
    // The space before the first word stays outside it, where the word can be folded away from its line.
    std::string_view before = text.substr(0, span.begin);
    if (before.ends_with(' ')) {
        before.remove_suffix(1);
        fold_ascii(folder, before);
        folder.token(" ", "");
    }
    folder.words(text.substr(span.begin, span.end - span.begin));
    fold_ascii(folder, text.substr(span.end));
    return folder.finish();
}

std::string encode_phrase(std::string_view utf8)
{
    constexpr std::size_t column = 10;  // "Reply-To: " and its like stand before it
    const std::string cleaned = clean(utf8);
    const std::string_view text = trim(cleaned);
    if (text.empty()) return {};
    if (must_encode(text) || text.size() > token_limit || too_blank(text)) {
        Folder folder{column};
        folder.words(text);
        return folder.finish();
    }
    const bool atoms = std::all_of(text.begin(), text.end(), [](char c) { return atom_character(c) || c == ' '; });
    return atoms && text.find("  ") == std::string_view::npos ? std::string{text} : quoted(text);
}

}  // namespace majlis::text
