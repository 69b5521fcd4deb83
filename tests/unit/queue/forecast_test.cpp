#include "core/queue/forecast.hpp"

#include <doctest/doctest.h>

using namespace majlis::queue;

namespace {

constexpr std::int64_t now = 1'800'000'000 - 1'800'000'000 % 86'400;
constexpr std::int64_t minute = 60, hour = 3'600, day = 86'400;

Limit limit(std::uint64_t count, std::int64_t window, Unit unit = Unit::recipients)
{
    return {count, unit, std::chrono::seconds{window}};
}

Outlet outlet(std::vector<Limit> limits, double pace = 1'000)
{
    Outlet out;
    out.meter.limits = std::move(limits);
    out.pace = pace;
    return out;
}

Load load(std::uint64_t recipients, std::size_t outlets = 1)
{
    Load out;
    out.recipients = {recipients};
    out.outlets.assign(outlets, true);
    return out;
}

std::int64_t done(const std::vector<Outlet>& outlets, std::uint64_t recipients)
{
    return forecast(outlets, {}, {load(recipients, outlets.size())}, now).at(0).done_at.value() - now;
}

/// What really happens: all that the ledger allows leaves, as soon as it allows any.
std::int64_t really(const std::vector<Limit>& limits, std::uint64_t recipients, std::uint64_t used)
{
    Ledger ledger{limits};
    if (used > 0) ledger.restore(now / 60 - 1, used, used);
    for (std::int64_t at = now;;) {
        const auto allowed = ledger.allowed(at, 0, Urgency::ordinary);
        const auto some = std::min(allowed.copies(), recipients);
        ledger.note(at, some, some);
        recipients -= some;
        if (recipients == 0) return at - now;
        at = some > 0 ? at + 1 : std::max(at + 1, allowed.next_at);
    }
}

}  // namespace

TEST_CASE("without limits a post takes what its recipients take at the relay's pace")
{
    CHECK(done({outlet({}, 100)}, 50) == 1);
    CHECK(done({outlet({}, 100)}, 60'000) == 600);
    CHECK(done({outlet({}, 100), outlet({}, 200)}, 90'000) == doctest::Approx(300).epsilon(0.1));
    CHECK(done({outlet({}, 100)}, 0) == 0);
}

TEST_CASE("a forecast under rolling limits says what then happens")
{
    struct Case {
        std::vector<Limit> limits;
        std::uint64_t recipients, used;
    };
    const Case cases[] = {{{limit(60, minute)}, 300, 0},
                          {{limit(60, minute)}, 300, 40},
                          {{limit(100, hour)}, 450, 30},
                          {{limit(60, minute), limit(200, hour)}, 700, 0},
                          {{limit(50, minute), limit(300, hour), limit(1'000, day)}, 1'500, 120}};
    for (const auto& row : cases) {
        CAPTURE(row.recipients);
        CAPTURE(row.limits.size());
        auto out = outlet(row.limits);
        if (row.used > 0) out.meter.usage = {{now - 60, std::chrono::seconds{60}, row.used, row.used}};
        const auto told = forecast({out}, {}, {load(row.recipients)}, now).at(0).done_at.value() - now;
        const auto real = really(row.limits, row.recipients, row.used);
        CHECK(told >= real - 3 * minute);
        CHECK(told <= real + 3 * minute);
    }
}

TEST_CASE("the reserve is left to notices, and messages hold as many recipients as the relay puts into one")
{
    auto relay = outlet({limit(100, hour)});
    relay.meter.reserve_percent = 20;
    CHECK(done({relay}, 80) < minute);
    CHECK(done({relay}, 90) >= hour);
    auto notice = load(100);
    notice.rank = Load::Rank::urgent;
    CHECK(forecast({relay}, {}, {notice}, now).at(0).done_at.value() < now + minute);
    auto bulk = outlet({limit(10, hour, Unit::messages)});
    bulk.per_message = 50;
    CHECK(done({bulk}, 500) < minute);
    CHECK(done({bulk}, 501) >= hour);
}

TEST_CASE("posts share what there is, and a short one is done long before the long ones")
{
    const std::vector<Outlet> relays{outlet({limit(60, minute)})};
    auto digest = load(30);
    digest.rank = Load::Rank::digest;
    const auto found = forecast(relays, {}, {load(600), load(20), load(600), digest}, now);
    CHECK(found[1].done_at.value() < now + minute);
    CHECK(found[0].done_at.value() == doctest::Approx(static_cast<double>(now + 20 * minute)).epsilon(1e-7));
    CHECK(found[3].done_at.value() >= found[0].done_at.value() - minute);
}

TEST_CASE("a resting relay counts from when it wakes, one that the operator paused does not, a backup only stands in")
{
    auto resting = outlet({}), paused = outlet({}), backup = outlet({});
    resting.opens_at = now + 30 * minute;
    paused.opens_at = Outlet::never;
    backup.backup = true;
    CHECK(done({resting}, 100) == doctest::Approx(30 * minute).epsilon(0.05));
    CHECK(done({resting, backup}, 100) < minute);
    CHECK_FALSE(forecast({paused}, {}, {load(100)}, now).at(0).done_at);
    auto elsewhere = load(100, 2);
    elsewhere.outlets = {false, true};
    CHECK(forecast({outlet({}), resting}, {}, {elsewhere}, now).at(0).done_at.value() >= now + 30 * minute);
}

TEST_CASE("recipients whose domain takes little decide when a post is done, and do not hold up the others")
{
    const std::vector<Outlet> relays{outlet({})};
    const std::vector<Meter> domains{{{limit(20, minute)}, {}, 0}};
    Load both = load(1'000), other = load(1'000);
    both.recipients = {1'000, 100};
    other.recipients = {1'000, 0};
    const auto found = forecast(relays, domains, {both, other}, now);
    CHECK(found[0].done_at.value() == doctest::Approx(static_cast<double>(now + 4 * minute)).epsilon(1e-7));
    CHECK(found[1].done_at.value() < now + minute);
}

TEST_CASE("who is deferred until later keeps his post open, and what takes longer than the forecast looks is said so")
{
    auto waiting = load(1);
    waiting.not_before = now + 2 * hour;
    CHECK(forecast({outlet({})}, {}, {waiting}, now).at(0).done_at == now + 2 * hour);
    const auto endless = forecast({outlet({limit(1, day)})}, {}, {load(1'000)}, now).at(0);
    CHECK(endless.beyond);
    CHECK_FALSE(endless.done_at);
}
