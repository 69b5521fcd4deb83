#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

namespace majlis::net {

/// Awaits `work`, but not longer than `limit`: then it is cancelled, and this throws system_error(timed_out) unless the
/// work ended all the same. The truth wins: work that ended, even late, keeps its value and its error.
template <class T>
boost::asio::awaitable<T> within(std::chrono::nanoseconds limit, boost::asio::awaitable<T> work)
{
    namespace asio = boost::asio;
    const auto executor = co_await asio::this_coro::executor;
    asio::steady_timer timer{executor, limit};
    auto race = asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(work), asio::deferred),
                                                        timer.async_wait(asio::deferred));
    if constexpr (std::is_void_v<T>) {
        const auto [order, error, timer_error] =
            co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
        if (!error) co_return;
        if (order[0] == 1 && !timer_error) throw boost::system::system_error{asio::error::timed_out};
        std::rethrow_exception(error);
    } else {
        auto [order, error, value, timer_error] =
            co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
        if (!error) co_return std::move(value);
        if (order[0] == 1 && !timer_error) throw boost::system::system_error{asio::error::timed_out};
        std::rethrow_exception(error);
    }
}

/// Awaits `work` until the bell rings, which is when that awaitable ends: then `work` is cancelled, and there is no value.
template <class T>
boost::asio::awaitable<std::optional<T>> until(boost::asio::awaitable<void> bell, boost::asio::awaitable<T> work)
{
    namespace asio = boost::asio;
    const auto executor = co_await asio::this_coro::executor;
    auto race = asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(work), asio::deferred),
                                                        asio::co_spawn(executor, std::move(bell), asio::deferred));
    auto [order, error, value, bell_error] = co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    if (!error) co_return std::optional<T>(std::move(value));
    if (order[0] == 1 && !bell_error) co_return std::nullopt;
    std::rethrow_exception(error);
}

}  // namespace majlis::net
