#include "core/archive/query.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include "core/archive/fold.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::archive {
namespace {

constexpr std::size_t most_terms = 32, most_words = 16, most_lists = 16;
constexpr std::size_t shortest_open = 3;  // bytes before the star of "reu*"

enum class Keyword { none, from, subject, list, after, before, has };

struct Spelling {
    std::string_view word;  // folded
    Keyword keyword;
};
constexpr std::array<Spelling, 19> spellings{{
    {"from", Keyword::from},
    {"de", Keyword::from},
    {"\u0645\u0646", Keyword::from},
    {"subject", Keyword::subject},
    {"objet", Keyword::subject},
    {"sujet", Keyword::subject},
    {"\u0645\u0648\u0636\u0648\u0639", Keyword::subject},
    {"list", Keyword::list},
    {"liste", Keyword::list},
    {"\u0642\u0627\u064a\u0645\u0647", Keyword::list},
    {"\u0644\u0627\u064a\u062d\u0647", Keyword::list},
    {"after", Keyword::after},
    {"since", Keyword::after},
    {"apres", Keyword::after},
    {"\u0628\u0639\u062f", Keyword::after},
    {"before", Keyword::before},
    {"avant", Keyword::before},
    {"\u0642\u0628\u0644", Keyword::before},
    {"has", Keyword::has},
}};
constexpr std::array<std::string_view, 8> attachment_words{
    "attachment", "attachments", "file", "piece", "pieces", "fichier", "\u0645\u0631\u0641\u0642", "\u0645\u0644\u0641"};

Keyword keyword_of(std::string_view word)
{
    const auto folded = fold_words(word);
    if (folded.size() != 1) return Keyword::none;
    const auto found = std::ranges::find_if(spellings, [&](const Spelling& s) { return s.word == folded.front(); });
    return found == spellings.end() ? Keyword::none : found->keyword;
}

std::optional<int> number(const std::string& digits)
{
    if (digits.empty() || digits.size() > 4 || !std::ranges::all_of(digits, text::is_digit)) return std::nullopt;
    int value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
}

/// The first second of a year, month or day.
std::optional<std::int64_t> date(std::string_view value)
{
    const auto parts = fold_words(value);
    if (parts.empty() || parts.size() > 3) return std::nullopt;
    std::array<int, 3> numbers{0, 1, 1};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const auto part = number(parts[i]);
        if (!part) return std::nullopt;
        numbers.at(i) = *part;
    }
    const std::chrono::year_month_day day{std::chrono::year{numbers[0]}, std::chrono::month{static_cast<unsigned>(numbers[1])},
                                          std::chrono::day{static_cast<unsigned>(numbers[2])}};
    if (!day.ok() || numbers[0] < 1970) return std::nullopt;
    return std::chrono::sys_days{day}.time_since_epoch() / std::chrono::seconds{1};
}

using Kind = Problem::Kind;

class Parser {
public:
    explicit Parser(std::string_view text) : text_{text} {}

    Query parse()
    {
        for (skip_spaces(); at_ < text_.size(); skip_spaces()) piece();
        return std::move(query_);
    }

private:
    void skip_spaces()
    {
        while (at_ < text_.size() && text::is_space(text_[at_])) ++at_;
    }

    void piece()
    {
        auto sense = Term::Sense::wanted;
        if (text_[at_] == '-' && at_ + 1 < text_.size() && !text::is_space(text_[at_ + 1])) {
            sense = Term::Sense::unwanted;
            ++at_;
        }
        const auto keyword = take_keyword();
        take(keyword, take_value(), sense);
    }

    /// "from:" with something behind it.
    Keyword take_keyword()
    {
        constexpr std::size_t longest = 32;
        for (std::size_t end = at_; end < text_.size() && end < at_ + longest; ++end) {
            const char c = text_[end];
            if (text::is_space(c) || c == '"') return Keyword::none;
            if (c != ':') continue;
            const auto word = text_.substr(at_, end - at_);
            const auto keyword = keyword_of(word);
            if (keyword == Keyword::none) return keyword;
            keyword_word_ = word;
            at_ = end + 1;
            return keyword;
        }
        return Keyword::none;
    }

    /// Up to a space, or within quotes of any kind; the closing one may be missing.
    std::string_view take_value()
    {
        constexpr std::array<std::pair<std::string_view, std::string_view>, 3> quotes{
            {{"\"", "\""}, {"\u00ab", "\u00bb"}, {"\u201c", "\u201d"}}};
        for (const auto& [open, close] : quotes) {
            if (!text_.substr(at_).starts_with(open)) continue;
            const auto begin = at_ + open.size();
            const auto end = std::min(text_.find(close, begin), text_.size());
            at_ = std::min(end + close.size(), text_.size());
            return text_.substr(begin, end - begin);
        }
        const auto begin = at_;
        while (at_ < text_.size() && !text::is_space(text_[at_])) ++at_;
        return text_.substr(begin, at_ - begin);
    }

