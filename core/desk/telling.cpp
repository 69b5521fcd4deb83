#include <algorithm>

#include "core/compose/post_copy.hpp"
#include "core/desk/acts.hpp"
#include "core/store/aliases.hpp"
#include "core/store/preferences.hpp"
#include "core/store/roles.hpp"

namespace majlis::desk {
namespace {

std::string mode_phrase(const Visit& visit, store::Mode mode) { return visit.say("word-" + std::string{store::mode_name(mode)}); }

/// Whether this person may know of the list.
bool may_see(const Visit& visit, const store::List& list)
{
    const auto seen = store::settings_of(visit.db, list.id).visibility;
    if (seen == Visibility::everyone) return true;
    if (!visit.person) return false;
    const auto id = list.id;
    const auto standing = store::standing(visit.db, std::span{&id, 1}, visit.person->address_key).front();
    if (standing.moderator) return true;
    if (seen == Visibility::members) return standing.receiver;
    if (seen == Visibility::moderators) return false;
    const auto root = store::ancestors(visit.db, list.id).back().id;
    return std::ranges::any_of(store::subscriptions_of(visit.db, visit.person->id), [&](const store::Subscription& row) {
        return store::ancestors(visit.db, row.list_id).back().id == root;
    });
}

void add_preferences(const Visit& visit, std::vector<std::string>& says)
{
    const auto preferences = store::preferences_of(visit.db, visit.person->id);
    if (preferences.own_posts == Switch::off) says.push_back(visit.say("own-off"));
    if (preferences.duplicates == Switch::off) says.push_back(visit.say("duplicates-off"));
    if (preferences.digest_format == store::DigestFormat::plain) says.push_back(visit.say("digest-plain"));
    if (preferences.away_until && *preferences.away_until > visit.now)
        says.push_back(visit.say("vacation-on", {{"until", day_of(*preferences.away_until)}}));
    for (const auto& alias : store::aliases_of(visit.db, visit.person->id))
        says.push_back(visit.say("whoami-alias", {{"other", alias}}));
}

void add_roles(const Visit& visit, std::vector<std::string>& says)
{
    for (const auto& [list, role] : store::roles_of(visit.db, visit.person->id))
        says.push_back(visit.say("whoami-" + std::string{store::role_name(role)}, {{"name", list}}));
}

}  // namespace

Result whoami(const Visit& visit, const commands::Line& line)
{
    if (!visit.person) return visit.here(line.text, "not-known", {{"address", visit.sender.text()}});
    Result result{line.text, {}, Result::Told::here};
    result.says.push_back(
        visit.say(visit.person->name.empty() ? "whoami-address" : "whoami-name", {{"name", visit.person->name}}));
    result.says.push_back(visit.say("language-set"));
    for (const auto& one : receives(visit.db, visit.person->id))
        result.says.push_back(visit.say(one.own_row ? "whoami-list" : "whoami-through",
                                        {{"name", one.list.name}, {"mode", mode_phrase(visit, one.mode)}}));
    add_roles(visit, result.says);
    add_preferences(visit, result.says);
    return result;
}

Result lists(const Visit& visit, const commands::Line& line)
{
    Result result{line.text, {}, Result::Told::here};
    for (const auto& node : store::list_tree(visit.db)) {
        if (result.says.size() >= 45) break;  // an answer shows 50 lines
        if (!may_see(visit, node.list)) continue;
        const auto title = store::settings_of(visit.db, node.list.id).title;
        result.says.push_back(visit.say(title.empty() ? "lists-name" : "lists-title",
                                        {{"name", node.list.name}, {"title", title}, {"other", node.list.address}}));
    }
    if (result.says.empty()) result.says.push_back(visit.say("lists-none"));
    return result;
}

Result help_with(const Visit& visit, const commands::Line& line)
{
    auto key = line.argument;
    std::ranges::replace(key, ' ', '-');
    return visit.here(line.text, "usage-" + key);
}

void send_help(Visit& visit)
{
    if (!spend_answer(visit.db, visit.key, visit.known(), visit.now)) return visit.noted("not answered: enough for today");
    NoticeValues values;
    values.text["address"] = visit.sender.text();
    values.text["description"] = visit.settings.description;
    values.text["subscribe_address"] = command_address(visit.list.address, "subscribe");
    values.text["unsubscribe_address"] = command_address(visit.list.address, "unsubscribe");
    visit.write({.name = "help",
                 .to = visit.sender.text(),
                 .list = {},
                 .language = visit.language,
                 .reply_command = "request",
                 .in_reply_to = message_id_of(visit.caller.message),
                 .original = {},
                 .values = std::move(values)});
    visit.noted("helped");
}

}  // namespace majlis::desk
