#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstddef>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/store/outcomes.hpp"
#include "daemon/delivery/author_policies.hpp"
#include "daemon/delivery/copies.hpp"
#include "daemon/delivery/recorder.hpp"
#include "daemon/delivery/relay.hpp"
#include "daemon/delivery/turns.hpp"
#include "daemon/delivery/workshop.hpp"
#include "daemon/event.hpp"
#include "daemon/store_thread.hpp"

namespace majlis::delivery {

/// All relays as one: what they share, the connections that send, and who is served first.
class Pool {
public:
    /// What it works with; all of it outlives the pool.
    struct Wiring {
        StoreThread& store;
        net::CurlDriver& driver;
        boost::asio::thread_pool& reader;  // of secrets
        Stop& stop;
        Event& work;  // there may be something to send
        const Config& config;
        bool once = false;  // no more work means the end
    };
    Pool(boost::asio::any_io_executor executor, const Wiring& wiring);

    /// A relay fails ("reason"), or something was held because of it ("").
    std::function<void(const Relay&, const std::string& reason)> in_trouble;
    /// The last connection has ended.
    std::function<void()> all_sent;
    void on_finished(std::function<void(const std::vector<store::Finished>&)> told) { recorder_.on_finished(std::move(told)); }

    /// On the store thread, first of all: what an earlier run had leased is free again.
    void recover(store::Database& db);
    /// The relays, with what the database remembers of them.
    boost::asio::awaitable<void> open(std::string token_key);
    /// Records outcomes until the last connection has ended.
    boost::asio::awaitable<void> record() { return recorder_.run(); }
    /// Every connection begins its life; `spawn` runs it.
    void send(const std::function<void(boost::asio::awaitable<void>)>& spawn);
    bool sends() const { return connections_ > 0; }
    /// Nobody will send any more, perhaps because nobody ever did.
    void finish_if_idle();

    /// While all connections are busy with long posts, one of them looks at what has come: of the relay that is furthest behind.
    boost::asio::awaitable<void> hand_out_new();
    /// Names of those that do not fail.
    std::vector<std::string> working() const;
    std::size_t in_flight() const { return recorder_.in_flight(); }
    void wake();
    void abort();

private:
    boost::asio::awaitable<void> send(Relay& relay);

    boost::asio::any_io_executor executor_;
    Wiring wiring_;
    std::mt19937_64 engine_{std::random_device{}()};
    AuthorPolicies policies_;
    Copies copies_;
    Recorder recorder_;
    std::unique_ptr<store::Dispatcher> dispatcher_;
    Turns turns_;
    queue::Shares sent_;
    Workshop shop_;
    std::vector<std::unique_ptr<Relay>> relays_;
    std::size_t connections_ = 0;  // that have not ended
};

}  // namespace majlis::delivery
