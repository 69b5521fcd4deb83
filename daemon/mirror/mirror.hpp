#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/store/held_mirror.hpp"
#include "daemon/event.hpp"
#include "daemon/store_thread.hpp"
#include "net/connection.hpp"
#include "net/imap/session.hpp"
#include "net/login.hpp"

namespace majlis::mirror {

/// What a mirror works with. All of it outlives the mirror.
struct Wiring {
    StoreThread& store;
    net::CurlDriver& driver;
    boost::asio::thread_pool& helper;  ///< runs a password_command
    Stop& stop;
    InboxConfig inbox;
    store::Share share = store::Share::own;
};

/// Held posts in a folder of the mailbox, and the folders beside it into which a moderator moves one to decide about it.
///
/// The database is the truth and the folders only show it: what is settled elsewhere leaves them; a message is told by the token
/// in its X-Majlis-Token, and one without a token that is valid here is left alone, whatever else it says; what a person deletes
/// from Held is not shown again, and its post still waits. A connection of its own, only while there is something to show.
///
/// What a crash leaves: a row that was begun and whose copy may or may not be in Held; the next connection looks.
class Mirror {
public:
    Mirror(boost::asio::any_io_executor executor, Wiring wiring);

    /// Until the daemon stops. Reconnects, and never throws for what a server does.
    boost::asio::awaitable<void> run();
    /// Brings both sides together once. Throws what went wrong.
    boost::asio::awaitable<void> once();
    /// Something may have been held or settled.
    void wake() { changed_.notify(); }

    std::function<void()> decided;  ///< a moderator has decided about posts

private:
    using Session = imap::Session;
    enum class Stay { no, yes };
    struct Seen {
        std::uint32_t uid = 0;
        std::string token;  ///< "" where the message has none
    };

    boost::asio::awaitable<bool> anything();
    boost::asio::awaitable<std::unique_ptr<Session>> open_session(net::Login login);
    boost::asio::awaitable<void> converse(Stay stay);
    boost::asio::awaitable<void> round(Session& session);
    boost::asio::awaitable<void> open(Session& session, std::string logical);
    boost::asio::awaitable<std::vector<Seen>> tokens(Session& session, std::vector<std::uint32_t> uids);
    boost::asio::awaitable<void> take_decisions(Session& session, std::string folder, store::Verdict verdict);
    boost::asio::awaitable<std::vector<store::Mirrored>> rows();
    boost::asio::awaitable<void> reconcile(Session& session);
    boost::asio::awaitable<void> clear_settled(Session& session);
    boost::asio::awaitable<void> show_new(Session& session);
    boost::asio::awaitable<void> show(Session& session, store::HeldPost post);
    boost::asio::awaitable<void> wait(Session& session, std::uint64_t seen);
    std::string beside(std::string_view name) const;

    Wiring wiring_;
    LoginSource login_;
    Event changed_;
    std::int64_t inbox_id_ = 0;
    int failures_ = 0;                             // in a row
    std::map<std::string, std::uint32_t> looked_;  // folder: up to this uid its messages are known on this connection
    std::set<std::int64_t> refused_;               // posts whose copy the server did not take: not again in this run
};

}  // namespace majlis::mirror
