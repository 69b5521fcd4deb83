#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What people ask the archive: `word "a phrase" -without from:anna subject:budget list:rabat before:2026-02 has:attachment`.
namespace majlis::archive {

/// Where a term is looked for; `anywhere` is subject, author, file names, own text and quoted text, ranked in this order.
enum class In { anywhere, subject, author };

struct Term {
    std::vector<std::string> words;  ///< folded (fold.hpp), never empty; several stand side by side in the text
    In in = In::anywhere;
    enum class Sense { wanted, unwanted } sense = Sense::wanted;
    enum class Ending { exact, open } ending = Ending::exact;  ///< open: "word*", its last word may go on
};

/// What could not be understood, or can not be done, and was left aside.
struct Problem {
    enum class Kind {
        date,          ///< about: "before" or "after"
        has,           ///< another word behind it than has:attachment
        exclusion,     ///< '-' before a filter
        no_list,       ///< list: without a name
        unknown_list,  ///< about: its name
        many_lists,
        many_words,
        nothing_asked
    } kind = Kind::nothing_asked;
    std::string about;
    friend bool operator==(const Problem&, const Problem&) = default;
};

/// For the terminal, in English: "before: wants a date such as 2026-01-31".
std::string problem_text(const Problem& problem);

/// The phrase that tells it in a letter; its value is {{about}}.
std::string_view problem_phrase(const Problem& problem);

struct Query {
    std::vector<Term> terms;             ///< all of them must be fulfilled
    std::vector<std::string> lists;      ///< names or addresses as written: a post on any of them
    std::optional<std::int64_t> after;   ///< Unix seconds: sent at or after
    std::optional<std::int64_t> before;  ///< sent before
    bool with_attachment = false;
    std::vector<Problem> problems;
};

/// Never fails, whatever is written; linear; at most 32 terms, of at most 16 words, are read. Keywords are understood in English,
/// French and Arabic (de:, liste:, avant:, apres:, objet:), dates as YYYY, YYYY-MM or YYYY-MM-DD (UTC).
Query parse_query(std::string_view text);

/// Nothing is asked: no term and no filter.
bool is_empty(const Query& query);

/// FTS5's MATCH expression for the terms; where none is wanted, for every post without the unwanted ones. Quoted words and
/// operators of our own alone: no input can be a syntax error.
std::string match_expression(const Query& query);

}  // namespace majlis::archive
