#include "core/store/spent.hpp"

namespace majlis::store {

bool may_spend(Database& db, std::string_view what, std::string_view who, const Allowance& allowance, std::int64_t now,
               std::int64_t amount)
{
    auto row = db.prepared("SELECT began_at, count FROM spent WHERE what = :what AND who = :who");
    if (!row.bind(":what", what).bind(":who", who).step()) return amount <= allowance.times;
    // A window of the future was begun by a clock that has been put right since.
    const bool open = row.integer(0) <= now && now < row.integer(0) + allowance.window;
    return (open ? row.integer(1) : 0) + amount <= allowance.times;
}

bool spend(Database& db, std::string_view what, std::string_view who, const Allowance& allowance, std::int64_t now,
           std::int64_t amount)
{
    if (!may_spend(db, what, who, allowance, now, amount)) return false;
    auto count = db.prepared(
        "INSERT INTO spent (what, who, began_at, count) VALUES (:what, :who, :now, :amount) "
        "ON CONFLICT (what, who) DO UPDATE SET "
        "count = CASE WHEN began_at <= :now AND :now < began_at + :window THEN count + :amount ELSE :amount END, "
        "began_at = CASE WHEN began_at <= :now AND :now < began_at + :window THEN began_at ELSE :now END");
    count.bind(":what", what).bind(":who", who).bind(":now", now).bind(":window", allowance.window);
    count.bind(":amount", amount).run();
    return true;
}

std::int64_t purge_spent(Database& db, std::int64_t before, std::int64_t limit)
{
    auto purge = db.prepared(
        "DELETE FROM spent WHERE (what, who) IN (SELECT what, who FROM spent WHERE began_at < :before ORDER BY began_at LIMIT "
        ":limit)");
    return purge.bind(":before", before).bind(":limit", limit).run();
}

}  // namespace majlis::store
