#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "cli/output.hpp"
#include "core/config/config.hpp"
#include "core/store/database.hpp"

/// What the limits of relays and domains leave: for `status` and `explain`.
namespace majlis::cli {

struct Quota {
    LimitConfig limit;
    std::int64_t used = 0;      ///< within its window. A minute counts while any of it may be in the window
    std::int64_t left = 0;      ///< for posts and digests
    std::int64_t reserved = 0;  ///< for notices alone, of what is left besides
};
std::vector<Quota> quotas_of(store::Database& db, const RelayConfig& relay, std::int64_t now);
std::vector<Quota> quotas_of(store::Database& db, const DomainConfig& domain, std::int64_t now);

Array as_array(const std::vector<Quota>& quotas);

}  // namespace majlis::cli
