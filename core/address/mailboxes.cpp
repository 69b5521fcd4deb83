#include "core/address/address.hpp"
#include "core/address/syntax.hpp"
#include "core/text/charset.hpp"
#include "core/text/words.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace majlis {

namespace {

constexpr std::size_t max_part = 1000;      ///< bytes of a local part or domain; what is longer is no address
constexpr std::size_t max_name = 1000;      ///< bytes of a display name, decoded
constexpr std::size_t max_angle = 3000;     ///< bytes between angle brackets, a route included
constexpr std::size_t max_word = 1000;      ///< bytes of an encoded-word that may hide commas
constexpr std::size_t max_comment = 10000;  ///< bytes of a comment

/// Where the quoted-string ends that begins at `at` (behind its last quote); nothing if it never does.
std::optional<std::size_t> end_of_quotes(std::string_view s, std::size_t at)
{
    for (std::size_t i = at + 1; i < s.size(); ++i) {
        if (s[i] == '\\')
            ++i;
        else if (s[i] == '"')
            return i + 1;
    }
    return {};
}

std::optional<std::size_t> end_of_comment(std::string_view s, std::size_t at)
{
    std::size_t depth = 0;
    for (std::size_t i = at; i < std::min(s.size(), at + max_comment); ++i) {
        if (s[i] == '\\')
            ++i;
        else if (s[i] == '(')
            ++depth;
        else if (s[i] == ')' && --depth == 0)
            return i + 1;
    }
    return {};
}

/// Behind an encoded-word that begins at `at`: "=?charset?q?Dubois,_Anne?=".
std::optional<std::size_t> end_of_word(std::string_view s, std::size_t at)
{
    const std::string_view window = s.substr(at, max_word);
    const std::size_t charset = window.find('?', 2);
    if (charset == std::string_view::npos || charset > 80 || charset + 2 >= window.size() || window[charset + 2] != '?')
        return {};
    const char encoding = text::lower(window[charset + 1]);
    if (encoding != 'q' && encoding != 'b') return {};
    const std::size_t end = window.find("?=", charset + 3);
    if (end == std::string_view::npos || window.substr(0, end).find_first_of(" \t<>\"") != std::string_view::npos) return {};
    return at + end + 2;
}

std::string without_quotes(std::string_view raw)
{
    std::string out;
    bool quoted = false;
    for (std::size_t i = 0; i < raw.size(); ++i) {
        if (quoted && raw[i] == '\\' && i + 1 < raw.size())
            out += raw[++i];
        else if (raw[i] == '"')
            quoted = !quoted;
        else
            out += raw[i];
    }
    return out;
}

std::string valid(std::string_view bytes) { return text::valid_utf8(bytes) ? std::string{bytes} : text::to_utf8(bytes, ""); }

/// Decoded, one line, one space between words.
std::string display_name(std::string_view raw)
{
    const std::string decoded = text::decode_words(raw.substr(0, max_name * 4));
    std::string out;
    for (const char c : decoded) {
        const bool space = text::is_space(c) || text::is_control(c);
        if (!space)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (out.size() > max_name) {
        std::size_t cut = max_name;
        while ((static_cast<unsigned char>(out[cut]) & 0xc0) == 0x80) --cut;
        out.resize(cut);
    }
    std::string_view name = text::trim(out);
    if (name.size() > 2 && name.front() == '\'' && name.back() == '\'') name = text::trim(name.substr(1, name.size() - 2));
    return std::string{name};
}

bool domain_character(char c)
{
    return text::is_letter(c) || text::is_digit(c) || !text::is_ascii(c) || c == '-' || c == '.' || c == '_';
}

/// Nothing that could break out of a header field or an SMTP command stands in a domain.
bool plausible_domain(std::string_view domain)
{
    if (domain.empty() || domain.size() > max_part || domain.front() == '.') return false;
    if (domain.front() != '[') return std::all_of(domain.begin(), domain.end(), domain_character);
    if (domain.size() < 3 || domain.back() != ']') return false;
    domain = domain.substr(1, domain.size() - 2);
    return std::all_of(domain.begin(), domain.end(), [](char c) { return domain_character(c) || c == ':'; });
}

/// The last "@" outside quotes.
std::size_t find_at(std::string_view s)
{
    std::size_t at = std::string_view::npos;
    bool quoted = false;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (quoted && s[i] == '\\')
            ++i;
        else if (s[i] == '"')
            quoted = !quoted;
        else if (s[i] == '@' && !quoted)
            at = i;
    }
    return at;
}

/// No white space outside quotes, no control character anywhere: nothing else in this file lets one into an Address.
std::string without_spaces(std::string_view s)
{
    std::string out;
    bool quoted = false;
    for (std::size_t i = 0; i < s.size(); ++i) {
        if (s[i] == '"') quoted = !quoted;
        if (quoted && s[i] == '\\' && i + 1 < s.size()) out += s[i++];
        if (!text::is_control(s[i]) && (quoted || s[i] != ' ')) out += s[i];
    }
    return out;
}

/// An addr-spec as found in the wild: with a route, "mailto:", spaces, or in single quotes.
std::optional<Address> read_address(std::string_view raw)
{
    if (raw.size() > 2 * max_angle) return {};
    std::string spec = without_spaces(valid(text::trim(raw)));
    if (const std::size_t colon = spec.find(':'); spec.starts_with('@') && colon != std::string::npos) spec.erase(0, colon + 1);
    if (text::starts_with_nocase(spec, "mailto:")) spec.erase(0, 7);
    if (spec.size() > 2 && spec.front() == '\'' && spec.back() == '\'') spec = spec.substr(1, spec.size() - 2);
    const std::size_t at = find_at(spec);
    if (at == std::string::npos || at == 0) return {};
    Address address{without_quotes(std::string_view{spec}.substr(0, at)), spec.substr(at + 1)};
    if (address.domain.ends_with('.')) address.domain.pop_back();
    if (address.local.empty() || address.local.size() > max_part || !plausible_domain(address.domain)) return {};
    return address;
}

/// One pass over a field body. Text is gathered until a separator; brackets, quotes and comments are taken whole.
class Scanner {
public:
    explicit Scanner(std::string_view body) : s_{body} {}

