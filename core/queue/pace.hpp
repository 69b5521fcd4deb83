#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace majlis::queue {

/// How fast a relay takes mail while it has some: recipients against the time in which at least one of its connections was at
/// work. What it rests, or waits for quota, does not count.
class Pace {
public:
    using Time = std::chrono::steady_clock::time_point;

    void begin(Time now);  ///< a connection is at work
    void end(Time now);    ///< it is no more
    void delivered(std::uint64_t recipients) { recipients_ += recipients; }
    /// Recipients in 1,000 seconds since the last answer; nullopt as long as too few were seen to tell.
    std::optional<std::int64_t> take(Time now);

private:
    std::chrono::steady_clock::duration worked(Time now) const;

    std::size_t at_work_ = 0;
    Time since_{};
    std::chrono::steady_clock::duration before_{};
    std::uint64_t recipients_ = 0;
};

}  // namespace majlis::queue
