#include "core/store/domain_limits.hpp"

#include <algorithm>

#include "core/address/address.hpp"

namespace majlis::store {
namespace {

constexpr std::int64_t longest_window_minutes = 31 * 24 * 60;

bool plain(std::string_view domain)
{
    return std::ranges::all_of(domain, [](char c) { return static_cast<unsigned char>(c) < 128 && !(c >= 'A' && c <= 'Z'); });
}

void add_usage(Database& db, std::string_view name, std::int64_t now, std::int64_t recipients)
{
    auto add = db.prepared(
        "INSERT INTO domain_usage (name, minute, recipients) VALUES (:name, :minute, max(0, :recipients)) "
        "ON CONFLICT (name, minute) DO UPDATE SET recipients = max(0, recipients + :recipients)");
    add.bind(":name", name).bind(":minute", now / 60).bind(":recipients", recipients).run();
}

}  // namespace

DomainLimits::DomainLimits(Database& db, std::vector<DomainRule> rules, std::int64_t now) : rules_{std::move(rules)}
{
    for (std::size_t rule = 0; rule < rules_.size(); ++rule) {
        ledgers_.emplace_back(rules_[rule].limits);
        for (const auto& domain : rules_[rule].domains) {
            by_domain_.emplace(domain, rule);
            below_ = below_ || domain.starts_with("*.");
        }
        for (const auto& usage : domain_usage(db, rules_[rule].name, now / 60 - longest_window_minutes))
            ledgers_[rule].restore(usage.start / 60, usage.recipients, usage.messages);
    }
}

std::optional<std::size_t> DomainLimits::rule_of(std::string_view address) const
{
    const auto at = address.rfind('@');
    if (rules_.empty() || at == std::string_view::npos) return std::nullopt;
    const auto written = address.substr(at + 1);
    const std::string domain = plain(written) ? std::string{written} : domain_key(written);
    const auto exact = by_domain_.find(domain);
    if (exact != by_domain_.end()) return exact->second;
    if (!below_) return std::nullopt;
    for (auto dot = domain.find('.'); dot != std::string::npos; dot = domain.find('.', dot + 1)) {
        const auto above = by_domain_.find("*" + domain.substr(dot));
        if (above != by_domain_.end()) return above->second;
    }
    return std::nullopt;
}

queue::Allowance DomainLimits::allowed(std::size_t rule, std::int64_t now, queue::Urgency urgency) const
{
    return ledgers_[rule].allowed(now, rules_[rule].reserve_percent, urgency);
}

void DomainLimits::take(Database& db, std::size_t rule, std::int64_t now, std::uint64_t recipients)
{
    add_usage(db, rules_[rule].name, now, static_cast<std::int64_t>(recipients));
    ledgers_[rule].note(now, recipients, recipients);
}

void DomainLimits::give_back(Database& db, std::size_t rule, std::int64_t when, std::uint64_t recipients)
{
    add_usage(db, rules_[rule].name, when, -static_cast<std::int64_t>(recipients));
    ledgers_[rule].give_back(when, recipients, recipients);
}

std::vector<queue::Usage> domain_usage(Database& db, std::string_view name, std::int64_t from_minute)
{
    std::vector<queue::Usage> found;
    auto rows = db.prepared("SELECT minute, recipients FROM domain_usage WHERE name = :name AND minute >= :from ORDER BY minute");
    rows.bind(":name", name).bind(":from", from_minute);
    while (rows.step()) {
        const auto recipients = static_cast<std::uint64_t>(rows.integer(1));
        found.push_back({rows.integer(0) * 60, std::chrono::seconds{60}, recipients, recipients});
    }
    return found;
}

}  // namespace majlis::store
