#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <type_traits>
#include <utility>

#include "core/store/database.hpp"
#include "core/store/trouble.hpp"

namespace majlis {

/// The thread that owns the database. Declare it after the loop: it is joined while the loop can still receive its last answer.
class StoreThread {
public:
    /// Opens the database with the arguments of store::Database's constructor, in the calling thread.
    template <class... Arguments>
    explicit StoreThread(Arguments&&... arguments) : db_(std::forward<Arguments>(arguments)...)
    {
    }
    ~StoreThread() { thread_.join(); }
    StoreThread(const StoreThread&) = delete;
    StoreThread& operator=(const StoreThread&) = delete;

    /// Runs `work(Database&)` on the store thread, in the order of the calls, and gives its value or its exception. Work holds
    /// what it needs by value, is one slice of at most 20 ms, and always ends once it has begun, so that a cancelled caller
    /// never leaves half a change. Name the lambda before the call, and await the result at once: it is taken from where it
    /// stands. (A parameter by value is one that g++ 12 -O2 destroys once too often where an exception leaves the call.)
    template <class W, class Work = std::decay_t<W>, class R = std::invoke_result_t<Work&, store::Database&>>
    boost::asio::awaitable<R> run(W&& work)
    {
        auto job = [this, work = Work(std::forward<W>(work))]() mutable -> boost::asio::awaitable<R> {
            try {
                co_return work(db_);
            } catch (const SQLite::Exception& error) {
                if (store::is_lasting_damage(error)) damaged_ = true;
                throw;
            }
        };
        co_return co_await boost::asio::co_spawn(thread_, std::move(job), boost::asio::use_awaitable);
    }

    /// SQLite has found the file damaged, whatever became of the work that met it.
    bool damaged() const noexcept { return damaged_; }

private:
    store::Database db_;
    std::atomic<bool> damaged_{false};
    boost::asio::thread_pool thread_{1};
};

}  // namespace majlis
