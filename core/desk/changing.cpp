#include <algorithm>

#include "core/desk/acts.hpp"
#include "core/store/aliases.hpp"
#include "core/store/moderators.hpp"
#include "core/store/preferences.hpp"
#include "core/store/roles.hpp"

namespace majlis::desk {
namespace {

using commands::Verb;

/// His row on this list gets the mode; where he has none and belongs to a list below, he gets one.
bool set_mode_here(Visit& visit, const store::Member& member, store::Mode mode)
{
    if (store::set_mode(visit.db, visit.list.id, member.id, mode, visit.by())) return true;
    const auto id = visit.list.id;
    if (!store::standing(visit.db, std::span{&id, 1}, member.address_key).front().receiver) return false;
    const auto address = parse_address(member.address);
    if (!address) return false;
    return store::add_member(visit.db, id, {.address = *address, .name = {}, .language = {}, .mode = mode}, visit.by())
        .has_value();
}

store::Mode mode_of(const commands::Line& line)
{
    if (line.verb == Verb::set_mail) return line.argument == "on" ? store::Mode::each : store::Mode::none;
    if (line.argument == "daily") return store::Mode::daily;
    return line.argument == "weekly" ? store::Mode::weekly : store::Mode::each;
}

std::vector<std::string> set_vacation(Visit& visit, const store::Member& member, const commands::Line& line)
{
    auto preferences = store::preferences_of(visit.db, member.id);
    if (line.argument == "off") {
        preferences.away_until.reset();
        store::set_preferences(visit.db, member.id, preferences, visit.by());
        return {visit.say("vacation-off")};
    }
    preferences.away_until = commands::until_of(line.argument, visit.now);
    if (!preferences.away_until) return {visit.say("vacation-wrong")};
    store::set_preferences(visit.db, member.id, preferences, visit.by());
    return {visit.say("vacation-on", {{"until", day_of(*preferences.away_until)}})};
}

std::vector<std::string> set_preference(Visit& visit, const store::Member& member, const commands::Line& line)
{
    auto preferences = store::preferences_of(visit.db, member.id);
    const auto value = line.argument == "on" ? Switch::on : Switch::off;
    (line.verb == Verb::set_own ? preferences.own_posts : preferences.duplicates) = value;
    store::set_preferences(visit.db, member.id, preferences, visit.by());
    const std::string what = line.verb == Verb::set_own ? "own" : "duplicates";
    return {visit.say(what + "-" + line.argument)};
}

std::vector<std::string> set_language(Visit& visit, const store::Member& member, const commands::Line& line)
{
    if (!store::set_language(visit.db, member.id, line.argument, visit.by())) return {visit.say("wrong-argument")};
    visit.language = line.argument;
    return {visit.say("language-set")};
}

std::vector<std::string> set_notices(Visit& visit, const store::Member& member, const commands::Line& line)
{
    const auto notice = line.argument == "each"    ? HeldNotice::each
                        : line.argument == "daily" ? HeldNotice::daily
                                                   : HeldNotice::none;
    store::set_held_notice(visit.db, member.id, notice, visit.by());
    return {visit.say("notices-" + line.argument)};
}

/// The new address must confirm for itself; what it is already is told to nobody else.
std::vector<std::string> add_alias(Visit& visit, const store::Member& member, const commands::Line& line)
{
    const auto address = parse_address(line.argument);
    if (!address) return {visit.say("wrong-argument")};
    const auto key = address->key();
    if (may_write_to(visit.db, key, visit.caller.ourselves) && may_ask(visit, "alias", key)) {
        const auto asked =
            ask(visit, store::RequestKind::alias, *address, {{"member", std::to_string(member.id)}}, confirm_within);
        NoticeValues values;
        values.text["member"] = member.address;
        send_question(visit, "confirm-alias", *address, asked, std::move(values));
        visit.noted("alias: asked " + key + " to confirm");
    }
    return {visit.say("alias-asked", {{"other", address->text()}})};
}

std::vector<std::string> remove_alias(Visit& visit, const store::Member& member, const commands::Line& line)
{
    const auto address = parse_address(line.argument);
    const bool removed = address && store::remove_alias(visit.db, member.id, address->key(), visit.by());
    return {visit.say(removed ? "alias-removed" : "alias-not-yours", {{"other", line.argument}})};
}

/// How his digests are made; who gets none there yet gets them daily.
std::vector<std::string> set_format(Visit& visit, const store::Member& member, store::DigestFormat format)
{
    const auto rows = store::subscriptions_of(visit.db, member.id);
    const auto here = std::ranges::find(rows, visit.list.id, &store::Subscription::list_id);
    const bool has_digest = here != rows.end() && (here->mode == store::Mode::daily || here->mode == store::Mode::weekly);
    if (!has_digest && !set_mode_here(visit, member, store::Mode::daily)) return {visit.say("not-member")};
    auto preferences = store::preferences_of(visit.db, member.id);
    preferences.digest_format = format;
    store::set_preferences(visit.db, member.id, preferences, visit.by());
    return {visit.say("mode-" + std::string{store::mode_name(has_digest ? here->mode : store::Mode::daily)}),
            visit.say("digest-" + std::string{store::digest_format_name(format)})};
}

std::vector<std::string> set_mode(Visit& visit, const store::Member& member, const commands::Line& line)
{
    if (const auto format = store::digest_format_named(line.argument)) return set_format(visit, member, *format);
    const auto mode = mode_of(line);
    if (!set_mode_here(visit, member, mode)) return {visit.say("not-member")};
    return {visit.say("mode-" + std::string{store::mode_name(mode)})};
}

}  // namespace

bool is_change(const commands::Line& line)
{
    return line.runs() && *line.verb >= Verb::set_digest && *line.verb <= Verb::alias_remove;
}

std::vector<std::string> change(Visit& visit, const store::Member& member, const commands::Line& line)
{
    switch (*line.verb) {
        case Verb::set_digest:
        case Verb::set_mail:
            return set_mode(visit, member, line);
        case Verb::set_language:
            return set_language(visit, member, line);
        case Verb::set_vacation:
            return set_vacation(visit, member, line);
        case Verb::set_own:
        case Verb::set_duplicates:
            return set_preference(visit, member, line);
        case Verb::set_notices:
            return set_notices(visit, member, line);
        case Verb::alias_add:
            return add_alias(visit, member, line);
        case Verb::alias_remove:
            return remove_alias(visit, member, line);
        default:
            return {};
    }
}

std::vector<Result> changes(Visit& visit, const std::vector<const commands::Line*>& lines)
{
    std::vector<Result> results;
    if (lines.empty()) return results;
    if (!visit.person) {
        for (const auto* line : lines) results.push_back(visit.here(line->text, "not-known"));
        return results;
    }
    if (visit.proven()) {
        for (const auto* line : lines) {
            auto says = change(visit, *visit.person, *line);
            results.push_back({line->text, std::move(says), Result::Told::here});
            visit.noted(line->canonical());
        }
        return results;
    }
    for (const auto* line : lines) results.push_back({line->text, {visit.say("change-waits")}, Result::Told::by_letter});
    if (!may_ask(visit, "set", visit.key)) {
        visit.noted("not asked again: limit");
        return results;
    }
    Values detail;
    NoticeValues values;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        detail[(i < 10 ? "0" : "") + std::to_string(i)] = lines[i]->canonical();
        values.rows["changes"].push_back({{"line", lines[i]->canonical()}});
    }
    const auto address = parse_address(visit.person->address).value();
    const auto asked = ask(visit, store::RequestKind::set, address, detail, confirm_within);
    send_question(visit, "confirm-set", address, asked, std::move(values));
    visit.noted("set: asked " + visit.person->address_key + " to confirm");
    return results;
}

