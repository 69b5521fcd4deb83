#include <algorithm>

#include "core/store/archive_rows.hpp"
#include "core/store/digest_rows.hpp"
#include "core/store/digests.hpp"

namespace majlis::store {
namespace {

bool holds(const std::string& posts, std::int64_t post_id)
{
    return std::ranges::any_of(read_digest_posts(posts), [post_id](const DigestPosts::Section& section) {
        return std::ranges::find(section.posts, post_id) != section.posts.end();
    });
}

struct Sent {
    std::int64_t group = 0, content = 0;
};

/// Digests that have been sent with this post in them, and whose bytes are still there.
std::vector<Sent> sent_with(Database& db, std::int64_t post_id)
{
    auto rows = db.prepared(
        "SELECT g.id, d.content_id, g.posts FROM digest_group g CROSS JOIN delivery d ON d.id = g.delivery_id "
        "WHERE g.state = 'queued' AND d.state IN ('done', 'dropped')");
    std::vector<Sent> found;
    while (rows.step())
        if (holds(rows.text(2), post_id)) found.push_back({rows.integer(0), rows.integer(1)});
    return found;
}

}  // namespace

std::optional<std::int64_t> digest_on_its_way(Database& db, std::int64_t post_id)
{
    auto written =
        db.prepared("SELECT delivery_id, posts FROM digest_group WHERE state IN ('waiting', 'written') AND delivery_id > 0");
    while (written.step())
        if (holds(written.text(1), post_id)) return written.integer(0);
    auto queued = db.prepared(
        "SELECT d.id, g.posts FROM digest_group g CROSS JOIN delivery d ON d.id = g.delivery_id WHERE g.state = 'queued' "
        "AND d.state IN ('active', 'held')");
    while (queued.step())
        if (holds(queued.text(1), post_id)) return queued.integer(0);
    return std::nullopt;
}

void forget_digests_with(Database& db, std::int64_t post_id)
{
    for (const auto& [group, content] : sent_with(db, post_id)) {
        drop_bytes(db, content);
        db.prepared("UPDATE digest_group SET state = 'over' WHERE id = :id").bind(":id", group).run();
    }
}

}  // namespace majlis::store
