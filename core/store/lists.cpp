#include "core/store/lists.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "core/store/journal.hpp"
#include "core/store/list_names.hpp"
#include "core/store/list_rows.hpp"
#include "core/store/members.hpp"
#include "core/text/ascii.hpp"
#include "core/text/nearest.hpp"
#include "core/text/printable.hpp"

namespace majlis::store {

List read_list(const Prepared& row)
{
    return {row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4), row.maybe_integer(5), row.integer(6)};
}

namespace {

std::optional<List> one(Prepared& row)
{
    if (!row.step()) return std::nullopt;
    return read_list(row);
}

std::vector<List> all(Prepared rows)
{
    std::vector<List> lists;
    while (rows.step()) lists.push_back(read_list(rows));
    return lists;
}

Answer<void> check_new_name(Database& db, const std::string& name)
{
    auto taken = db.prepared(MAJLIS_LIST_COLUMNS "WHERE name = :name");
    if (const auto other = one(taken.bind(":name", name)))
        return text::Problem{"there is a list '" + name + "' already, at " + other->address};
    return {};
}

/// Ours already, a member's, or one that mail software would take for a command to another list.
Answer<void> check_new_address(Database& db, const std::string& key)
{
    if (const auto checked = check_list_address(key); !checked) return checked.error();
    if (const auto id = find_list_by_key(db, key))
        return text::Problem{"the address " + key + " belongs to the list '" + find_list(db, *id)->name + "'"};
    if (const auto member = find_member(db, std::string_view{key}))
        return text::Problem{"the address " + key + " is that of a member; remove or change the member first"};
    for (const auto& base : possible_lists(key))
        if (const auto id = find_list_by_key(db, base))
            return text::Problem{"the address " + key + " would be taken for a command to the list '" + find_list(db, *id)->name +
                                 "'; choose another"};
    for (const auto& other : all(db.prepared(MAJLIS_LIST_COLUMNS)))
        if (is_command_form(other.address_key, key))
            return text::Problem{"with the address " + key + " mail for the list '" + other.name + "' (" + other.address +
                                 ") would be taken for a command; choose another"};
    return {};
}

/// Stable for ever and never given twice: a list that took the name of one that was renamed gets a number.
std::string free_list_id(Database& db, const std::string& name, const std::string& domain)
{
    for (int n = 1;; ++n) {
        const auto candidate = name + (n == 1 ? "" : "-" + std::to_string(n)) + "." + domain;
        auto taken = db.prepared("SELECT 1 FROM list WHERE list_id = :id");
        if (!taken.bind(":id", candidate).step()) return candidate;
    }
}

Answer<void> check_parent(Database& db, std::int64_t parent_id, int levels_below)
{
    const auto above = ancestors(db, parent_id);
    if (above.empty()) return text::Problem{"there is no such list to be its parent"};
    if (static_cast<int>(above.size()) + levels_below > max_depth)
        return text::Problem{"the tree would be deeper than " + std::to_string(max_depth) + " lists"};
    return {};
}

}  // namespace

Answer<List> create_list(Database& db, const NewList& order, const By& by)
{
    const auto name = check_list_name(order.name);
    if (!name) return name.error();
    Transaction transaction{db};
    const auto key = order.address.key();
    if (const auto checked = check_new_name(db, *name); !checked) return checked.error();
    if (const auto checked = check_new_address(db, key); !checked) return checked.error();
    if (order.parent_id)
        if (const auto checked = check_parent(db, *order.parent_id, 1); !checked) return checked.error();
    const auto domain = order.site_domain.empty() ? std::string{split_key(key).domain} : domain_key(order.site_domain);
    auto insert = db.prepared(
        "INSERT INTO list (name, address, address_key, list_id, parent_id, created_at) "
        "VALUES (:name, :address, :key, :list_id, :parent, :now)");
    insert.bind(":name", *name).bind(":address", order.address.text()).bind(":key", key);
    insert.bind(":list_id", free_list_id(db, *name, domain)).bind(":parent", order.parent_id).bind(":now", by.at).run();
    const auto id = db.last_id();
    journal(db, by, {"list-created", id, key, *name});
    transaction.commit();
    return *find_list(db, id);
}

Answer<List> rename_list(Database& db, std::int64_t list_id, std::string_view new_name, const By& by)
{
    const auto name = check_list_name(new_name);
    if (!name) return name.error();
    Transaction transaction{db};
    const auto list = find_list(db, list_id);
    if (!list) return text::Problem{"there is no such list"};
    if (list->name != *name) {
        if (const auto checked = check_new_name(db, *name); !checked) return checked.error();
        db.prepared("UPDATE list SET name = :name WHERE id = :id").bind(":name", *name).bind(":id", list_id).run();
        journal(db, by, {"list-renamed", list_id, list->address_key, list->name + " is now " + *name});
    }
    transaction.commit();
    return *find_list(db, list_id);
}

