#pragma once
#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <functional>
#include <memory>
#include <string>

#include "core/config/config.hpp"
#include "core/reports/repository.hpp"
#include "daemon/event.hpp"
#include "daemon/store_thread.hpp"

namespace majlis {

/// Keeps accepted meeting reports in the common git repository: one commit each, then a push. Git runs on a thread of its own and
/// is ended when the daemon stops; what was not recorded by then is done again, to the same commit.
class Reports {
public:
    Reports(boost::asio::any_io_executor executor, StoreThread& store, const Config& config, Stop& stop);
    ~Reports();

    /// Whether a repository is configured.
    bool wanted() const { return !config_.reports.repository.empty(); }
    /// There may be a new one.
    void wake() { arrived_.notify(); }
    /// Until the daemon stops.
    boost::asio::awaitable<void> run();
    /// Everything that is there now, and one push.
    boost::asio::awaitable<void> drain();
    /// The daemon stops: ends a git that runs.
    void cancel() { cancelled_->store(true); }

    std::function<void(std::string reason)> failing;  ///< it has not worked for a while; told to the owner
    std::function<void()> works_again;

private:
    struct Work;
    struct Outcome;
    boost::asio::awaitable<void> keep_all();
    static Outcome keep(const Work& work, reports::Repository& repository);
    boost::asio::awaitable<std::string> keep(std::shared_ptr<const Work> work);
    boost::asio::awaitable<void> push();

    StoreThread& store_;
    Config config_;
    Stop& stop_;
    Event arrived_;
    std::shared_ptr<std::atomic<bool>> cancelled_ = std::make_shared<std::atomic<bool>>(false);
    std::shared_ptr<reports::Repository> repository_;
    bool open_ = false;
    boost::asio::thread_pool git_{1};
};

}  // namespace majlis
