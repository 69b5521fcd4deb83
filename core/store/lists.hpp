#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address/address.hpp"
#include "core/lists/settings.hpp"
#include "core/store/database.hpp"

/// Lists, the trees they form, and their settings.
namespace majlis::store {

struct List {
    std::int64_t id = 0;
    std::string name, address, address_key;
    std::string list_id;  ///< RFC 2919, without brackets; never changes
    std::optional<std::int64_t> parent_id;
    std::int64_t created_at = 0;
};

struct NewList {
    std::string name;
    Address address;
    std::optional<std::int64_t> parent_id;
    std::string site_domain;  ///< for the List-Id; "" for the address's own
};
/// Refuses a name or address that is taken, badly formed, ambiguous with another list's command forms, or too long for its own;
/// and the address of a member.
Answer<List> create_list(Database& db, const NewList& order, const By& by);
Answer<List> rename_list(Database& db, std::int64_t list_id, std::string_view new_name, const By& by);
/// nullopt makes it a root. Refuses a circle.
Answer<List> set_parent(Database& db, std::int64_t list_id, std::optional<std::int64_t> parent_id, const By& by);

enum class Removal { empty_only, with_members };
struct Removed {
    std::int64_t subscriptions = 0;
    std::int64_t held = 0;  ///< held posts that went with it
};
/// Refuses while it has lists below it, while a delivery that reaches it is open, or while it has members and `removal` does not
/// say that they go too.
Answer<Removed> remove_list(Database& db, std::int64_t list_id, Removal removal, const By& by);

std::optional<List> find_list(Database& db, std::int64_t id);
std::optional<List> find_list(Database& db, std::string_view name_or_address);
std::optional<std::int64_t> find_list_by_key(Database& db, std::string_view address_key);
/// The list, or a message with the nearest name.
Answer<List> require_list(Database& db, std::string_view name_or_address);

struct TreeNode {
    List list;
    int depth = 0;
};
/// Every list, each below its parent, siblings by name.
std::vector<TreeNode> list_tree(Database& db);
/// The list and all below it: parents before children.
std::vector<List> subtree(Database& db, std::int64_t list_id);
/// The list and all above it: from the list to its root.
std::vector<List> ancestors(Database& db, std::int64_t list_id);
constexpr int max_depth = 32;  ///< of a tree of lists

/// Stores the normalised value. Refuses an unknown key, a bad value, and a key that a list above has fixed (naming it).
Answer<std::string> set_setting(Database& db, std::int64_t list_id, std::string_view key, std::string_view value, Fixed fixed,
                                const By& by);
/// True when there was one.
Answer<bool> unset_setting(Database& db, std::int64_t list_id, std::string_view key, const By& by);
/// The chain for resolve() and resolve_each(): what the configuration says for the whole site, then from the root down.
std::vector<ListSettings> setting_chain(Database& db, std::int64_t list_id);
Settings settings_of(Database& db, std::int64_t list_id);

}  // namespace majlis::store
