#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/store/deliveries.hpp"
#include "core/store/dispatch.hpp"
#include "core/store/outcomes.hpp"
#include "tests/unit/store/site.hpp"

/// What tests of the outbox have in common: posts that are accepted, leases that end well.
namespace majlis::store {

inline std::int64_t deliver_at(Site& site, const std::vector<std::int64_t>& lists, std::string message_id, std::int64_t now)
{
    std::vector<ListVerdict> verdicts;
    for (const auto list : lists) verdicts.push_back({list, Verdict::accepted, "default", ""});
    return record_verdicts(site.db, site.post(std::move(message_id)), verdicts, now).delivery_id.value();
}

inline WorkRequest request_at(std::int64_t now, std::size_t want = 1'000)
{
    WorkRequest wanted;
    wanted.relay = "relay";
    wanted.want = wanted.want_urgent = want;
    wanted.now = now;
    return wanted;
}

/// The relay took all of it.
inline void all_sent(Site& site, Dispatcher& dispatcher, const Work& work, std::int64_t now)
{
    std::vector<RangeProgress> ranges;
    std::vector<RecipientOutcome> rows;
    for (const auto& recipient : work.recipients)
        if (!work.range)
            rows.push_back({work.delivery_id, recipient.member_id, recipient.address, recipient.list_id,
                            RecipientOutcome::Kind::sent, 250, "", "", "relay", now});
    if (work.range)
        ranges.push_back(
            {work.delivery_id, *work.range, work.range_done, static_cast<std::int64_t>(work.recipients.size()), "relay"});
    record_outcomes(site.db, ranges, rows, 5 * 86'400, now);
    dispatcher.release(work, "relay", {}, 1, now);
}

/// Many members of a list at once, "PREFIX1@DOMAIN" and so on.
inline void join_many(Site& site, std::int64_t list, const std::string& prefix, const std::string& domain, int count)
{
    auto people = site.db.prepared(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
        "INSERT INTO member (address, address_key, created_at) SELECT :prefix || i || '@' || :domain, :prefix || i || '@' || "
        ":domain, 1 FROM n");
    people.bind(":count", static_cast<std::int64_t>(count)).bind(":prefix", prefix).bind(":domain", domain).run();
    auto rows = site.db.prepared(
        "INSERT INTO subscription (list_id, member_id, mode, joined, since, joined_at) SELECT :list, id, 'each', 0, 0, 1 FROM "
        "member WHERE address GLOB :pattern");
    rows.bind(":list", list).bind(":pattern", prefix + "[0-9]*@" + domain).run();
}

}  // namespace majlis::store
