#pragma once

#include <boost/asio/awaitable.hpp>
#include <string>

#include "core/dmarc/dmarc.hpp"
#include "net/dns/resolver.hpp"

namespace majlis::dns {

/// What the domain of an author asks of mail in its name (RFC 7489, 6.6.3). Never fails for what the DNS says: that is
/// Policy::unknown.
boost::asio::awaitable<dmarc::Outcome> author_policy(Resolver& resolver, std::string domain, PublicSuffixes suffixes);

}  // namespace majlis::dns
