#pragma once
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/failure.hpp"

namespace majlis::cli {

class Context;

/// How a parameter is written.
enum class Take {
    flag,      // --dry-run
    value,     // --reason TEXT
    needed,    // --address ADDRESS, which must be there
    word,      // LIST
    optional,  // [LIST]
    words,     // ADDRESS...
    any        // [KEY=VALUE...]
};

/// What a shell may offer for a parameter.
enum class Offer { nothing, lists, files };

/// One parameter of a verb: `--name` for options, an upper-case word for what is told by its place.
struct Param {
    std::string_view name;
    Take take = Take::word;
    std::string_view help;
    std::string_view placeholder = "";  // of an option's value: TEXT
    std::string_view choices = "";      // "each|daily|weekly|none": nothing else is allowed
    Offer offer = Offer::nothing;
};

/// What was given, by the name of the parameter.
class Args {
public:
    bool has(std::string_view name) const;
    /// The value, or `fallback` where it was not given.
    std::string get(std::string_view name, std::string_view fallback = "") const;
    const std::vector<std::string>& all(std::string_view name) const;
    void put(std::string_view name, std::vector<std::string> values);

private:
    std::map<std::string, std::vector<std::string>, std::less<>> given_;
};

/// One command. `noun` is empty for those of one word (status, check).
struct Verb {
    std::string_view noun;
    std::string_view name;
    std::string_view help;  // one line
    std::span<const Param> params;
    Exit (*run)(Context&);
    std::string_view more = "";  // further lines of its --help
    std::string title() const;   // "list create"
};

/// Parameters that several verbs share, so that they mean the same everywhere.
inline constexpr Param json_flag{"--json", Take::flag, "print JSON", "", "", Offer::nothing};
inline constexpr Param yes_flag{"--yes", Take::flag, "do not ask", "", "", Offer::nothing};
inline constexpr Param dry_run_flag{"--dry-run", Take::flag, "say what would be done, change nothing", "", "", Offer::nothing};
inline constexpr Param list_word{"LIST", Take::word, "name or address of a list", "", "", Offer::lists};

/// Every verb, in the order of the manual.
std::span<const Verb* const> all_verbs();
/// Nouns with one line of help each, in the order of the manual.
std::span<const std::pair<std::string_view, std::string_view>> all_nouns();
const Verb* find_verb(std::string_view noun, std::string_view name);

}  // namespace majlis::cli
