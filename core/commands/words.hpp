#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/commands/commands.hpp"

/// What people write for each command and value; shared inside core/commands. All of `text` is folded() already.
namespace majlis::commands::words {

struct Found {
    Verb verb;
    std::string_view language;  ///< "fr", "ar", "" for English or shared words
    std::string_view rest;      ///< behind the words
};
/// The longest words that begin `text`.
std::optional<Found> verb_in(std::string_view text);

/// "daily" for "quotidien" and so on; "" for a word that is none of these.
std::string_view digest_of(std::string_view word);    ///< daily, weekly, off
std::string_view format_of(std::string_view word);    ///< mime, plain: of a digest
std::string_view switch_of(std::string_view word);    ///< on, off
std::string_view language_of(std::string_view word);  ///< fr, ar, en
std::string_view notices_of(std::string_view word);   ///< each, daily, none
/// "please", "me", "svp": says nothing.
bool is_filler(std::string_view word);
bool is_no(std::string_view word);
/// Whether a line denies or asks something, in one of the three languages. Folded.
bool doubts(std::string_view line);

}  // namespace majlis::commands::words
