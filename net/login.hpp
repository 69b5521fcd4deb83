#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "core/config/config.hpp"
#include "net/connection.hpp"
#include "net/oauth2.hpp"

namespace majlis {

/// The network's view of a configured server.
net::Endpoint endpoint_of(const ServerConfig& server, net::Scheme scheme);

/// How to log in to one configured server. A password is read anew for each connection, so that a changed one is found; an
/// access token is fetched when the last one has expired.
class LoginSource {
public:
    /// `helper` runs what blocks: a password_command.
    LoginSource(net::CurlDriver& driver, boost::asio::thread_pool& helper, CredentialConfig credentials);

    /// Throws std::runtime_error that says how to mend it (net::OAuth2Error for tokens). Without a username: an empty login.
    boost::asio::awaitable<net::Login> get();
    /// Awaits attempt(login), and once more if it throws that an access token is refused which had been good: it may have been
    /// revoked ahead of its time. The attempt must be named by the caller, and is an awaitable.
    template <class Attempt>
    auto open(Attempt& attempt) -> std::invoke_result_t<Attempt&, net::Login>
    {
        for (;;) {
            net::Login login = co_await get();
            const std::string secret = login.secret;
            try {
                auto opened = co_await attempt(std::move(login));
                accepted(secret);
                co_return opened;
            } catch (const net::ConnectError& error) {
                if (error.stage() != net::ConnectError::Stage::auth_refused || !refused(secret)) throw;
            }
        }
    }

private:
    boost::asio::awaitable<std::string> password();
    boost::asio::awaitable<std::string> access_token();
    void make_tokens();
    void accepted(const std::string& secret);
    /// True: a new access token is worth a try at once. Where this is the newest and has never been good, it is not.
    bool refused(const std::string& secret);

    net::CurlDriver& driver_;
    boost::asio::thread_pool& helper_;
    CredentialConfig credentials_;
    std::shared_ptr<net::TokenSource> tokens_;  // shared with who waits for a token: a refusal may replace it meanwhile
    std::string newest_;                        // access token
    bool proven_ = false;                       // a server has let us in with it
};

/// One login, nothing kept: for who connects once.
boost::asio::awaitable<net::Login> make_login(net::CurlDriver& driver, boost::asio::thread_pool& helper,
                                              CredentialConfig credentials);

}  // namespace majlis
