#include "core/store/dmarc_policies.hpp"

namespace majlis::store {
namespace {

constexpr std::int64_t most_domains = 20'000;

}  // namespace

std::optional<DmarcPolicy> dmarc_policy(Database& db, std::string_view domain, std::int64_t now)
{
    auto query = db.prepared("SELECT policy, expires_at FROM dmarc_policy WHERE domain = :domain AND expires_at > :now");
    query.bind(":domain", domain).bind(":now", now);
    if (!query.step()) return std::nullopt;
    return DmarcPolicy{query.text(0), query.integer(1)};
}

void remember_dmarc_policy(Database& db, std::string_view domain, const DmarcPolicy& policy, std::int64_t now)
{
    Transaction transaction{db};
    db.prepared("DELETE FROM dmarc_policy WHERE expires_at <= :now").bind(":now", now).run();
    const auto known = [&db] {
        auto count = db.prepared("SELECT count(*) FROM dmarc_policy");
        count.step();
        return count.integer(0);
    }();
    if (known >= most_domains) {
        db.prepared("DELETE FROM dmarc_policy WHERE domain IN (SELECT domain FROM dmarc_policy ORDER BY expires_at LIMIT :many)")
            .bind(":many", known - most_domains + 1)
            .run();
    }
    db.prepared("INSERT OR REPLACE INTO dmarc_policy (domain, policy, expires_at) VALUES (:domain, :policy, :expires)")
        .bind(":domain", domain)
        .bind(":policy", policy.policy)
        .bind(":expires", policy.expires_at)
        .run();
    transaction.commit();
}

}  // namespace majlis::store
