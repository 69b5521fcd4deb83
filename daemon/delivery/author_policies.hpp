#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <string>

#include "core/address/public_suffixes.hpp"
#include "core/dmarc/dmarc.hpp"
#include "daemon/store_thread.hpp"
#include "net/dns/resolver.hpp"

namespace majlis::delivery {

/// What authors' domains ask of mail in their name: from the database while that is fresh, else from the DNS.
class AuthorPolicies {
public:
    /// `server` is [site] resolver. Throws what dns::Resolver throws.
    AuthorPolicies(boost::asio::any_io_executor executor, StoreThread& store, std::string server);

    /// Never fails for what the DNS says or does: that is Policy::unknown. Throws what the store throws.
    boost::asio::awaitable<dmarc::Policy> of(std::string domain);

private:
    StoreThread& store_;
    dns::Resolver resolver_;
    PublicSuffixes suffixes_;
};

}  // namespace majlis::delivery
