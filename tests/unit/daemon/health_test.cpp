#include "daemon/delivery/health.hpp"

#include <doctest/doctest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include "daemon/clock.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
namespace asio = boost::asio;

namespace {

asio::awaitable<void> make_read_only(StoreThread& thread)
{
    auto forbid = [](store::Database& db) { db.execute("PRAGMA query_only = ON"); };
    co_await thread.run(forbid);
}

template <class T>
T result_of(asio::io_context& loop, asio::awaitable<T> work)
{
    auto result = asio::co_spawn(loop, std::move(work), asio::use_future);
    loop.restart();
    loop.run();
    return result.get();
}

}  // namespace

TEST_CASE("a relay whose failure cannot be written down rests all the same")
{
    // Whoever holds a batch would not come to give it back, if this threw: it stayed leased until the next start.
    store::TestFolder folder;
    asio::io_context loop;
    StoreThread thread{folder / "majlis.db", store::Open::create};
    const std::function<double()> random = [] { return 0.5; };
    delivery::Health health{"main", thread, random};
    result_of(loop, make_read_only(thread));
    CHECK(result_of(loop, health.failed("421 too busy")));
    CHECK(health.resting(unix_now()));
    CHECK(health.failures() == 1);
    CHECK_FALSE(result_of(loop, health.failed("421 too busy")));  // another connection, which finds it resting
    CHECK(health.failures() == 1);
}
