#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/store/database.hpp"
#include "core/store/members.hpp"

/// Owners and moderators. A role on a list holds for every section below it.
namespace majlis::store {

enum class Role { moderator, owner };
std::optional<Role> role_named(std::string_view name);
std::string_view role_name(Role role);

/// False when he had it already. Somebody who is no member yet becomes one, without a subscription.
Answer<bool> add_role(Database& db, std::int64_t list_id, const Address& address, Role role, const By& by);
/// False when he did not have it on this very list.
bool remove_role(Database& db, std::int64_t list_id, std::int64_t member_id, Role role, const By& by);

struct RoleHolder {
    Member member;
    Role role = Role::moderator;
    std::int64_t list_id = 0;  ///< where it was given
    std::string list;
};
enum class Reckon { own, effective };
/// own: given on this list. effective: those of the lists above as well, the nearest list first.
std::vector<RoleHolder> role_holders(Database& db, std::int64_t list_id, Reckon reckon);

enum class Holding { owners, owners_and_moderators };
/// Who can be written to about a list: each person once, the nearest list first, at most `limit`, without those whose mail is
/// switched off because it comes back.
std::vector<Member> reachable_holders(Database& db, std::int64_t list_id, Holding what, std::size_t limit);

/// Roles of one member, wherever they were given: names of lists.
std::vector<std::pair<std::string, Role>> roles_of(Database& db, std::int64_t member_id);

/// Owners may do what moderators may.
bool is_moderator(Database& db, std::int64_t list_id, std::int64_t member_id);
bool is_owner(Database& db, std::int64_t list_id, std::int64_t member_id);

/// Keys of all addresses of a member, his own first.
std::vector<std::string> addresses_of(Database& db, const Member& member);

/// What a sender is to one list.
struct Standing {
    std::int64_t list_id = 0;
    std::optional<std::int64_t> member_id;  ///< nullopt: nobody we know
    bool on_list = false;                   ///< has a subscription on it, whatever its mode
    bool below = false;                     ///< has one on a list below it
    bool receiver = false;                  ///< belongs to those whom the list reaches (on_list, or below where reach = tree)
    bool moderator = false;                 ///< moderator or owner, here or above
    bool owner = false;
    /// Of his own subscription: default, hold, accept, reject, discard. Where that says nothing: hold if a list below moderates
    /// him.
    std::string moderation = "default";
};
/// A member is also found by another address of his.
std::vector<Standing> standing(Database& db, std::span<const std::int64_t> list_ids, std::string_view sender_key);

}  // namespace majlis::store
