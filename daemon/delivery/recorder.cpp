#include "daemon/delivery/recorder.hpp"

#include <algorithm>

#include "core/log/log.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"

namespace majlis::delivery {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::milliseconds gather_for{3};  // group commit: well within the 20 ms that a crash may forget

}  // namespace

bool Recorder::room_for(std::size_t recipients)
{
    if (in_flight_ + recipients <= max_in_flight_) return true;
    full_ = true;
    if (enough()) changed_.notify();
    return false;
}

/// Few large commits cost less than many small ones, but while one is written there must be room for what goes on. With a fast
/// disk, or a slow relay, much is free after a commit, and most of that is gathered; where there was no more room, only so much
/// that as many again fit while it is written.
bool Recorder::enough() const
{
    const auto least = std::max<std::size_t>(1, max_in_flight_ * 3 / 8);
    return pending_ >= (full_ ? least : std::max(least, room_ * 3 / 4));
}

void Recorder::progress(const store::RangeProgress& progress, std::size_t recipients)
{
    auto& range = ranges_[{progress.delivery_id, progress.first_id}];
    const auto accepted = range.accepted + progress.accepted;
    const auto done = std::max(range.done_id, progress.done_id);
    range = progress;
    range.accepted = accepted;
    range.done_id = done;
    pending_ += recipients;
    ++noted_;
    if (noted_ == durable_ + 1 || enough()) changed_.notify();
}

void Recorder::outcome(store::RecipientOutcome outcome, std::size_t recipients)
{
    outcomes_.push_back(std::move(outcome));
    pending_ += recipients;
    ++noted_;
    if (noted_ == durable_ + 1 || enough()) changed_.notify();
}

asio::awaitable<void> Recorder::flush()
{
    const auto wanted = noted_;
    while (durable_ < wanted) {
        const auto seen = recorded_.generation();
        changed_.notify();
        co_await recorded_.wait(seen, std::chrono::seconds{1});
    }
}

void Recorder::finish()
{
    finishing_ = true;
    changed_.notify();
}

asio::awaitable<void> Recorder::run()
{
    for (;;) {
        auto seen = changed_.generation();
        if (noted_ == durable_) {
            if (finishing_) co_return;
            co_await changed_.wait(seen, std::chrono::hours{1});
            continue;
        }
        if (!enough() && !finishing_) co_await changed_.wait(seen, gather_for);
        std::vector<store::RangeProgress> ranges;
        for (auto& [key, range] : ranges_) ranges.push_back(std::move(range));
        ranges_.clear();
        auto outcomes = std::exchange(outcomes_, {});
        const auto count = std::exchange(pending_, 0);
        const auto upto = noted_;
        auto record = [ranges = std::move(ranges), outcomes = std::move(outcomes), retry_for = retry_for_](store::Database& db) {
            return store::record_outcomes(db, ranges, outcomes, retry_for, unix_now());
        };
        std::vector<store::Finished> finished;
        for (bool durable = false; !durable;) {
            try {
                finished = co_await run_patiently(store_, record);
                durable = true;
            } catch (const std::exception& error) {
                // A full disk, say. Nothing more is sent than max_in_flight, and what was said is kept here until it can be
                // written.
                log::error("outcomes-not-recorded", {{"waiting", count}, {"error", error.what()}});
            }
            if (!durable) {
                asio::steady_timer timer{co_await asio::this_coro::executor, std::chrono::seconds{1}};
                co_await timer.async_wait(asio::use_awaitable);
            }
        }
        durable_ = upto;
        in_flight_ -= count;
        room_ = max_in_flight_ - std::min(in_flight_, max_in_flight_);
        full_ = false;
        recorded_.notify();
        if (told_ && !finished.empty()) told_(finished);
        for (const auto& wake : wake_) wake();
    }
}

}  // namespace majlis::delivery
