#include "daemon/chores.hpp"

#include <chrono>
#include <utility>

#include "core/bounces/consequence.hpp"
#include "core/desk/desk.hpp"
#include "core/judge/context.hpp"
#include "core/log/log.hpp"
#include "core/store/status.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"

namespace majlis {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t bounces_at_once = 20;
constexpr int purge_slices = 10;  // of one round
constexpr auto purge_every = 10min;
constexpr std::size_t expired_at_once = 50;

}  // namespace

Chores::Chores(asio::any_io_executor executor, StoreThread& store, const Config& config, const OwnerNotices& owner, Stop& stop)
    : store_{store}, config_{config}, owner_{owner}, stop_{stop}, woken_{std::move(executor)}
{
}

asio::awaitable<void> Chores::tell_owner()
{
    auto tell = [this, working = relays_that_work()](store::Database& db) {
        for (const auto& relay : working) store::forget_told(db, "relay:" + relay);
        return owner_.queue_untold_deliveries(db) + owner_.queue_uncovered_lists(db);
    };
    const int told = co_await run_patiently(store_, std::move(tell));
    if (told > 0) outbox_filled();
}

/// What came back is counted, and what is due for those who bounce is done.
asio::awaitable<void> Chores::follow_bounces()
{
    while (!stop_.requested()) {
        auto count = [site = judge_context(config_).site, share = config_.delivery.breaker_percent](store::Database& db) {
            return bounces::step(db, site, {.share = share, .members = 10}, unix_now(), bounces_at_once);
        };
        const auto step = co_await run_patiently(store_, std::move(count));
        if (step.wrote) outbox_filled();
        if (step.done < bounces_at_once) co_return;
    }
}

/// Ends requests whose time is over, and forgets what nobody needs any more; how much.
asio::awaitable<std::int64_t> Chores::purge_slice()
{
    auto purge = [site = judge_context(config_).site](store::Database& db) {
        const auto expired = static_cast<std::int64_t>(desk::expire(db, site, unix_now(), expired_at_once));
        return expired + store::purge_some(db, {}, unix_now());
    };
    const auto removed = co_await run_patiently(store_, std::move(purge));
    co_return removed;
}

asio::awaitable<void> Chores::run()
{
    auto purge_at = std::chrono::steady_clock::now() + 1min;
    while (!stop_.requested()) {
        const auto seen = woken_.generation();
        std::string failure;
        try {
            co_await tell_owner();
            co_await follow_bounces();
            while (std::chrono::steady_clock::now() >= purge_at && !stop_.requested()) {
                const auto removed = co_await purge_slice();
                if (removed == 0) purge_at = std::chrono::steady_clock::now() + purge_every;
                co_await stop_.pause(20ms);
            }
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (!failure.empty()) log::error("housekeeping-failed", {{"error", failure}});
        if (!stop_.requested()) co_await woken_.wait(seen, 10s);
    }
}

asio::awaitable<void> Chores::once()
{
    std::string failure;
    try {
        co_await tell_owner();
        co_await follow_bounces();
        std::int64_t removed = 1;
        for (int slice = 0; slice < purge_slices && removed > 0 && !stop_.requested(); ++slice) removed = co_await purge_slice();
    } catch (const std::exception& error) {
        failure = error.what();
    }
    if (!failure.empty()) log::error("housekeeping-failed", {{"error", failure}});
}

}  // namespace majlis
