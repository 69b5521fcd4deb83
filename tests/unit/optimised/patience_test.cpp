#include "daemon/patience.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <memory>

#include "daemon/event.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
namespace asio = boost::asio;

namespace {

/// Tries until it succeeds, as whoever must not give up does: a full disk is freed some day.
struct Persistent {
    StoreThread& thread;
    Stop& stop;
    std::shared_ptr<int> tries;

    asio::awaitable<void> go_on()
    {
        auto work = [this, held = tries](store::Database&) {
            REQUIRE(this != nullptr);
            REQUIRE(held != nullptr);
            if (++*held < 5) throw std::runtime_error{"not yet"};
        };
        for (bool done = false; !done;) {
            try {
                co_await run_patiently(thread, work);
                done = true;
            } catch (const std::exception& error) {
                CHECK(std::string{error.what()} == "not yet");
            }
            if (!done) co_await stop.pause(std::chrono::milliseconds{1});
        }
    }
};

}  // namespace

TEST_CASE("work that fails again and again keeps what it holds")
{
    // g++ 12 -O2 empties a lambda that is given by value to a coroutine, in a try within a loop, when an exception comes out.
    store::TestFolder folder;
    asio::io_context loop;
    Stop stop{loop.get_executor()};
    const auto tries = std::make_shared<int>(0);
    {
        StoreThread thread{folder / "majlis.db", store::Open::create};
        Persistent persistent{thread, stop, tries};
        auto end = asio::co_spawn(loop, persistent.go_on(), asio::use_future);
        loop.run();
        end.get();
    }  // the store thread lets its copy go a moment after it has answered
    CHECK(*tries == 5);
    CHECK(tries.use_count() == 1);
}
