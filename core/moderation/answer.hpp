#pragma once

#include <string>

#include "core/classify/classify.hpp"
#include "core/message/message.hpp"

namespace majlis::moderation {

/// What a moderator's reply asks for.
struct Answer {
    enum class Wish {
        approve,  ///< nothing is left of the reply, or it says so in a line of its own
        reject,
        discard,
        ban,     ///< put the post away, and hold nothing of this sender any more
        allow,   ///< approve the post, and hold nothing of this sender any more
        unclear  ///< changes nothing, gets help
    };
    Wish wish = Wish::unclear;
    std::string reason;  ///< of reject: for the sender; at most 1,000 bytes, several lines
    std::string doubt;   ///< why an empty reply does not count; English, for the log
};

/// The first word decides, in English, French or Arabic: reject [reason], discard, ban, allow. An empty reply approves; so does a
/// first line that is just "approve" ("approuver", "\u0645\u0648\u0627\u0641\u0642"). All else is unclear. Whether a person wrote
/// it is another question: why_automatic().
Answer read_answer(const Message& reply);
/// The same for the text of a reply: for tests.
Answer read_answer_text(std::string_view text);

/// Why nobody seems to have written this mail, in English; "" for a person's. Stricter than classify(): an empty reply approves,
/// so a vacation program must never pass for a moderator.
std::string why_automatic(const Message& mail, const Classification& classification);

}  // namespace majlis::moderation
