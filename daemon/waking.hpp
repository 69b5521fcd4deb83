#pragma once
#include <functional>

#include "daemon/event.hpp"

namespace majlis {

/// Who works whenever there may be something to do.
struct Waking {
    Stop& stop;
    Event& woken;
    const char* trouble;                           ///< event in the log for what its work throws
    std::chrono::milliseconds after_trouble;       ///< rests so long then
    std::chrono::milliseconds look_again{30'000};  ///< also unwoken
};

/// Calls `work` until the daemon stops: once at the beginning, then at each waking, and now and then.
boost::asio::awaitable<void> work_when_woken(Waking how, std::function<boost::asio::awaitable<void>()> work);

}  // namespace majlis
