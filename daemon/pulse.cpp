#include "daemon/pulse.hpp"

#include <systemd/sd-daemon.h>

#include "core/log/log.hpp"
#include "core/store/status.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"

namespace majlis {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::seconds between_beats{5};
constexpr std::chrono::seconds store_may_be_silent{60};  // then the watchdog is not fed any more

}  // namespace

asio::awaitable<void> Pulse::tell(std::string state)
{
    auto note = [state = std::move(state)](store::Database& db) { store::daemon_seen(db, state, unix_now()); };
    try {
        co_await run_patiently(store_, std::move(note));
    } catch (const std::exception& error) {
        log::error("database-not-writable", {{"error", error.what()}});
    }
}

asio::awaitable<void> Pulse::beat()
{
    while (!stop_.requested()) {
        co_await tell("running");
        co_await stop_.pause(between_beats);
    }
}

asio::awaitable<void> Pulse::feed_watchdog()
{
    std::uint64_t microseconds = 0;
    if (sd_watchdog_enabled(0, &microseconds) <= 0) co_return;
    while (!stop_.requested()) {
        if (std::chrono::steady_clock::now() - store_answered_ < store_may_be_silent) sd_notify(0, "WATCHDOG=1");
        co_await stop_.pause(std::chrono::milliseconds{microseconds / 3000 + 1});
    }
}

}  // namespace majlis
