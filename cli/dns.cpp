#include "cli/dns.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <functional>

#include "net/dns/author_policy.hpp"
#include "net/dns/resolver.hpp"

namespace majlis::cli {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::seconds wait_limit{4};

/// Runs one question on a loop of its own and gives its answer.
template <class T>
T ask(const std::string& server, const std::function<asio::awaitable<T>(dns::Resolver&)>& question)
{
    asio::io_context loop{1};
    dns::ResolverOptions options;
    options.servers = server;
    options.limit = wait_limit;
    dns::Resolver resolver{loop.get_executor(), options};
    T answer{};
    std::exception_ptr failure;
    asio::co_spawn(loop, question(resolver), [&](std::exception_ptr error, T value) {
        failure = std::move(error);
        answer = std::move(value);
        loop.stop();
    });
    loop.run();
    if (failure) std::rethrow_exception(failure);
    return answer;
}

}  // namespace

Exchanges mail_exchanges(const std::string& domain, const std::string& server)
{
    auto records = ask<dns::Records>(server, [&](dns::Resolver& resolver) { return resolver.mx(domain); });
    if (records.kind == dns::Records::Kind::found) return {Exchanges::Kind::found, std::move(records.values)};
    return {records.kind == dns::Records::Kind::none ? Exchanges::Kind::none : Exchanges::Kind::unknown, {}};
}

dmarc::Policy author_policy(const std::string& domain, const std::string& server)
{
    return ask<dmarc::Outcome>(server,
                               [&](dns::Resolver& resolver) { return dns::author_policy(resolver, domain, PublicSuffixes{}); })
        .policy;
}

}  // namespace majlis::cli
