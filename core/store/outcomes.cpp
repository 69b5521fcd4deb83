#include "core/store/outcomes.hpp"

#include <algorithm>
#include <map>

#include "core/address/address.hpp"
#include "core/store/bounces.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/members.hpp"

namespace majlis::store {
namespace {

constexpr std::int64_t slack = 60;       // seconds that an attempt may come later than planned and still count
constexpr int permanent_set_asides = 3;  // a 5xx that is nobody's fault ends the copy at the third time

struct Row {
    std::int64_t attempts = 0, first_attempt_at = 0, last_attempt_at = 0, next_attempt_at = 0, spent = 0;
    int priority = static_cast<int>(Priority::post);
    std::string state;  // "" where there is no row yet
};

Row load_row(Database& db, const RecipientOutcome& outcome, std::int64_t now)
{
    Row row;
    auto found = db.prepared(
        "SELECT attempts, coalesce(first_attempt_at, 0), coalesce(last_attempt_at, 0), next_attempt_at, spent, priority, state "
        "FROM delivery_recipient WHERE delivery_id = ?1 AND member_id = ?2 AND address = ?3");
    found->bind(1, outcome.delivery_id);
    found->bind(2, outcome.member_id);
    found->bind(3, outcome.address);
    if (found->executeStep()) {
        row.attempts = found->getColumn(0).getInt64();
        row.first_attempt_at = found->getColumn(1).getInt64();
        row.last_attempt_at = found->getColumn(2).getInt64();
        row.next_attempt_at = found->getColumn(3).getInt64();
        row.spent = found->getColumn(4).getInt64();
        row.priority = found->getColumn(5).getInt();
        row.state = found->getColumn(6).getString();
    } else {
        auto delivery = db.prepared("SELECT priority FROM delivery WHERE id = ?1");
        delivery->bind(1, outcome.delivery_id);
        if (delivery->executeStep()) row.priority = delivery->getColumn(0).getInt();
    }
    if (row.first_attempt_at == 0) row.first_attempt_at = now;
    if (row.last_attempt_at > 0) {
        const auto waited = std::max<std::int64_t>(0, now - row.last_attempt_at);
        const auto planned = std::max<std::int64_t>(0, row.next_attempt_at - row.last_attempt_at) + slack;
        row.spent += std::min(waited, planned);
    }
    ++row.attempts;
    return row;
}

const char* state_after(const RecipientOutcome& outcome, const Row& row, std::int64_t retry_for)
{
    using enum RecipientOutcome::Kind;
    switch (outcome.kind) {
        case sent:
            return "sent";
        case failed:
            return "failed";
        case refused:
            return "refused";
        case deferred:
            return row.spent >= retry_for ? "expired" : "deferred";
        case set_aside:
            return row.spent >= retry_for || (outcome.code >= 500 && row.attempts >= permanent_set_asides) ? "refused"
                                                                                                           : "deferred";
    }
    return "deferred";
}

/// The member of a copy; of a letter, which goes to an address, whose address it is. 0: nobody's.
std::int64_t member_of(Database& db, const RecipientOutcome& outcome)
{
    if (outcome.member_id != 0) return outcome.member_id;
    const auto address = parse_address(outcome.address);
    const auto member = address ? find_member(db, address->key()) : std::nullopt;
    return member ? member->id : 0;
}

/// What a relay's reply holds against the member: what was given up for good, and only where it is his own address that failed.
void note_bounce(Database& db, const RecipientOutcome& outcome, std::string_view before, std::string_view after, std::int64_t now)
{
    const bool withdrawn = before == "failed" && after != "failed";
    const bool failed = after == "failed" && before != "failed", expired = after == "expired" && before != "expired";
    if (!withdrawn && !failed && !expired) return;
    const auto member = member_of(db, outcome);
    if (member == 0) return;
    if (withdrawn) {
        // The mark is withdrawn: it was the relay's fault after all.
        db.prepared(
              "UPDATE bounce SET state = 'not counted', text = 'withdrawn: ' || text WHERE delivery_id = :delivery "
              "AND member_id = :member AND source = 'relay' AND state = 'new'")
            .bind(":delivery", outcome.delivery_id)
            .bind(":member", member)
            .run();
        return;
    }
    const std::string_view status = outcome.status;
    const bool full = status.ends_with(".2.2");
    const bool hard = failed && !full && (status.empty() || status.starts_with("5.1.") || status.starts_with("5.2.1"));
    add_bounce(db,
               {.member_id = member,
                .list_id = outcome.list_id == 0 ? std::nullopt : std::optional{outcome.list_id},
                .delivery_id = outcome.delivery_id,
                .weight = hard ? 2 : 1,
                .cause = full   ? "mailbox_full"
                         : hard ? "no_such_user"
                                : "network",
                .status = outcome.status,
                .text = std::to_string(outcome.code) + " " + outcome.text,
                .source = BounceSource::relay},
               now);
}

/// A delivery that seemed to be over has somebody to write to again.
void reopen(Database& db, std::int64_t delivery_id)
{
    auto open = db.prepared("UPDATE delivery SET state = 'active', finished_at = NULL WHERE id = :id AND state = 'done'");
    open.bind(":id", delivery_id).run();
}

bool settled_without(std::string_view state) { return state == "failed" || state == "refused" || state == "expired"; }

/// The change in the number of recipients who were settled without their copy: a mark may also be withdrawn.
std::int64_t record_recipient(Database& db, const RecipientOutcome& outcome, std::int64_t retry_for, std::int64_t now)
{
    const Row row = load_row(db, outcome, now);
    const std::string state = state_after(outcome, row, retry_for);
    // A delivery that was held meanwhile keeps its deferred rows out of the index of what is due.
    auto upsert = db.prepared(
        "INSERT INTO delivery_recipient (delivery_id, member_id, address, list_id, priority, state, attempts, first_attempt_at, "
        "last_attempt_at, spent, next_attempt_at, relay, code, status, text, updated_at) "
        "VALUES (?1, ?2, ?3, ?4, ?5, CASE WHEN ?6 = 'deferred' AND EXISTS (SELECT 1 FROM delivery WHERE id = ?1 AND state = "
        "'held') "
        "THEN 'waiting' WHEN ?6 = 'deferred' AND EXISTS (SELECT 1 FROM delivery WHERE id = ?1 AND state = 'dropped') "
        "THEN 'dropped' ELSE ?6 END, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?9) "
        "ON CONFLICT (delivery_id, member_id, address) DO UPDATE SET state = excluded.state, attempts = excluded.attempts, "
        "first_attempt_at = excluded.first_attempt_at, last_attempt_at = excluded.last_attempt_at, spent = excluded.spent, "
        "next_attempt_at = excluded.next_attempt_at, relay = excluded.relay, code = excluded.code, status = excluded.status, "
        "text = excluded.text, updated_at = excluded.updated_at, waits_for = ''");
    upsert->bind(1, outcome.delivery_id);
    upsert->bind(2, outcome.member_id);
    upsert->bind(3, outcome.address);
    if (outcome.list_id != 0) upsert->bind(4, outcome.list_id);
    upsert->bind(5, row.priority);
    upsert->bind(6, state);
    upsert->bind(7, row.attempts);
    upsert->bind(8, row.first_attempt_at);
    upsert->bind(9, now);
    upsert->bind(10, row.spent);
    upsert->bind(11, outcome.next_attempt_at);
    upsert->bind(12, outcome.relay);
    upsert->bind(13, outcome.code);
    upsert->bind(14, outcome.status);
    upsert->bind(15, outcome.text);
    upsert->exec();
    note_bounce(db, outcome, row.state, state, now);
    if (settled_without(row.state) && !settled_without(state)) reopen(db, outcome.delivery_id);
    return (settled_without(state) ? 1 : 0) - (settled_without(row.state) ? 1 : 0);
}

}  // namespace

std::vector<Finished> record_outcomes(Database& db, std::span<const RangeProgress> ranges,
                                      std::span<const RecipientOutcome> recipients, std::int64_t retry_for, std::int64_t now)
{
    struct Sum {
        std::int64_t accepted = 0, failed = 0;
        bool maybe_done = false;
    };
    std::map<std::int64_t, Sum> sums;
    std::vector<Finished> finished;
    Transaction transaction{db};
    for (const auto& outcome : recipients) {
        auto& sum = sums[outcome.delivery_id];
        sum.failed += record_recipient(db, outcome, retry_for, now);
        if (outcome.kind == RecipientOutcome::Kind::sent) ++sum.accepted;
        sum.maybe_done = true;
    }
    for (const auto& range : ranges) {
        auto move = db.prepared(
            "UPDATE delivery_range SET done_id = max(done_id, ?3), relay = ?4, updated_at = ?5, "
            "leased = CASE WHEN ?3 >= last_id THEN 0 ELSE leased END WHERE delivery_id = ?1 AND "
            "first_id = ?2 "
            "RETURNING done_id = last_id");
        move->bind(1, range.delivery_id);
        move->bind(2, range.first_id);
        move->bind(3, range.done_id);
        move->bind(4, range.relay);
        move->bind(5, now);
        auto& sum = sums[range.delivery_id];
        sum.accepted += range.accepted;
        if (move->executeStep() && move->getColumn(0).getInt() == 1) sum.maybe_done = true;
    }
    for (const auto& [delivery, sum] : sums) {
        if (sum.accepted != 0 || sum.failed != 0) {
            auto add = db.prepared("UPDATE delivery SET accepted = accepted + ?2, failed = failed + ?3 WHERE id = ?1");
            add->bind(1, delivery);
            add->bind(2, sum.accepted);
            add->bind(3, sum.failed);
            add->exec();
        }
        if (sum.maybe_done && finish_if_done(db, delivery, now)) {
            auto ended = db.prepared("SELECT failed FROM delivery WHERE id = ?1");
            ended->bind(1, delivery);
            ended->executeStep();
            finished.push_back({delivery, ended->getColumn(0).getInt64()});
        }
    }
    transaction.commit();
    return finished;
}

}  // namespace majlis::store
