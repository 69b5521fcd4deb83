#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/config/config.hpp"
#include "core/digest/digest.hpp"
#include "core/judge/judge.hpp"
#include "core/store/digests.hpp"
#include "daemon/event.hpp"
#include "daemon/store_thread.hpp"

namespace majlis {

/// Writes the digests that `majlis digest send` has planned, one after the other, and puts them into the outbox. Posts are read
/// on a thread of its own, one at a time; what a crash leaves half done is done again, to the same mail.
class Digests {
public:
    Digests(boost::asio::any_io_executor executor, StoreThread& store, const Config& config, Stop& stop);
    ~Digests();

    /// There may be a new one.
    void wake() { planned_.notify(); }
    /// Until the daemon stops.
    boost::asio::awaitable<void> run();
    /// Everything that is there now; how many of them failed, and wait for another try. Never pauses after a failure. Throws when
    /// it cannot be told what is there.
    boost::asio::awaitable<std::size_t> drain();

    std::function<void()> outbox_filled;

private:
    boost::asio::awaitable<void> drain_and_rest();
    struct Draft;
    boost::asio::awaitable<void> archive_all();
    boost::asio::awaitable<void> take(std::int64_t group_id);
    boost::asio::awaitable<void> send(std::int64_t group_id, std::shared_ptr<Draft> draft);
    /// False: there is nothing left to write. Throws when a list was moved to another tree meanwhile.
    boost::asio::awaitable<bool> write(std::shared_ptr<Draft> draft);
    boost::asio::awaitable<void> add_section(std::shared_ptr<Draft> draft, std::size_t section);
    /// One that is damaged is logged and left out.
    boost::asio::awaitable<void> add_post(std::shared_ptr<Draft> draft, std::size_t section, store::DigestPost post);
    boost::asio::awaitable<void> read_post(std::shared_ptr<Draft> draft, std::size_t section, store::DigestPost found);
    struct Recorded;
    static Recorded record(store::Database& db, std::int64_t group_id, const Draft& draft);
    boost::asio::awaitable<void> fill(std::int64_t group_id);

    /// Posts as digests show them: groups of one run have most of them in common.
    struct Known {
        std::int64_t id = 0;
        digest::Post post;
        std::size_t bytes = 0;  ///< that it takes of an issue's budget
    };
    const Known* known(std::int64_t post_id);
    void remember(Known post);
    /// What needs no reading for this issue: known from an earlier one, or no more than counted. False: it is to be read.
    bool add_known(Draft& draft, std::size_t section, const store::DigestPost& post);

    StoreThread& store_;
    Config config_;
    SiteFace site_;
    Stop& stop_;
    Event planned_;
    std::list<Known> posts_;  // the latest first
    std::unordered_map<std::int64_t, std::list<Known>::iterator> place_;
    std::size_t remembered_ = 0;                            // bytes
    std::unordered_map<std::int64_t, digest::Post> named_;  // behind the end of an issue's budget: without their text
    boost::asio::thread_pool reader_{1};
};

}  // namespace majlis
