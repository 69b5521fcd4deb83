#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "core/lists/settings.hpp"
#include "core/store/database.hpp"
#include "core/store/members.hpp"

/// Who decides about a list's held posts, and how each of them wants to hear of them.
namespace majlis::store {

struct Moderator {
    Member member;
    HeldNotice notice = HeldNotice::each;  ///< his own choice, else the list's
    std::int64_t told_at = 0;              ///< his last summary; 0: never
};
/// Moderators and owners of the list and of those above it, each once; at most `limit`, the nearest first. Not those whose mail
/// is switched off because it comes back: nobody must wait for them.
std::vector<Moderator> moderators_of(Database& db, std::int64_t list_id, std::size_t limit = 50);

/// His own choice over all lists; nullopt: as each list says.
void set_held_notice(Database& db, std::int64_t member_id, std::optional<HeldNotice> notice, const By& by);
/// A summary was made for him.
void note_held_told(Database& db, std::int64_t member_id, std::int64_t now);

}  // namespace majlis::store
