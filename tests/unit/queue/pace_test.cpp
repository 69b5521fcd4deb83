#include "core/queue/pace.hpp"

#include <doctest/doctest.h>

using namespace majlis::queue;
using namespace std::chrono_literals;

namespace {

constexpr Pace::Time start{};

}  // namespace

TEST_CASE("a relay's pace is reckoned over the time in which it had work, however many connections it had")
{
    Pace pace;
    pace.begin(start);
    pace.begin(start + 1s);
    pace.delivered(100);
    pace.end(start + 4s);
    pace.end(start + 5s);
    pace.begin(start + 1000s);  // it rested
    pace.delivered(100);
    pace.end(start + 1005s);
    CHECK(pace.take(start + 2000s) == 20'000);
    CHECK_FALSE(pace.take(start + 2001s));
}

TEST_CASE("a few recipients say nothing, and they are not forgotten")
{
    Pace pace;
    pace.begin(start);
    pace.delivered(10);
    CHECK_FALSE(pace.take(start + 1s));
    pace.delivered(10);
    CHECK(pace.take(start + 2s) == 10'000);
    pace.delivered(50);  // what came before is over
    CHECK(pace.take(start + 3s) == 50'000);
}
