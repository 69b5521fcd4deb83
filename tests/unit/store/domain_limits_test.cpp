#include "core/store/domain_limits.hpp"

#include <map>
#include <set>

#include "core/store/relays.hpp"
#include "tests/unit/store/outbox.hpp"

namespace majlis::store {
namespace {

constexpr std::int64_t start = 1'700'000'040;  // a whole minute
constexpr std::int64_t minute = 60;

DomainRule rule(std::uint64_t count, std::int64_t window, std::vector<std::string> domains = {"gmail.com"}, unsigned reserve = 0)
{
    return {domains.front(), domains, {{count, queue::Unit::recipients, std::chrono::seconds{window}}}, reserve};
}

DomainLimits limits(Site& site, std::vector<DomainRule> rules, std::int64_t now = start)
{
    return DomainLimits{site.db, std::move(rules), now};
}

/// Sends what there is at `now`; who got how many copies.
std::map<std::string, int> round(Site& site, Dispatcher& dispatcher, std::int64_t now)
{
    std::map<std::string, int> got;
    for (auto work = dispatcher.lease(request_at(now)); work || dispatcher.unfinished();
         work = dispatcher.lease(request_at(now))) {
        if (!work) continue;
        for (const auto& recipient : work->recipients) ++got[recipient.address];
        all_sent(site, dispatcher, *work, now);
    }
    return got;
}

std::size_t of(const std::map<std::string, int>& got, std::string_view domain)
{
    std::size_t count = 0;
    for (const auto& [address, copies] : got)
        if (address.ends_with(domain)) ++count;
    return count;
}

}  // namespace

TEST_CASE("an address belongs to the rule that names its domain, or one above it with a star")
{
    Site site;
    const auto known =
        limits(site, {rule(1, 60, {"gmail.com", "googlemail.com"}), rule(1, 60, {"*.example.org", "xn--bcher-kva.example"})});
    CHECK(known.rule_of("a@gmail.com") == 0);
    CHECK(known.rule_of("a@GoogleMail.com") == 0);
    CHECK(known.rule_of("a@deep.below.example.org") == 1);
    CHECK(known.rule_of("a@bücher.example") == 1);
    CHECK_FALSE(known.rule_of("a@example.org"));
    CHECK_FALSE(known.rule_of("a@notgmail.com"));
    CHECK_FALSE(known.rule_of("nonsense"));
    CHECK_FALSE(DomainLimits{}.rule_of("a@gmail.com"));
}

TEST_CASE("a limited domain gets what it takes, the others all at once, and everybody one copy in the end")
{
    Site site;
    join_many(site, site.rabat, "g", "gmail.com", 50);
    join_many(site, site.rabat, "o", "other.example", 300);
    const auto delivery = deliver_at(site, {site.rabat}, "a@b", start);
    Dispatcher dispatcher{site.db, limits(site, {rule(20, minute)})};
    auto got = round(site, dispatcher, start);
    CHECK(of(got, "other.example") == 300);
    CHECK(of(got, "gmail.com") == 20);
    CHECK(find_delivery(site.db, delivery)->limited == 30);
    CHECK(dispatcher.next_due(start) == start + minute);
    CHECK(round(site, dispatcher, start + minute - 1).empty());
    for (int i = 1; i <= 2; ++i)
        for (const auto& [address, copies] : round(site, dispatcher, start + i * minute)) got[address] += copies;
    CHECK(got.size() == 350);
    for (const auto& [address, copies] : got) CHECK(copies == 1);
    CHECK(find_delivery(site.db, delivery)->state == "done");
    CHECK(find_delivery(site.db, delivery)->accepted == 350);
}

TEST_CASE("who waits for his domain has not been tried, and spends nothing of retry_for")
{
    Site site;
    join_many(site, site.rabat, "g", "gmail.com", 2);
    const auto delivery = deliver_at(site, {site.rabat}, "a@b", start);
    Dispatcher dispatcher{site.db, limits(site, {rule(1, minute)})};
    round(site, dispatcher, start);
    auto waiting = delivery_recipients(site.db, delivery, 10);
    REQUIRE(waiting.size() == 1);
    CHECK(waiting[0].attempts == 0);
    CHECK(waiting[0].waits_for == "gmail.com");
    const auto later = start + 30 * 86'400;
    const auto work = dispatcher.lease(request_at(later)).value();
    CHECK(work.recipients.at(0).attempts == 0);
    const RecipientOutcome deferred{delivery,
                                    work.recipients[0].member_id,
                                    work.recipients[0].address,
                                    site.rabat,
                                    RecipientOutcome::Kind::deferred,
                                    450,
                                    "",
                                    "later",
                                    "relay",
                                    later + 300};
    record_outcomes(site.db, {}, {&deferred, 1}, 5 * 86'400, later);
    waiting = delivery_recipients(site.db, delivery, 10);
    CHECK(waiting.at(0).state == "deferred");
    CHECK(waiting.at(0).waits_for.empty());
    CHECK(site.number("SELECT spent FROM delivery_recipient") == 0);
}

TEST_CASE("a retry that comes due waits for its domain too, and holds up no other")
{
    Site site;
    join_many(site, site.rabat, "g", "gmail.com", 3);
    join_many(site, site.france, "o", "other.example", 1);
    const auto first = deliver_at(site, {site.rabat}, "a@b", start);
    const auto second = deliver_at(site, {site.france}, "c@d", start);
    {
        Dispatcher unlimited{site.db};
        for (auto work = unlimited.lease(request_at(start)); work; work = unlimited.lease(request_at(start))) {
            std::vector<RecipientOutcome> deferred;
            for (const auto& recipient : work->recipients)
                deferred.push_back({work->delivery_id, recipient.member_id, recipient.address, recipient.list_id,
                                    RecipientOutcome::Kind::deferred, 450, "", "later", "relay", start + 300});
            const RangeProgress passed{work->delivery_id, *work->range, work->range_done, 0, "relay"};
            record_outcomes(site.db, {&passed, 1}, deferred, 5 * 86'400, start);
            unlimited.release(*work, "relay", {}, 1, start);
        }
    }
    Dispatcher dispatcher{site.db, limits(site, {rule(1, minute)})};
    const auto got = round(site, dispatcher, start + 300);
    CHECK(of(got, "gmail.com") == 1);
    CHECK(of(got, "other.example") == 1);
    CHECK(find_delivery(site.db, second)->state == "done");
    CHECK(find_delivery(site.db, first)->limited == 2);
}

TEST_CASE("a limit rolls on over a restart, and what a connection did not use comes back")
{
    Site site;
    join_many(site, site.rabat, "g", "gmail.com", 10);
    deliver_at(site, {site.rabat}, "a@b", start);
    {
        Dispatcher dispatcher{site.db, limits(site, {rule(4, minute)})};
        auto work = dispatcher.lease(request_at(start, 3)).value();
        CHECK(work.recipients.size() == 3);
        dispatcher.release(work, "relay", {1, 2}, 1, start);  // the first was sent, and the connection broke
        const RangeProgress passed{work.delivery_id, *work.range, work.recipients[0].member_id, 1, "relay"};
        record_outcomes(site.db, {&passed, 1}, {}, 5 * 86'400, start);
    }
    Dispatcher again{site.db, limits(site, {rule(4, minute)}, start + 1)};
    again.recover();
    CHECK(round(site, again, start + 1).size() == 3);
    CHECK(round(site, again, start + 30).empty());
    CHECK(round(site, again, start + 2 * minute).size() == 4);
}

TEST_CASE("whoever waits for a limit that the configuration no longer has is due")
{
    Site site;
    join_many(site, site.rabat, "g", "gmail.com", 10);
    deliver_at(site, {site.rabat}, "a@b", start);
    {
        Dispatcher dispatcher{site.db, limits(site, {rule(1, minute)})};
        round(site, dispatcher, start);
    }
    Dispatcher without{site.db};
    without.recover();
    CHECK(round(site, without, start).size() == 9);
}

TEST_CASE("posts to one limited domain share what it takes: ten readers do not wait for a thousand")
{
    Site site;
    join_many(site, site.rabat, "long", "gmail.com", 1'000);
    join_many(site, site.france, "short", "gmail.com", 10);
    deliver_at(site, {site.rabat}, "long@b", start);
    Dispatcher dispatcher{site.db, limits(site, {rule(10, minute)})};
    round(site, dispatcher, start);
    deliver_at(site, {site.france}, "short@b", start + 1);
    std::size_t before = 0, shorter = 0;
    for (auto now = start + minute; shorter < 10; now += minute) {
        REQUIRE(now < start + 10 * minute);
        for (const auto& [address, copies] : round(site, dispatcher, now)) address.starts_with("short") ? ++shorter : ++before;
    }
    MESSAGE("recipients of the long post before the short one was done: " << before);
    CHECK(before <= 20);
}

TEST_CASE("a held delivery and a dropped one leave the line, a resumed one stands in it again")
{
    Site site;
    join_many(site, site.rabat, "g", "gmail.com", 5);
    const auto delivery = deliver_at(site, {site.rabat}, "a@b", start);
    Dispatcher dispatcher{site.db, limits(site, {rule(1, minute)})};
    round(site, dispatcher, start);
    hold_delivery(site.db, delivery, "why", "admin", start);
    CHECK(round(site, dispatcher, start + minute).empty());
    resume_delivery(site.db, delivery, "admin", start + minute);
    CHECK(round(site, dispatcher, start + minute).size() == 1);
    CHECK(retry_now(site.db, delivery, "admin", start + minute) == 0);  // nobody of them was ever tried
    drop_delivery(site.db, delivery, "admin", start + minute);
    CHECK(round(site, dispatcher, start + 5 * minute).empty());
    CHECK_FALSE(dispatcher.next_due(start + 5 * minute));
}

TEST_CASE("the reserve of a domain is for notices, and they wait for it in their own line")
{
    Site site;
    join_many(site, site.rabat, "g", "gmail.com", 20);
    deliver_at(site, {site.rabat}, "a@b", start);
    Dispatcher dispatcher{site.db, limits(site, {rule(10, minute, {"gmail.com"}, 20)})};
    CHECK(round(site, dispatcher, start).size() == 8);
    std::vector<std::string> owners;
    for (int i = 0; i < 3; ++i) owners.push_back("owner" + std::to_string(i) + "@gmail.com");
    queue_notice(site.db, {"Subject: x\r\n\r\ny\r\n", owners, {}, Priority::urgent}, start);
    CHECK(of(round(site, dispatcher, start), "gmail.com") == 2);
    CHECK(round(site, dispatcher, start + 1).empty());
    const auto next = round(site, dispatcher, start + minute);
    CHECK(next.contains("owner2@gmail.com"));
    CHECK(next.size() <= 10);
}

TEST_CASE("a range that a crash left does not write twice to whoever waits for his domain")
{
    Site site;
    join_many(site, site.rabat, "g", "gmail.com", 10);
    join_many(site, site.rabat, "o", "other.example", 10);
    const auto delivery = deliver_at(site, {site.rabat}, "a@b", start);
    {
        Dispatcher dispatcher{site.db, limits(site, {rule(2, minute)})};
        CHECK(dispatcher.lease(request_at(start)));  // and then the power fails
    }
    Dispatcher again{site.db, limits(site, {rule(2, minute)}, start + minute)};
    again.recover();
    std::map<std::string, int> got;
    for (int i = 1; i < 10; ++i)
        for (const auto& [address, copies] : round(site, again, start + i * minute)) got[address] += copies;
    CHECK(got.size() == 20);
    for (const auto& [address, copies] : got) CHECK(copies == 1);
    CHECK(find_delivery(site.db, delivery)->state == "done");
}

}  // namespace majlis::store
