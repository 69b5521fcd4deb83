#include "core/queue/backoff.hpp"

#include <doctest/doctest.h>

using namespace majlis::queue;
using namespace std::chrono_literals;

TEST_CASE("a deferred recipient waits longer each time, at most four hours")
{
    CHECK(retry_after(1, 0.5) == 5min);
    CHECK(retry_after(2, 0.5) == 15min);
    CHECK(retry_after(3, 0.5) == 30min);
    CHECK(retry_after(4, 0.5) == 1h);
    CHECK(retry_after(5, 0.5) == 2h);
    CHECK(retry_after(6, 0.5) == 4h);
    CHECK(retry_after(1'000'000, 0.5) == 4h);
}

TEST_CASE("chance moves a wait by at most a fifth")
{
    CHECK(retry_after(1, 0.0) == 4min);
    CHECK(retry_after(1, 0.999999) <= 6min);
    CHECK(retry_after(1, 0.999999) > 359s);
}

TEST_CASE("an attempt that never was counts as the first")
{
    CHECK(retry_after(0, 0.5) == 5min);
    CHECK(retry_after(-3, 0.5) == 5min);
}

TEST_CASE("a relay rests from thirty seconds up to thirty minutes")
{
    CHECK(relay_pause(1, 0.5) == 30s);
    CHECK(relay_pause(2, 0.5) == 1min);
    CHECK(relay_pause(6, 0.5) == 16min);
    CHECK(relay_pause(7, 0.5) == 30min);
    CHECK(relay_pause(400, 0.5) == 30min);
    CHECK(relay_pause(0, 0.5) == 30s);
}
