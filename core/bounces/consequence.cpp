#include "core/bounces/consequence.hpp"

#include <algorithm>

#include "core/bounces/owners.hpp"
#include "core/letters/letter.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/journal.hpp"
#include "core/store/requests.hpp"
#include "core/store/status.hpp"
#include "core/store/tokens.hpp"
#include "core/text/date.hpp"

namespace majlis::bounces {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t probe_waits = 3 * day;    // a probe that has not come back by then was delivered
constexpr std::int64_t relay_may_withdraw = 60;  // seconds in which a relay's refusal may turn out to be a wall for all
constexpr int point = 2;                         // in halves
constexpr std::size_t posts_read = 500;          // that were missed; a letter shows 50, and counts the others

const store::By by_us(std::int64_t now) { return {"majlisd", now}; }

/// Everything about one member that a step needs.
struct Subject {
    store::Database& db;
    const SiteFace& site;
    store::Member member;
    store::BounceState state;
    std::optional<store::List> list;  ///< whose settings judge him
    Settings settings;
    std::int64_t now = 0;
    bool wrote = false;
};

/// The list of the copy, else any of his; nullopt where he is on none any more.
std::optional<store::List> list_for(store::Database& db, std::int64_t member_id, std::optional<std::int64_t> wanted)
{
    if (wanted)
        if (auto list = store::find_list(db, *wanted)) return list;
    const auto subscriptions = store::subscriptions_of(db, member_id);
    return subscriptions.empty() ? std::nullopt : store::find_list(db, subscriptions.front().list_id);
}

void journal(Subject& who, std::string event, std::string detail)
{
    store::journal(who.db, by_us(who.now),
                   {.event = std::move(event),
                    .list_id = who.list ? std::optional{who.list->id} : std::nullopt,
                    .address = who.member.address_key,
                    .detail = std::move(detail)});
}

NoticeValues values_of(const Subject& who)
{
    NoticeValues values;
    values.text["address"] = who.member.address;
    const auto bounces = store::bounces_of(who.db, who.member.id, 1);
    if (!bounces.empty()) values.text["reason"] = bounces.front().text.empty() ? bounces.front().status : bounces.front().text;
    return values;
}

void add_missed(store::Database& db, std::int64_t member_id, std::int64_t since, NoticeValues& values)
{
    for (const auto& post : store::missed_posts(db, member_id, since, posts_read))
        values.rows["missed"].push_back({{"list", post.list}, {"subject", post.subject}, {"message_id", post.message_id}});
    if (!values.rows["missed"].empty()) values.text["some"] = "yes";
}

/// A reply to it brings the mail back.
std::string way_back(Subject& who, std::int64_t until)
{
    const auto open = store::open_request_of(who.db, who.member.address_key, store::RequestKind::resume, who.list->id);
    const auto request = open ? open->id
                              : store::open_request(who.db,
                                                    {.kind = store::RequestKind::resume,
                                                     .list_id = who.list->id,
                                                     .address = who.member.address,
                                                     .address_key = who.member.address_key,
                                                     .detail = "",
                                                     .expires_at = until},
                                                    by_us(who.now));
    if (open) store::renew_request(who.db, open->id, until);
    return store::issue_token(who.db,
                              {.purpose = store::TokenPurpose::confirm,
                               .request_id = request,
                               .post_list_id = {},
                               .member_id = {},
                               .expires_at = until},
                              who.now);
}

std::int64_t write(Subject& who, std::string name, std::string reply_command, NoticeValues values)
{
    Letter letter;
    letter.name = std::move(name);
    letter.to = who.member.address;
    letter.list = who.list;
    letter.reply_command = std::move(reply_command);
    letter.values = std::move(values);
    who.wrote = true;
    return send_letter(who.db, who.site, letter, who.now).delivery_id;
}

void send_probe(Subject& who)
{
    auto values = values_of(who);
    const auto token = way_back(who, who.now + probe_waits);
    who.state.probe_delivery = write(who, "bounce-probe", "confirm-" + token, std::move(values));
    who.state.stage = store::BounceStage::probing;
    who.state.since = who.now;
    who.state.next_at = who.now + probe_waits;
    journal(who, "bounce-probe-sent", std::to_string(who.state.points / point) + " points");
}

void tell_owners_of(Subject& who, News news, std::string detail)
{
    const Happened what{news, std::move(detail), values_of(who)};
    if (tell_owners(who.db, who.site, who.member, what, who.now)) who.wrote = true;
}

void remove(Subject& who)
{
    if (who.settings.goodbye == Switch::on) write(who, "bounce-removed", "", values_of(who));
    tell_owners_of(who, News::removed, std::to_string(who.state.warnings) + " warnings");
    for (const auto& subscription : store::subscriptions_of(who.db, who.member.id))
        store::remove_member(who.db, subscription.list_id, who.member.id, by_us(who.now));
    store::forget_bounces(who.db, who.member.id, by_us(who.now));
}

/// The next warning, or the end.
void warn(Subject& who)
{
    const auto& plan = who.settings.bounce_warnings;
    if (who.state.warnings >= plan.count) return remove(who);
    ++who.state.warnings;
    const auto left = plan.count - who.state.warnings;
    who.state.next_at = who.now + plan.interval;
    auto values = values_of(who);
    values.text["removed_on"] = text::format_date(who.now + plan.interval * (left + 1));
    add_missed(who.db, who.member.id, who.state.since, values);
    const auto token = way_back(who, who.now + plan.interval * (left + 1));
    write(who, "bounce-warning", "confirm-" + token, std::move(values));
    journal(who, "bounce-warning-sent", std::to_string(who.state.warnings) + " of " + std::to_string(plan.count));
    store::put_bounce_state(who.db, who.state);
}

void suspend(Subject& who, const std::string& why)
{
    who.state.stage = store::BounceStage::suspended;
    who.state.since = who.now;
    who.state.warnings = 0;
    who.state.probe_delivery.reset();
    store::put_bounce_state(who.db, who.state);
    if (who.settings.bounce_warnings.count > 0) tell_owners_of(who, News::suspended, why);
    warn(who);
}

/// Half points that this bounce adds: a day adds one point at most, in all.
int points_of(const Subject& who, const store::Bounce& bounce, std::int64_t today)
{
    if (who.state.day != today) return std::min(bounce.weight, point);
    return std::max(0, std::min(bounce.weight, point) - who.state.day_points);
}

void count(Subject& who, const store::Bounce& bounce)
{
    using store::BounceStage;
    if (who.state.stage == BounceStage::suspended) return store::waive_bounce(who.db, bounce.id, "delivery is off already");
    if (who.state.probe_delivery && bounce.delivery_id == who.state.probe_delivery) {
        store::settle_bounce(who.db, bounce.id, 0);
        return suspend(who, "the probe came back");
    }
    if (bounce.weight == 0) return store::waive_bounce(who.db, bounce.id, "not the member's fault");
    if (who.state.last_at > 0 && bounce.at - who.state.last_at > who.settings.bounce_forget &&
        who.state.stage == BounceStage::counting)
        who.state.points = 0;
    const auto today = bounce.at / day;
    const int points = points_of(who, bounce, today);
    store::settle_bounce(who.db, bounce.id, points);
    who.state.day_points = (who.state.day == today ? who.state.day_points : 0) + points;
    who.state.day = today;
    who.state.points += points;
    who.state.last_at = std::max(who.state.last_at, bounce.at);
    if (bounce.list_id) who.state.list_id = bounce.list_id;
    if (who.state.stage == BounceStage::counting) {
        who.state.next_at = bounce.at + who.settings.bounce_forget + 1;
        if (who.state.points >= who.settings.bounce_threshold * point) send_probe(who);
    }
    store::put_bounce_state(who.db, who.state);
}

std::optional<Subject> subject(store::Database& db, const SiteFace& site, std::int64_t member_id,
                               std::optional<std::int64_t> list_id, std::int64_t now)
{
    const auto member = store::find_member(db, member_id);
    if (!member) return std::nullopt;
    auto state = store::bounce_state(db, member_id).value_or(store::BounceState{});
    state.member_id = member_id;
    auto list = list_for(db, member_id, list_id ? list_id : state.list_id);
    Settings settings;
    if (list) settings = store::settings_of(db, list->id);
    return Subject{db, site, *member, state, std::move(list), settings, now, false};
}

/// The site's owner hears once that a post which had gone out to all came back from many.
void tell_returned(store::Database& db, const SiteFace& site, const store::DeliveryInfo& delivery, std::int64_t members,
                   std::int64_t now)
{
    if (site.owner.empty() || delivery.lists.empty()) return;
    if (!store::tell_once(db, "returned:" + std::to_string(delivery.id), now)) return;
    Letter letter;
    letter.name = "owner-delivery-returned";
    letter.to = site.owner;
    letter.list = store::find_list(db, delivery.lists.front());
    letter.values.text = {{"subject", delivery.subject},
                          {"sender", delivery.sender},
                          {"delivery", std::to_string(delivery.id)},
                          {"members", std::to_string(members)},
                          {"accepted", std::to_string(delivery.accepted)},
                          {"list", delivery.lists.front()},
                          {"reason", store::latest_failure(db, delivery.id)}};
    send_letter(db, site, letter, now);
}

/// Nobody is to blame for what fails for many: the delivery is stopped, and its bounces count for nothing.
bool breaks(store::Database& db, const SiteFace& site, std::int64_t delivery_id, const Breaker& breaker, std::int64_t now)
{
    const auto delivery = store::find_delivery(db, delivery_id);
    if (!delivery || delivery->kind != "post") return false;
    const auto reached = delivery->accepted + delivery->failed;
    const auto enough = std::max(breaker.members, reached * breaker.share / 100);
    if (store::members_failed(db, delivery_id, 20 * enough + 100) < enough) return false;
    const std::string reason = "it came back from " + std::to_string(enough) + " members or more of " + std::to_string(reached);
    // The daemon tells the owner of what is held; what had ended already he hears from here.
    if (delivery->state == "active")
        store::hold_delivery(db, delivery_id, reason, "majlisd", now);
    else
        tell_returned(db, site, *delivery, enough, now);
    const auto waived = store::waive_delivery(db, delivery_id, "failed for many");
    if (waived > 0)
        store::journal(db, by_us(now),
                       {.event = "bounces-waived",
                        .list_id = {},
                        .address = "",
                        .detail = "delivery " + std::to_string(delivery_id) + ": " + reason});
    return true;
}

/// What is due for a member: the quiet time is over, a probe has arrived, a warning's turn has come.
void due(Subject& who)
{
    using store::BounceStage;
    if (who.state.stage != BounceStage::suspended || !who.list) {
        if (who.state.stage == BounceStage::probing) journal(who, "bounce-probe-arrived", "");
        store::forget_bounces(who.db, who.member.id, by_us(who.now));
        return;
    }
    warn(who);
}

}  // namespace

