#include <algorithm>

#include "core/store/dispatch.hpp"

/// What the limits of domains make of the dispatcher's work: whoever must wait gets a row of his own and holds up nobody.
namespace majlis::store {
namespace {

constexpr std::size_t turn_of_a_delivery = 20;      // recipients: then another delivery's members of the same domain have theirs
constexpr int deliveries_asked = 64;                // of those that a relay may not send, before it goes without
constexpr std::size_t rows_looked_at_most = 1'024;  // beside those in flight

}  // namespace

/// Belongs inside the caller's transaction.
void Dispatcher::forget_old_limits()
{
    for (std::string name;;) {
        auto next = db_.prepared(
            "SELECT waits_for FROM delivery_recipient WHERE state = 'deferred' AND waits_for <> '' AND waits_for > :name "
            "ORDER BY waits_for LIMIT 1");
        if (!next.bind(":name", name).step()) return;
        name = next.text(0);
        next->reset();
        bool known = false;
        for (std::size_t rule = 0; rule < domains_.size(); ++rule) known = known || domains_.name(rule) == name;
        if (known) continue;
        auto free = db_.prepared(
            "UPDATE delivery_recipient SET waits_for = '' WHERE state = 'deferred' AND waits_for <> '' AND waits_for = :name");
        free.bind(":name", name).run();
    }
}

void Dispatcher::open_admission(std::int64_t now, Priority priority)
{
    if (domains_.none()) return;
    admission_.now = now;
    admission_.urgency = priority <= Priority::notice ? queue::Urgency::urgent : queue::Urgency::ordinary;
    admission_.left.assign(domains_.size(), std::nullopt);
    admission_.taken.assign(domains_.size(), 0);
}

std::uint64_t Dispatcher::left_of(std::size_t rule)
{
    auto& left = admission_.left[rule];
    if (!left) left = domains_.allowed(rule, admission_.now, admission_.urgency).copies();
    return *left - std::min(*left, admission_.taken[rule]);
}

/// The rule that has no room for him now; who is let through is counted.
std::optional<std::size_t> Dispatcher::kept_back_by(const Recipient& recipient)
{
    const auto rule = domains_.rule_of(recipient.address);
    if (!rule) return std::nullopt;
    if (left_of(*rule) == 0) return rule;
    ++admission_.taken[*rule];
    return std::nullopt;
}

/// He has not been tried: no attempt is counted, and nothing of retry_for is spent.
void Dispatcher::wait_in_row(std::int64_t delivery_id, const Recipient& recipient, std::size_t rule)
{
    auto row = db_.prepared(
        "INSERT INTO delivery_recipient (delivery_id, member_id, address, list_id, priority, state, next_attempt_at, updated_at, "
        "waits_for) SELECT :delivery, :member, :address, nullif(:list, 0), priority, 'deferred', :now, :now, :rule FROM delivery "
        "WHERE id = :delivery ON CONFLICT (delivery_id, member_id, address) DO UPDATE SET waits_for = excluded.waits_for");
    row.bind(":delivery", delivery_id).bind(":member", recipient.member_id).bind(":address", recipient.address);
    row.bind(":list", recipient.list_id).bind(":now", admission_.now).bind(":rule", domains_.name(rule)).run();
}

void Dispatcher::put_back_who_must_wait(std::int64_t delivery_id, std::vector<Recipient>& recipients)
{
    if (domains_.none()) return;
    std::erase_if(recipients, [&](const Recipient& recipient) {
        const auto rule = kept_back_by(recipient);
        if (rule) wait_in_row(delivery_id, recipient, *rule);
        return rule.has_value();
    });
}

void Dispatcher::book_domains()
{
    for (std::size_t rule = 0; rule < domains_.size(); ++rule)
        if (admission_.taken[rule] > 0) domains_.take(db_, rule, admission_.now, admission_.taken[rule]);
}

bool Dispatcher::anybody_waits(std::size_t rule, Priority from, Priority to)
{
    auto row = db_.prepared(
        "SELECT 1 FROM delivery_recipient WHERE state = 'deferred' AND waits_for <> '' AND waits_for = :name "
        "AND priority BETWEEN :from AND :to LIMIT 1");
    row.bind(":name", domains_.name(rule)).bind(":from", static_cast<std::int64_t>(from));
    return row.bind(":to", static_cast<std::int64_t>(to)).step();
}

std::optional<Work> Dispatcher::lease_limited(const WorkRequest& request, Priority from, Priority to)
{
    for (std::size_t i = 0; i < domains_.size(); ++i) {
        const auto rule = (i + turn_ / 2) % domains_.size();  // no domain is always the first
        if (left_of(rule) == 0) continue;
        for (auto priority = from; priority <= to; priority = static_cast<Priority>(static_cast<int>(priority) + 1)) {
            auto& served = limited_served_[{rule, priority}];
            int asked = 0;
            for (const auto start : {served, std::int64_t{0}})
                for (auto next = next_limited(rule, priority, start); next && asked < deliveries_asked;
                     next = next_limited(rule, priority, *next)) {
                    if (request.deliveries_refused.contains(*next)) continue;
                    ++asked;
                    if (auto work = lease_limited(request, rule, priority, *next)) {
                        served = *next;
                        return work;
                    }
                }
        }
    }
    return std::nullopt;
}

/// The first delivery after this one of which somebody waits.
std::optional<std::int64_t> Dispatcher::next_limited(std::size_t rule, Priority priority, std::int64_t after)
{
    auto next = db_.prepared(
        "SELECT delivery_id FROM delivery_recipient WHERE state = 'deferred' AND waits_for <> '' AND waits_for = :name "
        "AND priority = :priority AND delivery_id > :after ORDER BY delivery_id LIMIT 1");
    next.bind(":name", domains_.name(rule)).bind(":priority", static_cast<std::int64_t>(priority)).bind(":after", after);
    return next.step() ? std::optional{next.integer(0)} : std::nullopt;
}

std::optional<Work> Dispatcher::lease_limited(const WorkRequest& request, std::size_t rule, Priority priority,
                                              std::int64_t delivery_id)
{
    const std::size_t room = priority <= Priority::notice ? request.want_urgent : request.want;
    const auto want = static_cast<std::size_t>(std::min<std::uint64_t>({room, left_of(rule), turn_of_a_delivery}));
    Work work;
    work.delivery_id = delivery_id;
    {
        auto rows = db_.prepared(
            "SELECT r.member_id, r.address, coalesce(r.list_id, 0), r.attempts, coalesce(d.list_id, 0), d.kind FROM "
            "delivery_recipient r CROSS JOIN delivery d ON d.id = r.delivery_id WHERE r.state = 'deferred' AND r.waits_for <> '' "
            "AND r.waits_for = :name AND r.priority = :priority AND r.delivery_id = :delivery AND d.state = 'active' "
            "ORDER BY r.member_id LIMIT :most");
        rows.bind(":name", domains_.name(rule)).bind(":priority", static_cast<std::int64_t>(priority));
        rows.bind(":delivery", delivery_id).bind(":most", static_cast<std::int64_t>(rows_looked_at_most));
        while (work.recipients.size() < want && rows.step()) {
            Recipient recipient{rows.integer(0), rows.text(1), rows.integer(2), static_cast<int>(rows.integer(3))};
            const auto list = rows.text(5) == "notice" ? rows.integer(4) : recipient.list_id;
            if (may_send(delivery_id, list, request)) work.recipients.push_back(std::move(recipient));
        }
    }
    if (work.recipients.empty()) return std::nullopt;
    // From here on a row like any other: should the connection break, it is due at once.
    for (const auto& recipient : work.recipients) {
        auto free = db_.prepared(
            "UPDATE delivery_recipient SET waits_for = '' WHERE delivery_id = :delivery AND member_id = :member AND address = "
            ":address");
        free.bind(":delivery", delivery_id).bind(":member", recipient.member_id).bind(":address", recipient.address).run();
    }
    admission_.taken[rule] += work.recipients.size();
    fill_delivery(work);
    return work;
}

}  // namespace majlis::store
