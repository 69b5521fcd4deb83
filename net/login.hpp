#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "core/config/config.hpp"
#include "net/access_tokens.hpp"
#include "net/connection.hpp"

namespace majlis {

/// The network's view of a configured server.
net::Endpoint endpoint_of(const ServerConfig& server, net::Scheme scheme);

/// How to log in to one configured server. A password is read anew for each connection, so that a changed one is found; an
/// access token is fetched when the last one has expired or was refused.
class LoginSource {
public:
    /// `helper` runs what blocks: a password_command.
    LoginSource(net::CurlDriver& driver, boost::asio::thread_pool& helper, CredentialConfig credentials);

    /// Throws std::runtime_error that says how to mend it (net::OAuth2Error for tokens). Without a username: an empty login.
    boost::asio::awaitable<net::Login> get();
    /// Awaits attempt(login), whose answer is empty where it was cut off; once more where it throws that an access token is
    /// refused, and another is worth a try at once. The attempt must be named by the caller.
    template <class Attempt>
    auto open(Attempt& attempt) -> std::invoke_result_t<Attempt&, net::Login>
    {
        for (bool first = true;; first = false) {
            net::Login login = co_await get();
            const std::string secret = login.secret;
            try {
                auto opened = co_await attempt(std::move(login));
                if (opened) accepted(secret);
                co_return opened;
            } catch (const net::ConnectError& error) {
                const bool again = refused(secret, error);  // it is noted, whatever the attempt
                if (!again || !first) throw;
            }
        }
    }

private:
    boost::asio::awaitable<std::string> password();
    void accepted(const std::string& secret);
    bool refused(const std::string& secret, const net::ConnectError& error);

    boost::asio::thread_pool& helper_;
    CredentialConfig credentials_;
    std::unique_ptr<AccessTokens> tokens_;  // where the login needs them
};

/// One login, nothing kept: for who connects once.
boost::asio::awaitable<net::Login> make_login(net::CurlDriver& driver, boost::asio::thread_pool& helper,
                                              CredentialConfig credentials);

}  // namespace majlis
