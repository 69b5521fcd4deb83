#include "net/login.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "core/config/secret.hpp"
#include "net/secret_value.hpp"

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
    : helper_(helper), credentials_(std::move(credentials))
{
    if (credentials_.oauth2) tokens_ = std::make_unique<AccessTokens>(driver, credentials_.username, *credentials_.oauth2);
}

boost::asio::awaitable<net::Login> LoginSource::get()
{
    net::Login login;
    login.username = credentials_.username;
    if (login.username.empty()) co_return login;
    login.mechanism = mechanism_of(credentials_);
    if (tokens_) {
        login.secret = co_await tokens_->get();
    } else {
        login.secret = co_await password();
    }
    co_return login;
}

void LoginSource::accepted(const std::string& secret)
{
    if (tokens_) tokens_->accepted(secret);
}

/// True: it is worth another try at once.
bool LoginSource::refused(const std::string& secret, const net::ConnectError& error)
{
    // A server that says "later" has not looked at the token, or not to its end.
    const bool is_refusal =
        error.stage() == net::ConnectError::Stage::auth_refused && error.lasting() == net::ConnectError::Lasting::permanent;
    return tokens_ && is_refusal && tokens_->refused(secret, error.what());
}

boost::asio::awaitable<std::string> LoginSource::password()
{
    if (credentials_.password_command.empty()) co_return secret_value(read_secret(credentials_));
    auto command = [credentials = credentials_]() -> boost::asio::awaitable<Secret> { co_return read_secret(credentials); };
    const Secret secret = co_await boost::asio::co_spawn(helper_, std::move(command), boost::asio::use_awaitable);
    co_return secret_value(secret);
}

boost::asio::awaitable<net::Login> make_login(net::CurlDriver& driver, boost::asio::thread_pool& helper,
                                              CredentialConfig credentials)
{
    LoginSource source{driver, helper, std::move(credentials)};
    co_return co_await source.get();
}

}  // namespace majlis
