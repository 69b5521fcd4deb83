#include "cli/reach.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <exception>

#include "net/login.hpp"

namespace majlis::cli {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::seconds connect_limit{30};

/// Logs in as the daemon does. A password_command may block here: nothing else runs meanwhile.
asio::awaitable<net::Login> login_of(net::CurlDriver& driver, CredentialConfig credentials)
{
    asio::thread_pool helper{1};
    net::Login login = co_await make_login(driver, helper, std::move(credentials));
    co_return login;
}

}  // namespace

void run_network(const std::function<asio::awaitable<void>(net::CurlDriver&)>& work)
{
    asio::io_context loop{1};
    net::CurlDriver driver{loop.get_executor()};
    std::exception_ptr failure;
    asio::co_spawn(loop, work(driver), [&](std::exception_ptr error) {
        failure = std::move(error);
        loop.stop();
    });
    loop.run();
    if (failure) std::rethrow_exception(failure);
}

asio::awaitable<net::Connection> reach(net::CurlDriver& driver, const RelayConfig& relay)
{
    net::Login login = co_await login_of(driver, relay.credentials);
    net::Endpoint endpoint = endpoint_of(relay.server, net::Scheme::smtp);
    endpoint.client_name = relay.client_name;
    net::Connection connection = co_await net::connect(driver, std::move(endpoint), std::move(login), connect_limit);
    co_return std::move(connection);
}

asio::awaitable<std::unique_ptr<imap::Session>> reach(net::CurlDriver& driver, const InboxConfig& inbox)
{
    net::Login login = co_await login_of(driver, inbox.credentials);
    net::Endpoint endpoint = endpoint_of(inbox.server, net::Scheme::imap);
    net::Connection connection = co_await net::connect(driver, std::move(endpoint), std::move(login), connect_limit);
    auto session = co_await imap::Session::open(std::move(connection));
    co_return std::move(session);
}

}  // namespace majlis::cli
