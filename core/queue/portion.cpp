#include "core/queue/portion.hpp"

#include <algorithm>

namespace majlis::queue {

void Portion::note(std::size_t given, Time now)
{
    const double seconds = std::chrono::duration<double>(now - at_).count();
    if (begun_ && given > given_ && seconds > 0) a_second_ = static_cast<double>(given - given_) / seconds;
    begun_ = true;
    at_ = now;
    given_ = given;
}

std::size_t Portion::of(std::size_t most) const
{
    if (a_second_ <= 0) return most;
    if (a_second_ >= static_cast<double>(most)) return most;
    return std::min(most, std::max(least, static_cast<std::size_t>(a_second_)));
}

}  // namespace majlis::queue
