#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/judge/judge.hpp"
#include "core/store/status.hpp"
#include "daemon/event.hpp"
#include "daemon/intake/folder.hpp"
#include "daemon/store_thread.hpp"
#include "net/connection.hpp"
#include "net/imap/session.hpp"
#include "net/login.hpp"

namespace majlis::intake {

class Reader;

/// What an intake works with. All of it outlives the intake.
struct Wiring {
    StoreThread& store;
    net::CurlDriver& driver;
    boost::asio::thread_pool& reader;  ///< runs a password_command
    Stop& stop;
    InboxConfig inbox;
    std::int64_t max_size_bytes = 0;
    JudgeContext context;
};

/// One mailbox in which list mail arrives: stays connected, takes what is ours, durably, and then clears it away there.
///
/// What a crash leaves: mail whose batch was not committed is still in the mailbox, unread; mail that was committed and not yet
/// moved is moved at the next connection, by its row.
class Intake {
public:
    explicit Intake(Wiring wiring);

    /// Until the daemon stops. Reconnects, and never throws for what a server does.
    boost::asio::awaitable<void> run();
    /// Takes what is there now and clears it away. Throws what went wrong, after it is on record.
    boost::asio::awaitable<void> once();

    const std::string& name() const { return inbox_.name; }
    /// A backlog is being taken in: what it needs of the store thread goes before all that can wait.
    bool reads_backlog() const { return reads_backlog_; }

    /// Something new is to be judged.
    std::function<void()> on_arrivals;
    /// A mail is left because of its size, for the first time. Called on the store thread, inside the transaction that notes it.
    std::function<void(store::Database& db, const NoticeValues& values)> too_large;
    /// The server refuses us for a reason that only a person can mend ("" when it works again).
    std::function<void(const std::string& reason)> in_trouble;
    imap::Times times;
    std::chrono::milliseconds quiet{200};  ///< so long nothing new: what was taken is moved or deleted

private:
    using Session = imap::Session;
    enum class Stay { no, yes };

    boost::asio::awaitable<void> converse(Stay stay);
    boost::asio::awaitable<std::unique_ptr<Session>> open_session(net::Login login);
    boost::asio::awaitable<OpenFolder> visit_all(Session& session);
    boost::asio::awaitable<std::optional<OpenFolder>> open(Session& session, std::string name);
    boost::asio::awaitable<void> select_or_create(Session& session, std::string name);
    boost::asio::awaitable<void> visit(Session& session, OpenFolder& folder);
    boost::asio::awaitable<void> read_backlog(Session& session, OpenFolder& folder);
    boost::asio::awaitable<void> read_news(Session& session, OpenFolder& folder);
    boost::asio::awaitable<void> read_many(Reader& reader, std::vector<std::uint32_t> uids);
    boost::asio::awaitable<void> move_leftovers(Session& session, OpenFolder& folder);
    boost::asio::awaitable<void> watch(Session& session, OpenFolder& folder);
    boost::asio::awaitable<bool> wait_for_news(Session& session, OpenFolder& folder, std::chrono::milliseconds limit);
    boost::asio::awaitable<void> file(Session& session, OpenFolder& folder);
    boost::asio::awaitable<void> purge_done(Session& session);
    boost::asio::awaitable<void> note_state(std::string state, store::Contact contact, std::string error = {});
    std::chrono::milliseconds delay_before_next(bool lasting);
    ReaderContext reader_context();

    net::CurlDriver& driver_;
    StoreThread& store_;
    Stop& stop_;
    InboxConfig inbox_;
    std::int64_t max_size_bytes_;
    JudgeContext context_;
    LoginSource login_;
    std::int64_t inbox_id_ = 0;
    std::string state_;
    std::int64_t state_noted_at_ = 0;
    bool reads_backlog_ = false;
    int failures_ = 0;                 // in a row
    std::set<std::string> recovered_;  // folders in which, on this connection, what an earlier one left was looked for
    std::int64_t purged_at_ = 0;
    std::minstd_rand random_;  // jitter alone
};

}  // namespace majlis::intake
