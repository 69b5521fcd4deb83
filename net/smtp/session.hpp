#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "net/connection.hpp"
#include "net/smtp/offer.hpp"
#include "net/smtp/transaction.hpp"

namespace majlis::smtp {

/// How long one reply, or one block of a message, may take: RFC 5321, 4.5.3.2. Counted from the reply before, or from the moment
/// that the command was written.
struct Timeouts {
    std::chrono::milliseconds mail = std::chrono::minutes{5};
    std::chrono::milliseconds rcpt = std::chrono::minutes{5};
    std::chrono::milliseconds data = std::chrono::minutes{2};
    std::chrono::milliseconds block = std::chrono::minutes{3};   ///< until the peer took 128 KB
    std::chrono::milliseconds final = std::chrono::minutes{10};  ///< the reply to the message
    std::chrono::milliseconds quit = std::chrono::seconds{5};    ///< QUIT, and what may still come after 421
};

struct SessionOptions {
    Pace pace = Pace::chunked;               ///< at most; the server's offer bounds it
    std::size_t window = 16;                 ///< transactions in flight with `chunked` (1 to 256); 2 with `overlapped`, else 1
    std::size_t window_bytes = 1024 * 1024;  ///< and their bytes; one transaction is always let through
    std::chrono::milliseconds probe_after = std::chrono::seconds{30};  ///< idle so long: NOOP before the next transaction
    Timeouts timeouts;
};

/// Why Session::run returned. Only after `ended` may the session be used again.
struct End {
    enum class Reason {
        ended,        ///< the source said so, and all is answered
        closed,       ///< the peer closed, or the connection broke
        closing,      ///< 421; `reply` is it
        timed_out,    ///< no reply in time
        out_of_step,  ///< synchronisation error, or replies that fit no command: try a slower pace
        aborted,      ///< abort()
    };
    Reason reason = Reason::ended;
    std::string detail;  ///< printable, for the log: what was awaited, what came
    Reply reply;
};

std::string_view name(End::Reason reason);

/// Speaks mail transactions over one connection, as far ahead of the replies as pace and window allow, and counts the replies.
/// Reading and writing go on at the same time, so a long message holds up no result. One thread, one run() at a time.
class Session {
public:
    Session(net::Connection connection, SessionOptions options);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    const Offer& offer() const;
    Pace pace() const;  ///< what is used, after the offer

    /// Pulls transactions from `source` while there is room, and gives each result back in order, as its reply comes. Returns
    /// when the source has ended and all is answered, or at the first trouble: then every transaction not yet answered has been
    /// given back as unknown or unsent. Where all was answered and the server has said more, QUIT is heard out first, which
    /// abort() does not cut short. Throws only what the source throws. `source` must outlive it.
    boost::asio::awaitable<End> run(Source& source);

    /// The source has something again. Harmless at any time.
    void wake();
    /// Ends run() at once; what is in flight is given back.
    void abort();
    /// QUIT, and its 221, each within Timeouts::quit. Only outside of run(). Never throws.
    boost::asio::awaitable<void> quit();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace majlis::smtp