    void take(Keyword keyword, std::string_view value, Term::Sense sense)
    {
        switch (keyword) {
            case Keyword::none:
                return term(value, In::anywhere, sense);
            case Keyword::from:
                return term(value, In::author, sense);
            case Keyword::subject:
                return term(value, In::subject, sense);
            default:
                break;
        }
        if (sense == Term::Sense::unwanted) return complain(Kind::exclusion);
        if (keyword == Keyword::list) return list(value);
        if (keyword == Keyword::has) return has(value);
        const auto when = date(value);
        if (!when) return complain(Kind::date, std::string{keyword_word_});
        (keyword == Keyword::before ? query_.before : query_.after) = when;
    }

    void term(std::string_view value, In in, Term::Sense sense)
    {
        Term term;
        term.in = in;
        term.sense = sense;
        // What stands behind the words that are read need not be folded.
        for (std::size_t at = 0; at < value.size() && term.words.size() < most_words;) {
            auto word = next_word(value, at);
            if (word.folded.empty()) break;
            at = word.end;
            term.words.push_back(std::move(word.folded));
        }
        if (term.words.empty()) return;
        if (value.ends_with('*') && term.words.back().size() >= shortest_open) term.ending = Term::Ending::open;
        if (query_.terms.size() >= most_terms) return complain(Kind::many_words);
        query_.terms.push_back(std::move(term));
    }

    void list(std::string_view value)
    {
        const auto name = text::lowered(text::trim(value));
        if (name.empty()) return complain(Kind::no_list);
        if (query_.lists.size() >= most_lists) return complain(Kind::many_lists);
        query_.lists.push_back(name);
    }

    void has(std::string_view value)
    {
        const auto words = fold_words(value.substr(0, 64));
        if (words.size() == 1 && std::ranges::find(attachment_words, words.front()) != attachment_words.end())
            query_.with_attachment = true;
        else
            complain(Kind::has);
    }

    void complain(Kind kind, std::string about = {})
    {
        Problem problem{kind, std::move(about)};
        if (std::ranges::find(query_.problems, problem) == query_.problems.end()) query_.problems.push_back(std::move(problem));
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string_view keyword_word_;  // as it was written, in whatever language
    Query query_;
};

std::string expression_of(const Term& term)
{
    std::string out;
    switch (term.in) {
        case In::anywhere:
            out = "{subject author files body quoted} : \"";
            break;
        case In::subject:
            out = "{subject} : \"";
            break;
        case In::author:
            out = "{author} : \"";
            break;
    }
    for (const auto& word : term.words) out.append(out.back() == '"' ? "" : " ").append(word);
    out += '"';
    if (term.ending == Term::Ending::open) out += " *";
    return out;
}

}  // namespace

std::string problem_text(const Problem& problem)
{
    switch (problem.kind) {
        case Kind::date:
            return problem.about + ": wants a date such as 2026-01-31, 2026-01 or 2026";
        case Kind::has:
            return "has: knows only \"has:attachment\"";
        case Kind::exclusion:
            return "only words, from: and subject: can be left out with '-'";
        case Kind::no_list:
            return "list: wants the name of a list";
        case Kind::unknown_list:
            return "list:" + problem.about + ": there is no archive of this name to read";
        case Kind::many_lists:
            return "only the first 16 lists are looked through";
        case Kind::many_words:
            return "only the first 32 words are looked for";
        case Kind::nothing_asked:
            break;
    }
    return "nothing is asked: give words to look for";
}

std::string_view problem_phrase(const Problem& problem)
{
    switch (problem.kind) {
        case Kind::date:
            return "archive-problem-date";
        case Kind::has:
            return "archive-problem-has";
        case Kind::exclusion:
            return "archive-problem-exclusion";
        case Kind::no_list:
            return "archive-problem-no-list";
        case Kind::unknown_list:
            return "archive-problem-unknown-list";
        case Kind::many_lists:
            return "archive-problem-many-lists";
        case Kind::many_words:
            return "archive-problem-many-words";
        case Kind::nothing_asked:
            break;
    }
    return "archive-problem-nothing";
}

Query parse_query(std::string_view text)
{
    constexpr std::size_t longest = 4'096;  // bytes
    return Parser{text.substr(0, longest)}.parse();
}

bool is_empty(const Query& query)
{
    return query.terms.empty() && query.lists.empty() && !query.after && !query.before && !query.with_attachment;
}

std::string match_expression(const Query& query)
{
    std::string wanted, unwanted;
    for (const Term& term : query.terms) {
        std::string& side = term.sense == Term::Sense::wanted ? wanted : unwanted;
        const std::string_view joint = term.sense == Term::Sense::wanted ? " AND " : " OR ";
        side.append(side.empty() ? "" : joint).append(expression_of(term));
    }
    if (wanted.empty()) wanted = "{tags} : \"all\"";
    if (unwanted.empty()) return wanted;
    return "(" + wanted + ") NOT (" + unwanted + ")";
}

}  // namespace majlis::archive