void changes_confirmed(Visit& visit, const store::Request& request)
{
    const auto member = store::find_person(visit.db, request.address_key);
    store::end_request(visit.db, request, member ? store::RequestState::done : store::RequestState::refused, "", visit.by());
    if (!member) return answer(visit, {visit.here("", "not-known")}, {});
    visit.person = member;
    std::vector<Result> results;
    for (const auto& [number, text] : unpack(request.detail)) {
        const auto line = commands::parse_line(text);
        if (is_reading(line)) results.push_back(read_archive(visit, line));
        if (!is_change(line)) continue;
        auto says = change(visit, *member, line);
        results.push_back({line.text, std::move(says), Result::Told::here});
        visit.noted(line.canonical());
    }
    answer(visit, results, {});
}

void alias_confirmed(Visit& visit, const store::Request& request)
{
    const auto values = unpack(request.detail);
    const auto id = values.find("member");
    const auto member = id == values.end() ? std::nullopt : store::find_member(visit.db, std::stoll(id->second));
    const auto address = parse_address(request.address);
    const auto added = member && address ? store::add_alias(visit.db, member->id, *address, visit.by())
                                         : store::Answer<bool>{text::Problem{"that member is gone"}};
    store::end_request(visit.db, request, added ? store::RequestState::done : store::RequestState::refused,
                       added ? "" : added.error().message, visit.by());
    visit.noted(added ? "alias added" : added.error().message);
    answer(visit, {visit.here("", added ? "alias-added" : "alias-refused", {{"other", request.address}})}, {});
}

}  // namespace majlis::desk
