#pragma once
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/queue/shares.hpp"
#include "core/store/dispatch.hpp"
#include "daemon/delivery/copies.hpp"
#include "daemon/delivery/recorder.hpp"
#include "daemon/delivery/turns.hpp"
#include "daemon/event.hpp"
#include "daemon/store_thread.hpp"

namespace majlis {
namespace net {
class CurlDriver;
}

namespace delivery {

class Relay;

/// What all relays share. Outlives them.
struct Workshop {
    StoreThread& store;
    std::unique_ptr<store::Dispatcher>& dispatcher;  // touched on the store thread alone
    Recorder& recorder;
    Copies& copies;
    net::CurlDriver& driver;
    Stop& stop;
    Event& work;          // there may be something to send
    Turns& turns;         // of connections that look for it
    queue::Shares& sent;  // recipients written, by relay: who goes first where room in flight is scarce
    std::string token_key;
    std::vector<Relay*> relays;
    std::size_t batches_out = 0;     // leased by any relay, and not given back yet
    std::function<double()> random;  // [0, 1)
    std::function<void(const Relay&, const std::string& reason)> relay_in_trouble;
    bool ends_when_idle = false;  // --once: no more work means the end
};

}  // namespace delivery
}  // namespace majlis
