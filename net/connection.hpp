#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace majlis::net {

namespace asio = boost::asio;

/// How the bytes are protected. `starttls` is required, never "if offered": who can strip it must not be able to read us.
enum class Security { implicit, starttls, none };

enum class Scheme { imap, smtp };

/// A server, and how to reach it.
struct Endpoint {
    Scheme scheme = Scheme::imap;
    std::string host;  ///< also the name that the certificate must bear
    unsigned port = 0;
    Security security = Security::implicit;
    std::string ca_file;      ///< PEM bundle; empty: the system's
    std::string connect_to;   ///< address or name to connect to instead of `host`; empty: `host`
    std::string client_name;  ///< SMTP: what EHLO says; empty: libcurl's choice (the machine's name)

    /// "imaps://host:993", for logs and messages.
    std::string text() const;
};

enum class Mechanism { automatic, plain, login, xoauth2, oauthbearer };

/// Who we are. An empty username means: do not log in at all.
struct Login {
    Mechanism mechanism = Mechanism::automatic;  ///< automatic: PLAIN, else LOGIN, else IMAP's LOGIN command
    std::string username;
    std::string secret;  ///< password, or access token with xoauth2 and oauthbearer
};

/// Why there is no connection, in words for the person who has to mend it.
class ConnectError : public std::runtime_error {
public:
    enum class Stage {
        resolve,
        connect,
        tls,
        greeting,              ///< greeting, EHLO or CAPABILITY: refused, cut short or too late
        starttls_not_offered,  ///< required, and not there
        no_auth_offered,       ///< credentials set, and no mechanism that we may use
        auth_refused,
        timed_out,
        other,
    };
    enum class Lasting { temporary, permanent };  ///< permanent: only a person can mend it

    ConnectError(Stage stage, Lasting lasting, int code, const std::string& message)
        : std::runtime_error(message), stage_(stage), lasting_(lasting), code_(code)
    {
    }
    Stage stage() const { return stage_; }
    Lasting lasting() const { return lasting_; }
    int code() const { return code_; }  ///< SMTP reply that said no, else 0

private:
    Stage stage_;
    Lasting lasting_;
    int code_;
};

/// The peer is gone, or TLS broke: this connection can not be used any more.
class ConnectionLost : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// libcurl's multi interface on an Asio loop: one for each io_context, which must have one thread. It outlives its
/// connections and transfers. Its callbacks only note what happened and wake the loop; no coroutine resumes inside one.
/// Makes the process ignore SIGPIPE.
class CurlDriver {
public:
    explicit CurlDriver(asio::any_io_executor executor);
    ~CurlDriver();
    CurlDriver(const CurlDriver&) = delete;
    CurlDriver& operator=(const CurlDriver&) = delete;

    asio::any_io_executor executor() const;

    /// Runs a CURL* (as void*, so that curl.h stays out of here) to its end and returns the CURLcode. It stays in the
    /// multi until `forget`; when the wait is cancelled it is taken out.
    asio::awaitable<int> perform(void* easy);
    /// Takes a handle out of the multi: a connection that it holds is closed at once.
    void forget(void* easy);

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// A connection that is secured and logged in; everything that is said on it is ours. One coroutine may read while
/// another writes, never two of a kind. Destroying it closes at once: send QUIT or LOGOUT before.
class Connection {
public:
    struct State;
    explicit Connection(std::unique_ptr<State> state);
    Connection(Connection&&) noexcept;
    Connection& operator=(Connection&&) noexcept;
    ~Connection();

    /// Bytes read, at least one; 0: the peer has closed. Throws ConnectionLost. Decrypted bytes are handed out before
    /// the socket is waited for. Has no time limit of its own: see within.hpp.
    asio::awaitable<std::size_t> read_some(std::span<char> buffer);
    /// What can be read without waiting; 0: nothing now. Throws ConnectionLost, also when the peer has closed.
    std::size_t read_now(std::span<char> buffer);
    /// Writes all of it. `bytes` must stay where it is and as it is until this returns. Throws ConnectionLost.
    asio::awaitable<void> write(std::string_view bytes);
    /// All of them, in their order; in one call of the kernel where nothing is encrypted.
    asio::awaitable<void> write(std::span<const std::string_view> pieces);
    /// What the kernel takes of them without waiting, in bytes; only where nothing is encrypted. Throws ConnectionLost.
    std::size_t write_now(std::span<const std::string_view> pieces);
    bool plain() const;  ///< nothing is encrypted

    /// SMTP: the last EHLO's lines, without code and greeting, as sent ("SIZE 30720000"). IMAP: words of the last CAPABILITY
    /// seen while connecting; ask again, it may differ after the login.
    const std::vector<std::string>& capabilities() const;
    /// The keyword is offered, whatever its parameters. Any case.
    bool offers(std::string_view keyword) const;
    /// Parameters behind the keyword ("30720000" for SIZE); empty when not offered or without any.
    std::string parameters(std::string_view keyword) const;

    const Endpoint& endpoint() const;
    asio::any_io_executor executor() const;

private:
    std::unique_ptr<State> state_;
};

/// Connects, secures (certificate and name verified) and logs in. Throws ConnectError.
asio::awaitable<Connection> connect(CurlDriver& driver, Endpoint endpoint, Login login, std::chrono::milliseconds limit);

}  // namespace majlis::net
