#include "core/store/held.hpp"

#include <array>

#include "core/store/deliveries.hpp"
#include "core/store/journal.hpp"
#include "core/text/date.hpp"

namespace majlis::store {
namespace {

#define MAJLIS_HELD_COLUMNS                                                                                                    \
    "SELECT pl.id, pl.post_id, p.content_id, pl.list_id, l.name, l.address, p.sender, p.sender_name, p.subject, "              \
    "p.message_id, pl.rule, pl.reason, p.size, pl.held_at, pl.verdict, pl.decided_by, pl.decided_at, pl.trust FROM post_list " \
    "pl "                                                                                                                      \
    "CROSS JOIN post p ON p.id = pl.post_id CROSS JOIN list l ON l.id = pl.list_id "

Verdict verdict_named(std::string_view name)
{
    for (const auto verdict : {Verdict::accepted, Verdict::held, Verdict::rejected, Verdict::discarded})
        if (verdict_name(verdict) == name) return verdict;
    return Verdict::held;
}

HeldPost read_held(const Prepared& row)
{
    HeldPost post;
    post.id = row.integer(0);
    post.post_id = row.integer(1);
    post.content_id = row.integer(2);
    post.list_id = row.integer(3);
    post.list = row.text(4);
    post.list_address = row.text(5);
    post.sender = row.text(6);
    post.sender_name = row.text(7);
    post.subject = row.text(8);
    post.message_id = row.text(9);
    post.rule = row.text(10);
    post.reason = row.text(11);
    post.size = row.integer(12);
    post.held_at = row.integer(13);
    post.verdict = verdict_named(row.text(14));
    post.decided_by = row.text(15);
    post.decided_at = row.integer(16);
    post.trust = row.text(17);
    return post;
}

/// The held post, or why nothing can be decided about it.
Answer<HeldPost> require_held(Database& db, std::int64_t id)
{
    auto post = held_post(db, id);
    if (!post) return text::Problem{"there is no held post " + std::to_string(id) + "; 'majlis held list' shows them"};
    if (post->verdict != Verdict::held)
        return text::Problem{"post " + std::to_string(id) + " was already " + std::string{verdict_name(post->verdict)} + " by " +
                             post->decided_by + " on " + text::format_date(post->decided_at)};
    return std::move(*post);
}

Answer<Settled> settle(Database& db, std::int64_t id, Verdict verdict, std::string_view reason, const By& by)
{
    Transaction transaction{db};
    auto post = require_held(db, id);
    if (!post) return post.error();
    Settled settled{*post, std::nullopt};
    if (verdict == Verdict::accepted) {
        const std::array<std::int64_t, 1> lists{post->list_id};
        settled.delivery_id = start_delivery(db, post->post_id, post->content_id, lists, by.at);
    }
    auto update = db.prepared(
        "UPDATE post_list SET verdict = :verdict, decided_by = :who, decided_at = :now, delivery_id = :delivery, "
        "reason = CASE WHEN :reason = '' THEN reason ELSE :reason END, "
        "sender_told_at = CASE WHEN :verdict = 'rejected' THEN NULL ELSE sender_told_at END WHERE id = :id");
    update.bind(":verdict", verdict_name(verdict))
        .bind(":who", by.who)
        .bind(":now", by.at)
        .bind(":delivery", settled.delivery_id);
    update.bind(":reason", reason).bind(":id", id).run();
    journal(db, by,
            {"post-" + std::string{verdict_name(verdict)}, post->list_id, post->sender,
             "<" + post->message_id + "> held " + std::to_string(id) + (reason.empty() ? "" : ": ") + std::string{reason}});
    settled.post = *held_post(db, id);
    transaction.commit();
    return settled;
}

}  // namespace

std::vector<HeldPost> held_posts(Database& db, std::optional<std::int64_t> list_id, std::size_t limit, std::int64_t after_id)
{
    auto rows = db.prepared(
        list_id
            ? std::string_view{MAJLIS_HELD_COLUMNS "WHERE pl.verdict = 'held' AND pl.id > :after AND pl.list_id IN "
                                                   "(WITH RECURSIVE tree (id) AS (SELECT :list UNION SELECT child.id FROM tree "
                                                   "CROSS JOIN list child ON child.parent_id = tree.id) SELECT id FROM tree) "
                                                   "ORDER BY pl.id LIMIT :limit"}
            : std::string_view{MAJLIS_HELD_COLUMNS "WHERE pl.verdict = 'held' AND pl.id > :after ORDER BY pl.id LIMIT :limit"});
    if (list_id) rows.bind(":list", *list_id);
    rows.bind(":after", after_id).bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<HeldPost> posts;
    while (rows.step()) posts.push_back(read_held(rows));
    return posts;
}

std::optional<HeldPost> held_post(Database& db, std::int64_t id)
{
    auto row = db.prepared(MAJLIS_HELD_COLUMNS "WHERE pl.id = :id AND pl.held_at IS NOT NULL");
    if (!row.bind(":id", id).step()) return std::nullopt;
    return read_held(row);
}

std::optional<HeldPost> judged_post(Database& db, std::int64_t id)
{
    auto row = db.prepared(MAJLIS_HELD_COLUMNS "WHERE pl.id = :id");
    if (!row.bind(":id", id).step()) return std::nullopt;
    return read_held(row);
}

std::int64_t count_held(Database& db)
{
    auto row = db.prepared("SELECT count(*) FROM post_list WHERE verdict = 'held'");
    return row.step() ? row.integer(0) : 0;
}

Answer<Settled> approve_held(Database& db, std::int64_t id, const By& by) { return settle(db, id, Verdict::accepted, "", by); }

Answer<Settled> reject_held(Database& db, std::int64_t id, std::string_view reason, const By& by)
{
    return settle(db, id, Verdict::rejected, reason, by);
}

Answer<Settled> discard_held(Database& db, std::int64_t id, std::string_view reason, const By& by)
{
    return settle(db, id, Verdict::discarded, reason, by);
}

namespace {

std::vector<std::int64_t> ids(Prepared& rows)
{
    std::vector<std::int64_t> found;
    while (rows.step()) found.push_back(rows.integer(0));
    return found;
}

}  // namespace

std::vector<std::int64_t> untold_held(Database& db, std::size_t limit)
{
    auto rows = db.prepared("SELECT id FROM post_list WHERE verdict = 'held' AND told_at IS NULL ORDER BY id LIMIT :limit");
    rows.bind(":limit", static_cast<std::int64_t>(limit));
    return ids(rows);
}

std::vector<std::int64_t> untold_rejected(Database& db, std::size_t limit)
{
    auto rows =
        db.prepared("SELECT id FROM post_list WHERE verdict = 'rejected' AND sender_told_at IS NULL ORDER BY id LIMIT :limit");
    rows.bind(":limit", static_cast<std::int64_t>(limit));
    return ids(rows);
}

void note_moderators_told(Database& db, std::int64_t id, std::int64_t now)
{
    db.prepared("UPDATE post_list SET told_at = :now WHERE id = :id").bind(":now", now).bind(":id", id).run();
}

void note_sender_told(Database& db, std::int64_t id, std::int64_t now)
{
    db.prepared("UPDATE post_list SET sender_told_at = :now WHERE id = :id").bind(":now", now).bind(":id", id).run();
}

bool sender_was_told(Database& db, std::int64_t id)
{
    return db.prepared("SELECT 1 FROM post_list WHERE id = :id AND sender_told_at IS NOT NULL").bind(":id", id).step();
}

std::vector<std::int64_t> lists_with_held(Database& db)
{
    auto rows = db.prepared("SELECT DISTINCT list_id FROM post_list WHERE verdict = 'held' ORDER BY list_id");
    return ids(rows);
}

std::vector<HeldPost> held_before(Database& db, std::int64_t list_id, std::int64_t before, std::size_t limit)
{
    auto rows =
        db.prepared(MAJLIS_HELD_COLUMNS
                    "WHERE pl.verdict = 'held' AND pl.list_id = :list AND pl.held_at < :before ORDER BY pl.held_at LIMIT :limit");
    rows.bind(":list", list_id).bind(":before", before).bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<HeldPost> posts;
    while (rows.step()) posts.push_back(read_held(rows));
    return posts;
}

}  // namespace majlis::store
