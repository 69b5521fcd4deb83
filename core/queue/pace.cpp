#include "core/queue/pace.hpp"

namespace majlis::queue {
namespace {

constexpr std::uint64_t enough_recipients = 20;
constexpr std::chrono::milliseconds enough_time{50};

}  // namespace

void Pace::begin(Time now)
{
    if (at_work_++ == 0) since_ = now;
}

void Pace::end(Time now)
{
    if (--at_work_ == 0) before_ += now - since_;
}

std::chrono::steady_clock::duration Pace::worked(Time now) const
{
    return before_ + (at_work_ > 0 ? now - since_ : std::chrono::steady_clock::duration{});
}

std::optional<std::int64_t> Pace::take(Time now)
{
    const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(worked(now));
    if (recipients_ < enough_recipients || milliseconds < enough_time) return std::nullopt;
    const auto pace = static_cast<std::int64_t>(recipients_) * 1'000'000 / milliseconds.count();
    recipients_ = 0;
    before_ = {};
    since_ = now;
    return pace;
}

}  // namespace majlis::queue
