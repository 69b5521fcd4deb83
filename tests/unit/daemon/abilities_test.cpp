#include "daemon/delivery/abilities.hpp"

#include <doctest/doctest.h>

using namespace majlis;
using namespace majlis::delivery;

namespace {

smtp::Offer offer(std::uint64_t largest, bool smtputf8)
{
    smtp::Offer offer;
    offer.max_size = largest;
    offer.smtputf8 = smtputf8;
    return offer;
}

constexpr std::int64_t now = 1'700'000'000;
const Demand large{50'000, false}, arabic{900, true};

}  // namespace

TEST_CASE("a server takes what it has not said that it does not")
{
    CHECK(lacks(offer(0, true), large).empty());  // RFC 1870: SIZE without a figure, or 0, is no limit
    CHECK(lacks(offer(0, true), arabic).empty());
    CHECK(lacks(offer(50'000, true), large).empty());
    CHECK(lacks(offer(49'999, true), large) == "it has 50000 bytes, and the relay takes at most 49999");
    CHECK(lacks(offer(49'999, true), arabic).empty());
    CHECK(lacks(offer(0, false), arabic) == "an address in its header is not ASCII, and the relay does not offer SMTPUTF8");
}

TEST_CASE("what was found to be beyond a server stays so until it says otherwise, or some minutes have gone")
{
    Abilities abilities;
    abilities.learn(offer(20'000, false));
    CHECK(abilities.note_unfit(1, large, {"rabat@x.org"}, now));
    CHECK(abilities.note_unfit(2, arabic, {}, now));
    CHECK(abilities.unfit(1, now));
    CHECK(abilities.unfit(2, now));
    CHECK_FALSE(abilities.unfit(3, now));
    CHECK(abilities.all_unfit(now).size() == 2);
    CHECK(*abilities.all_unfit(now).front().senders == std::vector<std::string>{"rabat@x.org"});
    abilities.learn(offer(60'000, false));
    CHECK_FALSE(abilities.unfit(1, now));
    CHECK(abilities.unfit(2, now));
    abilities.learn(offer(20'000, true));
    CHECK(abilities.unfit(1, now + Abilities::memory - 1));
    CHECK_FALSE(abilities.unfit(1, now + Abilities::memory));
    CHECK(abilities.all_unfit(now + Abilities::memory).empty());
    abilities.forget(1);
    CHECK_FALSE(abilities.unfit(1, now));
}

TEST_CASE("no more is remembered than what has its place, and what is remembered stays")
{
    Abilities abilities;
    abilities.learn(offer(20'000, false));
    const auto most = static_cast<std::int64_t>(Abilities::most_remembered);
    for (std::int64_t id = 1; id <= most; ++id) CHECK(abilities.note_unfit(id, large, {}, now));
    CHECK_FALSE(abilities.note_unfit(most + 1, large, {}, now));
    CHECK(abilities.note_unfit(1, large, {}, now + 1));
    CHECK(abilities.unfit(1, now + Abilities::memory));
    CHECK(abilities.note_unfit(most + 1, large, {}, now + Abilities::memory));
}
