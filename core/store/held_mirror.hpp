#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"
#include "core/store/held.hpp"

/// Copies of held posts in a mailbox's folder Majlis/Held. They only mirror the database: a row is written before its copy is
/// appended, and goes when the copy is gone.
namespace majlis::store {

struct Mirrored {
    std::int64_t post_list_id = 0;
    std::string token_hash;
    std::int64_t uidvalidity = 0, uid = 0;  ///< where it was appended; 0: the server did not say
    std::int64_t appended_at = 0;           ///< 0: begun, and perhaps not ended
    bool settled = false;                   ///< its post waits no more: it is to leave the folder
};

/// own: what came through this inbox; own_and_injected: also what came through none.
enum class Share { own, own_and_injected };
/// Held posts that this inbox is to show and that none shows yet, oldest first.
std::vector<HeldPost> to_mirror(Database& db, std::int64_t inbox_id, Share share, std::size_t limit);

/// Before the copy is appended: its row and its token, which is returned.
std::string begin_mirror(Database& db, std::int64_t inbox_id, std::int64_t post_list_id, std::int64_t expires_at,
                         std::int64_t now);
/// The server has it.
void note_mirrored(Database& db, std::int64_t inbox_id, std::int64_t post_list_id, std::int64_t uidvalidity, std::int64_t uid,
                   std::int64_t now);
std::vector<Mirrored> mirrored(Database& db, std::int64_t inbox_id, std::size_t limit);
std::optional<Mirrored> find_mirrored(Database& db, std::int64_t inbox_id, std::string_view token_hash);
/// Its copy is gone from the mailbox, or never came there.
void forget_mirrored(Database& db, std::int64_t inbox_id, std::int64_t post_list_id);
/// Whether the inbox shows anything, or is to.
bool mirrors_anything(Database& db, std::int64_t inbox_id, Share share);

}  // namespace majlis::store
