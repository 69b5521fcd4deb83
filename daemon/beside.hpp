#pragma once
#include <boost/asio/awaitable.hpp>
#include <exception>

#include "daemon/event.hpp"

namespace majlis {

/// Work that runs beside its owner, on the same loop, one piece at a time and in order: the next one waits for it, and gets its
/// error. The owner waits for the last one before it ends, whatever happened.
class Beside {
public:
    explicit Beside(boost::asio::any_io_executor executor) : executor_{executor}, ended_{executor} {}
    Beside(const Beside&) = delete;
    Beside& operator=(const Beside&) = delete;

    /// Waits for the piece before, then starts this one. Throws what the piece before did; this one is not begun then.
    boost::asio::awaitable<void> start(boost::asio::awaitable<void> work);
    /// Returns when nothing runs any more. Throws what the last piece did, once.
    boost::asio::awaitable<void> wait();

private:
    boost::asio::any_io_executor executor_;
    Event ended_;
    std::exception_ptr error_;
    bool running_ = false;
};

}  // namespace majlis
