#include <fmt/format.h>

#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"
#include "core/commands/commands.hpp"
#include "core/desk/desk.hpp"
#include "core/judge/context.hpp"
#include "core/store/aliases.hpp"
#include "core/store/preferences.hpp"
#include "core/store/roles.hpp"

namespace majlis::cli {
namespace {

constexpr std::string_view modes = "each|daily|weekly|none";
constexpr std::size_t most_found = 1'000;

store::Mode mode_of(Context& context, const std::string& word)
{
    const auto mode = store::mode_named(word);
    if (!mode) throw context.wrong_usage("mode cannot be \"" + word + "\": give each, daily, weekly or none");
    return *mode;
}

/// One mail to each, and nobody is on the list before he has replied.
Exit invite(Context& context)
{
    const Args& args = context.args();
    for (const char* option : {"--mode", "--language"})
        if (args.has(option)) throw context.wrong_usage(fmt::format("{} is for members: whoever is invited is none yet", option));
    const auto site = judge_context(context.config()).site;
    store::Database& db = context.database(store::Open::read_write);
    const store::By by = context.by();
    store::Transaction transaction{db};
    const store::List list = context.list();
    std::string invited;
    for (const std::string& text : args.all("ADDRESS")) {
        const Address address = context.address(text);
        context.need(desk::invite(db, site, list, address, args.get("--name"), by));
        invited.append(invited.empty() ? "" : ", ").append(address.text());
    }
    context.finish(transaction, fmt::format("invited to {}: {}", list.name, invited));
    return Exit::done;
}

Exit run_add(Context& context)
{
    const Args& args = context.args();
    const auto& addresses = args.all("ADDRESS");
    if (args.has("--name") && addresses.size() > 1)
        throw context.wrong_usage("--name is for one address: add the others on their own");
    if (args.has("--invite")) return invite(context);
    store::Database& db = context.database(store::Open::read_write);
    const store::By by = context.by();
    store::Transaction transaction{db};
    const store::List list = context.list();
    std::string added, already;
    for (const std::string& text : addresses) {
        store::NewSubscription order{context.address(text), args.get("--name"), args.get("--language"), store::Mode::each};
        if (args.has("--mode")) order.mode = mode_of(context, args.get("--mode"));
        const store::Added done = context.need(store::add_member(db, list.id, order, by));
        std::string& names = done.kind == store::Added::Kind::added ? added : already;
        names.append(names.empty() ? "" : ", ").append(order.address.text());
    }
    std::string said = added.empty() ? "" : fmt::format("added to {}: {}", list.name, added);
    if (!already.empty()) said += fmt::format("{}already on {}, unchanged: {}", said.empty() ? "" : "; ", list.name, already);
    context.finish(transaction, said);
    return Exit::done;
}

constexpr std::array add_params{
    list_word,
    Param{"ADDRESS", Take::words, "who"},
    Param{"--name", Take::value, "name of the person", "NAME"},
    Param{"--mode", Take::value, "what he receives", "", modes},
    Param{"--language", Take::value, "of what majlis writes to him", "", "fr|ar|en"},
    Param{"--invite", Take::flag, "ask each by mail; his reply puts him on the list"},
    dry_run_flag,
};

Exit run_remove(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    const store::By by = context.by();
    store::Transaction transaction{db};
    const store::List list = context.list();
    std::string removed;
    for (const std::string& text : context.args().all("ADDRESS")) {
        const store::Member member = context.member(text);
        if (!store::remove_member(db, list.id, member.id, by))
            throw context.failure(fmt::format("{} is not on {}: nobody was removed; \"majlis member show {}\" tells his lists",
                                              member.address, list.name, member.address));
        removed.append(removed.empty() ? "" : ", ").append(member.address);
    }
    context.finish(transaction, fmt::format("removed from {}: {}", list.name, removed));
    return Exit::done;
}

constexpr std::array remove_params{list_word, Param{"ADDRESS", Take::words, "who"}, dry_run_flag};

Array subscriptions_of(const std::vector<store::Subscription>& subscriptions)
{
    Array out;
    for (const store::Subscription& s : subscriptions)
        out.emplace_back(Record{{"list", s.list}, {"mode", store::mode_name(s.mode)}, {"joined_at", time_value(s.joined_at)}});
    return out;
}

/// Roles of one member, wherever they were given.
Array roles_shown(store::Database& db, std::int64_t member_id)
{
    Array out;
    for (const store::TreeNode& node : store::list_tree(db))
        for (const store::RoleHolder& holder : store::role_holders(db, node.list.id, store::Reckon::own))
            if (holder.member.id == member_id)
                out.emplace_back(Record{{"list", holder.list}, {"role", store::role_name(holder.role)}});
    return out;
}

Array aliases_shown(store::Database& db, std::int64_t member_id)
{
    Array out;
    for (const std::string& address : store::aliases_of(db, member_id)) out.emplace_back(address);
    return out;
}

Value or_null(const std::string& text) { return text.empty() ? Value{} : Value{text}; }

Exit run_show(Context& context)
{
    const store::Member member = context.member(context.args().get("ADDRESS"));
    store::Database& db = context.database();
    const auto preferences = store::preferences_of(db, member.id);
    show(context.out(), context.format(),
         {{"id", member.address},
          {"address", member.address},
          {"name", member.name},
          {"language", or_null(member.language)},
          {"own", preferences.own_posts == Switch::on ? "on" : "off"},
          {"duplicates", preferences.duplicates == Switch::on ? "on" : "off"},
          {"digest", store::digest_format_name(preferences.digest_format)},
          {"vacation", preferences.away_until ? time_value(*preferences.away_until) : Value{}},
          {"aliases", aliases_shown(db, member.id)},
          {"created_at", time_value(member.created_at)},
          {"subscriptions", subscriptions_of(store::subscriptions_of(db, member.id))},
          {"roles", roles_shown(db, member.id)}});
    return Exit::done;
}

constexpr std::array show_params{Param{"ADDRESS", Take::word, "who"}, json_flag};

void set_mode_on(Context& context, const store::Member& member, const std::string& value, const store::By& by)
{
    if (!context.args().has("--list")) throw context.wrong_usage("mode belongs to a subscription: say which with --list LIST");
    const store::List list = context.list("--list");
    const store::Mode mode = mode_of(context, value);
    if (!store::set_mode(context.database(), list.id, member.id, mode, by))
        throw context.failure(fmt::format("{} is not on {}: \"majlis member add {} {} --mode {}\" puts him there", member.address,
                                          list.name, list.name, member.address, value));
}

Switch switch_of(Context& context, const std::string& key, const std::string& value)
{
    if (value == "on") return Switch::on;
    if (value == "off") return Switch::off;
    throw context.wrong_usage(key + " cannot be \"" + value + "\": give on or off");
}

void set_preference(Context& context, const store::Member& member, const std::string& key, const std::string& value,
                    const store::By& by)
{
    auto preferences = store::preferences_of(context.database(), member.id);
    if (key == "own") preferences.own_posts = switch_of(context, key, value);
    if (key == "duplicates") preferences.duplicates = switch_of(context, key, value);
    if (key == "digest") {
        const auto format = store::digest_format_named(value);
        if (!format) throw context.wrong_usage("digest cannot be \"" + value + "\": give mime or plain");
        preferences.digest_format = *format;
    }
    if (key == "vacation") {
        preferences.away_until = value == "off" ? std::nullopt : commands::until_of(value, by.at);
        if (value != "off" && !preferences.away_until)
            throw context.wrong_usage("vacation cannot be \"" + value +
                                      "\": give a day to come within a year such as 2026-12-31, or off");
    }
    store::set_preferences(context.database(), member.id, preferences, by);
}

void set_alias(Context& context, const store::Member& member, const std::string& key, const std::string& value,
               const store::By& by)
{
    const Address address = context.address(value);
    if (key == "alias") {
        context.need(store::add_alias(context.database(), member.id, address, by));
    } else if (!store::remove_alias(context.database(), member.id, address.key(), by)) {
        throw context.failure(fmt::format("{} is no other address of {}", address.text(), member.address));
    }
}

void set_one(Context& context, const store::Member& member, const std::string& key, const std::string& value, const store::By& by)
{
    store::Database& db = context.database();
    if (key == "name")
        store::set_name(db, member.id, value, by);
    else if (key == "language")
        context.need(store::set_language(db, member.id, value, by));
    else if (key == "address")
        context.need(store::change_address(db, member.id, context.address(value), by));
    else if (key == "mode")
        set_mode_on(context, member, value, by);
    else if (key == "own" || key == "duplicates" || key == "digest" || key == "vacation")
        set_preference(context, member, key, value, by);
    else if (key == "alias" || key == "no-alias")
        set_alias(context, member, key, value, by);
    else
        throw context.wrong_usage(
            "no key \"" + key +
            "\": a member has name, language, address, own, duplicates, digest, vacation, alias, no-alias and, with "
            "--list, mode");
}

Exit run_set(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    const store::By by = context.by();
    store::Transaction transaction{db};
    const store::Member member = context.member(context.args().get("ADDRESS"));
    std::string done;
    for (const std::string& word : context.args().all("KEY=VALUE")) {
        const std::size_t equals = word.find('=');
        if (equals == std::string::npos)
            throw context.wrong_usage("\"" + word + "\" is not KEY=VALUE: write for example language=ar");
        const std::string key = word.substr(0, equals), value = word.substr(equals + 1);
        set_one(context, member, key, value, by);
        done += fmt::format("{}{} = {}", done.empty() ? "" : ", ", key, value);
    }
    const std::string where = context.args().has("--list") ? " on " + context.args().get("--list") : "";
    context.finish(transaction, member.address + where + ": " + done);
    return Exit::done;
}

constexpr std::array set_params{
    Param{"ADDRESS", Take::word, "who"},
    Param{"KEY=VALUE", Take::words,
          "name, language (empty: the list's), address, own, duplicates (on, off), digest (mime, plain), vacation (a day, off), "
          "alias, no-alias (an "
          "address); with --list also mode"},
    Param{"--list", Take::value, "the subscription whose mode is meant", "LIST", "", Offer::lists},
    dry_run_flag,
};

Exit run_find(Context& context)
{
    Table table{context.out(), context.format(), "nobody found"};
    const auto found = store::search_members(context.database(), context.args().get("TEXT"), most_found);
    for (const store::Member& member : found)
        table.add(
            {{"id", member.address}, {"address", member.address}, {"name", member.name}, {"language", or_null(member.language)}});
    table.finish();
    return found.empty() ? Exit::failed : Exit::done;
}

constexpr std::array find_params{Param{"TEXT", Take::word, "part of an address or a name"}, json_flag};

Exit run_list(Context& context)
{
    const bool below = context.args().has("--below");
    const store::List list = context.list();
    Table table{context.out(), context.format(), "no members"};
    store::each_member(context.database(), list.id, below ? store::Below::yes : store::Below::no,
                       [&](const store::ListedMember& listed) {
                           Record row{{"id", listed.member.address},
                                      {"address", listed.member.address},
                                      {"name", listed.member.name},
                                      {"language", or_null(listed.member.language)}};
                           if (below && context.format() == Format::json) {
                               row.push_back({"subscriptions", subscriptions_of(listed.subscriptions)});
                           } else if (below) {
                               std::string lists;
                               for (const auto& s : listed.subscriptions)
                                   lists += fmt::format("{}{}:{}", lists.empty() ? "" : " ", s.list, store::mode_name(s.mode));
                               row.push_back({"subscriptions", lists});
                           } else {
                               row.push_back({"mode", store::mode_name(listed.subscriptions.front().mode)});
                               row.push_back({"joined_at", time_value(listed.subscriptions.front().joined_at)});
                           }
                           table.add(std::move(row));
                           return true;
                       });
    table.finish();
    return Exit::done;
}

constexpr std::array list_params{list_word, Param{"--below", Take::flag, "and of every section below it, each person once"},
                                 json_flag};

}  // namespace

const Verb member_add{"member", "add", "put addresses on a list", add_params, run_add};
const Verb member_remove{"member", "remove", "take addresses off a list", remove_params, run_remove};
const Verb member_show{"member", "show", "show a member with his subscriptions and roles", show_params, run_show};
const Verb member_set{"member", "set", "change name, language, address, preferences or mode", set_params, run_set};
const Verb member_find{"member", "find", "search addresses and names", find_params, run_find};
const Verb member_list{"member", "list", "show who is on a list", list_params, run_list};

}  // namespace majlis::cli
