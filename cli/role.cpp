#include "core/store/roles.hpp"

#include <fmt/format.h>

#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"

namespace majlis::cli {
namespace {

/// The frame has checked the word against the choices.
store::Role role_of(Context& context) { return store::role_named(context.args().get("ROLE")).value_or(store::Role::moderator); }

Exit run_add(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    store::Transaction transaction{db};
    const store::List list = context.list();
    const Address address = context.address(context.args().get("ADDRESS"));
    const bool given = context.need(store::add_role(db, list.id, address, role_of(context), context.by()));
    context.finish(transaction, fmt::format("{} is {}{} of {}", address.text(), given ? "" : "already ",
                                            context.args().get("ROLE"), list.name));
    return Exit::done;
}

Exit run_remove(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    store::Transaction transaction{db};
    const store::List list = context.list();
    const store::Member member = context.member(context.args().get("ADDRESS"));
    const std::string role = context.args().get("ROLE");
    if (!store::remove_role(db, list.id, member.id, role_of(context), context.by()))
        throw context.failure(fmt::format("{} is not {} of {} itself: \"majlis role list {}\" tells where each role was given",
                                          member.address, role, list.name, list.name));
    context.finish(transaction, fmt::format("{} is no longer {} of {}", member.address, role, list.name));
    return Exit::done;
}

constexpr std::array change_params{
    list_word,
    Param{"ADDRESS", Take::word, "who"},
    Param{"ROLE", Take::word, "owner or moderator", "", "owner|moderator"},
    dry_run_flag,
};

Exit run_list(Context& context)
{
    const store::List list = context.list();
    Table table{context.out(), context.format(), "no owners and no moderators: \"majlis role add\" makes one"};
    for (const store::RoleHolder& holder : store::role_holders(context.database(), list.id, store::Reckon::effective))
        table.add({{"id", holder.member.address},
                   {"address", holder.member.address},
                   {"name", holder.member.name},
                   {"role", store::role_name(holder.role)},
                   {"list", holder.list}});
    table.finish();
    return Exit::done;
}

constexpr std::array list_params{list_word, json_flag};

}  // namespace

const Verb role_add{"role", "add", "make somebody owner or moderator, of a list and all below it", change_params, run_add};
const Verb role_remove{"role", "remove", "take a role away from the list where it was given", change_params, run_remove};
const Verb role_list{"role", "list", "show who is owner or moderator, here or on a list above", list_params, run_list};

}  // namespace majlis::cli
