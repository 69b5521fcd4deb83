#include "core/archive/snippet.hpp"

#include <algorithm>

#include "core/archive/fold.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::archive {
namespace {

constexpr std::size_t before = 50, after = 120;  // bytes around the first word

class Wanted {
public:
    explicit Wanted(const Query& query)
    {
        for (const Term& term : query.terms) {
            if (term.sense == Term::Sense::unwanted || term.in != In::anywhere) continue;
            for (const auto& word : term.words) words_.push_back(word);
            if (term.ending == Term::Ending::open) beginnings_.push_back(term.words.back());
        }
    }
    bool holds(const std::string& word) const
    {
        return std::ranges::find(words_, word) != words_.end() ||
               std::ranges::any_of(beginnings_, [&](const std::string& begin) { return word.starts_with(begin); });
    }
    bool empty() const { return words_.empty(); }

private:
    std::vector<std::string> words_, beginnings_;
};

std::size_t first_match(std::string_view text, const Wanted& wanted)
{
    if (wanted.empty()) return 0;
    for (std::size_t at = 0; at < text.size();) {
        const auto word = next_word(text, at);
        if (word.folded.empty()) break;
        if (wanted.holds(word.folded)) return word.begin;
        at = word.end;
    }
    return 0;
}

bool within_character(std::string_view text, std::size_t at)
{
    return at < text.size() && (static_cast<unsigned char>(text[at]) & 0xc0) == 0x80;
}

/// Runs of white space become one space.
std::string one_line(std::string_view text)
{
    std::string out;
    for (const char c : text) {
        if (!text::is_space(c))
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    return out;
}

}  // namespace

Snippet snippet_of(std::string_view text, const Query& query)
{
    const Wanted wanted{query};
    const auto match = first_match(text, wanted);
    auto begin = match > before ? match - before : 0;
    while (begin > 0 && begin < match && !text::is_space(text[begin - 1])) ++begin;
    while (within_character(text, begin)) ++begin;
    // White space is bounded as well: twice as much is looked at as is shown.
    auto end = std::min(text.size(), match + 2 * after);
    while (within_character(text, end)) ++end;
    Snippet snippet;
    snippet.text = text::printable(text::trim(one_line(text.substr(begin, end - begin))), before + after);
    for (std::size_t at = 0; at < snippet.text.size();) {
        const auto word = next_word(snippet.text, at);
        if (word.folded.empty()) break;
        if (wanted.holds(word.folded)) snippet.marks.emplace_back(word.begin, word.end);
        at = word.end;
    }
    return snippet;
}

}  // namespace majlis::archive
