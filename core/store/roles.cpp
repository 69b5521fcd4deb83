#include "core/store/roles.hpp"

#include <algorithm>

#include "core/store/aliases.hpp"
#include "core/store/bounces.hpp"
#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/store/member_rows.hpp"

namespace majlis::store {
namespace {

/// Whether the member has at least this role on the list or above it ('moderator' < 'owner' in the alphabet too). A member has
/// few roles, and a list few above it.
bool has_role(Database& db, std::int64_t list_id, std::int64_t member_id, Role least)
{
    auto row = db.prepared(
        "WITH RECURSIVE up (id, depth) AS (SELECT :list, 0 UNION ALL "
        "SELECT l.parent_id, up.depth + 1 FROM up CROSS JOIN list l ON l.id = up.id WHERE l.parent_id IS NOT NULL AND up.depth < "
        "64) "
        "SELECT 1 FROM up CROSS JOIN role r ON r.list_id = up.id AND r.member_id = :member WHERE r.role >= :least LIMIT 1");
    row.bind(":list", list_id).bind(":member", member_id).bind(":least", role_name(least));
    return row.step();
}

/// Whether one of the member's subscriptions lies below the list.
bool subscribed_below(Database& db, std::int64_t list_id, std::int64_t member_id)
{
    auto row = db.prepared(
        "WITH RECURSIVE up (id) AS (SELECT l.parent_id FROM subscription s CROSS JOIN list l ON l.id = s.list_id "
        "WHERE s.member_id = :member UNION SELECT l.parent_id FROM up CROSS JOIN list l ON l.id = up.id) "
        "SELECT 1 FROM up WHERE id = :list LIMIT 1");
    return row.bind(":member", member_id).bind(":list", list_id).step();
}

/// Whether a list below has decided against what he posts there: here his posts are read first then.
bool moderated_below(Database& db, std::int64_t list_id, std::int64_t member_id)
{
    auto row = db.prepared(
        "WITH RECURSIVE up (id) AS (SELECT l.parent_id FROM subscription s CROSS JOIN list l ON l.id = s.list_id "
        "WHERE s.member_id = :member AND s.moderation IN ('hold', 'reject', 'discard') "
        "UNION SELECT l.parent_id FROM up CROSS JOIN list l ON l.id = up.id) SELECT 1 FROM up WHERE id = :list LIMIT 1");
    return row.bind(":member", member_id).bind(":list", list_id).step();
}

std::string moderation_of(Database& db, std::int64_t list_id, std::int64_t member_id)
{
    auto row = db.prepared("SELECT moderation FROM subscription WHERE list_id = :list AND member_id = :member");
    row.bind(":list", list_id).bind(":member", member_id);
    if (row.step() && row.text(0) != "default") return row.text(0);
    return moderated_below(db, list_id, member_id) ? "hold" : "default";
}

bool subscribed(Database& db, std::int64_t list_id, std::int64_t member_id)
{
    auto row = db.prepared("SELECT 1 FROM subscription WHERE list_id = :list AND member_id = :member");
    return row.bind(":list", list_id).bind(":member", member_id).step();
}

void read_holders(Database& db, const List& list, std::vector<RoleHolder>& holders)
{
    auto rows = db.prepared(
        "SELECT m.id, m.address, m.address_key, m.name, coalesce(m.language, ''), m.created_at, r.role "
        "FROM role r CROSS JOIN member m ON m.id = r.member_id WHERE r.list_id = :list ORDER BY r.member_id, r.role");
    rows.bind(":list", list.id);
    while (rows.step())
        holders.push_back({read_member(rows), role_named(rows.text(6)).value_or(Role::moderator), list.id, list.name});
}

}  // namespace

std::optional<Role> role_named(std::string_view name)
{
    if (name == "owner") return Role::owner;
    if (name == "moderator") return Role::moderator;
    return std::nullopt;
}

std::string_view role_name(Role role) { return role == Role::owner ? "owner" : "moderator"; }

Answer<bool> add_role(Database& db, std::int64_t list_id, const Address& address, Role role, const By& by)
{
    Transaction transaction{db};
    if (!find_list(db, list_id)) return text::Problem{"there is no such list"};
    const auto member = ensure_member(db, address, "", by);
    if (!member) return member.error();
    auto insert = db.prepared(
        "INSERT INTO role (list_id, member_id, role, created_at) VALUES (:list, :member, :role, :now) ON CONFLICT DO NOTHING");
    insert.bind(":list", list_id).bind(":member", *member).bind(":role", role_name(role)).bind(":now", by.at);
    const bool added = insert.run() != 0;
    if (added) journal(db, by, {"role-added", list_id, address.key(), std::string{role_name(role)}});
    transaction.commit();
    return {boost::system::in_place_value, added};
}

bool remove_role(Database& db, std::int64_t list_id, std::int64_t member_id, Role role, const By& by)
{
    Transaction transaction{db};
    auto remove = db.prepared("DELETE FROM role WHERE list_id = :list AND member_id = :member AND role = :role");
    const bool removed = remove.bind(":list", list_id).bind(":member", member_id).bind(":role", role_name(role)).run() != 0;
    if (removed) {
        const auto member = find_member(db, member_id);
        journal(db, by, {"role-removed", list_id, member ? member->address_key : "", std::string{role_name(role)}});
    }
    transaction.commit();
    return removed;
}

std::vector<RoleHolder> role_holders(Database& db, std::int64_t list_id, Reckon reckon)
{
    auto lists = ancestors(db, list_id);
    if (reckon == Reckon::own && lists.size() > 1) lists.resize(1);
    std::vector<RoleHolder> holders;
    for (const auto& list : lists) read_holders(db, list, holders);
    return holders;
}

std::vector<Member> reachable_holders(Database& db, std::int64_t list_id, Holding what, std::size_t limit)
{
    std::vector<Member> found;
    for (auto& holder : role_holders(db, list_id, Reckon::effective)) {
        if (found.size() >= limit) break;
        if (what == Holding::owners && holder.role != Role::owner) continue;
        if (std::ranges::any_of(found, [&](const Member& one) { return one.id == holder.member.id; })) continue;
        const auto bounces = bounce_state(db, holder.member.id);
        if (bounces && bounces->stage == BounceStage::suspended) continue;
        found.push_back(std::move(holder.member));
    }
    return found;
}

std::vector<std::pair<std::string, Role>> roles_of(Database& db, std::int64_t member_id)
{
    auto rows = db.prepared(
        "SELECT l.name, r.role FROM role r CROSS JOIN list l ON l.id = r.list_id WHERE r.member_id = :member ORDER BY l.name, "
        "r.role");
    rows.bind(":member", member_id);
    std::vector<std::pair<std::string, Role>> all;
    while (rows.step()) all.emplace_back(rows.text(0), role_named(rows.text(1)).value_or(Role::moderator));
    return all;
}

bool is_moderator(Database& db, std::int64_t list_id, std::int64_t member_id)
{
    return has_role(db, list_id, member_id, Role::moderator);
}
bool is_owner(Database& db, std::int64_t list_id, std::int64_t member_id)
{
    return has_role(db, list_id, member_id, Role::owner);
}

std::vector<std::string> addresses_of(Database& db, const Member& member)
{
    std::vector<std::string> keys{member.address_key};
    auto rows = db.prepared("SELECT address_key FROM member_alias WHERE member_id = :member ORDER BY address_key");
    rows.bind(":member", member.id);
    while (rows.step()) keys.push_back(rows.text(0));
    return keys;
}

std::vector<Standing> standing(Database& db, std::span<const std::int64_t> list_ids, std::string_view sender_key)
{
    const auto member = sender_key.empty() ? std::nullopt : find_person(db, sender_key);
    std::vector<Standing> all;
    for (const auto list_id : list_ids) {
        Standing one;
        one.list_id = list_id;
        if (member) {
            one.member_id = member->id;
            one.on_list = subscribed(db, list_id, member->id);
            one.below = subscribed_below(db, list_id, member->id);
            one.receiver = one.on_list || (one.below && settings_of(db, list_id).reach == Reach::tree);
            one.owner = is_owner(db, list_id, member->id);
            one.moderator = one.owner || is_moderator(db, list_id, member->id);
            one.moderation = moderation_of(db, list_id, member->id);
        }
        all.push_back(one);
    }
    return all;
}

}  // namespace majlis::store
