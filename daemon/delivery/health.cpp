#include "daemon/delivery/health.hpp"

#include <algorithm>

#include "core/log/log.hpp"
#include "core/queue/backoff.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"

namespace majlis::delivery {
namespace {

namespace asio = boost::asio;
constexpr std::int64_t remember_success = 60;  // seconds between two notes of success
constexpr std::int64_t most_counted = 1'000;   // failures: the pauses have long stopped to grow

}  // namespace

void Health::learn(const store::RelayState& state)
{
    paused_until_ = state.paused_until;
    failures_ = state.failures;
}

asio::awaitable<bool> Health::failed(std::string reason)
{
    const auto now = unix_now();
    if (resting(now)) co_return false;
    ++failures_;
    paused_until_ = now + queue::relay_pause(static_cast<int>(std::min(failures_, most_counted)), random_()).count();
    log::warning("relay-resting", {{"relay", relay_}, {"reason", reason}, {"seconds", paused_until_ - now}});
    auto note = [relay = relay_, reason, until = paused_until_, now](store::Database& db) {
        store::relay_failed(db, relay, reason, until, now);
    };
    try {
        co_await run_patiently(store_, note);
    } catch (const std::exception& error) {
        // A full disk, say. It rests all the same, and whoever holds a batch must come to give it back.
        log::error("relay-state-not-kept", {{"relay", relay_}, {"error", error.what()}});
    }
    co_return true;
}

asio::awaitable<void> Health::worked()
{
    const auto now = unix_now();
    lasting_ = false;
    if (failures_ == 0 && now - worked_at_ < remember_success) co_return;
    failures_ = 0;
    worked_at_ = now;
    auto note = [relay = relay_, now](store::Database& db) { store::relay_worked(db, relay, now); };
    co_await run_patiently(store_, std::move(note));
}

}  // namespace majlis::delivery
