#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>

#include "net/connection.hpp"

namespace majlis::test {

namespace asio = boost::asio;

/// Runs `work(driver)` on a loop of its own until nothing is left to do; throws what it throws.
template <class Work>
void run_loop(Work work)
{
    asio::io_context loop;
    net::CurlDriver driver{loop.get_executor()};
    std::exception_ptr failure;
    asio::co_spawn(
        loop, [&]() -> asio::awaitable<void> { co_await work(driver); },
        [&](std::exception_ptr error) {
            failure = error;
            loop.stop();
        });
    loop.run();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace majlis::test
