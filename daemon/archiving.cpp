#include "daemon/archiving.hpp"

#include <chrono>
#include <string>
#include <utility>

#include "core/log/log.hpp"
#include "core/store/archive.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"

namespace majlis {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::chrono::milliseconds between{30};     // two slices
constexpr std::chrono::milliseconds rarely{1'000};   // while mail comes in
constexpr std::chrono::milliseconds looking{2'000};  // whether there is anything

}  // namespace

asio::awaitable<std::size_t> Archiving::slice()
{
    auto work = [](store::Database& db) { return store::archive_some(db, unix_now()); };
    co_return co_await run_patiently(store_, std::move(work));
}

asio::awaitable<void> Archiving::run()
{
    while (!stop_.requested()) {
        std::size_t done = 0;
        std::string failure;
        try {
            done = co_await slice();
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (!failure.empty()) log::error("archive-failed", {{"error", failure}});
        const auto busy = mail_comes_in() ? rarely : between;
        co_await stop_.pause(done == 0 ? looking : busy);
    }
}

asio::awaitable<void> Archiving::rest()
{
    std::size_t done = 1;
    while (done > 0 && !stop_.requested()) done = co_await slice();
}

}  // namespace majlis