std::string take_bounce(store::Database& db, const Report& report, std::int64_t now)
{
    const auto found = blame(db, report);
    std::string note;
    for (const auto& one : found.members) {
        const auto member = store::find_member(db, one.member_id);
        if (!member) continue;
        const auto told = member->address_key + (one.failure.status.empty() ? "" : " " + one.failure.status) + " " +
                          std::string{cause_name(one.failure.cause)} + (one.failure.delayed ? " (still trying)" : "");
        note += (note.empty() ? "" : "; ") + told;
        store::journal(db, by_us(now),
                       {.event = one.failure.delayed ? "delay-received" : "bounce-received",
                        .list_id = one.list_id,
                        .address = member->address_key,
                        .detail = "delivery " + std::to_string(one.delivery_id) + ", " + told});
        if (one.failure.delayed) continue;
        store::add_bounce(db,
                          {.member_id = one.member_id,
                           .list_id = one.list_id,
                           .delivery_id = one.delivery_id,
                           .weight = weight_of(one),
                           .cause = std::string{cause_name(one.failure.cause)},
                           .status = one.failure.status,
                           .text = one.failure.diagnostic,
                           .source = one.source},
                          now);
    }
    return note.empty() ? found.note : note;
}

Step step(store::Database& db, const SiteFace& site, const Breaker& breaker, std::int64_t now, std::size_t limit)
{
    Step done;
    store::Transaction transaction{db};
    for (const auto& bounce : store::new_bounces(db, now - relay_may_withdraw, limit)) {
        ++done.done;
        if (bounce.delivery_id && breaks(db, site, *bounce.delivery_id, breaker, now)) {
            store::waive_bounce(db, bounce.id, "failed for many");
            done.wrote = true;
            continue;
        }
        auto who = subject(db, site, bounce.member_id, bounce.list_id, now);
        if (!who || !who->list) {
            store::waive_bounce(db, bounce.id, "on no list any more");
            continue;
        }
        count(*who, bounce);
        done.wrote = done.wrote || who->wrote;
    }
    if (summarise(db, site, now)) done.wrote = true;
    for (const auto& state : store::due_bounce_states(db, now, limit)) {
        ++done.done;
        auto who = subject(db, site, state.member_id, state.list_id, now);
        if (!who) continue;
        due(*who);
        done.wrote = done.wrote || who->wrote;
    }
    transaction.commit();
    return done;
}

void resume(store::Database& db, const SiteFace& site, const store::List& list, const store::Member& member, std::int64_t since,
            const store::By& by)
{
    NoticeValues values;
    values.text["address"] = member.address;
    add_missed(db, member.id, since, values);
    store::forget_bounces(db, member.id, by);
    Letter letter;
    letter.name = "bounce-back";
    letter.to = member.address;
    letter.list = list;
    letter.reply_command = "request";
    letter.values = std::move(values);
    send_letter(db, site, letter, by.at);
}

}  // namespace majlis::bounces
