#pragma once

#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string>

#include "core/config/config.hpp"
#include "net/oauth2.hpp"

namespace majlis {

/// The access tokens with which one server is logged in to, by one connection or several: fetched with the refresh token in the
/// configured file, kept while they are good, replaced when the server refuses one.
class AccessTokens {
public:
    AccessTokens(net::CurlDriver& driver, std::string username, OAuth2Config config);
    AccessTokens(const AccessTokens&) = delete;
    AccessTokens& operator=(const AccessTokens&) = delete;

    /// Throws net::OAuth2Error, or std::runtime_error where a file can not be read.
    boost::asio::awaitable<std::string> get();
    void accepted(const std::string& token);
    /// `reason`: of the server, for people. True: another is worth a try at once, for this one had been good before, and may have
    /// been revoked ahead of its time; or another connection has found out, and it has been replaced.
    bool refused(const std::string& token, const std::string& reason);

private:
    struct Files {
        std::string refresh_token;
        std::string client_secret;
        bool operator==(const Files&) const = default;
    };
    Files read() const;
    void look();
    bool outdated(const net::TokenSource& source) const;
    void make();
    void keep();

    net::CurlDriver& driver_;
    std::string username_;
    OAuth2Config config_;
    Files files_;                               // as last read, or written
    std::string refresh_token_;                 // the newest: the file could not take it, where it has another
    std::shared_ptr<net::TokenSource> source_;  // shared with who waits for a token: it may be replaced meanwhile
    std::string newest_;                        // token
    bool proven_ = false;                       // the server has taken the newest one
    std::string hopeless_;                      // the last one that was refused without ever having been good
};

}  // namespace majlis
