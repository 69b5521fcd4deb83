#include <curl/curl.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "core/text/ascii.hpp"
#include "net/connect_error.hpp"
#include "net/connection_state.hpp"

/// How libcurl connects, secures and logs in; from then on the connection is ours.
namespace majlis::net {

namespace {

constexpr std::size_t max_capabilities = 200;  // lines or words, from a server that need not be honest
constexpr std::size_t max_reply_bytes = 1000;

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

void prepare_login(CURL* easy, const Attempt& attempt, const std::string& options)
{
    const auto& login = attempt.login;
    if (login.username.empty()) return;
    set(easy, CURLOPT_USERNAME, login.username);
    set(easy, attempt.uses_token() ? CURLOPT_XOAUTH2_BEARER : CURLOPT_PASSWORD, login.secret);
    if (!options.empty()) set(easy, CURLOPT_LOGIN_OPTIONS, options);
    set(easy, CURLOPT_SASL_IR, 1L);
}

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
    prepare_login(easy, attempt, options);
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

std::string Endpoint::text() const
{
    const std::string name = scheme == Scheme::imap ? "imap" : "smtp";
    return name + (security == Security::implicit ? "s://" : "://") + bracketed(host) + ":" + std::to_string(port);
}

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
