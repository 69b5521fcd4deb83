#pragma once
#include <boost/asio/awaitable.hpp>
#include <functional>
#include <memory>
#include <string>

#include "core/config/config.hpp"
#include "net/connection.hpp"
#include "net/imap/session.hpp"

/// How `check` reaches servers; includes Asio, so only the network checks include it.
namespace majlis::cli {

/// Runs one coroutine on a loop of its own until it ends; throws what it throws.
void run_network(const std::function<boost::asio::awaitable<void>(net::CurlDriver&)>& work);

boost::asio::awaitable<net::Connection> reach(net::CurlDriver& driver, const RelayConfig& relay);
boost::asio::awaitable<std::unique_ptr<imap::Session>> reach(net::CurlDriver& driver, const InboxConfig& inbox);

}  // namespace majlis::cli
