#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "net/connection.hpp"
#include "net/imap/names.hpp"
#include "net/imap/response.hpp"
#include "net/imap/splitter.hpp"

namespace majlis::imap {

namespace asio = boost::asio;

/// The server said NO or BAD to something that we can not do without; what() is for people.
class Refused : public std::runtime_error {
public:
    Refused(const std::string& message, std::string code) : std::runtime_error(message), code_(std::move(code)) {}
    const std::string& code() const { return code_; }

private:
    std::string code_;
};

struct Times {
    std::chrono::milliseconds silence = std::chrono::seconds{60};  ///< no byte for so long while we wait: the connection is dead
    std::chrono::milliseconds command = std::chrono::minutes{30};  ///< the longest that one command may take
    std::chrono::milliseconds idle = std::chrono::minutes{9};      ///< IDLE is asked again; servers give up after 29 (RFC 2177)
};

/// How a command ended.
struct Reply {
    Status status = Status::none;
    std::string code;
    std::string text;
    bool ok() const { return status == Status::ok; }
    bool has_code(std::string_view name) const;
};

/// Where an APPEND has put a message (UIDPLUS); nothing where the server does not say.
struct AppendedAt {
    std::uint32_t uidvalidity = 0, uid = 0;
};
std::optional<AppendedAt> appended_at(const Reply& reply);

struct Mailbox {
    std::string name;               ///< the server's
    std::uint32_t uidvalidity = 0;  ///< never 0 after select()
    std::uint32_t uidnext = 0;      ///< 0: not told
    std::uint32_t exists = 0;
};

/// One logged-in IMAP connection. Commands may be queued and finished later, in any order, so that several are in flight.
/// Every wait may throw net::ConnectionLost or ProtocolError; the session is of no use after that. One coroutine at a time.
class Session {
public:
    using Tag = std::uint32_t;
    using FetchSink = std::function<void(FetchItem&&)>;

    /// Asks for capabilities and the personal name space. Give it a connection that is logged in.
    static asio::awaitable<std::unique_ptr<Session>> open(net::Connection connection, Limits limits = {}, Times times = {});

    explicit Session(net::Connection connection, Limits limits, Times times);
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    bool offers(std::string_view capability) const;
    /// From now on as if the server had never offered it: it lied.
    void forget_capability(std::string_view capability);
    const NameSpace& name_space() const { return name_space_; }
    const Mailbox& mailbox() const { return mailbox_; }
    const net::Endpoint& endpoint() const { return connection_.endpoint(); }

    // Commands ----------------------------------------------------------------------------------------------------------

    /// Puts a command (without tag and line end) behind those that wait to be written.
    Tag queue(std::string_view command);
    /// Writes what waits, in one piece.
    asio::awaitable<void> flush();
    /// Writes what waits, and reads until this command has ended. Others may end meanwhile: their replies are kept.
    asio::awaitable<Reply> finish(Tag tag);
    asio::awaitable<Reply> run(std::string command);
    /// Has ended already, so that finish() will not wait.
    bool ended(Tag tag) const { return replies_.contains(tag); }
    /// Gets every FETCH response that has a UID, whichever command it belongs to.
    void on_fetch(FetchSink sink) { fetch_sink_ = std::move(sink); }

    // Folders -----------------------------------------------------------------------------------------------------------

    /// Selects by the server's name. Throws Refused; code() is NONEXISTENT or empty.
    asio::awaitable<void> select(std::string name);
    /// Creates it and subscribes to it; that it exists already is no error.
    asio::awaitable<void> create(std::string name);
    asio::awaitable<std::vector<Folder>> list(std::string pattern);
    /// The server's name of a special use folder (RFC 6154), "\\Junk"; by its usual names where the server does not tell.
    asio::awaitable<std::optional<std::string>> special_use(std::string attribute);

    // Mail --------------------------------------------------------------------------------------------------------------

    /// UIDs in [first, last] that exist now, ascending. last 0: up to the highest.
    asio::awaitable<std::vector<std::uint32_t>> search(std::uint32_t first, std::uint32_t last, std::string_view criteria = {});
    /// Marks and removes messages; never those of others. What the server has no safe way to remove stays, marked \Deleted.
    asio::awaitable<void> remove(std::vector<std::uint32_t> uids);
    /// To another folder, which is created when it is missing. By MOVE, else by copying and removing.
    asio::awaitable<void> move(std::vector<std::uint32_t> uids, std::string target);
    asio::awaitable<Reply> append(std::string name, std::string_view message);
    /// The same for a mail that is never whole in memory: `next_part` gives it piece by piece, `size` bytes together.
    using PartSource = std::function<asio::awaitable<std::string>()>;
    asio::awaitable<Reply> append_in_parts(std::string name, std::uint64_t size, PartSource next_part);

    // Waiting -----------------------------------------------------------------------------------------------------------

    /// Messages were announced since the last call of this.
    bool take_news();
    /// From now on a message that goes, or whose flags change, is news as well.
    void watch_changes() { changes_are_news_ = true; }
    /// Starts IDLE. False: the server does not do it after all.
    asio::awaitable<bool> begin_idle();
    /// Until messages are announced or the bell ends; it may be asked for several times.
    using Bell = std::function<asio::awaitable<void>()>;
    asio::awaitable<void> wait_idle(const Bell& bell);
    /// Queues DONE: it goes out in one write with the commands queued next. Finish the tag like any other.
    Tag end_idle();

    /// Says goodbye, for at most five seconds; never throws for what the server does.
    asio::awaitable<void> logout();

private:
    asio::awaitable<Response> next();
    void note(Response&& response);
    void note_status(const Response& response);
    void end_buffer(std::size_t count);
    asio::awaitable<void> find_name_space();
    asio::awaitable<void> remove_without_uidplus(std::vector<std::uint32_t> uids);
    Reply require(Reply reply, std::string_view what) const;

    net::Connection connection_;
    Limits limits_;
    Times times_;
    Splitter splitter_;
    std::vector<char> buffer_;
    std::string_view rest_;  ///< of buffer_: not yet taken by the splitter
    std::string out_;
    Tag last_tag_ = 0;
    std::map<Tag, Reply> replies_;
    std::vector<std::string> capabilities_;
    NameSpace name_space_;
    Mailbox mailbox_;
    std::vector<Folder> folders_;         ///< of the LIST that runs
    std::vector<std::uint32_t> numbers_;  ///< of the SEARCH that runs
    FetchSink fetch_sink_;
    bool news_ = false;
    bool changes_are_news_ = false;
    bool continued_ = false;  ///< a "+" came
    bool leaving_ = false;    ///< BYE is what we want to hear
    Tag idle_tag_ = 0;
};

}  // namespace majlis::imap
