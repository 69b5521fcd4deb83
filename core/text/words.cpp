#include "core/text/words.hpp"

#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/charset_names.hpp"
#include "core/text/codec.hpp"

#include <algorithm>
#include <optional>

namespace majlis::text {

namespace {

constexpr std::size_t max_charset_bytes = 80;

/// One encoded-word, not yet decoded.
struct Word {
    std::string_view charset, text, raw;
    char encoding = 'q';
};

bool hex_digit(char c) { return is_digit(c) || (lower(c) >= 'a' && lower(c) <= 'f'); }

/// Finds the "?=" that ends a word. In Q some write a bare "?" before an escape ("oui?=20non?="): two hex digits behind it say
/// that the word goes on, if it ends at all. `last_end` is the last "?=" of the field, found once.
std::size_t find_end(std::string_view s, std::size_t from, char encoding, std::size_t last_end)
{
    std::size_t end = s.find("?=", from);
    while (end != std::string_view::npos && encoding == 'q' && end < last_end && end + 3 < s.size() && hex_digit(s[end + 2]) &&
           hex_digit(s[end + 3])) {
        end = s.find("?=", end + 2);
    }
    return end;
}

/// The word that begins at `at`, where "=?" stands.
std::optional<Word> read_word(std::string_view s, std::size_t at, std::size_t last_end)
{
    const std::size_t mark = s.substr(at + 2, max_charset_bytes).find('?');
    if (mark == std::string_view::npos || mark == 0) return {};
    Word word;
    word.charset = s.substr(at + 2, mark);
    if (word.charset.find_first_of(" \t\"<>=") != std::string_view::npos) return {};
    word.charset = word.charset.substr(0, word.charset.find('*'));  // RFC 2231, 5: a language
    const std::size_t encoding = at + 2 + mark + 1;
    if (encoding + 1 >= s.size() || s[encoding + 1] != '?') return {};
    word.encoding = lower(s[encoding]);
    if (word.encoding != 'q' && word.encoding != 'b') return {};
    const std::size_t begin = encoding + 2;
    if (last_end == std::string_view::npos || last_end < begin) return {};
    const std::size_t end = find_end(s, begin, word.encoding, last_end);
    if (end == std::string_view::npos) return {};
    word.text = s.substr(begin, end - begin);
    word.raw = s.substr(at, end + 2 - at);
    return word;
}

/// The Q encoding: an underscore is a space, and white space at the end counts.
std::string decode_q(std::string_view text)
{
    std::string body{text};
    std::replace(body.begin(), body.end(), '_', ' ');
    const std::size_t blank = body.size() - (body.find_last_not_of(" \t") + 1);
    return decode_quoted_printable(body).append(blank, ' ');
}

std::size_t base64_characters(std::string_view text)
{
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !is_space(c); }));
}

/// Collects decoded text; runs of words in one charset and encoding are kept as bytes until the run ends, because encoders cut
/// words in the middle of a character, and some in the middle of a base64 group.
class Decoder {
public:
    void plain(std::string_view text)
    {
        flush();
        out_ += is_ascii(text) ? std::string{text} : to_utf8(text, "");
    }

    void word(const Word& word)
    {
        if (word.encoding != encoding_ || !equal_nocase(word.charset, charset_)) flush();
        charset_ = word.charset;
        encoding_ = word.encoding;
        if (word.encoding == 'q') {
            bytes_ += decode_q(word.text);
            return;
        }
        const std::size_t characters = base64_characters(word.text);
        const bool cut = base64_.size() % 4 != 0 && !base64_.ends_with('=') && (base64_.size() + characters) % 4 == 0;
        if (!cut) flush_base64();
        for (const char c : word.text) {
            if (!is_space(c)) base64_ += c;
        }
    }

    std::string finish()
    {
        flush();
        for (char& c : out_) {
            if (c == '\r' || c == '\n' || c == '\0') c = ' ';
        }
        return std::move(out_);
    }

private:
    void flush_base64()
    {
        bytes_ += decode_base64(base64_);
        base64_.clear();
    }

    void flush()
    {
        flush_base64();
        if (!bytes_.empty()) out_ += to_utf8(bytes_, charset_);
        bytes_.clear();
        encoding_ = 0;
    }

    std::string out_, bytes_, base64_;
    std::string_view charset_;
    char encoding_ = 0;
};

bool blank(std::string_view s) { return std::all_of(s.begin(), s.end(), is_space); }

}  // namespace

std::string unfold(std::string_view field_body)
{
    std::string out;
    out.reserve(field_body.size());
    for (const char c : field_body) {
        if (c != '\r' && c != '\n') out += c;
    }
    return out;
}

std::string decode_words(std::string_view field_body)
{
    const std::string unfolded = unfold(field_body);
    const std::string_view s = unfolded;
    const std::size_t last_end = s.rfind("?=");
    Decoder decoder;
    bool after_word = false;
    std::size_t plain = 0;  // where the text begins that is not yet taken
    for (std::size_t at = s.find("=?"); at != std::string_view::npos;) {
        const auto word = read_word(s, at, last_end);
        if (!word || resolve_charset(word->charset).kind == CharsetName::Kind::unknown) {
            at = s.find("=?", at + (word ? word->raw.size() : 2));
            continue;
        }
        const std::string_view between = s.substr(plain, at - plain);
        if (!after_word || !blank(between)) decoder.plain(between);
        decoder.word(*word);
        after_word = true;
        plain = at + word->raw.size();
        at = s.find("=?", plain);
    }
    if (plain < s.size()) decoder.plain(s.substr(plain));
    return decoder.finish();
}

}  // namespace majlis::text
