#include <array>

#include "core/store/check.hpp"
#include "core/store/trouble.hpp"

namespace majlis::store {
namespace {

/// A query that names the rows for which a promise is broken, and what it is.
struct Invariant {
    const char* kind;
    std::string_view broken;  ///< first column: the row, in words
    const char* means;
    const char* mend;
};

constexpr auto drop_it = "look with 'majlis queue show ID'; 'majlis queue drop ID' ends it, and the post can be sent anew";
constexpr auto put_back = "stop majlisd and put back a backup ('majlis db restore FILE')";
constexpr auto reindex = "majlis archive reindex";

constexpr std::array invariants{
    Invariant{
        "secret",
        "SELECT 'the key of all tokens' WHERE NOT EXISTS (SELECT 1 FROM site_secret WHERE name = 'seal' AND length(value) = 32)",
        "is missing: no address that was given out works any more", put_back},
    Invariant{"lists",
              "WITH RECURSIVE below (id) AS (SELECT id FROM list WHERE parent_id IS NULL UNION "
              "SELECT l.id FROM list l JOIN below b ON l.parent_id = b.id) "
              "SELECT 'list ' || name FROM list WHERE id NOT IN below",
              "stands below itself: no post to it can be delivered", put_back},
    Invariant{"members",
              "SELECT 'subscription of member ' || s.member_id || ' on list ' || s.list_id FROM subscription s "
              "CROSS JOIN membership_clock c WHERE s.since > c.tick OR s.joined > s.since OR s.joined > c.tick",
              "is from the future: posts on their way reach the wrong people", put_back},
    Invariant{"members",
              "SELECT 'past subscription of member ' || s.member_id || ' on list ' || s.list_id FROM subscription_past s "
              "CROSS JOIN membership_clock c WHERE s.since > s.until OR s.until > c.tick",
              "is from the future: posts on their way reach the wrong people", put_back},
    Invariant{"mails",
              "SELECT 'arrival ' || a.id FROM arrival a LEFT JOIN content c ON c.id = a.content_id "
              "WHERE a.stage = 'new' AND (c.id IS NULL OR c.sha256 IS NULL OR c.keep = 'gone')",
              "waits to be judged, and its bytes are gone", "the mail may still lie in the mailbox: move it back to the INBOX"},
    Invariant{
        "mails",
        "SELECT 'held post ' || pl.id FROM post_list pl JOIN post p ON p.id = pl.post_id JOIN content c ON c.id = p.content_id "
        "WHERE pl.verdict = 'held' AND (c.sha256 IS NULL OR c.keep = 'gone')",
        "waits for a moderator, and its bytes are gone", "majlis held discard ID"},
    Invariant{"mails",
              "SELECT 'content ' || c.id FROM content c WHERE c.keep = 'gone' "
              "AND EXISTS (SELECT 1 FROM content_chunk h WHERE h.content_id = c.id)",
              "is said to be removed, and part of it is still there", put_back},
    Invariant{"mails", "SELECT 'content ' || content_id FROM content_chunk GROUP BY content_id HAVING max(n) <> count(*) - 1",
              "has a gap: part of it is missing", put_back},
    Invariant{"deliveries",
              "SELECT 'delivery ' || d.id FROM delivery d JOIN content c ON c.id = d.content_id "
              "WHERE d.state IN ('active', 'held') AND (c.sha256 IS NULL OR c.keep = 'gone')",
              "has no bytes to send", drop_it},
    Invariant{"deliveries",
              "SELECT 'delivery ' || d.id FROM delivery d WHERE d.state = 'done' AND (d.next_member_id < d.last_member_id "
              "OR EXISTS (SELECT 1 FROM delivery_range r WHERE r.delivery_id = d.id AND r.done_id < r.last_id))",
              "is over, and members have not been reached",
              "'majlis queue show ID' tells whom; send the post to them by 'majlis post'"},
    Invariant{"deliveries",
              "SELECT 'delivery ' || r.delivery_id || ', members ' || r.first_id || ' to ' || r.last_id FROM delivery_range r "
              "JOIN delivery d ON d.id = r.delivery_id "
              "WHERE NOT (r.first_id <= r.done_id AND r.done_id <= r.last_id AND r.last_id <= d.next_member_id)",
              "is a range whose mark stands outside of it", drop_it},
    Invariant{"deliveries",
              "SELECT 'delivery ' || delivery_id || ', members ' || first_id || ' to ' || last_id FROM "
              "(SELECT delivery_id, first_id, last_id, lag(last_id) OVER (PARTITION BY delivery_id ORDER BY first_id) AS before "
              "FROM delivery_range) WHERE before > first_id",
              "is covered twice: these members would get two copies", drop_it},
    Invariant{"deliveries",
              "SELECT 'delivery ' || r.delivery_id || ', ' || r.address FROM delivery_recipient r JOIN delivery d ON d.id = "
              "r.delivery_id WHERE r.state IN ('deferred', 'waiting') AND (d.state IN ('done', 'dropped') "
              "OR (r.state = 'waiting' AND d.state <> 'held'))",
              "waits for a delivery that does nothing any more", drop_it},
    Invariant{"held posts", "SELECT 'held post ' || id FROM post_list WHERE verdict = 'held' AND held_at IS NULL",
              "has no time since when it is held, and would never expire", "majlis held discard ID"},
    Invariant{"digests",
              "SELECT 'the clock of ' || kind || ' digests' FROM digest_clock WHERE delivery_id > "
              "coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'delivery'), 0)",
              "is ahead of all deliveries: their readers would miss posts", put_back},
    Invariant{
        "archive",
        "SELECT 'post ' || pl.post_id || ' on list ' || pl.list_id FROM post_list pl WHERE pl.archive = 'in' AND NOT EXISTS "
        "(SELECT 1 FROM archive_list a WHERE a.post_id = pl.post_id AND a.list_id = pl.list_id)",
        "is not in the archive, though it was put there", "majlis archive import, from a backup's 'majlis archive export'"},
    Invariant{"archive",
              "SELECT 'post ' || p.post_id FROM archive_post p LEFT JOIN archive_node n ON n.id = p.node_id "
              "WHERE n.post_id IS NULL OR n.post_id <> p.post_id",
              "has no place in its thread", put_back},
    Invariant{"archive",
              "SELECT 'thread ' || t.id FROM archive_thread t WHERE "
              "t.nodes <> (SELECT count(*) FROM archive_node n WHERE n.thread_id = t.id) "
              "OR NOT EXISTS (SELECT 1 FROM archive_node n WHERE n.id = t.root_id AND n.thread_id = t.id)",
              "does not hold the posts that it counts", put_back},
    Invariant{"search",
              "SELECT 'post ' || post_id FROM archive_post WHERE words IS NOT NULL "
              "AND NOT EXISTS (SELECT 1 FROM archive_word_docsize d WHERE d.id = post_id)",
              "is not found by its words, though it was indexed", reindex},
    Invariant{"search",
              "SELECT 'post ' || d.id FROM archive_word_docsize d LEFT JOIN archive_post p ON p.post_id = d.id "
              "WHERE p.words IS NULL",
              "is found by its words, though it is not in the archive, or no longer", reindex},
};

void ask(Database& db, const Invariant& invariant, std::vector<Unsound>& found)
{
    auto rows = db.prepared(invariant.broken);
    for (std::size_t n = 0; rows.step(); ++n) {
        const bool named = n < most_of_a_sort;
        found.push_back({invariant.kind, named ? rows.text(0) + " " + invariant.means : others_too, invariant.mend});
        if (!named) break;
    }
}

/// The index itself, which SQLite's check takes for rows of any table: a walk over all its words meets each page.
void walk_index(Database& db, std::vector<Unsound>& found)
{
    try {
        db.execute("CREATE VIRTUAL TABLE temp.archive_word_walk USING fts5vocab (main, archive_word, 'row')");
        db.connection().execAndGet("SELECT coalesce(sum(cnt), 0) FROM temp.archive_word_walk");
        db.execute("DROP TABLE temp.archive_word_walk");
    } catch (const SQLite::Exception& error) {
        if (!is_damage(error)) throw;
        found.push_back({"search", std::string{"the index of words is damaged: "} + error.what(), reindex});
    }
}

}  // namespace

std::vector<Unsound> check_invariants(Database& db)
{
    std::vector<Unsound> found;
    for (const Invariant& invariant : invariants) ask(db, invariant, found);
    walk_index(db, found);
    return found;
}

}  // namespace majlis::store
