#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <functional>

#include "core/judge/judge.hpp"
#include "daemon/event.hpp"
#include "daemon/store_thread.hpp"

namespace majlis {

/// Judges what has arrived: classify, route, rules, record. Small mail in batches on the store thread, large mail read on a
/// thread of its own. A mail whose reading has ended the process five times is set aside unread.
class Judging {
public:
    Judging(boost::asio::any_io_executor executor, StoreThread& store, JudgeContext context, Stop& stop)
        : store_{store}, context_{std::move(context)}, stop_{stop}, arrived_{executor}
    {
    }
    ~Judging() { reader_.join(); }

    /// The last run died: what had arrived by then is judged one by one, so that the mail that did it is soon the oldest one.
    void be_careful_until(std::int64_t arrival_id) { careful_until_ = arrival_id; }
    /// There may be new arrivals.
    void wake() { arrived_.notify(); }
    /// Until the daemon stops.
    boost::asio::awaitable<void> run();
    /// Everything that is there now.
    boost::asio::awaitable<void> drain();
    /// There was something to judge just now.
    bool busy() const { return std::chrono::steady_clock::now() - busy_at_ < std::chrono::milliseconds{500}; }

    std::function<bool()> backlog_comes_in;  ///< work on the store thread is to be short meanwhile
    std::function<void()> verdicts_given;    ///< about one mail or several
    std::function<void()> outbox_filled;     ///< something was accepted
    /// A mail could not be judged and was set aside; told to the owner.
    std::function<void(std::int64_t arrival_id, std::string reason)> set_aside;

private:
    struct Judged;
    boost::asio::awaitable<std::size_t> batch();
    boost::asio::awaitable<void> one(store::NewMail mail);
    boost::asio::awaitable<void> could_not(store::NewMail mail, std::string reason);
    void tell(const std::vector<Judged>& judged);

    StoreThread& store_;
    JudgeContext context_;
    Stop& stop_;
    Event arrived_;
    std::int64_t careful_until_ = 0;
    std::chrono::steady_clock::time_point busy_at_;
    boost::asio::thread_pool reader_{1};
};

}  // namespace majlis
