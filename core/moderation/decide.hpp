#pragma once

#include <cstdint>
#include <string>

#include "core/store/held.hpp"

/// One decision about a held post, whoever takes it: by mail, by folder, on the command line.
namespace majlis::moderation {

enum class Sender { as_before, banned, allowed };

struct Decision {
    store::Verdict verdict = store::Verdict::accepted;  ///< accepted, rejected or discarded
    Sender sender = Sender::as_before;                  ///< what becomes of his next posts to this list
    std::string reason;                                 ///< told to him when his post is rejected; else for the record
};

/// One transaction: the verdict, the delivery of what was approved, the rule about the sender, the end of the post's tokens.
/// Refuses what is unknown or settled, saying by whom. The daemon tells the sender (core/moderation/sweep.hpp).
store::Answer<store::Settled> decide(store::Database& db, std::int64_t held_id, const Decision& decision, const store::By& by);

}  // namespace majlis::moderation
