#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"

/// Threads as Jamie Zawinski builds them (https://www.jwz.org/doc/threading.html), a post at a time: References, In-Reply-To,
/// then the subject. Whatever order posts come in, who names whom ends up in one thread.
namespace majlis::store {

constexpr std::int64_t largest_thread = 5'000;  ///< nodes; beyond, an answer begins a thread of its own

struct PostInThread {
    std::int64_t post_id = 0;
    std::string message_id;
    std::span<const std::string> references;  ///< the oldest first (archive::references_of)
    std::int64_t subject = 0;                 ///< subject_hash(), 0: none
    enum class Kind { first, reply } kind = Kind::first;
    std::int64_t sent_at = 0;
    std::span<const std::int64_t> lists;
};

/// 63 bits of the words; 0 for none.
std::int64_t subject_hash(std::string_view words);

/// The post's node, made if need be. At most half of largest_thread rows are changed. Inside the caller's transaction.
std::int64_t place_in_thread(Database& db, const PostInThread& post);

/// The post of this node, which is no longer in archive_post, leaves its place; a thread without posts goes.
void leave_thread(Database& db, std::int64_t node_id);

}  // namespace majlis::store
