#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

#include "net/connection.hpp"

namespace majlis::net {

/// A client of an OAuth 2 server, with a refresh token (RFC 6749, section 6).
struct OAuth2Client {
    std::string token_url;  ///< https; http is for loopback
    std::string client_id;
    std::string client_secret;  ///< empty: a public client
    std::string refresh_token;
    std::string scope;    ///< empty: what the refresh token was given for
    std::string ca_file;  ///< empty: the system's
};

/// There is no access token; what() says why and what to do.
class OAuth2Error : public std::runtime_error {
public:
    enum class Lasting { temporary, permanent };  ///< permanent: somebody must authorise majlis again
    OAuth2Error(Lasting lasting, const std::string& message) : std::runtime_error(message), lasting_(lasting) {}
    Lasting lasting() const { return lasting_; }

private:
    Lasting lasting_;
};

/// Access tokens, fetched when needed and kept until shortly before they expire.
class TokenSource {
public:
    TokenSource(CurlDriver& driver, OAuth2Client client);

    /// Throws OAuth2Error. Who asks while another's request is out waits for what comes of that: a refresh token may be good only
    /// once.
    asio::awaitable<std::string> token();
    /// token() is going to ask the token server, and nobody has before.
    bool needs_request() const;
    /// The server did not like it: the next token() fetches another.
    void forget() { token_.clear(); }

    /// The server has given a new refresh token in place of ours: it should be kept.
    std::function<void(const std::string& refresh_token)> renewed;

private:
    asio::awaitable<std::string> post(std::string form, long& status);
    void keep(std::string_view answer, long status);
    [[noreturn]] void refuse(std::string_view answer, long status) const;

    struct Request;

    bool good() const;
    asio::awaitable<void> fetch();

    CurlDriver& driver_;
    OAuth2Client client_;
    std::shared_ptr<Request> request_;  // the one that is out
    std::string token_;
    std::chrono::steady_clock::time_point good_until_;
};

}  // namespace majlis::net
