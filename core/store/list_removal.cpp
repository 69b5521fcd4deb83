#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/store/members.hpp"

namespace majlis::store {
namespace {

std::int64_t count(Database& db, std::string_view sql, std::int64_t list_id)
{
    auto row = db.prepared(sql);
    return row.bind(":list", list_id).step() ? row.integer(0) : 0;
}

Answer<void> check_removable(Database& db, const List& list)
{
    if (count(db, "SELECT count(*) FROM list WHERE parent_id = :list", list.id) != 0)
        return text::Problem{"'" + list.name + "' has lists below it; remove or move them first ('majlis list tree')"};
    // A copy on its way still needs the list's face, and its members their places in the walk.
    const auto open =
        count(db,
              "SELECT count(*) FROM delivery d WHERE d.state IN ('active', 'held') AND (d.list_id = :list OR EXISTS "
              "(SELECT 1 FROM delivery_list dl WHERE dl.delivery_id = d.id AND dl.list_id = :list))",
              list.id);
    if (open != 0)
        return text::Problem{"'" + list.name + "' has " + std::to_string(open) +
                             " deliveries that are not done; wait, or drop them ('majlis queue list', 'majlis queue drop ID')"};
    return {};
}

void end_subscriptions(Database& db, std::int64_t list_id, const By& by)
{
    const auto tick = next_tick(db);
    auto past = db.prepared(
        "INSERT INTO subscription_past (list_id, member_id, mode, since, until, ended_at) "
        "SELECT list_id, member_id, mode, since, :tick, :now FROM subscription WHERE list_id = :list");
    past.bind(":tick", tick).bind(":now", by.at).bind(":list", list_id).run();
    db.prepared("DELETE FROM subscription WHERE list_id = :list").bind(":list", list_id).run();
}

}  // namespace

Answer<Removed> remove_list(Database& db, std::int64_t list_id, Removal removal, const By& by)
{
    Transaction transaction{db};
    const auto list = find_list(db, list_id);
    if (!list) return text::Problem{"there is no such list"};
    if (const auto checked = check_removable(db, *list); !checked) return checked.error();
    Removed removed;
    removed.subscriptions = count(db, "SELECT count(*) FROM subscription WHERE list_id = :list", list_id);
    removed.held = count(db, "SELECT count(*) FROM post_list WHERE list_id = :list AND verdict = 'held'", list_id);
    if (removal == Removal::empty_only && removed.subscriptions != 0)
        return text::Problem{"'" + list->name + "' has " + std::to_string(removed.subscriptions) +
                             " members; remove them first, or say that they go too (--with-members)"};
    end_subscriptions(db, list_id, by);
    db.prepared("DELETE FROM list WHERE id = :list").bind(":list", list_id).run();
    journal(db, by,
            {"list-removed", list_id, list->address_key,
             list->name + " with " + std::to_string(removed.subscriptions) + " members and " + std::to_string(removed.held) +
                 " held posts"});
    transaction.commit();
    return removed;
}

}  // namespace majlis::store
