#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "core/moderation/held_mail.hpp"
#include "core/moderation/sweep.hpp"

namespace majlis::moderation {

/// A letter about one held post to each moderator who wants one a post, with a token of his own; how many. Beyond 30 in an hour a
/// moderator hears of the others in one letter (summary).
std::size_t announce(store::Database& db, const SweepContext& context, const store::HeldPost& post, const HeldMail& mail,
                     std::int64_t now);

/// A new token with which this moderator can answer, as long as the post waits.
std::string moderation_token(store::Database& db, const store::HeldPost& post, std::int64_t member_id, std::int64_t now);

}  // namespace majlis::moderation
