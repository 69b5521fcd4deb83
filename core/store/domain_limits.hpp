#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/queue/limits.hpp"
#include "core/store/database.hpp"

namespace majlis::store {

/// What some domains together take, whichever relay sends: a `[[domain]]` of the configuration.
struct DomainRule {
    std::string name;
    std::vector<std::string> domains;  // lower case, A-labels; "*.example.org": every one below
    std::vector<queue::Limit> limits;  // of recipients
    unsigned reserve_percent = 0;      // kept for notices
};

/// Tells which recipients share a limit, and how much of it is left: rolling, and kept over restarts. Lives on the thread that
/// owns the database.
class DomainLimits {
public:
    DomainLimits() = default;
    DomainLimits(Database& db, std::vector<DomainRule> rules, std::int64_t now);

    bool none() const { return rules_.empty(); }
    std::size_t size() const { return rules_.size(); }
    const std::string& name(std::size_t rule) const { return rules_[rule].name; }
    /// The first rule that names the address's domain.
    std::optional<std::size_t> rule_of(std::string_view address) const;
    queue::Allowance allowed(std::size_t rule, std::int64_t now, queue::Urgency urgency) const;
    /// Inside the caller's transaction.
    void take(Database& db, std::size_t rule, std::int64_t now, std::uint64_t recipients);
    void give_back(Database& db, std::size_t rule, std::int64_t when, std::uint64_t recipients);

private:
    std::vector<DomainRule> rules_;
    std::vector<queue::Ledger> ledgers_;
    std::unordered_map<std::string, std::size_t> by_domain_;  // "*." names keep their star
    bool below_ = false;                                      // some name has one
};

/// What was asked of a rule's domains from `from_minute` on, oldest first.
std::vector<queue::Usage> domain_usage(Database& db, std::string_view name, std::int64_t from_minute);

}  // namespace majlis::store
