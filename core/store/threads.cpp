#include "core/store/threads.hpp"

#include "core/token/sha256.hpp"

namespace majlis::store {
namespace {

constexpr std::int64_t answers_within = 60 * 86'400;  // seconds: the same subject later is another talk
constexpr int longest_climb = 200;                    // nodes; whoever stands deeper keeps the parent he has

std::int64_t hash(std::string_view text)
{
    const auto digest = token::sha256(text);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < 8; ++i) value = value << 8 | digest[i];
    return static_cast<std::int64_t>(value >> 1);
}

struct Node {
    std::int64_t id = 0;
    std::int64_t parent = 0;  // 0: none
    std::int64_t thread = 0;
    std::int64_t post = 0;  // 0: none
};

std::optional<Node> find_node(Database& db, std::int64_t id)
{
    auto row = db.prepared("SELECT parent_id, thread_id, post_id FROM archive_node WHERE id = :id");
    if (!row.bind(":id", id).step()) return std::nullopt;
    return Node{id, row.integer(0), row.integer(1), row.integer(2)};
}

struct Thread {
    std::int64_t root = 0, nodes = 0;
};

Thread find_thread(Database& db, std::int64_t id)
{
    auto row = db.prepared("SELECT root_id, nodes FROM archive_thread WHERE id = :id");
    if (!row.bind(":id", id).step()) throw std::runtime_error{"thread " + std::to_string(id) + " is gone; run 'majlis db check'"};
    return {row.integer(0), row.integer(1)};
}

Node ensure_node(Database& db, std::int64_t id)
{
    if (const auto known = find_node(db, id)) return *known;
    db.prepared("INSERT INTO archive_thread (root_id, nodes) VALUES (:root, 1)").bind(":root", id).run();
    const Node node{id, 0, db.last_id(), 0};
    db.prepared("INSERT INTO archive_node (id, thread_id) VALUES (:id, :thread)")
        .bind(":id", id)
        .bind(":thread", node.thread)
        .run();
    return node;
}

void set_parent(Database& db, std::int64_t node, std::int64_t parent)
{
    db.prepared("UPDATE archive_node SET parent_id = :parent WHERE id = :id").bind(":parent", parent).bind(":id", node).run();
}

/// The thread with fewer nodes joins the other.
void merge(Database& db, std::int64_t a, const Thread& of_a, std::int64_t b, const Thread& of_b, std::int64_t root)
{
    const auto kept = of_a.nodes >= of_b.nodes ? a : b, gone = kept == a ? b : a;
    db.prepared("UPDATE archive_node SET thread_id = :kept WHERE thread_id = :gone")
        .bind(":kept", kept)
        .bind(":gone", gone)
        .run();
    auto update = db.prepared("UPDATE archive_thread SET root_id = :root, nodes = :nodes WHERE id = :kept");
    update.bind(":root", root).bind(":nodes", of_a.nodes + of_b.nodes).bind(":kept", kept).run();
    db.prepared("DELETE FROM archive_thread WHERE id = :gone").bind(":gone", gone).run();
}

/// Puts a node that nothing stands above below another. All of a thread stands below its root, so that within one thread this
/// would be a circle, and between two it can be none.
void link(Database& db, std::int64_t child_id, std::int64_t parent_id)
{
    const auto child = find_node(db, child_id), parent = find_node(db, parent_id);
    if (!child || !parent || child->parent != 0 || child->thread == parent->thread) return;
    const auto below = find_thread(db, child->thread), above = find_thread(db, parent->thread);
    if (below.nodes + above.nodes > largest_thread) return;
    set_parent(db, child_id, parent_id);
    merge(db, parent->thread, above, child->thread, below, above.root);
}

/// Others had placed it by their References; what it says itself counts more, where that leads to no circle.
void move_within_thread(Database& db, const Node& node, std::int64_t parent_id)
{
    if (node.parent == parent_id) return;
    const auto parent = find_node(db, parent_id);
    if (!parent || parent->thread != node.thread) return;
    auto above = parent;
    for (int climbed = 0; above && climbed < longest_climb; ++climbed) {
        if (above->id == node.id) return;
        if (above->parent == 0) return set_parent(db, node.id, parent_id);
        above = find_node(db, above->parent);
    }
}

void link_references(Database& db, std::int64_t node_id, std::span<const std::string> references)
{
    std::int64_t above = 0;
    for (const auto& reference : references) {
        const auto id = ensure_node(db, hash(reference)).id;
        if (above != 0) link(db, id, above);
        above = id;
    }
    if (above == 0 || above == node_id) return;
    const auto node = find_node(db, node_id);
    if (node && node->parent == 0)
        link(db, node_id, above);
    else if (node)
        move_within_thread(db, *node, above);
}

struct Relative {
    std::int64_t post = 0, node = 0, thread = 0;
};

std::vector<Relative> relatives(Prepared& rows)
{
    std::vector<Relative> found;
    while (rows.step()) found.push_back({rows.integer(0), rows.integer(1), rows.integer(2)});
    return found;
}

/// An answer whose mail program names nobody: below the talk of its subject.
void join_by_subject(Database& db, const PostInThread& post, const Node& root)
{
    for (const auto list : post.lists) {
        auto rows = db.prepared(
            "SELECT l.post_id, n.id, n.thread_id FROM archive_list l CROSS JOIN archive_post p ON p.post_id = l.post_id "
            "CROSS JOIN archive_node n ON n.id = p.node_id "
            "WHERE l.list_id = :list AND l.subject = :subject AND l.sent_at BETWEEN :from AND :until "
            "ORDER BY l.sent_at DESC LIMIT 10");
        rows.bind(":list", list).bind(":subject", post.subject).bind(":from", post.sent_at - answers_within);
        rows.bind(":until", post.sent_at);
        for (const auto& relative : relatives(rows)) {
            if (relative.thread == root.thread) continue;
            return link(db, root.id, find_thread(db, relative.thread).root);
        }
    }
}

/// Answers of that kind that came before it.
void adopt_by_subject(Database& db, const PostInThread& post, std::int64_t node_id)
{
    for (const auto list : post.lists) {
        auto rows = db.prepared(
            "SELECT l.post_id, n.id, n.thread_id FROM archive_list l CROSS JOIN archive_post p ON p.post_id = l.post_id "
            "CROSS JOIN archive_node n ON n.id = p.node_id WHERE l.list_id = :list AND l.subject = :subject "
            "AND l.sent_at BETWEEN :from AND :until AND l.reply = 1 ORDER BY l.sent_at LIMIT 50");
        rows.bind(":list", list).bind(":subject", post.subject).bind(":from", post.sent_at);
        rows.bind(":until", post.sent_at + answers_within);
        for (const auto& relative : relatives(rows)) {
            const auto current = find_node(db, relative.node);  // an earlier one of them may have moved it
            if (!current) continue;
            const auto root = find_node(db, find_thread(db, current->thread).root);
            if (root && (root->post == 0 || root->post == relative.post)) link(db, root->id, node_id);
        }
    }
}

void link_by_subject(Database& db, const PostInThread& post, std::int64_t node_id)
{
    if (post.subject == 0) return;
    const auto node = find_node(db, node_id);
    if (!node) return;
    const auto root = find_node(db, find_thread(db, node->thread).root);
    if (post.kind == PostInThread::Kind::reply && root && (root->id == node_id || root->post == 0))
        join_by_subject(db, post, *root);
    else if (post.kind == PostInThread::Kind::first && node->parent == 0)
        adopt_by_subject(db, post, node_id);
}

}  // namespace

