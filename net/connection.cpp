#include "net/connection.hpp"

#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <new>
#include <optional>
#include <system_error>
#include <utility>

#include "core/text/ascii.hpp"
#include "net/connect_error.hpp"

namespace majlis::net {

namespace {

constexpr std::size_t max_capabilities = 200;  // lines or words, from a server that need not be honest
constexpr std::size_t max_reply_bytes = 1000;
constexpr unsigned reads_at_once = 16;

struct CurlClose {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, CurlClose>;

/// Reads the server's lines while libcurl connects.
struct Listener {
    Attempt& attempt;
    std::vector<std::string> block;

    void hear_smtp(std::string_view line);
    void hear_imap(std::string_view line);
    static std::size_t on_line(char* bytes, std::size_t size, std::size_t count, void* self);
};

void Listener::hear_smtp(std::string_view line)
{
    if (line.starts_with("235")) attempt.auth_ok = true;
    if (line.starts_with("4") || line.starts_with("5") || attempt.token_refused()) attempt.login_answered = true;
    if (line.starts_with("220")) attempt.capabilities.clear();  // greeting, or STARTTLS: what was offered before does not count
    if (!line.starts_with("250") || line.size() < 4) return;
    if (block.size() < max_capabilities) block.emplace_back(line.substr(4));
    if (line[3] != ' ') return;
    block.erase(block.begin());  // the server's name
    attempt.capabilities = std::move(block);
    block.clear();
}

void Listener::hear_imap(std::string_view line)
{
    if (text::starts_with_nocase(line, "* PREAUTH")) attempt.preauth = true;
    const auto status = line.substr(std::min(line.find(' '), line.size()));
    if (attempt.token_refused()) attempt.login_answered = true;
    if (!line.starts_with("*") && !line.starts_with("+")) {
        if (text::starts_with_nocase(status, " OK")) {
            ++attempt.tagged_ok;
        } else {
            attempt.login_answered = true;
        }
    }
    if (!text::starts_with_nocase(line, "* CAPABILITY ")) return;
    attempt.capabilities.clear();
    for (std::size_t at = 13; at < line.size() && attempt.capabilities.size() < max_capabilities;) {
        const auto end = std::min(line.find(' ', at), line.size());
        if (end > at) attempt.capabilities.emplace_back(line.substr(at, end - at));
        at = end + 1;
    }
}

std::size_t Listener::on_line(char* bytes, std::size_t size, std::size_t count, void* self)
{
    auto* listener = static_cast<Listener*>(self);
    try {
        std::string_view line{bytes, size * count};
        while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
        if (!line.empty()) listener->attempt.last_reply = line.substr(0, max_reply_bytes);
        if (listener->attempt.endpoint.scheme == Scheme::smtp) {
            listener->hear_smtp(line);
        } else {
            listener->hear_imap(line);
        }
    } catch (const std::exception&) {
        return 0;  // libcurl then fails the transfer
    }
    return size * count;
}

void set(CURL* easy, CURLoption option, const std::string& value)
{
    if (curl_easy_setopt(easy, option, value.c_str()) != CURLE_OK) throw std::bad_alloc();
}

void set(CURL* easy, CURLoption option, long value)
{
    if (curl_easy_setopt(easy, option, value) != CURLE_OK) throw std::runtime_error("libcurl lacks an option that majlis needs");
}

std::string bracketed(const std::string& host)
{
    return host.find(':') == std::string::npos || host.starts_with('[') ? host : "[" + host + "]";
}

void check_name(const std::string& host, std::string_view what)
{
    const bool fits = !host.empty() && host.size() <= 255 && std::none_of(host.begin(), host.end(), [](char c) {
        return text::is_control(c) || std::string_view(" /@?#%\\\"<>").find(c) != std::string_view::npos;
    });
    if (!fits) {
        throw ConnectError(ConnectError::Stage::resolve, ConnectError::Lasting::permanent, 0,
                           std::string(what) + " is not the name of a server: check url");
    }
}

std::string url_of(const Endpoint& endpoint)
{
    const std::string name = endpoint.scheme == Scheme::imap ? "imap" : "smtp";
    std::string url = name + (endpoint.security == Security::implicit ? "s://" : "://") + bracketed(endpoint.host) + ":" +
                      std::to_string(endpoint.port) + "/";
    if (endpoint.scheme == Scheme::smtp) url += endpoint.client_name;
    return url;
}

/// What libcurl is told about mechanisms; it prefers CRAM-MD5 by itself, also with a token.
std::string options_of(Mechanism mechanism)
{
    switch (mechanism) {
        case Mechanism::plain:
            return "AUTH=PLAIN";
        case Mechanism::login:
            return "AUTH=LOGIN";
        case Mechanism::xoauth2:
            return "AUTH=XOAUTH2";
        case Mechanism::oauthbearer:
            return "AUTH=OAUTHBEARER";
        case Mechanism::automatic:
            break;
    }
    return "AUTH=PLAIN;AUTH=LOGIN";
}

using HostList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

void prepare(CURL* easy, const Endpoint& endpoint, std::chrono::milliseconds limit)
{
    set(easy, CURLOPT_URL, url_of(endpoint));
    set(easy, CURLOPT_CONNECT_ONLY, 1L);
    set(easy, CURLOPT_NOSIGNAL, 1L);
    set(easy, CURLOPT_QUICK_EXIT, 1L);  // else giving up a name that does not resolve blocks the loop until it does
    set(easy, CURLOPT_PROXY, std::string());
    set(easy, CURLOPT_TCP_NODELAY, 1L);
    set(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(limit.count()));
    set(easy, CURLOPT_USE_SSL, static_cast<long>(endpoint.security == Security::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    set(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!endpoint.ca_file.empty()) set(easy, CURLOPT_CAINFO, endpoint.ca_file);
}

void prepare_login(CURL* easy, const Login& login, const std::string& options)
{
    if (login.username.empty()) return;
    set(easy, CURLOPT_USERNAME, login.username);
    const bool token = login.mechanism == Mechanism::xoauth2 || login.mechanism == Mechanism::oauthbearer;
    set(easy, token ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD, login.secret);
    if (!options.empty()) set(easy, CURLOPT_LOGIN_OPTIONS, options);
    set(easy, CURLOPT_SASL_IR, 1L);
}

}  // namespace

struct Connection::State {
    State(CurlDriver& owner, Endpoint where) : driver(owner), descriptor(owner.executor()), endpoint(std::move(where)) {}
    ~State()
    {
        // Released first: as long as libcurl's number for the socket is open, closing ours does not take it out of the epoll set.
        if (descriptor.is_open()) ::close(descriptor.release());
        if (easy && connected) driver.forget(easy.get());
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    CurlDriver& driver;
    HostList hosts{nullptr, &curl_slist_free_all};
    Easy easy;
    bool connected = false;
    unsigned read_at_once = 0;  // by read_now, with nothing between
    bool drained = false;       // the last read left nothing in the kernel, and nothing was waited for since
    bool owes_ack = false;      // something came, and nothing was written since
    asio::posix::stream_descriptor descriptor;
    Endpoint endpoint;
    std::vector<std::string> capabilities;
    std::array<char, CURL_ERROR_SIZE> error{};

    /// Tells the peer at once what came, for we have nothing to say that would carry it: where Nagle's algorithm holds his next
    /// small segment back until then, a delayed acknowledgement costs 40 ms. The kernel forgets it as soon as we write.
    void acknowledge()
    {
        const int at_once = 1;
        static_cast<void>(::setsockopt(descriptor.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &at_once, sizeof at_once));
        owes_ack = false;
    }
    /// Bytes that are there now; nullopt: none. 0: the peer has closed.
    std::optional<std::size_t> receive(std::span<char> buffer)
    {
        const auto count = endpoint.security == Security::none ? receive_plain(buffer) : receive_decrypted(buffer);
        // With TLS there may be more that curl has read already.
        drained = count && *count > 0 && *count < buffer.size() && endpoint.security == Security::none;
        if (count) owes_ack = *count > 0;
        return count;
    }
    std::optional<std::size_t> receive_decrypted(std::span<char> buffer)
    {
        std::size_t count = 0;
        const CURLcode code = curl_easy_recv(easy.get(), buffer.data(), buffer.size(), &count);
        if (code == CURLE_AGAIN) return std::nullopt;
        if (code != CURLE_OK) lost(code);
        return count;
    }
    /// As curl does it, and without what it looks up for each call.
    std::optional<std::size_t> receive_plain(std::span<char> buffer)
    {
        const auto count = ::recv(descriptor.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
        if (count >= 0) return static_cast<std::size_t>(count);
        if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) lost(errno);
        return std::nullopt;
    }
    [[noreturn]] void lost(CURLcode code) const
    {
        const std::string why = error[0] != '\0' ? error.data() : curl_easy_strerror(code);
        throw ConnectionLost(endpoint.text() + ": connection lost: " + why);
    }
    [[noreturn]] void lost(int system_error) const
    {
        throw ConnectionLost(endpoint.text() + ": connection lost: " + std::generic_category().message(system_error));
    }
};

std::string Endpoint::text() const
{
    const std::string name = scheme == Scheme::imap ? "imap" : "smtp";
    return name + (security == Security::implicit ? "s://" : "://") + bracketed(host) + ":" + std::to_string(port);
}

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

asio::awaitable<std::size_t> Connection::read_some(std::span<char> buffer)
{
    for (;;) {
        if (!std::exchange(state_->drained, false)) {
            if (const auto count = state_->receive(buffer)) co_return *count;
        }
        // What we write now carries the acknowledgement: whoever was woken by what has just been read goes first.
        if (state_->owes_ack) co_await asio::post(asio::use_awaitable);
        if (state_->owes_ack) state_->acknowledge();
        co_await state_->descriptor.async_wait(asio::posix::descriptor_base::wait_read, asio::use_awaitable);
    }
}

std::size_t Connection::read_now(std::span<char> buffer)
{
    // Who never stops talking must not have the loop for himself: now and then his reader waits as if nothing were there.
    if (++state_->read_at_once > reads_at_once) {
        state_->read_at_once = 0;
        return 0;
    }
    const auto count = state_->receive(buffer);
    if (!count) {
        state_->read_at_once = 0;
        return 0;
    }
    if (*count == 0) throw ConnectionLost(state_->endpoint.text() + ": the server closed the connection");
    return *count;
}

asio::awaitable<void> Connection::write(std::string_view bytes)
{
    if (plain()) {
        const std::array<std::string_view, 1> piece{bytes};
        co_await write(std::span<const std::string_view>{piece});
        co_return;
    }
    while (!bytes.empty()) {
        std::size_t count = 0;
        const CURLcode code = curl_easy_send(state_->easy.get(), bytes.data(), bytes.size(), &count);
        if (code != CURLE_OK && code != CURLE_AGAIN) state_->lost(code);
        if (count > 0) state_->owes_ack = false;
        bytes.remove_prefix(count);
        if (code == CURLE_AGAIN) {
            co_await state_->descriptor.async_wait(asio::posix::descriptor_base::wait_write, asio::use_awaitable);
        }
    }
}

namespace {

/// Bytes sent, of `pieces` from `offset` in the first on; -1 with errno.
ssize_t send_pieces(int socket, std::span<const std::string_view> pieces, std::size_t offset)
{
    std::array<iovec, 256> parts;  // filled as far as it is used
    const auto count = std::min(parts.size(), pieces.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto piece = i == 0 ? pieces[i].substr(offset) : pieces[i];
        parts[i] = {const_cast<char*>(piece.data()), piece.size()};  // sendmsg() only reads
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

asio::awaitable<void> Connection::write(std::span<const std::string_view> pieces)
{
    if (!plain()) {
        for (const auto piece : pieces) co_await write(piece);
        co_return;
    }
    std::size_t offset = 0;
    while (!pieces.empty()) {
        const auto sent = send_pieces(state_->descriptor.native_handle(), pieces, offset);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) state_->lost(errno);
        if (sent < 0) {
            co_await state_->descriptor.async_wait(asio::posix::descriptor_base::wait_write, asio::use_awaitable);
            continue;
        }
        state_->owes_ack = false;
        offset += static_cast<std::size_t>(sent);
        while (!pieces.empty() && offset >= pieces.front().size()) {
            offset -= pieces.front().size();
            pieces = pieces.subspan(1);
        }
    }
}

std::size_t Connection::write_now(std::span<const std::string_view> pieces)
{
    const auto sent = send_pieces(state_->descriptor.native_handle(), pieces, 0);
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) state_->lost(errno);
    if (sent < 0) return 0;
    state_->owes_ack = false;
    return static_cast<std::size_t>(sent);
}

bool Connection::plain() const { return state_->endpoint.security == Security::none; }

const std::vector<std::string>& Connection::capabilities() const { return state_->capabilities; }

bool Connection::offers(std::string_view keyword) const
{
    return std::any_of(state_->capabilities.begin(), state_->capabilities.end(), [&](const std::string& line) {
        return text::equal_nocase(std::string_view(line).substr(0, line.find(' ')), keyword);
    });
}

std::string Connection::parameters(std::string_view keyword) const
{
    for (const auto& line : state_->capabilities) {
        const auto space = line.find(' ');
        if (space != std::string::npos && text::equal_nocase(std::string_view(line).substr(0, space), keyword)) {
            return line.substr(space + 1);
        }
    }
    return {};
}

const Endpoint& Connection::endpoint() const { return state_->endpoint; }

asio::any_io_executor Connection::executor() const { return state_->driver.executor(); }

namespace {

void note_progress(CURL* easy, Attempt& attempt)
{
    curl_off_t connected = 0;
    curl_off_t secured = 0;
    curl_easy_getinfo(easy, CURLINFO_CONNECT_TIME_T, &connected);
    curl_easy_getinfo(easy, CURLINFO_APPCONNECT_TIME_T, &secured);
    attempt.tcp_connected = connected > 0;
    attempt.tls_done = secured > 0;
}

/// One attempt with these login options. Null when it failed; `attempt` then says why.
asio::awaitable<std::unique_ptr<Connection::State>> attempt_connect(CurlDriver& driver, Attempt& attempt, std::string options)
{
    auto state = std::make_unique<Connection::State>(driver, attempt.endpoint);
    state->easy.reset(curl_easy_init());
    CURL* easy = state->easy.get();
    if (easy == nullptr) throw std::bad_alloc();
    prepare(easy, attempt.endpoint, attempt.limit);
    prepare_login(easy, attempt.login, options);
    if (!attempt.endpoint.connect_to.empty()) {
        const std::string rule = "::" + bracketed(attempt.endpoint.connect_to) + ":";
        state->hosts.reset(curl_slist_append(nullptr, rule.c_str()));
        curl_easy_setopt(easy, CURLOPT_CONNECT_TO, state->hosts.get());
    }
    Listener listener{attempt, {}};
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Listener::on_line);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, &listener);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, state->error.data());
    attempt.curl_code = co_await driver.perform(easy);
    state->connected = true;  // it stays in the multi from here on
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, nullptr);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, nullptr);
    attempt.curl_text = state->error.data();
    note_progress(easy, attempt);
    if (attempt.curl_code != CURLE_OK) co_return nullptr;
    if (!attempt.login.username.empty() && !attempt.logged_in()) co_return nullptr;
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &socket);
    if (socket == CURL_SOCKET_BAD) throw ConnectionLost(attempt.endpoint.text() + ": closed right after the login");
    // A number of our own: while libcurl opens another connection, it closes its one of this if the server has gone, or if it has
    // not seen it used for two minutes; and the system gives that number to the next socket.
    const int own = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    boost::system::error_code failure{own < 0 ? errno : 0, boost::system::generic_category()};
    if (own >= 0) state->descriptor.assign(own, failure);
    if (failure && own >= 0) ::close(own);
    if (failure)
        throw ConnectError(ConnectError::Stage::other, ConnectError::Lasting::temporary, 0,
                           attempt.endpoint.text() + ": " + failure.message());
    state->capabilities = std::move(attempt.capabilities);
    co_return state;
}

/// The server has no SASL mechanism for a password, but IMAP's own LOGIN command.
bool only_login_command(const Attempt& attempt)
{
    return attempt.endpoint.scheme == Scheme::imap && attempt.curl_code == CURLE_LOGIN_DENIED &&
           (attempt.login.mechanism == Mechanism::automatic || attempt.login.mechanism == Mechanism::login) &&
           !attempt.capabilities.empty() && !attempt.offers("AUTH=PLAIN") && !attempt.offers("AUTH=LOGIN") &&
           !attempt.offers("LOGINDISABLED");
}

}  // namespace

asio::awaitable<Connection> connect(CurlDriver& driver, Endpoint endpoint, Login login, std::chrono::milliseconds limit)
{
    check_name(endpoint.host, "\"" + endpoint.host + "\"");
    if (!endpoint.client_name.empty()) check_name(endpoint.client_name, "the client name");
    Attempt attempt;
    attempt.endpoint = std::move(endpoint);
    attempt.login = std::move(login);
    attempt.limit = limit;
    auto state = co_await attempt_connect(driver, attempt, options_of(attempt.login.mechanism));
    if (!state && only_login_command(attempt)) {
        attempt.tagged_ok = 0;
        attempt.login_answered = false;
        std::string libcurls_choice;  // then it takes LOGIN, which it can not be told to prefer before 8.2
        state = co_await attempt_connect(driver, attempt, std::move(libcurls_choice));
    }
    if (!state) throw explain(attempt);
    co_return Connection(std::move(state));
}

}  // namespace majlis::net
