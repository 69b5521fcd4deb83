#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <span>
#include <string>

#include "core/compose/post_copy.hpp"
#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/words.hpp"

// The tag stands in front, once. Before it only what replies and earlier passages put there is moved or dropped: reply words
// (one "Re:" stays for all of them), the tag itself, and marks of direction. Forward words ("Fwd:") belong to the text, but not
// the tag behind one. The tag and the text may run in different directions: then the tag is isolated (U+2068 ... U+2069, UAX 9),
// so that it neither turns an Arabic subject left to right nor is torn apart by it. Where nothing but the tag is added, the
// author's encoded words stay as they are, with their charsets, sound or not.
namespace majlis {
namespace {

constexpr std::string_view isolate_begin = "\u2068", isolate_end = "\u2069";
constexpr std::size_t subject_column = 9;  // "Subject: "
constexpr std::size_t longest_tag = 62;    // bytes of a setting, and brackets

constexpr std::string_view reply_words[] = {"re",
                                            "aw",
                                            "sv",
                                            "tr",
                                            "antw",
                                            "rif",
                                            "odp",
                                            "r\u00e9",
                                            "res",
                                            "ynt",
                                            "vs",
                                            "\u0631\u062f",
                                            "\u56de\u590d",
                                            "\u7b54\u590d",
                                            "\u041e\u0442\u0432",
                                            "\u05d4\u05e9\u05d1"};

constexpr std::string_view forward_words[] = {"fwd", "fw", "wg", "enc"};

/// Spaces and marks of direction, which are invisible.
std::size_t skip_blank(std::string_view text)
{
    constexpr std::string_view marks[] = {"\u200e", "\u200f", "\u061c", "\u202a", "\u202b", "\u202c", "\u202d",
                                          "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u00a0", "\ufeff"};
    std::size_t at = 0;
    while (at < text.size()) {
        if (text::is_space(text[at])) {
            ++at;
            continue;
        }
        const auto here = text.substr(at);
        const auto mark =
            std::find_if(std::begin(marks), std::end(marks), [&](std::string_view m) { return here.starts_with(m); });
        if (mark == std::end(marks)) break;
        at += mark->size();
    }
    return at;
}

/// Bytes of "Re:", "RE :", "Re[2]:", "AW\uff1a" at the start, or 0.
std::size_t word_prefix(std::string_view text, std::span<const std::string_view> words)
{
    for (const std::string_view word : words) {
        if (!text::starts_with_nocase(text, word)) continue;
        std::size_t at = word.size();
        if (at < text.size() && (text[at] == '[' || text[at] == '(')) {
            std::size_t digits = at + 1;
            while (digits < text.size() && digits < at + 5 && text::is_digit(text[digits])) ++digits;
            if (digits > at + 1 && digits < text.size() && (text[digits] == ']' || text[digits] == ')')) at = digits + 1;
        }
        at += skip_blank(text.substr(at));
        if (text.substr(at).starts_with(':')) return at + 1;
        if (text.substr(at).starts_with("\uff1a")) return at + std::string_view{"\uff1a"}.size();
    }
    return 0;
}

/// A tag that is a bare word ends where the word does.
bool begins_with_tag(std::string_view text, std::string_view tag)
{
    if (!text::starts_with_nocase(text, tag)) return false;
    const auto part_of_word = [](char c) { return text::is_letter(c) || text::is_digit(c) || !text::is_ascii(c); };
    return text.size() == tag.size() || !part_of_word(tag.back()) || !part_of_word(text[tag.size()]);
}

struct Parsed {
    std::string rest;  // behind the replies and tags
    bool reply = false;
    bool tagged = false;
};

/// Bytes of another list's tag at the start, "[maroc]", or 0.
std::size_t other_tag(std::string_view text)
{
    if (!text.starts_with('[')) return 0;
    const std::size_t end = text.substr(0, longest_tag).find(']');
    return end == std::string_view::npos ? 0 : end + 1;
}

/// A discussion that goes from list to list has the tags of the others in front of ours: it is dropped there too, and of the
/// reply words between the tags the one in front stays, else each reply would add both.
void drop_behind_other_tags(Parsed& parsed, std::string_view tag)
{
    std::string others;
    bool reply = parsed.reply, tagged = false;
    std::string_view rest = parsed.rest;
    for (std::size_t length = 1; length > 0; rest.remove_prefix(length)) {
        rest.remove_prefix(skip_blank(rest));
        length = word_prefix(rest, reply_words);
        if (length > 0) {
            reply = true;
        } else if (begins_with_tag(rest, tag)) {
            length = tag.size();
            tagged = true;
        } else if ((length = other_tag(rest)) > 0) {
            others.append(rest.substr(0, length)).append(" ");
        }
    }
    if (!tagged) return;
    parsed = {std::string{text::trim(others + std::string{rest})}, reply, true};
}

Parsed parse(std::string_view text, std::string_view tag)
{
    Parsed parsed;
    text.remove_prefix(skip_blank(text));
    while (!text.empty()) {
        std::size_t length = 0;
        if (begins_with_tag(text, tag)) {
            length = tag.size();
            parsed.tagged = true;
        } else {
            length = word_prefix(text, reply_words);
            parsed.reply = parsed.reply || length > 0;
        }
        if (length == 0) break;
        text.remove_prefix(length);
        text.remove_prefix(skip_blank(text));
    }
    parsed.rest = text::trim(text);
    drop_behind_other_tags(parsed, tag);
    const std::size_t forwarded = word_prefix(parsed.rest, forward_words);
    const std::string_view behind = std::string_view{parsed.rest}.substr(forwarded);
    const std::string_view inner = behind.substr(skip_blank(behind));
    if (forwarded > 0 && begins_with_tag(inner, tag)) {
        const std::string_view kept = text::trim(inner.substr(tag.size()));
        parsed.rest = parsed.rest.substr(0, forwarded) + " " + std::string{kept};
        parsed.tagged = true;
    }
    return parsed;
}

enum class Direction { none, left_to_right, right_to_left };

Direction first_strong(std::string_view utf8)
{
    const auto size = static_cast<std::int32_t>(std::min<std::size_t>(utf8.size(), 4096));
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(utf8.data());
    for (std::int32_t i = 0; i < size;) {
        UChar32 c = 0;
        U8_NEXT(bytes, i, size, c);
        if (c < 0) continue;
        switch (u_charDirection(c)) {
            case U_LEFT_TO_RIGHT:
                return Direction::left_to_right;
            case U_RIGHT_TO_LEFT:
            case U_RIGHT_TO_LEFT_ARABIC:
                return Direction::right_to_left;
            default:
                break;
        }
    }
    return Direction::none;
}

std::string isolated(std::string_view front, std::string_view text)
{
    const Direction ours = first_strong(front), theirs = first_strong(text);
    const bool differ = ours != Direction::none && theirs != Direction::none && ours != theirs;
    return differ ? std::string{isolate_begin} + std::string{front} + std::string{isolate_end} : std::string{front};
}

std::string_view no_subject(std::string_view language)
{
    if (language == "fr") return "(sans objet)";
    if (language == "ar") return "(\u0628\u062f\u0648\u0646 \u0645\u0648\u0636\u0648\u0639)";
    return "(no subject)";
}

/// The tag in front of the body as it stands.
std::string in_front(std::string_view raw, std::string_view tag)
{
    const std::string_view body = text::trim(raw);
    const std::string front = text::encode_words(tag, subject_column);
    const std::size_t last_line = front.size() - (front.rfind('\n') == std::string::npos ? 0 : front.rfind('\n'));
    const std::size_t first_line = std::min(body.find_first_of("\r\n"), body.size());
    const bool fits = subject_column + last_line + 1 + first_line <= 76;
    return front + (fits ? " " : "\r\n ") + std::string{body};
}

}  // namespace

std::string tag_subject(std::string_view raw, std::string_view tag_setting, std::string_view language)
{
    const std::string_view tag = text::trim(tag_setting);
    const std::string decoded = text::decode_words(raw);
    const std::string_view text = text::trim(decoded);
    if (tag.empty()) return std::string{raw};
    const Parsed parsed = parse(text, tag);
    const std::string body{parsed.rest.empty() && !parsed.reply ? no_subject(language) : parsed.rest};
    const std::string whole = isolated(std::string{tag} + (parsed.reply ? " Re:" : ""), body) + (body.empty() ? "" : " ") + body;
    if (whole == text && text::is_ascii(raw)) return std::string{raw};  // it is there already
    const bool undecodable = decoded.find("=?") != std::string::npos;
    const bool only_in_front = !parsed.tagged && (!parsed.reply || undecodable) && !parsed.rest.empty();
    // White space between two encoded-words is not shown: such a tag and its text are encoded together, if they can be.
    const bool words_meet = text::trim(raw).starts_with("=?") && !text::is_ascii(isolated(tag, body)) && !undecodable;
    if (only_in_front && !words_meet && text::is_ascii(raw)) return in_front(raw, isolated(tag, body));
    return text::encode_words(whole, subject_column);
}

}  // namespace majlis
