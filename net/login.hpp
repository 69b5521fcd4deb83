#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>

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
    /// The server has let us in.
    void accepted() { refused_ = false; }
    /// The server has refused it: an access token is fetched anew. True: that is worth a try soon, for a token that the server
    /// took before may have been revoked ahead of its time.
    bool refused();

private:
    boost::asio::awaitable<std::string> password();
    void make_tokens();

    net::CurlDriver& driver_;
    boost::asio::thread_pool& helper_;
    CredentialConfig credentials_;
    std::unique_ptr<net::TokenSource> tokens_;
    bool refused_ = false;  // and not accepted since
};

/// One login, nothing kept: for who connects once.
boost::asio::awaitable<net::Login> make_login(net::CurlDriver& driver, boost::asio::thread_pool& helper,
                                              CredentialConfig credentials);

}  // namespace majlis
