#include "daemon/beside.hpp"

#include <boost/asio/co_spawn.hpp>
#include <chrono>
#include <utility>

namespace majlis {

namespace asio = boost::asio;

asio::awaitable<void> Beside::start(asio::awaitable<void> work)
{
    co_await wait();
    running_ = true;
    asio::co_spawn(executor_, std::move(work), [this](std::exception_ptr error) {
        error_ = error;
        running_ = false;
        ended_.notify();
    });
}

asio::awaitable<void> Beside::wait()
{
    while (running_) co_await ended_.wait(ended_.generation(), std::chrono::hours{1});
    if (const auto error = std::exchange(error_, nullptr)) std::rethrow_exception(error);
}

}  // namespace majlis
