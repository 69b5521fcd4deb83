#pragma once

#include <string>

#include "core/message/message.hpp"

namespace majlis::moderation {

/// What somebody wrote himself in a reply.
struct OwnWords {
    std::string text;  ///< UTF-8, lines end in '\n'; "" when nothing is left
    /// Nothing may be concluded from an empty text: the mail cannot be read (encrypted, broken, too long), carries a file, or
    /// may hold his words in what looks like a quote. English; "" where there is no such doubt.
    std::string doubt;
};

/// Taken off: quotes (above, below and between; "> ", HTML blockquotes, "On ... wrote:", "Le ... a \u00e9crit :", Arabic and
/// other forms, Outlook's separators), the signature below "-- ", footers of phones and mail programs, disclaimers and
/// advertising of servers. Linear; reads at most 256 KB of text.
OwnWords own_words(const Message& reply);

/// The same for text that is there already: for tests.
OwnWords own_words_of_text(std::string_view text);

}  // namespace majlis::moderation
