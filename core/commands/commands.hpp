#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/message/message.hpp"

/// Command lines out of a mail: pure, no lists, no database. English, French and Arabic words, in any letter case, with or
/// without accents, Arabic-Indic digits too.
namespace majlis::commands {

enum class Verb {
    join,
    leave,
    confirm,
    set_digest,
    set_mail,
    set_language,
    set_vacation,
    set_own,
    set_duplicates,
    set_notices,  ///< how a moderator hears of held posts
    alias_add,
    alias_remove,
    lists,
    whoami,
    why,
    help,
    archive,
    get,
    thread,
    end
};
/// The canonical words: "set digest", "alias add".
std::string_view verb_name(Verb verb);

/// One line. A line whose verb is known may still be wrong: then `wrong` says so, and it must not be run.
struct Line {
    std::string text;          ///< as it was written, one line of UTF-8; for the answer
    std::optional<Verb> verb;  ///< nullopt: not understood
    std::string argument;  ///< normalised: "daily", "plain", "fr", "on", a token, an address, "2026-12-31", an id; "" where none
                           ///< was given
    std::string address;   ///< of join: another address that is to be subscribed
    std::string format;    ///< of join: "mime" or "plain" digests; "" where he did not say
    std::string list;      ///< of join and leave: a word that must be the list's name or address; "" where there is none
    std::string language;  ///< "fr" or "ar" where its words were French or Arabic; else ""
    enum class Wrong { no, argument } wrong = Wrong::no;

    bool runs() const { return verb && wrong == Wrong::no; }
    /// The line in canonical words, which parse_line() reads the same way; for what is kept until it is confirmed.
    std::string canonical() const;
};

struct Commands {
    std::vector<Line> lines;               ///< in order, each command once
    std::vector<std::string> unprocessed;  ///< behind `end`, behind what was not understood, or too many
    std::string language;                  ///< of the first line that tells one
};

constexpr std::size_t most_lines = 25;         ///< commands of one mail
constexpr std::size_t most_strange_lines = 5;  ///< lines that are not understood, before reading ends
constexpr std::size_t most_unprocessed = 20;   ///< that are kept for the answer

/// A command in the Subject (behind "Re:", "RE :", "رد:", "[list]" ...), then those in the first text of the body, HTML turned
/// into text; quotes, signatures and footers of phones are not read.
Commands read_commands(const Message& message);

Line parse_line(std::string_view text);

/// A Subject without reply prefixes of any language and tags of lists.
std::string bare_subject(std::string_view subject);

/// Lines that somebody wrote himself: without quotes, signature, footers of phones and what follows "-----Original Message-----".
std::vector<std::string> own_lines(std::string_view text);

/// What somebody says to a question that a reply confirms: nothing, or anything else, is yes. no: his first word is ("no", "non",
/// "annuler", "لا"). unclear: he may mean no, or asks something himself ("I did not ask for this", "Qui êtes-vous ?").
enum class Consent { yes, no, unclear };
Consent consent_in(std::string_view own_text);

/// A date as people write it (2026-12-31, 31/12/2026, 31.12.2026) or a span ("14d", "2w"), as the last second of that day, UTC,
/// or nothing: not a date, past, or more than a year ahead.
std::optional<std::int64_t> until_of(std::string_view text, std::int64_t now);

}  // namespace majlis::commands
