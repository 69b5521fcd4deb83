#pragma once
#include <SQLiteCpp/Exception.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <type_traits>

#include "daemon/store_thread.hpp"

namespace majlis {

/// StoreThread::run, again and again while somebody else writes: for the daemon SQLITE_BUSY is never an error. `work` must be
/// a transaction of its own, so that a failed try has changed nothing. All other exceptions pass. Await it at once.
template <class W, class R = std::invoke_result_t<std::decay_t<W>&, store::Database&>>
boost::asio::awaitable<R> run_patiently(StoreThread& store, W&& work)
{
    const std::decay_t<W>& again = work;  // each try has a copy
    const auto executor = co_await boost::asio::this_coro::executor;
    std::chrono::milliseconds wait{5};
    for (;;) {
        try {
            if constexpr (std::is_void_v<R>) {
                co_await store.run(again);
                co_return;
            } else {
                R result = co_await store.run(again);
                co_return result;
            }
        } catch (const SQLite::Exception& error) {
            if (!store::is_busy(error)) throw;
        }
        boost::asio::steady_timer timer{executor, wait};
        co_await timer.async_wait(boost::asio::use_awaitable);
        wait = std::min(wait * 2, std::chrono::milliseconds{100});
    }
}

}  // namespace majlis
