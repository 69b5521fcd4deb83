#include <algorithm>
#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"
#include "core/store/roles.hpp"

namespace majlis::cli {
namespace {

constexpr std::int64_t quickly_counted = 10'000;

Value origin(const ResolvedSetting& setting, const std::string& own_name)
{
    if (setting.above == Fixed::yes) return "fixed by " + setting.bound_by;
    if (!setting.from.empty()) return setting.from == own_name ? "set here" : "from " + setting.from;
    return setting.key == "language" ? "configuration" : "default";
}

Array settings_of(Context& context, const store::List& list)
{
    Array out;
    const auto chain = store::setting_chain(context.database(), list.id);
    for (const ResolvedSetting& setting : resolve_each(chain))
        out.emplace_back(Record{{"key", setting.key}, {"value", setting.value}, {"origin", origin(setting, list.name)}});
    return out;
}

/// A large list is counted only when asked: reading its rows takes longer than all else.
Value members_of(Context& context, const store::List& list)
{
    store::Database& db = context.database();
    if (!context.args().has("--count") && store::has_more_members(db, list.id, quickly_counted))
        return Record{{"more_than", quickly_counted}};
    const store::Counts counts = store::count_members(db, list.id);
    return Record{{"subscriptions", counts.subscriptions},
                  {"each", counts.each},
                  {"daily", counts.daily},
                  {"weekly", counts.weekly},
                  {"none", counts.none}};
}

Record describe(Context& context, const store::List& list)
{
    store::Database& db = context.database();
    Record record{{"id", list.name}, {"name", list.name}, {"address", list.address}, {"list_id", list.list_id}};
    const auto above = store::ancestors(db, list.id);
    record.push_back({"parent", above.size() > 1 ? Value{above[1].name} : Value{}});
    Array below;
    for (const store::List& section : store::subtree(db, list.id))
        if (section.parent_id == list.id) below.emplace_back(section.name);
    record.push_back({"sections", below});
    record.push_back({"created_at", time_value(list.created_at)});
    record.push_back({"members", members_of(context, list)});
    Array roles;
    for (const store::RoleHolder& holder : store::role_holders(db, list.id, store::Reckon::effective))
        roles.emplace_back(
            Record{{"role", store::role_name(holder.role)}, {"address", holder.member.address}, {"list", holder.list}});
    record.push_back({"roles", roles});
    return record;
}

/// The settings as a table of three columns, so that they can be read in a terminal.
void print_settings(Context& context, const Array& settings)
{
    context.out() << '\n';
    Table table{context.out(), Format::text, ""};
    for (const Value& setting : settings) table.add(std::get<Record>(setting.as));
    table.finish();
}

Exit run_show(Context& context)
{
    const store::List list = context.list("LIST");
    Record record = describe(context, list);
    const Array settings = settings_of(context, list);
    if (context.format() == Format::json) record.push_back({"settings", settings});
    show(context.out(), context.format(), record);
    if (context.format() == Format::text) print_settings(context, settings);
    return Exit::done;
}

constexpr std::array show_params{list_word, Param{"--count", Take::flag, "count the members of a large list too"}, json_flag};

Exit run_tree(Context& context)
{
    const auto tree = store::list_tree(context.database());
    Table table{context.out(), context.format(), "no lists yet: \"majlis list create\" makes the first"};
    std::vector<std::string> path;
    for (const store::TreeNode& node : tree) {
        path.resize(static_cast<std::size_t>(node.depth));
        const Value parent = path.empty() ? Value{} : Value{path.back()};
        path.push_back(node.list.name);
        if (context.format() == Format::text)
            table.add({{"name", std::string(path.size() * 2 - 2, ' ') + node.list.name}, {"address", node.list.address}});
        else
            table.add({{"id", node.list.name},
                       {"name", node.list.name},
                       {"address", node.list.address},
                       {"parent", parent},
                       {"depth", node.depth}});
    }
    table.finish();
    return Exit::done;
}

constexpr std::array tree_params{json_flag};

}  // namespace

const Verb list_show{"list", "show", "show a list, its settings and where each comes from", show_params, run_show};
const Verb list_tree{"list", "tree", "show every list below its parent", tree_params, run_tree};

}  // namespace majlis::cli
