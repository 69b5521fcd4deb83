#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/queue/fault.hpp"
#include "core/queue/limits.hpp"
#include "core/queue/pace.hpp"
#include "core/queue/portion.hpp"
#include "core/queue/shares.hpp"
#include "core/store/dispatch.hpp"
#include "daemon/delivery/copies.hpp"
#include "daemon/delivery/feed.hpp"
#include "daemon/delivery/recorder.hpp"
#include "daemon/delivery/turns.hpp"
#include "daemon/event.hpp"
#include "daemon/store_thread.hpp"
#include "net/connection.hpp"
#include "net/login.hpp"
#include "net/smtp/session.hpp"

namespace majlis::delivery {

class Relay;

/// What all relays share. Outlives them.
struct Workshop {
    StoreThread& store;
    std::unique_ptr<store::Dispatcher>& dispatcher;  // touched on the store thread alone
    Recorder& recorder;
    Copies& copies;
    net::CurlDriver& driver;
    Stop& stop;
    Event& work;          // there may be something to send
    Turns& turns;         // of connections that look for it
    queue::Shares& sent;  // recipients written, by relay: who goes first where room in flight is scarce
    std::string token_key;
    std::vector<Relay*> relays;
    std::function<double()> random;  // [0, 1)
    std::function<void(const Relay&, const std::string& reason)> relay_in_trouble;
    bool ends_when_idle = false;  // --once: no more work means the end
};

/// One way out: its connections, its limits, its health.
class Relay {
public:
    Relay(boost::asio::any_io_executor executor, const RelayConfig& config, std::unique_ptr<LoginSource> login, Workshop& shop);
    /// Reads what the database remembers: usage and pauses.
    boost::asio::awaitable<void> restore();
    /// One connection's life: leases, sends, rests. Returns when the daemon stops (or, with ends_when_idle, when nothing is due).
    boost::asio::awaitable<void> run_connection();
    /// There may be something new, and connections are busy: one of this relay's looks whether it should go first. False when
    /// none is at work.
    bool look_for_new();

    const std::string& name() const { return config_.name; }
    const RelayConfig& config() const { return config_; }
    bool resting(std::int64_t now) const { return paused_until_ > now; }
    std::int64_t paused_until() const { return paused_until_; }
    std::int64_t failures() const { return failures_; }
    bool needs_a_person() const { return lasting_; }
    /// Its connections may go on: there is room again.
    void wake();
    void abort();

private:
    /// What one look into the outbox gave.
    struct Lease {
        std::shared_ptr<Batch> batch;
        std::int64_t wait_until = 0;  // Unix seconds: look again then, or when told
        bool again = false;           // nobody to write to so far, and members left to look at: at once
        bool trial = false;           // whether the relay works again is seen by this batch
    };
    struct Line;

    /// idle: this connection has nothing to do. more: it will soon have nothing. what_is_new: something may have to go first.
    enum class Look { idle, more, what_is_new };
    boost::asio::awaitable<Lease> lease(Look look, const queue::Portion& portion);
    boost::asio::awaitable<std::shared_ptr<Batch>> fetch(Line& line, Look look);
    boost::asio::awaitable<std::unique_ptr<net::Connection>> connect(net::Login login);
    boost::asio::awaitable<bool> open(Line& line);
    boost::asio::awaitable<void> prepare(std::shared_ptr<Batch> batch, const smtp::Offer& offer);
    boost::asio::awaitable<void> serve(Line& line, std::shared_ptr<Batch> first);
    boost::asio::awaitable<void> fetch_more(Line& line, Feed& feed);
    boost::asio::awaitable<void> fetch_new(Line& line, Feed& feed, bool& looking);
    boost::asio::awaitable<void> end_batch(std::shared_ptr<Batch> batch);
    boost::asio::awaitable<void> rest_after(std::string reason);
    boost::asio::awaitable<void> settle_trouble(Feed::Trouble trouble);
    boost::asio::awaitable<void> worked();
    boost::asio::awaitable<void> note_pace();
    void end_trial();
    bool stands_back(std::int64_t now) const;
    Copy::Audience audience(const store::Work& work) const;
    net::Endpoint endpoint() const;

    boost::asio::any_io_executor executor_;
    RelayConfig config_;
    std::unique_ptr<LoginSource> login_;
    Workshop& shop_;
    queue::Ledger ledger_;
    queue::StreakDetector streak_;
    std::size_t per_message_;
    smtp::Pace pace_ = smtp::Pace::chunked;
    std::int64_t paused_until_ = 0;
    std::int64_t failures_ = 0;
    std::int64_t worked_at_ = 0;  // last time that the database was told
    bool on_trial_ = false;       // after a failure one connection tries with a few recipients, and the others wait
    std::size_t share_;           // which of the relays it is, in turns and sent
    queue::Pace observed_;
    std::int64_t pace_noted_at_ = 0;
    bool lasting_ = false;          // the last failure needs a person
    std::deque<Feed::Mark> marks_;  // of the streak
    std::size_t alive_ = 0;         // connections that have not ended
    std::vector<smtp::Session*> sessions_;
    std::list<std::function<void()>> at_work_;  // of each connection that sends: looks for something new
};

}  // namespace majlis::delivery
