#include "net/login.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

#include "core/config/secret.hpp"
#include "core/log/log.hpp"

namespace majlis {

namespace {

net::Mechanism mechanism_of(const CredentialConfig& credentials)
{
    switch (credentials.mechanism) {
        case CredentialConfig::Mechanism::plain:
            return net::Mechanism::plain;
        case CredentialConfig::Mechanism::login:
            return net::Mechanism::login;
        case CredentialConfig::Mechanism::xoauth2:
            return net::Mechanism::xoauth2;
        case CredentialConfig::Mechanism::oauthbearer:
            return net::Mechanism::oauthbearer;
        case CredentialConfig::Mechanism::automatic:
            break;
    }
    return credentials.oauth2 ? net::Mechanism::xoauth2 : net::Mechanism::automatic;
}

std::string value_of(const Secret& secret)
{
    if (!secret.ok()) throw std::runtime_error(secret.error);
    for (const auto& warning : secret.warnings) log::warning("secret-exposed", {{"reason", warning}});
    return secret.value;
}

/// A token server that gives a new refresh token may forget the old one: written beside it first, then put in its place.
void keep_refresh_token(const std::filesystem::path& file, const std::string& refresh_token)
{
    const std::filesystem::path fresh = file.string() + ".new";
    try {
        std::ofstream out;
        out.exceptions(std::ios::failbit | std::ios::badbit);
        out.open(fresh, std::ios::trunc);
        std::filesystem::permissions(fresh, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
        out << refresh_token << '\n';
        out.close();
        std::filesystem::rename(fresh, file);
    } catch (const std::exception& error) {
        log::warning("refresh-token-not-kept", {{"file", file.string()}, {"reason", error.what()}});
    }
}

}  // namespace

net::Endpoint endpoint_of(const ServerConfig& server, net::Scheme scheme)
{
    net::Endpoint endpoint;
    endpoint.scheme = scheme;
    endpoint.host = server.host;
    endpoint.port = server.port;
    endpoint.ca_file = server.ca_file.string();
    endpoint.connect_to = server.connect_to;
    switch (server.security) {
        case ServerConfig::Security::implicit:
            endpoint.security = net::Security::implicit;
            break;
        case ServerConfig::Security::starttls:
            endpoint.security = net::Security::starttls;
            break;
        case ServerConfig::Security::none:
            endpoint.security = net::Security::none;
            break;
    }
    return endpoint;
}

LoginSource::LoginSource(net::CurlDriver& driver, boost::asio::thread_pool& helper, CredentialConfig credentials)
    : driver_(driver), helper_(helper), credentials_(std::move(credentials))
{
}

boost::asio::awaitable<net::Login> LoginSource::get()
{
    net::Login login;
    login.username = credentials_.username;
    if (login.username.empty()) co_return login;
    login.mechanism = mechanism_of(credentials_);
    if (credentials_.oauth2) {
        login.secret = co_await access_token();
    } else {
        login.secret = co_await password();
    }
    co_return login;
}

boost::asio::awaitable<std::string> LoginSource::access_token()
{
    if (!tokens_) make_tokens();
    const auto tokens = tokens_;
    std::string token;
    try {
        token = co_await tokens->token();
    } catch (const net::OAuth2Error& error) {
        // The refresh token is read again: somebody may have put a new one there.
        if (error.lasting() == net::OAuth2Error::Lasting::permanent && tokens == tokens_) tokens_.reset();
        throw;
    }
    if (token != newest_) proven_ = false;
    newest_ = token;
    co_return token;
}

void LoginSource::accepted(const std::string& secret)
{
    if (secret == newest_) proven_ = true;
}

bool LoginSource::refused(const std::string& secret)
{
    if (!credentials_.oauth2) return false;
    if (secret != newest_) return true;  // another connection has found out before
    newest_.clear();
    if (std::exchange(proven_, false)) {
        tokens_->forget();
        log::notice("access-token-refused", {{"username", credentials_.username}, {"now", "asking for a new one"}});
        return true;
    }
    tokens_.reset();  // it may be of another account: the refresh token is read again
    return false;
}

void LoginSource::make_tokens()
{
    const auto& oauth2 = *credentials_.oauth2;
    net::OAuth2Client client;
    client.token_url = oauth2.token_url;
    client.client_id = oauth2.client_id;
    client.scope = oauth2.scope;
    client.refresh_token = value_of(read_secret_file(oauth2.refresh_token_file));
    if (!oauth2.client_secret_file.empty()) client.client_secret = value_of(read_secret_file(oauth2.client_secret_file));
    tokens_ = std::make_shared<net::TokenSource>(driver_, std::move(client));
    tokens_->renewed = [file = oauth2.refresh_token_file](const std::string& fresh) { keep_refresh_token(file, fresh); };
}

boost::asio::awaitable<std::string> LoginSource::password()
{
    if (credentials_.password_command.empty()) co_return value_of(read_secret(credentials_));
    auto command = [credentials = credentials_]() -> boost::asio::awaitable<Secret> { co_return read_secret(credentials); };
    const Secret secret = co_await boost::asio::co_spawn(helper_, std::move(command), boost::asio::use_awaitable);
    co_return value_of(secret);
}

boost::asio::awaitable<net::Login> make_login(net::CurlDriver& driver, boost::asio::thread_pool& helper,
                                              CredentialConfig credentials)
{
    LoginSource source{driver, helper, std::move(credentials)};
    co_return co_await source.get();
}

}  // namespace majlis
