#pragma once
#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/store/outcomes.hpp"
#include "daemon/event.hpp"
#include "daemon/store_thread.hpp"

namespace majlis::delivery {

/// Brings outcomes into the database in group commits, a few milliseconds after the first of them, and counts what is in
/// flight: recipients written to a relay whose outcome is not durable yet. That number is what a crash may repeat.
class Recorder {
public:
    Recorder(boost::asio::any_io_executor executor, StoreThread& store, std::size_t max_in_flight, std::int64_t retry_for)
        : store_{store},
          changed_{executor},
          recorded_{executor},
          max_in_flight_{max_in_flight},
          room_{max_in_flight},
          retry_for_{retry_for}
    {
    }

    /// False: not before a commit, which waits for less then, or before something is taken back.
    bool room_for(std::size_t recipients);
    void written(std::size_t recipients) { in_flight_ += recipients; }
    /// Given back without an outcome: it will be written again.
    void taken_back(std::size_t recipients)
    {
        in_flight_ -= recipients;
        for (const auto& wake : wake_) wake();  // another relay may be waiting for this room, and no commit may follow
    }
    /// The outcome of `recipients` in-flight recipients: how far their range has come.
    void progress(const store::RangeProgress& progress, std::size_t recipients);
    void outcome(store::RecipientOutcome outcome, std::size_t recipients);

    /// Returns when everything noted before the call is durable.
    boost::asio::awaitable<void> flush();
    /// Records until `finish`, then what is left, and returns.
    boost::asio::awaitable<void> run();
    void finish();

    /// Called after each commit: there may be room again.
    void on_room(std::function<void()> wake) { wake_.push_back(std::move(wake)); }
    /// Called with what has come to its end.
    void on_finished(std::function<void(const std::vector<store::Finished>&)> told) { told_ = std::move(told); }
    std::size_t in_flight() const { return in_flight_; }
    std::size_t max_in_flight() const { return max_in_flight_; }

private:
    bool enough() const;

    StoreThread& store_;
    Event changed_, recorded_;
    std::size_t max_in_flight_;
    std::size_t room_;  // recipients that could be written after the last commit
    std::int64_t retry_for_;
    std::size_t in_flight_ = 0;
    std::size_t pending_ = 0;  // recipients among what waits below
    std::uint64_t noted_ = 0, durable_ = 0;
    bool full_ = false;  // somebody was refused room since the last commit
    bool finishing_ = false;
    std::map<std::pair<std::int64_t, std::int64_t>, store::RangeProgress> ranges_;
    std::vector<store::RecipientOutcome> outcomes_;
    std::vector<std::function<void()>> wake_;
    std::function<void(const std::vector<store::Finished>&)> told_;
};

}  // namespace majlis::delivery
