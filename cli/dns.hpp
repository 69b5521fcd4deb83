#pragma once
#include <string>
#include <vector>

#include "core/dmarc/dmarc.hpp"

/// Questions to the DNS that a command waits for, a few seconds at most. `server` is [site] resolver, "" for the system's.
namespace majlis::cli {

/// Who takes mail for a domain.
struct Exchanges {
    enum class Kind { found, none, unknown };  // none: the domain does not exist or has no MX; unknown: no answer
    Kind kind = Kind::unknown;
    std::vector<std::string> hosts;
};
Exchanges mail_exchanges(const std::string& domain, const std::string& server);

/// What a domain asks of mail in its name.
dmarc::Policy author_policy(const std::string& domain, const std::string& server);

}  // namespace majlis::cli
