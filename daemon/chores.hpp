#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "daemon/event.hpp"
#include "daemon/owner.hpp"
#include "daemon/store_thread.hpp"

namespace majlis {

/// What has to be done now and then: telling the owner, following those who bounce, ending what has expired, forgetting what
/// nobody needs any more. In slices, between which everything that is more urgent has its turn.
class Chores {
public:
    Chores(boost::asio::any_io_executor executor, StoreThread& store, const Config& config, const OwnerNotices& owner,
           Stop& stop);

    /// There may be something to tell or to count.
    void wake() { woken_.notify(); }
    /// Until the daemon stops.
    boost::asio::awaitable<void> run();
    /// What a round of `majlisd --once` does of it, before its letters leave. Logs what goes wrong.
    boost::asio::awaitable<void> once();
    /// What the owner does not know yet.
    boost::asio::awaitable<void> tell_owner();

    std::function<void()> outbox_filled;                         ///< a letter was written
    std::function<std::vector<std::string>()> relays_that_work;  ///< names: trouble with them is over

private:
    boost::asio::awaitable<void> follow_bounces();
    boost::asio::awaitable<std::int64_t> purge_slice();

    StoreThread& store_;
    const Config& config_;
    const OwnerNotices& owner_;
    Stop& stop_;
    Event woken_;
};

}  // namespace majlis
