#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <vector>

namespace boost::asio {
template <typename Clock>
struct wait_traits;
template <typename Clock, typename WaitTraits, typename Executor>
class basic_waitable_timer;
}  // namespace boost::asio

namespace majlis {

/// Something that others wait for, on one loop. Every notify() is a new generation; who names the generation that he has seen
/// misses none, even if it came while he was busy.
class Event {
public:
    using Timer =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock, boost::asio::wait_traits<std::chrono::steady_clock>,
                                          boost::asio::any_io_executor>;
    explicit Event(boost::asio::any_io_executor executor) : executor_{std::move(executor)} {}
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    void notify();
    std::uint64_t generation() const { return generation_; }
    /// Returns when there is a generation after `seen`, or after `limit`.
    boost::asio::awaitable<void> wait(std::uint64_t seen, std::chrono::milliseconds limit);

private:
    boost::asio::any_io_executor executor_;
    std::uint64_t generation_ = 0;
    std::vector<Timer*> waiting_;
};

/// The daemon's wish to end. Work asks it between two steps; waits are cut short by its event.
class Stop {
public:
    explicit Stop(boost::asio::any_io_executor executor) : event_{std::move(executor)} {}
    bool requested() const { return requested_; }
    void request()
    {
        requested_ = true;
        event_.notify();
    }
    /// Waits for `duration`, or less when the daemon is to stop.
    boost::asio::awaitable<void> pause(std::chrono::milliseconds duration);

private:
    Event event_;
    bool requested_ = false;
};

}  // namespace majlis
