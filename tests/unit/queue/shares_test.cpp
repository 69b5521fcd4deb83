#include "core/queue/shares.hpp"

#include <doctest/doctest.h>

#include <array>

using namespace majlis::queue;

namespace {

/// So many recipients, in helpings, each to whoever is first among those who want; what each got.
template <std::size_t Count>
std::array<std::uint64_t, Count> divide(Shares& shares, std::uint64_t recipients, std::uint64_t helping,
                                        std::array<bool, Count> wants)
{
    std::array<std::uint64_t, Count> got{};
    for (std::uint64_t given = 0; given < recipients; given += helping)
        for (const auto taker : shares.order())
            if (wants[taker]) {
                shares.took(taker, helping);
                got[taker] += helping;
                break;
            }
    return got;
}

}  // namespace

TEST_CASE("who want at the same time are served by their weights, to the last helping")
{
    for (const std::uint64_t helping : {1U, 50U}) {
        Shares shares;
        for (const unsigned weight : {3U, 2U, 1U}) shares.add(weight);
        const auto got = divide<3>(shares, 6'000, helping, {true, true, true});
        CHECK(got[0] == doctest::Approx(3'000).epsilon(0.02));
        CHECK(got[1] == doctest::Approx(2'000).epsilon(0.02));
        CHECK(got[2] == doctest::Approx(1'000).epsilon(0.02));
    }
}

TEST_CASE("nobody waits for one who does not want: what he leaves goes to the others by their weights")
{
    Shares shares;
    for (const unsigned weight : {3U, 2U, 1U}) shares.add(weight);
    const auto got = divide<3>(shares, 3'000, 10, {false, true, true});
    CHECK(got[0] == 0);
    CHECK(got[1] == doctest::Approx(2'000).epsilon(0.02));
    CHECK(got[2] == doctest::Approx(1'000).epsilon(0.02));
}

TEST_CASE("who comes back after a long rest catches up a little, and does not take everything")
{
    Shares shares;
    shares.add(1);
    shares.add(1);
    divide<2>(shares, 100'000, 100, {true, false});
    const auto got = divide<2>(shares, 10'000, 100, {true, true});
    CHECK(got[1] > got[0]);
    CHECK(got[1] - got[0] <= static_cast<std::uint64_t>(Shares::credit) + 200);
}

TEST_CASE("what was given back counts for nobody")
{
    Shares shares;
    shares.add(1);
    shares.add(1);
    shares.took(0, 500);
    CHECK(shares.order().front() == 1);
    shares.gave_back(0, 500);
    CHECK(shares.order().front() == 0);
}
