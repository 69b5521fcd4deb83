#include "core/compose/post_copy.hpp"
#include "core/desk/acts.hpp"
#include "core/store/aliases.hpp"
#include "core/store/list_rules.hpp"
#include "core/store/tokens.hpp"

namespace majlis::desk {
namespace {

void tell_refused(store::Database& db, const SiteFace& site, const store::List& list, const store::Request& request,
                  std::string_view reason, std::int64_t now)
{
    NoticeValues values;
    values.text["address"] = request.address;
    values.blocks["reason"] = std::string{reason};
    send_letter(db, site,
                {.name = "join-refused",
                 .to = request.address,
                 .list = list,
                 .language = unpack(request.detail)["language"],
                 .reply_command = {},
                 .in_reply_to = {},
                 .original = {},
                 .values = std::move(values)},
                now);
}

}  // namespace

store::Answer<void> decide(store::Database& db, const SiteFace& site, std::int64_t request_id, Wish wish, std::string_view reason,
                           const store::By& by)
{
    store::Transaction transaction{db};
    const auto request = store::find_request(db, request_id);
    if (!request || request->kind != store::RequestKind::join || !request->list_id)
        return text::Problem{"there is no request " + std::to_string(request_id) + " that waits for a moderator"};
    if (request->state != store::RequestState::open || request->step != store::Step::moderator)
        return text::Problem{"request " + std::to_string(request_id) + " does not wait for a moderator: it is " +
                             std::string{store::request_state_name(request->state)}};
    const auto list = store::find_list(db, *request->list_id).value();
    if (wish == Wish::approve) {
        const auto order = order_of(*request);
        if (!order) return text::Problem{"its address cannot be read"};
        const auto added = admit(db, site, list, *order, by);
        if (!added) return added.error();
        store::end_request(db, *request, store::RequestState::done, "", by);
    } else {
        store::end_request(db, *request, store::RequestState::refused, reason, by);
        if (wish == Wish::refuse) tell_refused(db, site, list, *request, reason, by.at);
        if (wish == Wish::ban) {
            const auto rule = store::add_rule(db,
                                              {.list_id = list.id,
                                               .kind = store::RuleKind::ban,
                                               .field = {},
                                               .pattern = request->address_key,
                                               .action = store::RuleAction::hold,
                                               .note = "asked to join"},
                                              by);
            if (!rule) return rule.error();
        }
    }
    transaction.commit();
    return {};
}

store::Answer<void> invite(store::Database& db, const SiteFace& site, const store::List& list, const Address& address,
                           std::string_view name, const store::By& by)
{
    store::Transaction transaction{db};
    const auto key = address.key();
    if (!may_write_to(db, key, {site.domain, {}}))
        return text::Problem{address.text() + " is an address that nobody reads: it cannot be invited"};
    if (store::sender_rule(db, list.id, store::RuleKind::ban, std::span{&key, 1}))
        return text::Problem{address.text() + " is banned from " + list.name};
    if (const auto person = store::find_person(db, key))
        for (const auto& row : store::subscriptions_of(db, person->id))
            if (row.list_id == list.id) return text::Problem{address.text() + " is on " + list.name + " already"};
    const auto expires = by.at + accept_within;
    const Order order{.address = address, .name = std::string{name}, .language = {}};
    const auto pending = store::open_request_of(db, key, store::RequestKind::invite, list.id);
    std::int64_t id = 0;
    if (pending) {
        id = pending->id;
        store::renew_request(db, id, expires);
    } else {
        id = store::open_request(db,
                                 {.kind = store::RequestKind::invite,
                                  .list_id = list.id,
                                  .address = address.text(),
                                  .address_key = key,
                                  .detail = pack(detail_of(order)),
                                  .expires_at = expires},
                                 by);
    }
    const auto token = store::issue_token(
        db,
        {.purpose = store::TokenPurpose::confirm, .request_id = id, .post_list_id = {}, .member_id = {}, .expires_at = expires},
        by.at);
    NoticeValues values;
    values.text["address"] = address.text();
    values.text["name"] = std::string{name};
    values.text["description"] = store::settings_of(db, list.id).description;
    values.text["until"] = day_of(expires);
    values.text["confirm_address"] = command_address(list.address, "confirm-" + token);
    send_letter(db, site,
                {.name = "invite",
                 .to = address.text(),
                 .list = list,
                 .language = {},
                 .reply_command = "confirm-" + token,
                 .in_reply_to = {},
                 .original = {},
                 .values = std::move(values)},
                by.at);
    transaction.commit();
    return {};
}

bool confirmation_bounced(store::Database& db, std::string_view message_id, const store::By& by)
{
    constexpr std::string_view mark = "confirm-";
    if (!message_id.starts_with(mark)) return false;
    const auto found = store::find_token(db, message_id.substr(mark.size(), message_id.find('.') - mark.size()));
    if (!found || !found->request_id) return false;
    const auto request = store::find_request(db, *found->request_id);
    // A probe or a warning that came back is what it was sent for: it counts, and a later letter may still be answered.
    if (!request || request->kind == store::RequestKind::resume) return false;
    return request->step == store::Step::person &&
           store::end_request(db, *request, store::RequestState::refused, "the confirmation came back", by);
}

std::size_t expire(store::Database& db, const SiteFace& site, std::int64_t now, std::size_t limit)
{
    store::Transaction transaction{db};
    const auto overdue = store::overdue_requests(db, now, limit);
    for (const auto& request : overdue) {
        store::end_request(db, request, store::RequestState::expired, "", {"majlisd", now});
        const auto list = request.list_id ? store::find_list(db, *request.list_id) : std::nullopt;
        if (list && request.step == store::Step::moderator) tell_refused(db, site, *list, request, "", now);
    }
    transaction.commit();
    return overdue.size();
}

}  // namespace majlis::desk
