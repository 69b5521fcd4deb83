#include <algorithm>

#include "core/store/content.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/digest_rows.hpp"
#include "core/store/journal.hpp"
#include "core/store/lists.hpp"

namespace majlis::store {
namespace {

std::vector<DigestRootIssue> roots_of(Database& db, std::int64_t run_id, const std::vector<DigestPosts::Section>& sections)
{
    std::vector<DigestRootIssue> roots;
    for (const auto& section : sections) {
        const auto line = ancestors(db, section.list_id);
        if (line.empty()) continue;  // the list is gone, and its posts with it
        const auto root = line.back().id;
        if (std::ranges::find(roots, root, &DigestRootIssue::list_id) != roots.end()) continue;
        auto row = db.prepared("SELECT volume, issue FROM digest_issue WHERE run_id = :run AND list_id = :list");
        const bool known = row.bind(":run", run_id).bind(":list", root).step();
        roots.push_back({root, known ? row.integer(0) : 1, known ? row.integer(1) : 1});
    }
    return roots;
}

std::string delivery_state(Database& db, std::int64_t delivery_id)
{
    auto row = db.prepared("SELECT state FROM delivery WHERE id = :id");
    return row.bind(":id", delivery_id).step() ? row.text(0) : std::string{};
}

}  // namespace

std::optional<std::int64_t> next_digest_group_id(Database& db, std::int64_t after_id)
{
    auto row = db.prepared(
        "SELECT g.id FROM digest_group g CROSS JOIN digest_run r ON r.id = g.run_id WHERE g.state IN ('waiting', 'written') "
        "AND g.id > :after AND r.state = 'planned' ORDER BY g.id LIMIT 1");
    if (!row.bind(":after", after_id).step()) return std::nullopt;
    return row.integer(0);
}

std::optional<DigestGroup> next_digest_group(Database& db, std::int64_t after_id)
{
    std::int64_t run_id = 0;
    DigestGroup group;
    {
        auto row = db.prepared(
            "SELECT g.id, g.state, g.language, g.format, g.posts, g.run_id, r.created_at FROM digest_group g "
            "CROSS JOIN digest_run r ON r.id = g.run_id WHERE g.state IN ('waiting', 'written') AND g.id > :after "
            "AND r.state = 'planned' ORDER BY g.id LIMIT 1");
        if (!row.bind(":after", after_id).step()) return std::nullopt;
        group.id = row.integer(0);
        group.state = row.text(1) == "written" ? DigestGroup::State::written : DigestGroup::State::waiting;
        group.language = row.text(2);
        group.format = digest_format_named(row.text(3)).value_or(DigestFormat::mime);
        group.sections = read_digest_posts(row.text(4));
        run_id = row.integer(5);
        group.created_at = row.integer(6);
    }
    group.roots = roots_of(db, run_id, group.sections);
    return group;
}

std::int64_t open_digest_groups(Database& db)
{
    auto row = db.prepared("SELECT count(*) FROM digest_group WHERE state IN ('waiting', 'written')");
    row.step();
    return row.integer(0);
}

std::optional<DigestPost> digest_post(Database& db, std::int64_t list_id, std::int64_t post_id)
{
    auto row = db.prepared(
        "SELECT p.content_id, p.size, p.message_id, p.received_at, coalesce(n.thread_id, 0), c.keep = 'gone', "
        "coalesce(a.redacted_at, 0), p.sender, pl.archive, a.post_id IS NOT NULL FROM post p "
        "JOIN content c ON c.id = p.content_id JOIN post_list pl ON pl.post_id = p.id AND pl.list_id = :list LEFT JOIN "
        "archive_post a ON a.post_id = p.id "
        "LEFT JOIN archive_node n ON n.id = a.node_id WHERE p.id = :post AND pl.verdict = 'accepted'");
    if (!row.bind(":list", list_id).bind(":post", post_id).step()) return std::nullopt;
    if (row.integer(5) != 0 || row.integer(6) != 0) return std::nullopt;
    DigestPost post{post_id, row.integer(0), row.integer(1), row.text(2), row.integer(3), row.integer(4), row.text(7)};
    // It was in the archive, and is no longer in that of this list. A list without an archive lets nothing in: what came before
    // it had one is marked the same, but never was in any.
    if (row.text(8) == "out" && row.integer(9) != 0 && settings_of(db, list_id).archive == Switch::on) return std::nullopt;
    return post;
}

std::optional<std::int64_t> digest_written(Database& db, std::int64_t group_id, std::string_view bytes, std::int64_t list_id,
                                           const std::vector<DigestPosts::Section>& in, std::int64_t now)
{
    Transaction transaction{db};
    for (const auto& section : in)
        for (const auto post : section.posts)
            if (!digest_post(db, section.list_id, post)) return std::nullopt;
    // Done without recipients; fill_digest() makes it active with the first.
    const auto delivery =
        queue_notice(db, {.bytes = std::string{bytes}, .addresses = {}, .list_id = list_id, .priority = Priority::digest}, now);
    db.prepared("UPDATE digest_group SET state = 'written', delivery_id = :delivery WHERE id = :group")
        .bind(":delivery", delivery)
        .bind(":group", group_id)
        .run();
    transaction.commit();
    return delivery;
}

DigestFill fill_digest(Database& db, std::int64_t group_id, std::int64_t now, std::size_t limit)
{
    Transaction transaction{db};
    std::int64_t delivery = 0, after = 0, last = 0, count = 0;
    {
        auto row = db.prepared("SELECT delivery_id, queued_member_id FROM digest_group WHERE id = :id AND state = 'written'");
        if (!row.bind(":id", group_id).step()) return DigestFill::done;
        delivery = row.integer(0);
        after = row.integer(1);
    }
    {
        auto row = db.prepared(
            "SELECT count(*), coalesce(max(member_id), 0) FROM (SELECT member_id FROM digest_recipient WHERE group_id = :group "
            "AND member_id > :after ORDER BY member_id LIMIT :limit)");
        row.bind(":group", group_id).bind(":after", after).bind(":limit", static_cast<std::int64_t>(limit)).step();
        count = row.integer(0);
        last = row.integer(1);
    }
    const auto fill = count < static_cast<std::int64_t>(limit) ? DigestFill::done : DigestFill::more;
    if (count > 0) {
        // What was sent to the first ones may be done already; who was dropped stays so.
        db.prepared("UPDATE delivery SET state = 'active', finished_at = NULL WHERE id = :id AND state = 'done'")
            .bind(":id", delivery)
            .run();
        const auto state = delivery_state(db, delivery);
        auto insert = db.prepared(
            "INSERT OR IGNORE INTO delivery_recipient (delivery_id, member_id, address, list_id, priority, state, "
            "next_attempt_at, "
            "updated_at) SELECT d.id, m.id, m.address, d.list_id, d.priority, :state, :now, :now FROM digest_recipient r "
            "CROSS JOIN member m ON m.id = r.member_id CROSS JOIN delivery d ON d.id = :delivery "
            "WHERE r.group_id = :group AND r.member_id > :after AND r.member_id <= :last AND NOT m.bouncing");
        insert.bind(":state", state == "active" ? "deferred" : state == "held" ? "waiting" : "dropped").bind(":now", now);
        insert.bind(":delivery", delivery).bind(":group", group_id).bind(":after", after).bind(":last", last).run();
    }
    auto update =
        db.prepared("UPDATE digest_group SET state = :state, queued_member_id = max(queued_member_id, :last) WHERE id = :group");
    update.bind(":state", fill == DigestFill::done ? "queued" : "written").bind(":last", last).bind(":group", group_id).run();
    finish_if_done(db, delivery, now);
    transaction.commit();
    return fill;
}

void drop_digest(Database& db, std::int64_t group_id, std::string_view why, const By& by)
{
    Transaction transaction{db};
    db.prepared("UPDATE digest_group SET state = 'dropped', note = :why WHERE id = :group AND state = 'waiting'")
        .bind(":why", why)
        .bind(":group", group_id)
        .run();
    journal(db, by, {"digest-dropped", std::nullopt, "", "digest " + std::to_string(group_id) + ": " + std::string{why}});
    transaction.commit();
}

std::int64_t forget_digest_bytes(Database& db, std::int64_t before, std::int64_t limit)
{
    std::vector<std::pair<std::int64_t, std::int64_t>> over;
    {
        auto rows = db.prepared(
            "SELECT g.id, d.content_id FROM digest_group g CROSS JOIN digest_run r ON r.id = g.run_id CROSS JOIN delivery d ON "
            "d.id = g.delivery_id WHERE g.state = 'queued' AND r.created_at < :before AND d.state IN ('done', 'dropped') "
            "ORDER BY g.id LIMIT :limit");
        rows.bind(":before", before).bind(":limit", limit);
        while (rows.step()) over.emplace_back(rows.integer(0), rows.integer(1));
    }
    for (const auto& [group, content] : over) {
        db.prepared("DELETE FROM content_chunk WHERE content_id = :id").bind(":id", content).run();
        db.prepared("UPDATE content SET keep = 'gone' WHERE id = :id").bind(":id", content).run();
        db.prepared("UPDATE digest_group SET state = 'over' WHERE id = :id").bind(":id", group).run();
    }
    return static_cast<std::int64_t>(over.size());
}

std::int64_t purge_digests(Database& db, std::int64_t before, std::int64_t limit)
{
    std::int64_t run = 0;
    {
        auto row = db.prepared(
            "SELECT id FROM digest_run r WHERE state = 'planned' AND created_at < :before AND NOT EXISTS (SELECT 1 FROM "
            "digest_group g WHERE g.run_id = r.id AND g.state IN ('waiting', 'written')) ORDER BY id LIMIT 1");
        if (!row.bind(":before", before).step()) return 0;
        run = row.integer(0);
    }
    std::int64_t removed = 0;
    std::vector<std::int64_t> deliveries;
    {
        auto rows = db.prepared("SELECT delivery_id FROM digest_group WHERE run_id = :run AND delivery_id IS NOT NULL");
        rows.bind(":run", run);
        while (rows.step()) deliveries.push_back(rows.integer(0));
    }
    // Each was written to by name: rows that say no more than that all went well.
    auto sent = db.prepared(
        "DELETE FROM delivery_recipient WHERE (delivery_id, member_id, address) IN (SELECT delivery_id, member_id, address FROM "
        "delivery_recipient WHERE delivery_id = :delivery AND state = 'sent' LIMIT :limit)");
    for (const auto delivery : deliveries)
        if (removed < limit) removed += sent.bind(":delivery", delivery).bind(":limit", limit - removed).run();
    if (removed >= limit) return removed;
    auto people = db.prepared(
        "DELETE FROM digest_recipient WHERE (member_id, run_id) IN (SELECT member_id, run_id FROM digest_recipient WHERE "
        "run_id = :run LIMIT :limit)");
    removed += people.bind(":run", run).bind(":limit", limit - removed).run();
    if (removed >= limit) return removed;
    return removed + db.prepared("DELETE FROM digest_run WHERE id = :run").bind(":run", run).run();
}

}  // namespace majlis::store
