#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"
#include "core/store/posts.hpp"

/// What became of a post, and of one member's copy of it: for whoever asks why he got nothing.
namespace majlis::store {

/// One list's verdict on one post.
struct PostTrace {
    std::int64_t post_list_id = 0, list_id = 0;
    std::string list;    ///< its name
    std::string sender;  ///< key of the post's From
    Verdict verdict = Verdict::held;
    std::string rule, reason;
    std::int64_t decided_at = 0;
    std::int64_t delivery_id = 0;  ///< 0: none
};
/// Posts with this Message-ID (without brackets), newest first.
std::vector<PostTrace> trace_post(Database& db, std::string_view message_id, std::size_t limit);

enum class CopyState { not_for_him, on_its_way, deferred, sent, failed };
struct Copy {
    CopyState state = CopyState::not_for_him;
    std::int64_t at = 0;       ///< of the last event; 0: none yet
    std::string relay, reply;  ///< the relay's answer, printable
};
Copy copy_of(Database& db, std::int64_t delivery_id, std::int64_t member_id);

}  // namespace majlis::store