    std::vector<Mailbox> scan()
    {
        while (i_ < s_.size() && out_.size() < max_mailboxes) step(s_[i_]);
        if (out_.size() < max_mailboxes) flush();
        return std::move(out_);
    }

private:
    void step(char c)
    {
        switch (c) {
            case '"':
                return take_quotes();
            case '(':
                return take_comment();
            case '<':
                return take_angle();
            case ',':
            case ';':
                ++i_;
                return flush();
            case ':':
                return take_colon();
            case '>':
                ++i_;
                return;
            case '=':
                if (s_.substr(i_).starts_with("=?")) return take_word();
                break;
            default:
                break;
        }
        add(c);
        ++i_;
    }

    void add(char c)
    {
        if (!text::is_space(c) && !text::is_control(c))
            text_ += c;
        else if (!text_.empty() && text_.back() != ' ')
            text_ += ' ';
    }

    /// The source text of a quoted-string, its control characters blanked; without an end it is a quote among the text.
    void take_quotes()
    {
        const auto end = quotes_end_ ? end_of_quotes(s_, i_) : std::nullopt;
        if (!end) {
            quotes_end_ = false;
            ++i_;
            return;
        }
        for (const char c : s_.substr(i_, *end - i_)) {
            if (c != '\r' && c != '\n') text_ += text::is_control(c) ? ' ' : c;
        }
        i_ = *end;
    }

    void take_comment()
    {
        const auto end = comments_end_ ? end_of_comment(s_, i_) : std::nullopt;
        if (!end) {
            comments_end_ = false;
            add(s_[i_++]);
            return;
        }
        const std::string_view inside = s_.substr(i_ + 1, *end - i_ - 2);
        if (!text::trim(inside).empty()) comment_ = inside;
        i_ = *end;
        if (!text_.empty() && text_.back() != '.' && text_.back() != '@') add(' ');
    }

    void take_word()
    {
        const std::size_t end = end_of_word(s_, i_).value_or(i_ + 2);
        for (const char c : s_.substr(i_, end - i_)) text_ += text::is_control(c) ? ' ' : c;
        i_ = end;
    }

