#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/connection.hpp"

namespace majlis::net {

/// What was seen while libcurl connected; enough to tell a person what went wrong.
struct Attempt {
    Endpoint endpoint;
    Login login;
    int curl_code = 0;
    std::string curl_text;  ///< CURLOPT_ERRORBUFFER
    bool tcp_connected = false;
    bool tls_done = false;
    std::vector<std::string> capabilities;
    std::string last_reply;       ///< the server's last line
    unsigned tagged_ok = 0;       ///< IMAP: commands that succeeded
    bool login_answered = false;  ///< the server has answered a login, rather than libcurl finding none that it may try
    bool preauth = false;         ///< IMAP: logged in by the greeting
    bool auth_ok = false;         ///< SMTP: 235 was seen
    std::chrono::milliseconds limit{0};

    /// The server has told that we are logged in; libcurl also succeeds when it could not try.
    bool logged_in() const;
    bool offers(std::string_view keyword) const;
    bool uses_token() const;
    /// The last line is a challenge with something in it: for a password a question, for a token why it is refused (RFC 7628,
    /// section 3.2.2). With XOAUTH2 it may be the last that we hear, for libcurl does not answer it.
    bool challenged() const { return !challenge().empty(); }
    bool token_refused() const { return uses_token() && challenged(); }
    std::string_view challenge() const;
};

/// The error for an attempt that failed, or that succeeded without the login that was asked for.
ConnectError explain(const Attempt& attempt);

}  // namespace majlis::net
