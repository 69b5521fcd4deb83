#include "core/store/outlook.hpp"

#include <array>

#include "tests/unit/store/outbox.hpp"

namespace majlis::store {
namespace {

constexpr std::int64_t now = 1'700'000'040;

DomainLimits limits(Site& site, std::uint64_t count)
{
    DomainRule rule{"gmail.com", {"gmail.com"}, {{count, queue::Unit::recipients, std::chrono::seconds{60}}}, 0};
    return DomainLimits{site.db, {std::move(rule)}, now};
}

Remaining remaining(Site& site, std::int64_t delivery, std::size_t most = 20'000)
{
    return remaining_recipients(site.db, find_delivery(site.db, delivery).value(), limits(site, 1), most);
}

}  // namespace

TEST_CASE("what remains of a post is told by the limits of its recipients' domains, at every step of its way")
{
    Site site;
    join_many(site, site.rabat, "g", "gmail.com", 30);
    join_many(site, site.rabat, "o", "other.example", 100);
    CHECK(future_recipients(site.db, std::array{site.rabat}, limits(site, 1)).recipients == std::vector<std::int64_t>{100, 30});
    const auto delivery = deliver_at(site, {site.rabat}, "a@b", now);
    CHECK(remaining(site, delivery).recipients == std::vector<std::int64_t>{100, 30});
    Dispatcher dispatcher{site.db, limits(site, 10)};
    const auto work = dispatcher.lease(request_at(now)).value();
    CHECK(remaining(site, delivery).total() >= 130);  // those in hand have no outcome yet
    all_sent(site, dispatcher, work, now);
    CHECK(remaining(site, delivery).total() == 130 - static_cast<std::int64_t>(work.recipients.size()));
    while (const auto more = dispatcher.lease(request_at(now))) all_sent(site, dispatcher, *more, now);
    CHECK(remaining(site, delivery).recipients == std::vector<std::int64_t>{0, 20});
    CHECK(find_delivery(site.db, delivery)->limited == 20);
}

TEST_CASE("who was deferred within a range that is still open is counted once, and by his domain")
{
    Site site;
    join_many(site, site.rabat, "g", "gmail.com", 10);
    join_many(site, site.rabat, "o", "other.example", 30);
    const auto delivery = deliver_at(site, {site.rabat}, "a@b", now);
    Dispatcher dispatcher{site.db, limits(site, 1'000)};
    const auto work = dispatcher.lease(request_at(now)).value();
    REQUIRE(work.range);
    REQUIRE(work.recipients.size() == 40);
    // The first has no outcome yet, so that the mark of the range stands before him, and who was deferred has his row.
    std::vector<RecipientOutcome> rows;
    for (std::size_t n = 1; n < work.recipients.size(); n += 2) {
        const auto& recipient = work.recipients[n];
        rows.push_back({delivery, recipient.member_id, recipient.address, recipient.list_id, RecipientOutcome::Kind::deferred,
                        450, "", "later", "relay", now + 60});
    }
    record_outcomes(site.db, {}, rows, 5 * 86'400, now);
    REQUIRE(find_delivery(site.db, delivery)->deferred == 20);
    CHECK(remaining(site, delivery).recipients == std::vector<std::int64_t>{30, 10});
}

TEST_CASE("of a long post only a part is looked at, and the rest is taken to be like it")
{
    Site site;
    join_many(site, site.rabat, "m", "x.org", 20'000);
    const auto delivery = deliver_at(site, {site.rabat}, "a@b", now);
    const auto part = remaining(site, delivery, 2'000);
    CHECK_FALSE(part.exact);
    CHECK(part.total() == doctest::Approx(20'000).epsilon(0.02));
    const auto whole = remaining(site, delivery, 50'000);
    CHECK(whole.exact);
    CHECK(whole.total() == 20'000);
}

TEST_CASE("of what is over nothing remains")
{
    Site site;
    join_many(site, site.rabat, "m", "x.org", 10);
    const auto delivery = deliver_at(site, {site.rabat}, "a@b", now);
    drop_delivery(site.db, delivery, "admin", now);
    CHECK(remaining(site, delivery).total() == 0);
}

}  // namespace majlis::store