    /// "<" without ">" ends where the next mailbox seems to begin.
    void take_angle()
    {
        if (angle_ && !text::trim(*angle_).empty()) flush();
        const std::size_t begin = ++i_;
        const std::size_t limit = std::min(s_.size(), begin + max_angle);
        bool quoted = false;
        for (std::size_t i = begin; i < limit; ++i) {
            if (quoted && s_[i] == '\\')
                ++i;
            else if (s_[i] == '"')
                quoted = !quoted;
            else if (!quoted && s_[i] == '<')
                break;
            else if (!quoted && s_[i] == '>')
                return set_angle(i, i + 1);
        }
        const std::size_t end = std::min(s_.find_first_of(",;<>", begin), s_.size());
        set_angle(end, end);
    }

    void set_angle(std::size_t end, std::size_t next)
    {
        angle_.emplace();
        for (const char c : s_.substr(i_, end - i_)) {
            if (!text::is_control(c)) *angle_ += c;
        }
        i_ = next;
    }

    /// What stands before a colon is the name of a group, or "mailto".
    void take_colon()
    {
        ++i_;
        if (angle_ || find_at(text_) != std::string::npos)
            add(':');
        else
            text_.clear();
    }

    void flush()
    {
        const std::string raw = std::exchange(text_, {});
        const auto angle = std::exchange(angle_, {});
        const std::string comment = std::exchange(comment_, {});
        Mailbox mailbox;
        if (angle) {
            if (auto address = read_address(*angle)) mailbox.address = std::move(*address);
            mailbox.name = display_name(without_quotes(raw));
        } else {
            read_bare(raw, mailbox);
        }
        if (mailbox.name.empty()) mailbox.name = display_name(without_escapes(comment));
        if (mailbox.name.empty() && mailbox.address.local.empty() && angle) mailbox.name = display_name(*angle);
        if (!mailbox.name.empty() || !mailbox.address.local.empty()) out_.push_back(std::move(mailbox));
    }

    /// No brackets: the word with the "@" is the address, the others are a name; a lone word may be a local user.
    static void read_bare(const std::string& raw, Mailbox& mailbox)
    {
        const std::string_view text = text::trim(raw);
        const std::size_t at = find_at(text);
        if (at != std::string_view::npos) {
            const auto [begin, end] = word_around(text, at);
            if (auto address = read_address(text.substr(begin, end - begin))) {
                mailbox.address = std::move(*address);
                mailbox.name = display_name(without_quotes(std::string{text.substr(0, begin)}.append(text.substr(end))));
                return;
            }
        }
        if (!text.empty() && text.size() <= max_part &&
            std::all_of(text.begin(), text.end(), [](char c) { return address::is_atom(c) || c == '.'; }) &&
            text.find("=?") == std::string_view::npos) {
            mailbox.address.local = valid(text);
        } else {
            mailbox.name = display_name(without_quotes(text));
        }
    }

    /// The word that holds position `at`; spaces next to the "@" belong to it ("a @ b"), and so do quotes.
    static std::pair<std::size_t, std::size_t> word_around(std::string_view s, std::size_t at)
    {
        std::size_t end = at + 1;
        while (end < s.size() && s[end] == ' ') ++end;
        while (end < s.size() && s[end] != ' ') ++end;
        std::size_t last = at;
        while (last > 0 && s[last - 1] == ' ') --last;
        std::size_t begin = 0;  // of the word that ends at `last`
        bool quoted = false;
        for (std::size_t i = 0; i < last; ++i) {
            if (quoted && s[i] == '\\')
                ++i;
            else if (s[i] == '"')
                quoted = !quoted;
            else if (s[i] == ' ' && !quoted)
                begin = i + 1;
        }
        return {begin, end};
    }

    static std::string without_escapes(std::string_view comment)
    {
        std::string out;
        for (std::size_t i = 0; i < comment.size(); ++i) {
            if (comment[i] == '\\' && i + 1 < comment.size()) ++i;
            out += comment[i];
        }
        return out;
    }

    std::string_view s_;
    std::size_t i_ = 0;
    std::string text_;                  ///< what stands outside brackets and comments, quotes kept
    std::optional<std::string> angle_;  ///< what stood in angle brackets
    std::string comment_;
    bool quotes_end_ = true, comments_end_ = true;  ///< false once an end was looked for in vain: the time stays linear
    std::vector<Mailbox> out_;
};

}  // namespace

std::vector<Mailbox> parse_mailboxes(std::string_view field_body) { return Scanner{field_body}.scan(); }

}  // namespace majlis
