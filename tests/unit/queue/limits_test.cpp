#include "core/queue/limits.hpp"

#include <doctest/doctest.h>

using namespace majlis::queue;
using std::chrono::seconds;

namespace {

constexpr std::int64_t noon = 1'800'000'000 - 1'800'000'000 % 60;

Limit per_minute(std::uint64_t count) { return {count, Unit::recipients, seconds{60}}; }

Allowance ordinary(std::vector<Limit> limits, std::vector<Usage> usage, std::int64_t now, unsigned reserve = 0)
{
    return allowance(limits, usage, now, reserve, Urgency::ordinary);
}

}  // namespace

TEST_CASE("a limit is read as people write it")
{
    struct Case {
        const char* text;
        std::uint64_t count;
        Unit unit;
        int window;
    };
    const Case cases[] = {
        {"60 recipients/minute", 60, Unit::recipients, 60},        {"2000 recipients/day", 2000, Unit::recipients, 86'400},
        {"100 messages/hour", 100, Unit::messages, 3600},          {"1 message / second", 1, Unit::messages, 1},
        {"500 recipients/10 minutes", 500, Unit::recipients, 600}, {"30 Messages/10m", 30, Unit::messages, 600},
        {" 7 recipients/w ", 7, Unit::recipients, 604'800},
    };
    for (const auto& c : cases) {
        CAPTURE(c.text);
        const auto parsed = parse_limit(c.text);
        REQUIRE_MESSAGE(parsed.limit, parsed.error);
        CHECK(parsed.limit->count == c.count);
        CHECK(parsed.limit->unit == c.unit);
        CHECK(parsed.limit->window.count() == c.window);
    }
}

TEST_CASE("a wrong limit is refused with a word on how to write it")
{
    for (const char* text :
         {"", "recipients/day", "0 recipients/day", "-1 recipients/day", "60 mails/minute", "60 recipients",
          "60 recipients/fortnight", "60 recipients/minute now", "99999999999999999999 recipients/day", "5 recipients/0 days",
          "5 recipients/32 days", "5 recipients/99999999999999999999 s", "5 recipients per day"}) {
        CAPTURE(text);
        const auto parsed = parse_limit(text);
        CHECK(!parsed.limit);
        CHECK(parsed.error.find("recipients/minute") != std::string::npos);
    }
}

TEST_CASE("without limits everything may leave")
{
    CHECK(ordinary({}, {{noon, seconds{60}, 1'000'000, 1'000'000}}, noon).copies() == Allowance::unlimited);
}

TEST_CASE("what was used leaves the window second by second")
{
    const std::vector<Usage> usage = {{noon, seconds{1}, 40, 40}, {noon + 30, seconds{1}, 20, 20}};
    const auto full = ordinary({per_minute(60)}, usage, noon + 31);
    CHECK(full.copies() == 0);
    CHECK(full.next_at == noon + 60);
    CHECK(ordinary({per_minute(60)}, usage, noon + 59).copies() == 0);
    CHECK(ordinary({per_minute(60)}, usage, noon + 60).copies() == 40);
    CHECK(ordinary({per_minute(60)}, usage, noon + 90).copies() == 60);
}

TEST_CASE("a minute of which only the sum is known counts until its last second has left the window")
{
    const std::vector<Usage> usage = {{noon, seconds{60}, 60, 60}};
    CHECK(ordinary({per_minute(60)}, usage, noon + 60).next_at == noon + 59 + 60);
    CHECK(ordinary({per_minute(60)}, usage, noon + 118).copies() == 0);
    CHECK(ordinary({per_minute(60)}, usage, noon + 119).copies() == 60);
}

TEST_CASE("the strictest limit decides, and the latest time")
{
    const std::vector<Limit> limits = {
        per_minute(60), {100, Unit::recipients, seconds{86'400}}, {50, Unit::messages, seconds{3600}}};
    const std::vector<Usage> usage = {{noon, seconds{1}, 95, 10}};
    const auto allowed = ordinary(limits, usage, noon + 60);
    CHECK(allowed.recipients == 5);
    CHECK(allowed.messages == 40);
    CHECK(allowed.copies() == 5);
    const auto later = ordinary(limits, {{noon, seconds{1}, 100, 10}}, noon + 60);
    CHECK(later.copies() == 0);
    CHECK(later.next_at == noon + 86'400);
}

TEST_CASE("the reserve is for what is urgent")
{
    const std::vector<Limit> limits = {per_minute(60)};
    const std::vector<Usage> usage = {{noon, seconds{1}, 54, 54}};
    CHECK(allowance(limits, usage, noon, 10, Urgency::ordinary).copies() == 0);
    CHECK(allowance(limits, usage, noon, 10, Urgency::urgent).copies() == 6);
    CHECK(allowance(limits, usage, noon, 10, Urgency::ordinary).next_at == noon + 60);
}

TEST_CASE("a reserve never swallows a small limit, unless it is everything")
{
    CHECK(ordinary({per_minute(1)}, {}, noon, 10).copies() == 1);
    CHECK(ordinary({per_minute(9)}, {}, noon, 10).copies() == 9);
    CHECK(ordinary({per_minute(9)}, {}, noon, 100).copies() == 0);
    CHECK(ordinary({per_minute(Allowance::unlimited)}, {}, noon, 100).copies() == 0);
}

TEST_CASE("usage dated far ahead is a clock that was wrong, a little ahead it counts")
{
    CHECK(ordinary({per_minute(60)}, {{noon + 86'400, seconds{60}, 60, 60}}, noon).copies() == 60);
    CHECK(ordinary({per_minute(60)}, {{noon + 30, seconds{1}, 60, 60}}, noon).copies() == 0);
}

TEST_CASE("a ledger never lets more through in any minute than the limit, and nearly that much in all")
{
    Ledger ledger{{per_minute(60), {100'000, Unit::recipients, seconds{86'400}}}};
    std::vector<std::uint64_t> sent(3600);
    std::uint64_t total = 0;
    for (std::int64_t second = 0; second < 3600; ++second) {
        const auto now = noon + second;
        const auto some = std::min<std::uint64_t>(ledger.allowed(now, 0, Urgency::ordinary).copies(), 7);
        if (some > 0) ledger.note(now, some, some);
        sent[static_cast<std::size_t>(second)] = some;
        total += some;
        std::uint64_t window = 0;
        for (std::int64_t back = std::max<std::int64_t>(0, second - 59); back <= second; ++back)
            window += sent[static_cast<std::size_t>(back)];
        REQUIRE(window <= 60);
    }
    CHECK(total == 3600);
}

TEST_CASE("a ledger goes on from what was kept over a restart")
{
    Ledger ledger{{{100, Unit::recipients, seconds{86'400}}}};
    ledger.restore(noon / 60 + 1, 20, 20);
    ledger.restore(noon / 60, 30, 30);
    CHECK(ledger.allowed(noon + 120, 0, Urgency::ordinary).copies() == 50);
    ledger.note(noon + 120, 50, 50);
    CHECK(ledger.allowed(noon + 121, 0, Urgency::ordinary).copies() == 0);
    CHECK(ledger.allowed(noon + 121, 0, Urgency::ordinary).next_at == noon + 59 + 86'400);
}

TEST_CASE("what was reserved and not used is given back")
{
    Ledger ledger{{per_minute(60)}};
    ledger.note(noon, 40, 40);
    ledger.note(noon + 1, 20, 20);
    ledger.give_back(noon, 15, 15);
    CHECK(ledger.allowed(noon + 2, 0, Urgency::ordinary).copies() == 15);
    ledger.give_back(noon - 5, 15, 15);
    CHECK(ledger.allowed(noon + 2, 0, Urgency::ordinary).copies() == 15);
}
