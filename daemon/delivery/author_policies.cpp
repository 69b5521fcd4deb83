#include "daemon/delivery/author_policies.hpp"

#include <chrono>
#include <optional>

#include "core/log/log.hpp"
#include "core/store/dmarc_policies.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"
#include "net/dns/author_policy.hpp"

namespace majlis::delivery {
namespace {

namespace asio = boost::asio;

/// For each of two questions at most: a post waits for them, and so does a stop.
constexpr std::chrono::milliseconds question_limit{3'000};

dns::ResolverOptions options_for(std::string server)
{
    dns::ResolverOptions options;
    options.servers = std::move(server);
    options.limit = question_limit;
    return options;
}

}  // namespace

AuthorPolicies::AuthorPolicies(asio::any_io_executor executor, StoreThread& store, std::string server)
    : store_{store}, resolver_{std::move(executor), options_for(std::move(server))}
{
}

asio::awaitable<dmarc::Policy> AuthorPolicies::of(std::string domain)
{
    auto look = [domain, now = unix_now()](store::Database& db) { return store::dmarc_policy(db, domain, now); };
    const auto known = co_await run_patiently(store_, std::move(look));
    const auto remembered = known ? dmarc::policy_named(known->policy) : std::nullopt;
    if (remembered) co_return *remembered;
    const auto found = co_await dns::author_policy(resolver_, domain, suffixes_);
    const std::string policy{dmarc::policy_name(found.policy)};
    log::info("author-policy", {{"domain", domain}, {"policy", policy}, {"keep_seconds", found.keep.count()}});
    auto keep = [domain, policy, life = found.keep.count(), now = unix_now()](store::Database& db) {
        store::remember_dmarc_policy(db, domain, {policy, now + life}, now);
    };
    co_await run_patiently(store_, std::move(keep));
    co_return found.policy;
}

}  // namespace majlis::delivery
