#include "core/store/outlook.hpp"

#include <algorithm>
#include <numeric>

#include "core/store/recipients.hpp"

namespace majlis::store {
namespace {

constexpr std::size_t step_of_walk = 1'000;

void count(Remaining& remaining, const DomainLimits& domains, const std::vector<Recipient>& recipients)
{
    for (const auto& recipient : recipients) {
        const auto rule = domains.rule_of(recipient.address);
        ++remaining.recipients[rule ? *rule + 1 : 0];
    }
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
    for (const auto& [done, last] : open) count(remaining, domains, walk.step(scope, done, last, step_of_walk).recipients);
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
    remaining.recipients[0] += std::max<std::int64_t>(info.deferred - waiting, 0);
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
