#include "core/store/outlook.hpp"

#include <algorithm>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "core/store/recipients.hpp"

namespace majlis::store {
namespace {

constexpr std::size_t step_of_walk = 1'000;
constexpr std::int64_t most_deferred_looked_at = 20'000;

void count(Remaining& remaining, const DomainLimits& domains, const std::vector<Recipient>& recipients)
{
    for (const auto& recipient : recipients) {
        const auto rule = domains.rule_of(recipient.address);
        ++remaining.recipients[rule ? *rule + 1 : 0];
    }
}

/// Members of a range who have a row: whatever it says, they are no longer counted by the range.
std::unordered_set<std::int64_t> with_rows(Database& db, std::int64_t delivery, std::int64_t after, std::int64_t last)
{
    auto rows = db.prepared(
        "SELECT member_id FROM delivery_recipient WHERE delivery_id = :delivery AND member_id > :after AND member_id <= :last");
    rows.bind(":delivery", delivery).bind(":after", after).bind(":last", last);
    std::unordered_set<std::int64_t> members;
    while (rows.step()) members.insert(rows.integer(0));
    return members;
}

/// Ranges that are in hand, or were left by a crash: short, so they are counted whole.
void count_ranges(Database& db, RecipientWalk& walk, const Scope& scope, Remaining& remaining, const DomainLimits& domains)
{
    std::vector<std::pair<std::int64_t, std::int64_t>> open;
    {
        auto rows =
            db.prepared("SELECT done_id, last_id FROM delivery_range WHERE delivery_id = :delivery AND done_id < last_id");
        rows.bind(":delivery", scope.delivery_id);
        while (rows.step()) open.emplace_back(rows.integer(0), rows.integer(1));
    }
    for (const auto& [done, last] : open) {
        auto recipients = walk.step(scope, done, last, step_of_walk).recipients;
        const auto counted = with_rows(db, scope.delivery_id, done, last);
        std::erase_if(recipients, [&](const Recipient& recipient) { return counted.contains(recipient.member_id); });
        count(remaining, domains, recipients);
    }
}

/// Members behind the last range.
void count_uncut(RecipientWalk& walk, const Scope& scope, std::int64_t next, std::size_t most, Remaining& remaining,
                 const DomainLimits& domains)
{
    Remaining seen{std::vector<std::int64_t>(remaining.recipients.size(), 0), true};
    auto after = next;
    std::size_t looked = 0;
    while (after < scope.last_member_id && looked < most) {
        const auto step = walk.step(scope, after, scope.last_member_id, step_of_walk);
        count(seen, domains, step.recipients);
        after = step.reached;
        looked += std::max<std::size_t>(step.recipients.size(), step_of_walk / 10);
    }
    remaining.exact = after >= scope.last_member_id;
    const auto part = static_cast<double>(after - next), whole = static_cast<double>(scope.last_member_id - next);
    const double factor = remaining.exact ? 1.0 : whole / part;
    for (std::size_t rule = 0; rule < seen.recipients.size(); ++rule)
        remaining.recipients[rule] += static_cast<std::int64_t>(static_cast<double>(seen.recipients[rule]) * factor);
}

/// Who will be tried again, by the limits that he will meet then: as with members, some are looked at for all.
void count_deferred(Database& db, const DeliveryInfo& info, std::int64_t all, Remaining& remaining, const DomainLimits& domains)
{
    std::int64_t looked = 0, left = all;
    std::vector<std::int64_t> seen(domains.size(), 0);
    if (!domains.none() && all > 0) {
        auto rows = db.prepared(
            "SELECT address FROM delivery_recipient WHERE delivery_id = :delivery AND state IN ('deferred', 'waiting') "
            "AND waits_for = '' LIMIT :most");
        rows.bind(":delivery", info.id).bind(":most", most_deferred_looked_at);
        for (; rows.step(); ++looked)
            if (const auto rule = domains.rule_of(rows.text(0))) ++seen[*rule];
    }
    for (std::size_t rule = 0; rule < seen.size() && looked > 0; ++rule) {
        const auto share = seen[rule] * std::max(all, looked) / looked;
        remaining.recipients[rule + 1] += share;
        left -= share;
    }
    remaining.recipients[0] += std::max<std::int64_t>(left, 0);
}

/// Those with rows: who waits for a limit, and who will be tried again.
void count_rows(Database& db, const DeliveryInfo& info, Remaining& remaining, const DomainLimits& domains)
{
    std::int64_t waiting = 0;
    for (std::size_t rule = 0; rule < domains.size(); ++rule) {
        auto row = db.prepared(
            "SELECT count(*) FROM delivery_recipient WHERE state = 'deferred' AND waits_for <> '' AND waits_for = :name "
            "AND priority = :priority AND delivery_id = :delivery");
        row.bind(":name", domains.name(rule)).bind(":priority", static_cast<std::int64_t>(info.priority));
        row.bind(":delivery", info.id).step();
        remaining.recipients[rule + 1] += row.integer(0);
        waiting += row.integer(0);
    }
    count_deferred(db, info, std::max<std::int64_t>(info.deferred - waiting, 0), remaining, domains);
}

}  // namespace

std::int64_t Remaining::total() const { return std::accumulate(recipients.begin(), recipients.end(), std::int64_t{0}); }

Remaining remaining_recipients(Database& db, const DeliveryInfo& info, const DomainLimits& domains, std::size_t most)
{
    Remaining remaining{std::vector<std::int64_t>(domains.size() + 1, 0), true};
    if (info.state != "active" && info.state != "held") return remaining;
    count_rows(db, info, remaining, domains);
    if (info.last_member_id == 0) return remaining;
    RecipientWalk walk{db};
    const auto scope = load_scope(db, info.id);
    count_ranges(db, walk, scope, remaining, domains);
    count_uncut(walk, scope, info.next_member_id, most, remaining, domains);
    return remaining;
}

Remaining future_recipients(Database& db, std::span<const std::int64_t> list_ids, const DomainLimits& domains)
{
    const auto scope = future_scope(db, list_ids);
    Remaining remaining{std::vector<std::int64_t>(domains.size() + 1, 0), true};
    RecipientWalk walk{db};
    for (std::int64_t after = 0; after < scope.last_member_id;) {
        const auto step = walk.step(scope, after, scope.last_member_id, step_of_walk);
        count(remaining, domains, step.recipients);
        after = step.reached;
    }
    return remaining;
}

}  // namespace majlis::store