std::int64_t subject_hash(std::string_view words) { return words.empty() ? 0 : hash(words) | 1; }

std::int64_t place_in_thread(Database& db, const PostInThread& post)
{
    auto node = ensure_node(db, hash(post.message_id));
    if (node.post != 0 && node.post != post.post_id) {
        // Another post bears this Message-ID: it stands below the first.
        const auto first = node.id;
        node = ensure_node(db, hash(post.message_id + '\0' + std::to_string(post.post_id)));
        link(db, node.id, first);
    }
    db.prepared("UPDATE archive_node SET post_id = :post WHERE id = :id").bind(":post", post.post_id).bind(":id", node.id).run();
    link_references(db, node.id, post.references);
    link_by_subject(db, post, node.id);
    return node.id;
}

void leave_thread(Database& db, std::int64_t node_id)
{
    const auto node = find_node(db, node_id);
    if (!node) return;
    db.prepared("UPDATE archive_node SET post_id = NULL WHERE id = :id").bind(":id", node_id).run();
    auto left = db.prepared("SELECT 1 FROM archive_node WHERE thread_id = :thread AND post_id IS NOT NULL LIMIT 1");
    if (left.bind(":thread", node->thread).step()) return;
    db.prepared("DELETE FROM archive_node WHERE thread_id = :thread").bind(":thread", node->thread).run();
    db.prepared("DELETE FROM archive_thread WHERE id = :thread").bind(":thread", node->thread).run();
}

}  // namespace majlis::store
