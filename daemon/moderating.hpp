#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>

#include "core/config/config.hpp"
#include "core/judge/judge.hpp"
#include "core/moderation/sweep.hpp"
#include "daemon/event.hpp"
#include "daemon/store_thread.hpp"

namespace majlis {

/// Tells moderators and senders what became of posts, and lets held ones expire: in slices of the store thread.
class Moderating {
public:
    Moderating(boost::asio::any_io_executor executor, StoreThread& store, const Config& config, Stop& stop);

    /// Something may have been held, rejected or decided.
    void wake() { woken_.notify(); }
    /// Until the daemon stops.
    boost::asio::awaitable<void> run();
    /// All that is due now.
    boost::asio::awaitable<void> drain();

    std::function<void()> outbox_filled;  ///< a letter was written

private:
    enum class Part { tell, tidy };
    boost::asio::awaitable<void> all_of(Part part);

    StoreThread& store_;
    JudgeContext judge_;  // the sweep's context looks into it
    moderation::SweepContext context_;
    Stop& stop_;
    Event woken_;
    std::int64_t tidied_at_ = 0;
};

}  // namespace majlis
