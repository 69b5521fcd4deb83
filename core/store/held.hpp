#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"
#include "core/store/posts.hpp"

/// Posts that wait for a moderator. Each is decided once.
namespace majlis::store {

struct HeldPost {
    std::int64_t id = 0;  ///< what people type
    std::int64_t post_id = 0, content_id = 0, list_id = 0;
    std::string list, list_address;  ///< its name and address
    std::string sender, sender_name, subject, message_id;
    std::string rule, reason;
    std::int64_t size = 0;  ///< bytes
    std::int64_t held_at = 0;
    Verdict verdict = Verdict::held;  ///< held_post() also finds what is settled
    std::string decided_by;
    std::int64_t decided_at = 0;
    std::string trust;  ///< passed, failed, unknown or "": whether the From was proven
};
/// Oldest first; of one list and those below it, or of all.
std::vector<HeldPost> held_posts(Database& db, std::optional<std::int64_t> list_id, std::size_t limit, std::int64_t after_id = 0);
std::optional<HeldPost> held_post(Database& db, std::int64_t id);
std::int64_t count_held(Database& db);
/// The same for a post that was never held: the rules decided at once.
std::optional<HeldPost> judged_post(Database& db, std::int64_t id);

struct Settled {
    HeldPost post;
    std::optional<std::int64_t> delivery_id;  ///< approved: the delivery that began
};
/// Each refuses an id that is unknown or settled already, saying by whom.
Answer<Settled> approve_held(Database& db, std::int64_t id, const By& by);
Answer<Settled> reject_held(Database& db, std::int64_t id, std::string_view reason, const By& by);
Answer<Settled> discard_held(Database& db, std::int64_t id, std::string_view reason, const By& by);

/// Held posts of which the moderators have not been told, oldest first.
std::vector<std::int64_t> untold_held(Database& db, std::size_t limit);
/// Rejected posts whose sender has not been told, oldest first.
std::vector<std::int64_t> untold_rejected(Database& db, std::size_t limit);
void note_moderators_told(Database& db, std::int64_t id, std::int64_t now);
void note_sender_told(Database& db, std::int64_t id, std::int64_t now);
bool sender_was_told(Database& db, std::int64_t id);

/// Lists on which anything is held.
std::vector<std::int64_t> lists_with_held(Database& db);
/// Held posts of this very list that were held before `before`, oldest first.
std::vector<HeldPost> held_before(Database& db, std::int64_t list_id, std::int64_t before, std::size_t limit);

}  // namespace majlis::store
