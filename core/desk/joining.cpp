#include <algorithm>

#include "core/compose/post_copy.hpp"
#include "core/desk/acts.hpp"
#include "core/store/aliases.hpp"
#include "core/store/journal.hpp"
#include "core/store/list_rules.hpp"
#include "core/store/moderators.hpp"
#include "core/store/tokens.hpp"
#include "core/text/ascii.hpp"

namespace majlis::desk {
namespace {

constexpr std::size_t most_moderators = 50;

bool banned(store::Database& db, std::int64_t list_id, const std::string& key)
{
    return store::sender_rule(db, list_id, store::RuleKind::ban, std::span{&key, 1}).has_value();
}

std::optional<store::Mode> mode_on(store::Database& db, std::int64_t list_id, std::int64_t member_id)
{
    for (const auto& subscription : store::subscriptions_of(db, member_id))
        if (subscription.list_id == list_id) return subscription.mode;
    return std::nullopt;
}

/// Why he cannot join, as a phrase; "" where he can.
std::string why_not(Visit& visit, const Address& address)
{
    const auto key = address.key();
    if (!may_write_to(visit.db, key, visit.caller.ourselves)) return "join-bad-address";
    if (banned(visit.db, visit.list.id, key)) return "join-banned";
    if (const auto person = store::find_person(visit.db, key))
        if (const auto mode = mode_on(visit.db, visit.list.id, person->id))
            return *mode == store::Mode::none ? "join-already-muted" : "join-already";
    switch (visit.settings.subscribe) {
        case Subscribe::closed:
            return "join-closed";
        case Subscribe::invite:
            return "join-invite-only";
        default:
            break;
    }
    const auto pending = store::open_request_of(visit.db, key, store::RequestKind::join, visit.list.id);
    if (pending && pending->step == store::Step::moderator) return "join-waits";
    return {};
}

Order order_of_line(const Visit& visit, const Address& address, const commands::Line& line)
{
    Order order{.address = address, .name = {}, .language = {}};
    const bool himself = address.key() == visit.key;
    if (himself) order.name = visit.name;
    if (himself && visit.language != visit.settings.language) order.language = visit.language;
    order.mode = store::mode_named(line.argument).value_or(store::Mode::each);
    order.format = store::digest_format_named(line.format);
    return order;
}

void ask_to_confirm(Visit& visit, const Order& order)
{
    if (!may_ask(visit, "join", order.address.key())) return visit.noted("not asked again: limit");
    const auto asked = ask(visit, store::RequestKind::join, order.address, detail_of(order), confirm_within);
    send_question(visit, "confirm-join", order.address, asked, {});
    visit.noted("join: asked " + order.address.key() + " to confirm");
}

void welcome(store::Database& db, const SiteFace& site, const store::List& list, const store::Member& member, const store::By& by)
{
    const auto settings = store::settings_of(db, list.id);
    NoticeValues values;
    values.text["address"] = member.address;
    values.text["description"] = settings.description;
    values.text["unsubscribe_address"] = command_address(list.address, "unsubscribe");
    for (const auto& one : receives(db, member.id))
        if (!one.own_row && one.mode != store::Mode::none)
            values.rows["through"].push_back({{"name", one.list.name}, {"address", one.list.address}});
    if (!values.rows["through"].empty()) values.text["has_through"] = "yes";
    send_letter(db, site,
                {.name = "welcome",
                 .to = member.address,
                 .list = list,
                 .language = {},
                 .reply_command = "request",
                 .in_reply_to = {},
                 .original = {},
                 .values = std::move(values)},
                by.at);
}

}  // namespace

Values detail_of(const Order& order)
{
    return {{"name", order.name},
            {"language", order.language},
            {"mode", std::string{store::mode_name(order.mode)}},
            {"digest", order.format ? std::string{store::digest_format_name(*order.format)} : std::string{}}};
}

std::optional<Order> order_of(const store::Request& request)
{
    const auto address = parse_address(request.address);
    if (!address) return std::nullopt;
    auto values = unpack(request.detail);
    return Order{*address, values["name"], values["language"], store::mode_named(values["mode"]).value_or(store::Mode::each),
                 store::digest_format_named(values["digest"])};
}

bool names_list(const store::List& list, std::string_view word)
{
    const auto lower = text::lowered(word);
    return lower == list.name || lower == list.address_key || lower == list.list_id;
}

store::Answer<store::Added> admit(store::Database& db, const SiteFace& site, const store::List& list, const Order& order,
                                  const store::By& by)
{
    if (banned(db, list.id, order.address.key())) return text::Problem{"this address is banned from the list"};
    const auto known = store::find_person(db, order.address.key());
    auto address = order.address;
    if (known)
        if (const auto main = parse_address(known->address)) address = *main;
    const auto added = store::add_member(db, list.id,
                                         {.address = address,
                                          .name = known && !known->name.empty() ? std::string{} : order.name,
                                          .language = known && !known->language.empty() ? std::string{} : order.language,
                                          .mode = order.mode},
                                         by);
    if (!added) return added;
    if (order.format) {
        auto preferences = store::preferences_of(db, added->member_id);
        preferences.digest_format = *order.format;
        store::set_preferences(db, added->member_id, preferences, by);
    }
    if (added->kind == store::Added::Kind::added && store::settings_of(db, list.id).welcome == Switch::on)
        welcome(db, site, list, *store::find_member(db, added->member_id), by);
    return added;
}

Result join(Visit& visit, const commands::Line& line)
{
    if (!line.list.empty() && !names_list(visit.list, line.list)) return visit.here(line.text, "wrong-argument");
    const auto other = line.address.empty() ? std::nullopt : std::optional{parse_address(line.address).value()};
    const bool himself = !other || other->key() == visit.key;
    const auto address = himself ? parse_address(visit.address()).value() : *other;
    const auto reason = why_not(visit, address);
    // What another address is on the list is never told to somebody else.
    if (!himself) {
        if (reason.empty()) ask_to_confirm(visit, order_of_line(visit, address, line));
        return visit.here(line.text, "join-other", {{"other", address.text()}});
    }
    if (!reason.empty()) {
        visit.noted(reason);
        return visit.here(line.text, reason);
    }
    const auto order = order_of_line(visit, address, line);
    const auto policy = visit.settings.subscribe;
    if (visit.proven() && policy == Subscribe::open) {
        const auto added = admit(visit.db, visit.site, visit.list, order, visit.by());
        visit.noted(added ? "joined" : added.error().message);
        visit.wrote = true;
        if (!added) return visit.here(line.text, "join-bad-address");
        auto result = visit.here(line.text, "joined");
        if (visit.settings.welcome == Switch::on) result.told = Result::Told::by_letter;
        return result;
    }
    if (visit.proven() && policy == Subscribe::moderate) {
        const auto asked = ask(visit, store::RequestKind::join, address, detail_of(order), accept_within);
        join_confirmed(visit, *store::find_request(visit.db, asked.request_id));
        return visit.here(line.text, "join-waits");
    }
    ask_to_confirm(visit, order);
    return {line.text, {}, Result::Told::by_letter};
}

void join_confirmed(Visit& visit, const store::Request& request)
{
    const auto order = order_of(request);
    const auto reason = order ? why_not(visit, order->address) : "join-bad-address";
    if (!reason.empty()) {
        store::end_request(visit.db, request, store::RequestState::refused, reason, visit.by());
        visit.noted(reason);
        return answer(visit, {visit.here("", reason)}, {});
    }
    const auto policy = visit.settings.subscribe;
    if (policy == Subscribe::moderate || policy == Subscribe::confirm_and_moderate) {
        store::pass_to_moderators(visit.db, request, visit.now + accept_within, visit.by());
        show_to_moderators(visit.db, visit.site, visit.list, request, visit.now);
        visit.wrote = true;
        visit.noted("join: waits for a moderator");
        return;
    }
    const auto added = admit(visit.db, visit.site, visit.list, *order, visit.by());
    store::end_request(visit.db, request, added ? store::RequestState::done : store::RequestState::refused,
                       added ? "" : added.error().message, visit.by());
    visit.noted(added ? "joined" : added.error().message);
    visit.wrote = true;
    if (!added) return answer(visit, {visit.here("", "join-bad-address")}, {});
    if (visit.settings.welcome == Switch::off) answer(visit, {visit.here("", "joined")}, {});
}

void show_to_moderators(store::Database& db, const SiteFace& site, const store::List& list, const store::Request& request,
                        std::int64_t now)
{
    const auto order = order_of(request);
    NoticeValues values;
    values.text["address"] = request.address;
    values.text["name"] = order ? order->name : std::string{};
    values.text["until"] = day_of(now + accept_within);
    values.text["request"] = std::to_string(request.id);
    const auto moderators = store::moderators_of(db, list.id, most_moderators);
    for (const auto& one : moderators) {
        if (one.notice == HeldNotice::none) continue;
        const auto token = store::issue_token(db,
                                              {.purpose = store::TokenPurpose::moderate,
                                               .request_id = request.id,
                                               .post_list_id = {},
                                               .member_id = one.member.id,
                                               .expires_at = now + accept_within},
                                              now);
        send_letter(db, site,
                    {.name = "join-request",
                     .to = one.member.address,
                     .list = list,
                     .language = {},
                     .reply_command = "mod-" + token,
                     .in_reply_to = {},
                     .original = {},
                     .values = values},
                    now);
    }
    if (!moderators.empty()) return;
    // Nobody who could answer by mail: the site's owner acts on the command line.
    send_letter(db, site,
                {.name = "join-request-owner",
                 .to = site.owner,
                 .list = list,
                 .language = site.language,
                 .reply_command = {},
                 .in_reply_to = {},
                 .original = {},
                 .values = values},
                now);
}

}  // namespace majlis::desk
