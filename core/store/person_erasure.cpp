#include <array>

#include "core/store/archive.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/store/members.hpp"
#include "core/store/person.hpp"

namespace majlis::store {
namespace {

/// Everything that names the address or its member, in an order that breaks no reference. :key is the address's key, :member the
/// member's id (0: there is none). A new table that holds persons gets a line here and a question in person.cpp.
constexpr std::array<std::string_view, 16> statements{
    "DELETE FROM role WHERE member_id = :member AND :key <> ''",
    "DELETE FROM subscription_past WHERE member_id = :member AND :key <> ''",
    "DELETE FROM delivery_skip WHERE member_id = :member AND :key <> ''",
    "DELETE FROM delivery_recipient WHERE (member_id = :member AND member_id <> 0) OR address = (SELECT address FROM member "
    "WHERE "
    "address_key = :key) OR lower(address) = :key",
    "DELETE FROM post_named WHERE member_id = :member AND :key <> ''",
    "DELETE FROM digest_recipient WHERE member_id = :member AND :key <> ''",
    "DELETE FROM digest_mark WHERE member_id = :member AND :key <> ''",
    "DELETE FROM token WHERE member_id = :member AND :key <> ''",
    "DELETE FROM member_alias WHERE member_id = :member OR address_key = :key",
    "DELETE FROM request WHERE address_key = :key AND :member = :member",
    "DELETE FROM spent WHERE who = :key OR who LIKE '% ' || :key AND :member = :member",
    "DELETE FROM list_rule WHERE kind = 'allow' AND pattern = :key AND :member = :member",
    "UPDATE post_list SET verdict = 'discarded', decided_by = 'erased', reason = '' WHERE verdict = 'held' AND post_id IN "
    "(SELECT id "
    "FROM post WHERE sender = :key) AND :member = :member",
    "UPDATE post SET sender = '', sender_name = '', subject = '', digest = randomblob(32) WHERE sender = :key AND :member = "
    ":member",
    "UPDATE journal SET address = '', detail = '' WHERE address = :key AND :member = :member",
    "UPDATE journal SET actor = 'mail:erased' WHERE actor = 'mail:' || :key AND :member = :member",
};

std::vector<std::int64_t> open_deliveries(Database& db, std::int64_t post_id)
{
    auto rows = db.prepared("SELECT id FROM delivery WHERE post_id = :post AND state IN ('active', 'held')");
    rows.bind(":post", post_id);
    std::vector<std::int64_t> ids;
    while (rows.step()) ids.push_back(rows.integer(0));
    return ids;
}

/// Posts of his that are still being delivered end; their text goes.
std::int64_t empty_posts(Database& db, std::string_view key, const By& by)
{
    std::vector<std::pair<std::int64_t, std::int64_t>> posts;
    {
        auto rows = db.prepared("SELECT id, content_id FROM post WHERE sender = :key ORDER BY id");
        rows.bind(":key", key);
        while (rows.step()) posts.emplace_back(rows.integer(0), rows.integer(1));
    }
    for (const auto& [post, content] : posts) {
        for (const auto delivery : open_deliveries(db, post)) drop_delivery(db, delivery, by.who, by.at);
        const auto redacted = redact_archived(db, post, "", {"erased", by.at}, OnItsWay::let_go);
        if (redacted) continue;
        db.prepared("DELETE FROM content_chunk WHERE content_id = :id").bind(":id", content).run();
        db.prepared("UPDATE content SET keep = 'gone' WHERE id = :id").bind(":id", content).run();
    }
    return static_cast<std::int64_t>(posts.size());
}

}  // namespace

Erased erase_person(Database& db, std::string_view address_key, const By& by)
{
    Transaction transaction{db};
    Erased erased;
    const auto member = find_member(db, address_key);
    if (member)
        for (const auto& row : subscriptions_of(db, member->id)) {
            remove_member(db, row.list_id, member->id, by);
            ++erased.subscriptions;
        }
    erased.posts = empty_posts(db, address_key, by);
    for (const auto sql : statements) db.prepared(sql).bind(":key", address_key).bind(":member", member ? member->id : 0).run();
    if (member) db.prepared("DELETE FROM member WHERE id = :id").bind(":id", member->id).run();
    journal(db, by, {"person-erased", std::nullopt, "", ""});
    transaction.commit();
    return erased;
}

}  // namespace majlis::store
