#pragma once

#include <chrono>

namespace majlis::queue {

/// How long a deferred recipient waits after his `attempts`-th attempt: 5, 15, 30 minutes (greylisting first), 1, 2, then always
/// 4 hours, each moved by up to 20 % either way. `random` is from [0, 1).
std::chrono::seconds retry_after(int attempts, double random);

/// How long a relay rests after `failures` failures in a row: 30 seconds, doubled each time up to 30 minutes, moved by up to 20
/// %.
std::chrono::seconds relay_pause(int failures, double random);

}  // namespace majlis::queue
