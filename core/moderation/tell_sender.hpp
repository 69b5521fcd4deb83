#pragma once

#include <string>

#include "core/moderation/held_mail.hpp"
#include "core/moderation/sweep.hpp"

namespace majlis::moderation {

/// What a sender hears about: his post waits; was rejected by the rules; was rejected by a moderator; nobody decided in time.
enum class News { held, rejected_by_rules, rejected, expired };

constexpr std::int64_t sender_notices_a_day = 10;  ///< to one address; the last one says so

/// Tells him, unless he must not be told; why not, in English, "" where he was. Never told: who wrote automatically, or whose
/// mail is taken for spam; who failed authentication, or has not passed it where a server is trusted to check. Where none is,
/// members hear of everything, strangers of what a person has decided alone, and once a day. Inside the caller's transaction.
std::string tell_sender(store::Database& db, const SweepContext& context, const store::HeldPost& post, const HeldMail& mail,
                        News news, std::int64_t now);

}  // namespace majlis::moderation