Answer<List> set_parent(Database& db, std::int64_t list_id, std::optional<std::int64_t> parent_id, const By& by)
{
    Transaction transaction{db};
    const auto list = find_list(db, list_id);
    if (!list) return text::Problem{"there is no such list"};
    if (parent_id) {
        const auto below = subtree(db, list_id);
        if (std::ranges::find(below, *parent_id, &List::id) != below.end())
            return text::Problem{"'" + find_list(db, *parent_id)->name + "' is '" + list->name +
                                 "' or lies below it: that would be a circle"};
        // The deepest chain cannot be longer than the number of lists below.
        const auto levels = std::min<std::size_t>(below.size(), max_depth);
        if (const auto checked = check_parent(db, *parent_id, static_cast<int>(levels)); !checked) return checked.error();
    }
    db.prepared("UPDATE list SET parent_id = :parent WHERE id = :id").bind(":parent", parent_id).bind(":id", list_id).run();
    const auto where = parent_id ? "below " + find_list(db, *parent_id)->name : std::string{"a root"};
    journal(db, by, {"list-moved", list_id, list->address_key, list->name + " is now " + where});
    transaction.commit();
    return *find_list(db, list_id);
}

std::optional<List> find_list(Database& db, std::int64_t id)
{
    auto row = db.prepared(MAJLIS_LIST_COLUMNS "WHERE id = :id");
    return one(row.bind(":id", id));
}

std::optional<List> find_list(Database& db, std::string_view name_or_address)
{
    if (name_or_address.find('@') == std::string_view::npos) {
        auto row = db.prepared(MAJLIS_LIST_COLUMNS "WHERE name = :name");
        return one(row.bind(":name", text::lowered(name_or_address)));
    }
    const auto address = parse_address(name_or_address);
    if (!address) return std::nullopt;
    auto row = db.prepared(MAJLIS_LIST_COLUMNS "WHERE address_key = :key");
    return one(row.bind(":key", address->key()));
}

std::optional<std::int64_t> find_list_by_key(Database& db, std::string_view address_key)
{
    auto row = db.prepared("SELECT id FROM list WHERE address_key = :key");
    if (!row.bind(":key", address_key).step()) return std::nullopt;
    return row.integer(0);
}

Answer<List> require_list(Database& db, std::string_view name_or_address)
{
    if (auto list = find_list(db, name_or_address)) return *list;
    const auto lists = all(db.prepared(MAJLIS_LIST_COLUMNS));
    std::vector<std::string_view> names;
    for (const auto& list : lists) names.emplace_back(list.name);
    const auto near = text::nearest(name_or_address, names);
    const auto hint =
        near.empty() ? std::string{"'majlis list tree' shows them all"} : "did you mean '" + std::string{near} + "'?";
    return text::Problem{"there is no list '" + text::printable(name_or_address, 80) + "'; " + hint};
}

std::vector<TreeNode> list_tree(Database& db)
{
    std::multimap<std::int64_t, List> children;  // by parent, 0 for roots; equal keys stay in the order of names
    for (auto& list : all(db.prepared(MAJLIS_LIST_COLUMNS "ORDER BY name")))
        children.emplace(list.parent_id.value_or(0), std::move(list));
    std::vector<TreeNode> tree;
    std::vector<TreeNode> open;
    const auto open_children = [&](std::int64_t parent, int depth) {
        const auto [first, last] = children.equal_range(parent);
        for (auto child = last; child != first;) open.push_back({(--child)->second, depth});
    };
    open_children(0, 0);
    while (!open.empty()) {
        auto node = std::move(open.back());
        open.pop_back();
        open_children(node.list.id, node.depth + 1);
        tree.push_back(std::move(node));
    }
    return tree;
}

std::vector<List> subtree(Database& db, std::int64_t list_id)
{
    auto rows = db.prepared(
        "WITH RECURSIVE tree (id, depth) AS (SELECT :id, 0 UNION ALL "
        "SELECT child.id, tree.depth + 1 FROM tree CROSS JOIN list child ON child.parent_id = tree.id WHERE tree.depth < 64) "
        "SELECT l.id, l.name, l.address, l.address_key, l.list_id, l.parent_id, l.created_at "
        "FROM tree CROSS JOIN list l ON l.id = tree.id");
    rows.bind(":id", list_id);
    return all(std::move(rows));
}

std::vector<List> ancestors(Database& db, std::int64_t list_id)
{
    std::vector<List> chain;
    for (auto next = std::optional{list_id}; next && chain.size() < 64;) {
        auto list = find_list(db, *next);
        if (!list) break;
        next = list->parent_id;
        chain.push_back(std::move(*list));
    }
    return chain;
}

}  // namespace majlis::store
