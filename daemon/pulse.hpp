#pragma once
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <string>

#include "daemon/event.hpp"
#include "daemon/store_thread.hpp"

namespace majlis {

/// The signs of life that others watch: systemd's watchdog, and `majlis status` in the database.
class Pulse {
public:
    Pulse(StoreThread& store, Stop& stop) : store_{store}, stop_{stop} {}

    /// For people alone: a full disk ends nothing, and a stop is a clean one all the same.
    boost::asio::awaitable<void> tell(std::string state);
    /// Tells now and then that it runs, until the daemon stops.
    boost::asio::awaitable<void> beat();
    /// Fed by the loop as long as the store thread answers too: a database that somebody else keeps busy is no reason to die.
    boost::asio::awaitable<void> feed_watchdog();
    void store_answered() { store_answered_ = std::chrono::steady_clock::now(); }

private:
    StoreThread& store_;
    Stop& stop_;
    std::chrono::steady_clock::time_point store_answered_ = std::chrono::steady_clock::now();
};

}  // namespace majlis
