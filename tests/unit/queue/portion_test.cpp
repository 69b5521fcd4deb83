#include "core/queue/portion.hpp"

#include <doctest/doctest.h>

using majlis::queue::Portion;
using namespace std::chrono_literals;

TEST_CASE("a connection takes what it gets rid of in a second, and all that it may as long as nobody knows")
{
    const Portion::Time begin{};
    Portion portion;
    CHECK(portion.of(1'000) == 1'000);
    portion.note(0, begin);
    CHECK(portion.of(1'000) == 1'000);
    portion.note(50, begin + 2s);
    CHECK(portion.of(1'000) == 25);
    portion.note(250, begin + 4s);
    CHECK(portion.of(1'000) == 100);
    CHECK(portion.of(40) == 40);
}

TEST_CASE("however slow a connection is, it takes a few; however fast, no more than it may")
{
    const Portion::Time begin{};
    Portion slow;
    slow.note(0, begin);
    slow.note(1, begin + 60s);
    CHECK(slow.of(1'000) == 16);
    CHECK(slow.of(5) == 5);
    Portion fast;
    fast.note(0, begin);
    fast.note(500, begin + 1ms);
    CHECK(fast.of(1'000) == 1'000);
}

TEST_CASE("a pause between two posts says nothing about the pace")
{
    const Portion::Time begin{};
    Portion portion;
    portion.note(0, begin);
    portion.note(100, begin + 1s);
    portion.note(0, begin + 1h);
    CHECK(portion.of(1'000) == 100);
    portion.note(200, begin + 1h + 1s);
    CHECK(portion.of(1'000) == 200);
}
