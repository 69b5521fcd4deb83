#include "core/archive/subject.hpp"

#include <array>

#include "core/archive/fold.hpp"
#include "core/text/ascii.hpp"

namespace majlis::archive {
namespace {

constexpr std::size_t longest_subject = 500;  // bytes that are looked at
constexpr std::size_t longest_tag = 40;

constexpr std::array<std::string_view, 12> reply_words{
    "re", "rep", "reponse", "aw", "sv", "vs", "antw", "rif", "res", "odp", "\u0631\u062f", "\u0627\u0644\u0631\u062f"};

bool is_reply_word(std::string_view folded)
{
    for (const auto word : reply_words)
        if (word == folded) return true;
    return false;
}

/// Bytes of "Re:", "Re[2] :" at the start, else 0.
std::size_t reply_prefix(std::string_view text)
{
    const auto word = next_word(text, 0);
    if (word.folded.empty() || !is_reply_word(word.folded)) return 0;
    std::size_t at = word.end;
    if (at < text.size() && (text[at] == '[' || text[at] == '(')) {
        while (at < text.size() && at < word.end + 6 && text[at] != ']' && text[at] != ')') ++at;
        if (at < text.size()) ++at;
    }
    while (at < text.size() && !text::is_letter(text[at]) && text[at] != ':' && at < word.end + 8) ++at;
    if (at < text.size() && text[at] == ':') return at + 1;
    constexpr std::string_view wide_colon = "\uff1a";
    return text.substr(word.end).starts_with(wide_colon) ? word.end + wide_colon.size() : 0;
}

/// Bytes of "[tag]" at the start, else 0; a subject that is nothing but brackets keeps them.
std::size_t tag_prefix(std::string_view text)
{
    if (!text.starts_with('[')) return 0;
    const auto end = text.find(']');
    if (end == std::string_view::npos || end > longest_tag || next_word(text, end).folded.empty()) return 0;
    return end + 1;
}

}  // namespace

SubjectKey subject_key(std::string_view subject)
{
    SubjectKey key;
    auto rest = subject.substr(0, longest_subject);
    for (;;) {
        rest = text::trim(rest);
        if (const auto tag = tag_prefix(rest); tag != 0) {
            rest.remove_prefix(tag);
        } else if (const auto reply = reply_prefix(rest); reply != 0) {
            rest.remove_prefix(reply);
            key.kind = SubjectKey::Kind::reply;
        } else {
            break;
        }
    }
    key.words = fold_text(rest, longest_subject);
    return key;
}

}  // namespace majlis::archive
