#include <fmt/format.h>

#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"

namespace majlis::cli {
namespace {

std::string face(const store::List& list) { return list.name + " <" + list.address + ">"; }

Exit run_create(Context& context)
{
    const Args& args = context.args();
    store::NewList order{args.get("NAME"), context.address(args.get("--address")), {}, context.config().site.domain};
    store::Database& db = context.database(store::Open::read_write);
    const store::By by = context.by();
    store::Transaction transaction{db};
    if (args.has("--parent")) order.parent_id = context.need(store::require_list(db, args.get("--parent"))).id;
    const store::List list = context.need(store::create_list(db, order, by));
    for (const auto& [option, key] : {std::pair{"--title", "title"}, std::pair{"--language", "language"}})
        if (args.has(option)) context.need(store::set_setting(db, list.id, key, args.get(option), Fixed::no, by));
    context.finish(transaction, "created list " + face(list));
    return Exit::done;
}

constexpr std::array create_params{
    Param{"NAME", Take::word, "what people type: lower case, no spaces"},
    Param{"--address", Take::needed, "where posts go to", "ADDRESS"},
    Param{"--parent", Take::value, "the list whose section it is", "LIST", "", Offer::lists},
    Param{"--title", Take::value, "what people read", "TEXT"},
    Param{"--language", Take::value, "of what majlis writes", "", "fr|ar|en"},
    dry_run_flag,
};

Exit run_rename(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    store::Transaction transaction{db};
    const store::List list = context.list("LIST");
    const store::List renamed = context.need(store::rename_list(db, list.id, context.args().get("NAME"), context.by()));
    context.finish(transaction,
                   fmt::format("list {} is called {} now; its address stays {}", list.name, renamed.name, renamed.address));
    return Exit::done;
}

constexpr std::array rename_params{
    list_word,
    Param{"NAME", Take::word, "its new name"},
    dry_run_flag,
};

Exit run_remove(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    const store::List list = context.list("LIST");
    const std::int64_t members = store::count_members(db, list.id).subscriptions;
    context.confirm(fmt::format("remove list {} with {} and its held posts", face(list), counted(members, "subscription")));
    store::Transaction transaction{db};
    const store::Removed removed = context.need(store::remove_list(db, list.id, store::Removal::with_members, context.by()));
    context.finish(transaction, fmt::format("removed list {} with {} and {}", face(list),
                                            counted(removed.subscriptions, "subscription"), counted(removed.held, "held post")));
    return Exit::done;
}

constexpr std::array remove_params{list_word, yes_flag, dry_run_flag};

struct Assignment {
    std::string key, value;
};

Assignment split(Context& context, const std::string& word)
{
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
        throw context.wrong_usage("\"" + word + "\" is not KEY=VALUE: write for example reply_to=list");
    return {word.substr(0, equals), word.substr(equals + 1)};
}

std::string set_one(Context& context, const store::List& list, const Assignment& assignment, const store::By& by)
{
    store::Database& db = context.database();
    if (assignment.key == "parent") {
        std::optional<std::int64_t> parent;
        if (!assignment.value.empty()) parent = context.need(store::require_list(db, assignment.value)).id;
        context.need(store::set_parent(db, list.id, parent, by));
        return assignment.value.empty() ? "no parent" : "parent = " + assignment.value;
    }
    const Fixed fixed = context.args().has("--fixed") ? Fixed::yes : Fixed::no;
    const std::string value = context.need(store::set_setting(db, list.id, assignment.key, assignment.value, fixed, by));
    return assignment.key + " = " + value + (fixed == Fixed::yes ? " (fixed for every list below)" : "");
}

std::string unset_one(Context& context, const store::List& list, const std::string& key, const store::By& by)
{
    const bool was_set = context.need(store::unset_setting(context.database(), list.id, key, by));
    return key + (was_set ? " unset" : " was not set");
}

Exit run_set(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    const bool unset = context.args().has("--unset");
    if (unset && context.args().has("--fixed"))
        throw context.wrong_usage("--fixed and --unset exclude each other: give one of them");
    const store::By by = context.by();
    store::Transaction transaction{db};
    const store::List list = context.list("LIST");
    std::string done;
    for (const std::string& word : context.args().all("KEY=VALUE")) {
        if (!done.empty()) done += ", ";
        done += unset ? unset_one(context, list, word, by) : set_one(context, list, split(context, word), by);
    }
    context.finish(transaction, list.name + ": " + done);
    return Exit::done;
}

constexpr std::array set_params{
    list_word,
    Param{"KEY=VALUE", Take::words, "settings as in \"majlis list show\"; parent=LIST moves it in the tree"},
    Param{"--fixed", Take::flag, "bind every list below"},
    Param{"--unset", Take::flag, "take the values away: name the keys alone"},
    dry_run_flag,
};

}  // namespace

const Verb list_create{"list", "create", "make a list", create_params, run_create};
const Verb list_set{"list", "set", "change settings of a list", set_params, run_set};
const Verb list_rename{"list", "rename", "call a list by another name", rename_params, run_rename};
const Verb list_remove{"list", "remove", "remove a list with its subscriptions; its members stay known", remove_params,
                       run_remove};

}  // namespace majlis::cli
