#pragma once
#include <cstdint>
#include <string_view>

#include "core/store/database.hpp"

/// How often something was done for or to somebody: what limits stand on.
namespace majlis::store {

struct Allowance {
    std::int64_t times = 1;
    std::int64_t window = 86'400;  ///< seconds, from the first time on
};
/// Counts one more (or `amount`), unless that would be too many: then false, and nothing is counted. `what` is ours, `who` may be anything.
bool spend(Database& db, std::string_view what, std::string_view who, const Allowance& allowance, std::int64_t now,
           std::int64_t amount = 1);

/// Whether spend() would say yes.
bool may_spend(Database& db, std::string_view what, std::string_view who, const Allowance& allowance, std::int64_t now,
               std::int64_t amount = 1);

/// Forgets windows that began before `before`, at most `limit`; how many.
std::int64_t purge_spent(Database& db, std::int64_t before, std::int64_t limit);

}  // namespace majlis::store
