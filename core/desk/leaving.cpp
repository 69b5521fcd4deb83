#include <algorithm>
#include <array>
#include <map>

#include "core/compose/post_copy.hpp"
#include "core/desk/acts.hpp"
#include "core/store/aliases.hpp"
#include "core/store/roles.hpp"
#include "core/store/spent.hpp"
#include "core/token/token.hpp"

namespace majlis::desk {
namespace {

constexpr store::Allowance goodbyes{3, day};

store::Standing standing_of(store::Database& db, const store::List& list, const std::string& key)
{
    const auto id = list.id;
    return store::standing(db, std::span{&id, 1}, key).front();
}

/// What still comes, and how to end that too.
void add_rest(store::Database& db, const store::Member& member, const store::List& left, NoticeValues& values)
{
    for (const auto& one : receives(db, member.id)) {
        if (one.mode == store::Mode::none || one.list.id == left.id) continue;
        auto& rows = values.rows[one.own_row ? "own" : "through"];
        rows.push_back({{"name", one.list.name},
                        {"leave_address", command_address(one.list.address, "unsubscribe")},
                        {"mute_address", command_address(one.list.address, "request")}});
    }
    for (const auto* kind : {"own", "through"})
        if (values.rows.contains(kind)) values.text[std::string{"has_"} + kind] = "yes";
}

void say_goodbye(store::Database& db, const SiteFace& site, const store::List& list, const store::Member& member, Left how,
                 std::int64_t now)
{
    if (store::settings_of(db, list.id).goodbye == Switch::off) return;
    if (!store::spend(db, "goodbye", member.address_key, goodbyes, now)) return;
    NoticeValues values;
    values.text["address"] = member.address;
    values.text["subscribe_address"] = command_address(list.address, "subscribe");
    values.text[how == Left::muted ? "muted" : "removed"] = "yes";
    add_rest(db, member, list, values);
    send_letter(db, site,
                {.name = "goodbye",
                 .to = member.address,
                 .list = list,
                 .language = {},
                 .reply_command = "request",
                 .in_reply_to = {},
                 .original = {},
                 .values = std::move(values)},
                now);
}

Left remove_or_mute(store::Database& db, const store::List& list, const store::Member& member, const store::By& by)
{
    const auto standing = standing_of(db, list, member.address_key);
    if (!standing.below || !standing.receiver)
        return store::remove_member(db, list.id, member.id, by) ? Left::removed : Left::was_not_there;
    const auto muted = receives(db, member.id);
    const auto here = std::ranges::find_if(muted, [&](const Receives& one) { return one.list.id == list.id; });
    if (here != muted.end() && here->mode == store::Mode::none) return Left::was_not_there;
    if (standing.on_list) {
        store::set_mode(db, list.id, member.id, store::Mode::none, by);
        return Left::muted;
    }
    const auto address = parse_address(member.address);
    if (!address) return Left::was_not_there;
    const auto added =
        store::add_member(db, list.id, {.address = *address, .name = {}, .language = {}, .mode = store::Mode::none}, by);
    return added ? Left::muted : Left::was_not_there;
}

}  // namespace

std::vector<Receives> receives(store::Database& db, std::int64_t member_id)
{
    const auto rows = store::subscriptions_of(db, member_id);
    std::map<std::int64_t, Receives> all;
    for (const auto& row : rows) {
        bool first = true;
        for (const auto& list : store::ancestors(db, row.list_id)) {
            const bool own = std::ranges::find(rows, list.id, &store::Subscription::list_id) != rows.end();
            if (!first && own) break;  // his row there decides for what is above
            if (!first && store::settings_of(db, list.id).reach == Reach::list) {
                first = false;
                continue;
            }
            auto& one = all.try_emplace(list.id, Receives{list, row.mode, own}).first->second;
            one.mode = std::max(one.mode, row.mode);
            first = false;
        }
    }
    std::vector<Receives> sorted;
    for (auto& [id, one] : all) sorted.push_back(std::move(one));
    std::ranges::sort(sorted, {}, [](const Receives& one) { return one.list.name; });
    return sorted;
}

Left take_leave(store::Database& db, const SiteFace& site, const store::List& list, const store::Member& member,
                const store::By& by)
{
    const auto how = remove_or_mute(db, list, member, by);
    if (how != Left::was_not_there) say_goodbye(db, site, list, member, how, by.at);
    return how;
}

Result leave(Visit& visit, const commands::Line& line)
{
    if (!line.list.empty() && !names_list(visit.list, line.list) && line.list != visit.key)
        return visit.here(line.text, line.list.find('@') == std::string::npos ? "wrong-argument" : "leave-others");
    if (!visit.person) return visit.here(line.text, "not-member");
    const auto standing = standing_of(visit.db, visit.list, visit.person->address_key);
    if (!standing.on_list && !standing.receiver) return visit.here(line.text, "not-member");
    if (visit.proven()) {
        const auto how = take_leave(visit.db, visit.site, visit.list, *visit.person, visit.by());
        visit.wrote = true;
        visit.noted(how == Left::muted ? "muted" : "left");
        auto result = visit.here(line.text, how == Left::muted ? "left-muted" : "left");
        if (how != Left::was_not_there && visit.settings.goodbye == Switch::on) result.told = Result::Told::by_letter;
        return result;
    }
    if (!may_ask(visit, "leave", visit.key)) {
        visit.noted("not asked again: limit");
        return {line.text, {}, Result::Told::by_letter};
    }
    const auto address = parse_address(visit.person->address).value();
    const auto asked = ask(visit, store::RequestKind::leave, address, {}, confirm_within);
    send_question(visit, "confirm-leave", address, asked, {});
    visit.noted("leave: asked " + visit.person->address_key + " to confirm");
    return {line.text, {}, Result::Told::by_letter};
}

void leave_confirmed(Visit& visit, const store::Request& request)
{
    const auto member = store::find_person(visit.db, request.address_key);
    const auto how = member ? take_leave(visit.db, visit.site, visit.list, *member, visit.by()) : Left::was_not_there;
    const auto state = how == Left::was_not_there ? store::RequestState::refused : store::RequestState::done;
    store::end_request(visit.db, request, state, how == Left::was_not_there ? "not on the list any more" : "", visit.by());
    visit.wrote = true;
    visit.noted(how == Left::was_not_there ? "leave: not on the list any more" : "left");
    if (how == Left::was_not_there) return answer(visit, {visit.here("", "not-member")}, {});
    if (visit.settings.goodbye == Switch::off) answer(visit, {visit.here("", how == Left::muted ? "left-muted" : "left")}, {});
}

Done leave_by_token(const Caller& caller, const Target& target)
{
    auto& db = caller.db;
    const auto token = token::open_unsubscribe(store::site_secret(db), target.token);
    if (!token) return {"unsubscribe: its token is not ours", false};
    const auto member = store::find_member(db, token->member);
    const auto list = store::find_list(db, token->list);
    if (!member || !list) return {"unsubscribe: that member or list is gone", false};
    switch (take_leave(db, caller.site, *list, *member, {"mail:" + member->address_key, caller.now})) {
        case Left::removed:
            return {"unsubscribed " + member->address_key, true};
        case Left::muted:
            return {"muted for " + member->address_key + ", who is on a list below", true};
        case Left::was_not_there:
            break;
    }
    return {member->address_key + " was not on the list any more", false};
}

}  // namespace majlis::desk
