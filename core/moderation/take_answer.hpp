#pragma once

#include <cstdint>
#include <string>

#include "core/classify/classify.hpp"
#include "core/letters/answering.hpp"
#include "core/letters/site_face.hpp"
#include "core/message/message.hpp"
#include "core/store/database.hpp"
#include "core/trust/trust.hpp"

namespace majlis::moderation {

/// A mail to rabat+mod-TOKEN@, or a reply in which the token stands elsewhere.
struct AnswerMail {
    const Message& message;
    const Classification& classification;
    std::string sender;            ///< key of the From address
    std::string message_id;        ///< without brackets
    Proof proof = Proof::unknown;  ///< failed: nothing is done
    std::string token;
};

struct Taken {
    std::string note;         ///< what became of it, for people and the log
    bool delivering = false;  ///< the outbox has something new
};

/// Decides about the held post that the token stands for, if it came from the moderator to whom the token was sent (his address
/// or another one of his), was written by a person, and its From has not failed authentication; else changes nothing. What is
/// unclear gets help, what comes too late hears who decided; everything else stays without an answer and is journalled. A token
/// of a request (FoundToken::request_id) is none of this: ask store::find_token() first. Inside the caller's transaction.
Taken take_answer(store::Database& db, const SiteFace& site, const Ourselves& ourselves, const AnswerMail& mail,
                  std::int64_t now);

}  // namespace majlis::moderation
