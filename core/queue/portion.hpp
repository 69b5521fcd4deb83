#pragma once

#include <chrono>
#include <cstddef>

namespace majlis::queue {

/// How many recipients a connection takes at a time: what it gets rid of in a second. So none sits over a long range when the
/// others have ended, which over a slow link costs more than looking into the outbox once a second does.
class Portion {
public:
    using Time = std::chrono::steady_clock::time_point;

    /// So many were handed over since the connection began, until now.
    void note(std::size_t given, Time now);
    /// `most` as long as nothing is known.
    std::size_t of(std::size_t most) const;

private:
    static constexpr std::size_t least = 16;
    bool begun_ = false;
    Time at_{};
    std::size_t given_ = 0;
    double a_second_ = 0;
};

}  // namespace majlis::queue
