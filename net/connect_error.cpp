#include "net/connect_error.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <array>

#include "core/text/ascii.hpp"
#include "core/text/codec.hpp"
#include "core/text/printable.hpp"

namespace majlis::net {

namespace {

using Stage = ConnectError::Stage;
using Lasting = ConnectError::Lasting;

int reply_code(const Attempt& attempt)
{
    const auto& line = attempt.last_reply;
    if (attempt.endpoint.scheme != Scheme::smtp || line.size() < 3) return 0;
    if (!std::all_of(line.begin(), line.begin() + 3, [](char c) { return text::is_digit(c); })) return 0;
    return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/// Why a token is refused comes as base64.
std::string readable(const Attempt& attempt)
{
    if (attempt.token_refused()) {
        const auto reason = text::decode_base64(attempt.challenge());
        const auto plain = [](char c) { return c >= ' ' && c <= '~'; };
        if (!reason.empty() && std::all_of(reason.begin(), reason.end(), plain)) return text::printable(reason);
    }
    return text::printable(attempt.last_reply);
}

std::string said(const Attempt& attempt)
{
    if (attempt.last_reply.empty()) return attempt.curl_text.empty() ? "" : ": " + text::printable(attempt.curl_text);
    return "; the server said: " + readable(attempt);
}

bool has(std::string_view whole, std::string_view piece) { return whole.find(piece) != std::string_view::npos; }

ConnectError make(const Attempt& attempt, Stage stage, Lasting lasting, const std::string& what)
{
    return {stage, lasting, reply_code(attempt), attempt.endpoint.text() + ": " + what};
}

ConnectError explain_certificate(const Attempt& attempt)
{
    const std::string_view said_by_tls = attempt.curl_text;
    std::string what = "its certificate is not trusted (" + text::printable(said_by_tls) + ")";
    if (has(said_by_tls, "has expired")) {
        what = "its certificate has expired: its administrator must renew it (or this machine's clock is wrong)";
    } else if (has(said_by_tls, "not yet valid")) {
        what = "its certificate is not valid yet: is this machine's clock right?";
    } else if (has(said_by_tls, "subject name") || has(said_by_tls, "does not match")) {
        what = "its certificate is for another name than " + attempt.endpoint.host + ": use the name that it was made for in url";
    } else if (has(said_by_tls, "self-signed") || has(said_by_tls, "self signed") || has(said_by_tls, "local issuer")) {
        what += ": if this server is yours, name its certificate authority in ca_file";
    }
    return make(attempt, Stage::tls, Lasting::permanent, what);
}

ConnectError explain_tls(const Attempt& attempt)
{
    std::string what = "no TLS with it: " + text::printable(attempt.curl_text);
    if (has(attempt.curl_text, "wrong version number") || has(attempt.curl_text, "packet length too long")) {
        what = "it does not speak TLS at once on this port: try starttls (imap://, smtp://), or the port for TLS";
    }
    return make(attempt, Stage::tls, Lasting::temporary, what);
}

ConnectError explain_time(const Attempt& attempt)
{
    const auto seconds = std::to_string(std::chrono::ceil<std::chrono::seconds>(attempt.limit).count()) + " s";
    if (!attempt.tcp_connected) {
        return make(attempt, Stage::timed_out, Lasting::temporary,
                    "no connection within " + seconds + ": a firewall, or the wrong port?");
    }
    if (attempt.endpoint.security == Security::implicit && !attempt.tls_done) {
        return make(attempt, Stage::timed_out, Lasting::temporary,
                    "connected, but no TLS within " + seconds + ": does this port want starttls instead?");
    }
    return make(attempt, Stage::timed_out, Lasting::temporary, "connected, but it did not answer within " + seconds);
}

bool try_again_later(const Attempt& attempt)
{
    const int code = reply_code(attempt);
    if (code != 0) return code / 100 == 4;
    static constexpr std::array<std::string_view, 5> passing = {"[UNAVAILABLE]", "[INUSE]", "[SERVERBUG]", "[LIMIT]",
                                                                "[OVERQUOTA]"};
    return std::any_of(passing.begin(), passing.end(), [&](std::string_view tag) { return has(attempt.last_reply, tag); });
}

ConnectError explain_login(const Attempt& attempt)
{
    if (try_again_later(attempt)) {
        return make(attempt, Stage::auth_refused, Lasting::temporary, "the login is refused for now" + said(attempt));
    }
    const bool token = attempt.uses_token();
    return make(attempt, Stage::auth_refused, Lasting::permanent,
                std::string(token ? "the access token" : "the password") + " of " + text::printable(attempt.login.username) +
                    " is refused: check username and " + (token ? "oauth2" : "password (some providers want an app password)") +
                    said(attempt));
}

ConnectError explain_no_mechanism(const Attempt& attempt)
{
    const bool imap = attempt.endpoint.scheme == Scheme::imap;
    std::string what = "it offers no way to log in that is allowed here";
    if (attempt.challenged()) {
        what = "it wants something else than a username and a password" + said(attempt) +
               ": try another auth, \"plain\" or \"login\"";
    } else if (attempt.endpoint.security == Security::none) {
        what += ": most servers want TLS first (imaps, smtps or starttls)";
    } else if (!imap) {
        what += ": is this the submission port (587 or 465)?";
    }
    return make(attempt, Stage::no_auth_offered, Lasting::permanent, what);
}

}  // namespace

bool Attempt::offers(std::string_view keyword) const
{
    return std::any_of(capabilities.begin(), capabilities.end(),
                       [&](const std::string& word) { return text::equal_nocase(word, keyword); });
}

bool Attempt::uses_token() const { return login.mechanism == Mechanism::xoauth2 || login.mechanism == Mechanism::oauthbearer; }

std::string_view Attempt::challenge() const
{
    const std::string_view begin = endpoint.scheme == Scheme::smtp ? "334 " : "+ ";
    const std::string_view line = last_reply;
    return line.starts_with(begin) ? line.substr(begin.size()) : std::string_view{};
}

bool Attempt::logged_in() const
{
    if (endpoint.scheme == Scheme::smtp) return auth_ok;
    const unsigned commands = endpoint.security == Security::starttls ? 4 : 2;  // CAPABILITY [STARTTLS CAPABILITY] login
    return preauth || tagged_ok >= commands;
}

ConnectError explain(const Attempt& attempt)
{
    switch (attempt.curl_code) {
        case CURLE_OK:
            return explain_no_mechanism(attempt);
        case CURLE_COULDNT_RESOLVE_HOST:
            return make(attempt, Stage::resolve, Lasting::temporary,
                        "no address is known for this name: check url, and this machine's DNS");
        case CURLE_COULDNT_CONNECT:
            return make(attempt, Stage::connect, Lasting::temporary,
                        "no connection: is the port right, and the server up? " + text::printable(attempt.curl_text));
        case CURLE_OPERATION_TIMEDOUT:
            return explain_time(attempt);
        case CURLE_PEER_FAILED_VERIFICATION:
            return explain_certificate(attempt);
        case CURLE_SSL_CACERT_BADFILE:
            return make(attempt, Stage::tls, Lasting::permanent,
                        "the certificate authorities in " + attempt.endpoint.ca_file + " can not be read: check ca_file");
        case CURLE_SSL_CONNECT_ERROR:
            return explain_tls(attempt);
        case CURLE_USE_SSL_FAILED:
            return make(
                attempt, Stage::starttls_not_offered, Lasting::permanent,
                "it offers no STARTTLS, and the password is not sent in the clear: use TLS from the start (imaps, smtps), or "
                "starttls = \"never\" if this network is yours");
        case CURLE_LOGIN_DENIED:
            if (!attempt.login_answered) return explain_no_mechanism(attempt);
            return explain_login(attempt);
        case CURLE_WEIRD_SERVER_REPLY:
        case CURLE_RECV_ERROR:
        case CURLE_SEND_ERROR:
        case CURLE_GOT_NOTHING: {
            if (attempt.token_refused()) return explain_login(attempt);
            const bool refused = reply_code(attempt) / 100 == 5;
            return make(attempt, Stage::greeting, refused ? Lasting::permanent : Lasting::temporary,
                        attempt.last_reply.empty() ? "it closed the connection without a greeting"
                                                   : "it does not serve us" + said(attempt));
        }
        default: {
            const char* what = curl_easy_strerror(static_cast<CURLcode>(attempt.curl_code));
            return make(attempt, Stage::other, Lasting::temporary, std::string(what) + said(attempt));
        }
    }
}

}  // namespace majlis::net
