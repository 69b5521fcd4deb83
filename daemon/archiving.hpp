#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <functional>

#include "daemon/event.hpp"
#include "daemon/store_thread.hpp"

namespace majlis {

/// Brings accepted posts into the archive: packed, in threads, with their words. In short slices, far enough apart for
/// everything that is more urgent.
class Archiving {
public:
    Archiving(StoreThread& store, Stop& stop) : store_{store}, stop_{stop} {}

    /// Until the daemon stops.
    boost::asio::awaitable<void> run();
    /// All that waits now.
    boost::asio::awaitable<void> rest();

    std::function<bool()> mail_comes_in;  ///< it goes first

private:
    boost::asio::awaitable<std::size_t> slice();

    StoreThread& store_;
    Stop& stop_;
};

}  // namespace majlis
