#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/store/database.hpp"

/// What domains ask of mail in their name, remembered for as long as they let us.
namespace majlis::store {

struct DmarcPolicy {
    std::string policy;  ///< none, quarantine, reject or unknown
    std::int64_t expires_at = 0;
};

/// What is remembered and still valid at `now`. `domain` in lower-case A-labels.
std::optional<DmarcPolicy> dmarc_policy(Database& db, std::string_view domain, std::int64_t now);

/// One transaction. Forgets what has expired, and whose time ends first above 20,000 domains.
void remember_dmarc_policy(Database& db, std::string_view domain, const DmarcPolicy& policy, std::int64_t now);

}  // namespace majlis::store
