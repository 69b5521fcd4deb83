#include "core/queue/backoff.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace majlis::queue {

namespace {

std::chrono::seconds jittered(std::chrono::seconds base, double random)
{
    const double factor = 0.8 + 0.4 * std::clamp(random, 0.0, 1.0);
    return std::chrono::seconds{std::llround(static_cast<double>(base.count()) * factor)};
}

}  // namespace

std::chrono::seconds retry_after(int attempts, double random)
{
    using std::chrono::minutes;
    constexpr std::array<std::chrono::seconds, 6> steps = {minutes{5},  minutes{15},  minutes{30},
                                                           minutes{60}, minutes{120}, minutes{240}};
    const auto step = static_cast<std::size_t>(std::clamp(attempts, 1, static_cast<int>(steps.size()))) - 1;
    return jittered(steps[step], random);
}

std::chrono::seconds relay_pause(int failures, double random)
{
    const int doublings = std::clamp(failures, 1, 7) - 1;
    const std::chrono::seconds base{std::int64_t{30} << doublings};
    return jittered(std::min<std::chrono::seconds>(base, std::chrono::minutes{30}), random);
}

}  // namespace majlis::queue
