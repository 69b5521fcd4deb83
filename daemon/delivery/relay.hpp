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
#include "core/queue/pace.hpp"
#include "daemon/delivery/abilities.hpp"
#include "daemon/delivery/copies.hpp"
#include "daemon/delivery/feed.hpp"
#include "daemon/delivery/health.hpp"
#include "daemon/delivery/leasing.hpp"
#include "daemon/delivery/workshop.hpp"
#include "net/connection.hpp"
#include "net/login.hpp"
#include "net/smtp/session.hpp"

namespace majlis::delivery {

/// One way out: its connections, its limits, its health.
class Relay {
public:
    Relay(boost::asio::any_io_executor executor, const RelayConfig& config, std::unique_ptr<LoginSource> login, Workshop& shop);
    /// Reads what the database remembers: usage and pauses.
    boost::asio::awaitable<void> restore();
    /// One connection's life: leases, sends, rests. Returns when the daemon stops (or, with ends_when_idle, when nothing is due).
    boost::asio::awaitable<void> run_connection();
    /// There may be something new, and connections are busy: one of this relay's looks whether it should go first. False when
    /// none does.
    bool look_for_new();

    const std::string& name() const { return config_.name; }
    const RelayConfig& config() const { return config_; }
    bool resting(std::int64_t now) const { return health_.resting(now); }
    std::int64_t paused_until() const { return health_.paused_until(); }
    std::int64_t failures() const { return health_.failures(); }
    /// It has been found that its server does not take the delivery.
    bool finds_unfit(std::int64_t delivery, std::int64_t now) const { return abilities_.unfit(delivery, now); }
    void forget_unfit(std::int64_t delivery) { abilities_.forget(delivery); }
    bool needs_a_person() const { return health_.needs_a_person(); }
    /// Its connections may go on: there is room again.
    void wake();
    void abort();

private:
    struct Line;
    /// Why a batch is not sent on a connection; `demand`: what it asks for, where that is more than the server offers.
    struct Refusal {
        std::string why;
        std::optional<Demand> demand;
    };

    boost::asio::awaitable<std::shared_ptr<Batch>> fetch(Line& line, Look look);
    boost::asio::awaitable<std::unique_ptr<net::Connection>> connect(net::Login login);
    void note_lasting(bool lasting);
    bool takes_no_more(const net::ConnectError& error) const;
    bool is_surplus(const Line& line, std::int64_t now) const;
    boost::asio::awaitable<bool> open(Line& line);
    boost::asio::awaitable<void> prepare(std::shared_ptr<Batch> batch, const smtp::Offer& offer);
    boost::asio::awaitable<std::optional<Refusal>> make_copies(Line& line, std::shared_ptr<Batch> batch);
    boost::asio::awaitable<void> refuse(std::shared_ptr<Batch> batch, Refusal refusal);
    boost::asio::awaitable<void> explain(std::shared_ptr<Batch> batch, Refusal refusal);
    boost::asio::awaitable<void> give_back(std::shared_ptr<Batch> batch);
    boost::asio::awaitable<bool> renew(Line& line);
    boost::asio::awaitable<bool> wait_for_work(Line& line, std::int64_t wait_until, std::uint64_t seen);
    boost::asio::awaitable<void> send(Line& line, std::shared_ptr<Batch> batch);
    boost::asio::awaitable<void> serve(Line& line, std::shared_ptr<Batch> first);
    boost::asio::awaitable<void> fetch_more(Line& line, Feed& feed);
    boost::asio::awaitable<void> fetch_new(Line& line, Feed& feed, bool& looking);
    boost::asio::awaitable<void> rest_after(std::string reason);
    boost::asio::awaitable<void> settle_trouble(Feed::Trouble trouble);
    boost::asio::awaitable<void> note_pace();
    void end_trial();
    Copy::Audience audience(const store::Work& work) const;
    net::Endpoint endpoint() const;

    boost::asio::any_io_executor executor_;
    RelayConfig config_;
    std::unique_ptr<LoginSource> login_;
    Workshop& shop_;
    Health health_;
    Abilities abilities_;
    Leasing leasing_;
    queue::StreakDetector streak_;
    smtp::Pace pace_ = smtp::Pace::chunked;
    queue::Pace observed_;
    std::int64_t pace_noted_at_ = 0;
    std::deque<Feed::Mark> marks_;  // of the streak
    std::size_t alive_ = 0;         // connections that have not ended
    std::vector<smtp::Session*> sessions_;
    std::size_t opening_ = 0;                   // connections that are being opened
    std::int64_t no_more_until_ = 0;            // Unix seconds: no connection beside those that are open
    std::list<std::function<bool()>> at_work_;  // of each connection that sends: looks for something new; false: it does not
};

}  // namespace majlis::delivery
