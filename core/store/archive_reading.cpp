#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "core/message/message.hpp"
#include "core/store/archive.hpp"
#include "core/store/content.hpp"

namespace majlis::store {
namespace {

bool holds(const Readable& readable, std::int64_t list_id)
{
    return readable.scope == Readable::Scope::all || std::ranges::find(readable.lists, list_id) != readable.lists.end();
}

std::vector<std::string> readable_lists(Database& db, std::int64_t post_id, const Readable& readable)
{
    auto rows = db.prepared(
        "SELECT l.id, l.name FROM archive_list al CROSS JOIN list l ON l.id = al.list_id WHERE al.post_id = :post ORDER BY "
        "l.name");
    rows.bind(":post", post_id);
    std::vector<std::string> names;
    while (rows.step())
        if (holds(readable, rows.integer(0))) names.push_back(rows.text(1));
    return names;
}

/// A place in a thread.
struct Place {
    std::int64_t id = 0, parent = 0, post = 0, sent_at = 0;
    std::vector<std::size_t> below;  // indexes
};

struct Tree {
    std::vector<Place> places;
    std::vector<std::size_t> tops;
};

/// Posts of the thread that stand on a list that may be read.
std::unordered_set<std::int64_t> readable_posts(Database& db, std::int64_t thread_id, const Readable& readable)
{
    auto rows = db.prepared(
        "SELECT l.post_id, l.list_id FROM archive_node n CROSS JOIN archive_list l ON l.post_id = n.post_id "
        "WHERE n.thread_id = :thread");
    rows.bind(":thread", thread_id);
    std::unordered_set<std::int64_t> posts;
    while (rows.step())
        if (holds(readable, rows.integer(1))) posts.insert(rows.integer(0));
    return posts;
}

Tree load_tree(Database& db, std::int64_t thread_id, const Readable& readable)
{
    const auto visible = readable_posts(db, thread_id, readable);
    Tree tree;
    {
        auto rows = db.prepared(
            "SELECT n.id, n.parent_id, n.post_id, p.sent_at FROM archive_node n LEFT JOIN archive_post p ON p.post_id = "
            "n.post_id "
            "WHERE n.thread_id = :thread");
        rows.bind(":thread", thread_id);
        while (rows.step()) {
            const auto post = rows.integer(2);
            tree.places.push_back({rows.integer(0), rows.integer(1), visible.contains(post) ? post : 0, rows.integer(3), {}});
        }
    }
    std::unordered_map<std::int64_t, std::size_t> index;
    for (std::size_t i = 0; i < tree.places.size(); ++i) index.emplace(tree.places[i].id, i);
    for (std::size_t i = 0; i < tree.places.size(); ++i) {
        const auto parent = index.find(tree.places[i].parent);
        if (parent == index.end())
            tree.tops.push_back(i);
        else
            tree.places[parent->second].below.push_back(i);
    }
    return tree;
}

/// Places in an order in which each stands before what is below it. What no top leads to (a damaged circle) is not in it.
std::vector<std::size_t> from_the_tops(const Tree& tree)
{
    std::vector<std::size_t> order = tree.tops;
    for (std::size_t i = 0; i < order.size(); ++i)
        order.insert(order.end(), tree.places[order[i]].below.begin(), tree.places[order[i]].below.end());
    return order;
}

/// Who is not there goes where nobody or only one stands below him, as JWZ has it; and stands at the time of the first below.
void prune(Tree& tree)
{
    const auto order = from_the_tops(tree);
    const auto settle = [&](std::vector<std::size_t>& children) {
        std::vector<std::size_t> kept;
        for (const auto child : children) {
            const auto& place = tree.places[child];
            if (place.post != 0 || place.below.size() > 1)
                kept.push_back(child);
            else if (place.below.size() == 1)
                kept.push_back(place.below.front());
        }
        std::ranges::stable_sort(kept, {}, [&](std::size_t i) { return tree.places[i].sent_at; });
        children = std::move(kept);
    };
    for (auto at = order.rbegin(); at != order.rend(); ++at) {
        auto& place = tree.places[*at];
        settle(place.below);
        if (place.post == 0 && !place.below.empty()) place.sent_at = tree.places[place.below.front()].sent_at;
    }
    settle(tree.tops);
}

}  // namespace

std::optional<ArchivedPost> archived_post(Database& db, std::int64_t post_id, const Readable& readable)
{
    ArchivedPost post;
    {
        auto row = db.prepared(
            "SELECT p.id, p.message_id, p.sender, p.sender_name, p.subject, a.sent_at, p.received_at, p.size, a.attachments, "
            "n.thread_id, p.content_id, a.redacted_at FROM archive_post a CROSS JOIN post p ON p.id = a.post_id "
            "CROSS JOIN archive_node n ON n.id = a.node_id WHERE a.post_id = :post");
        if (!row.bind(":post", post_id).step()) return std::nullopt;
        post = {row.integer(0),
                row.text(1),
                row.text(2),
                row.text(3),
                row.text(4),
                row.integer(5),
                row.integer(6),
                row.integer(7),
                row.integer(8),
                row.integer(9),
                row.integer(10),
                row.integer(11),
                {}};
    }
    post.lists = readable_lists(db, post_id, readable);
    if (post.lists.empty()) return std::nullopt;
    return post;
}

std::optional<ArchivedPost> archived_post(Database& db, std::string_view message_id, const Readable& readable)
{
    constexpr std::int64_t most = 20;  // posts of one Message-ID that are looked at
    const auto id = majlis::message_id(message_id);
    std::vector<std::int64_t> posts;
    {
        auto rows = db.prepared("SELECT id FROM post WHERE message_id = :id ORDER BY id LIMIT :most");
        rows.bind(":id", id).bind(":most", most);
        while (rows.step()) posts.push_back(rows.integer(0));
    }
    for (const auto post : posts)
        if (auto found = archived_post(db, post, readable)) return found;
    return std::nullopt;
}

std::vector<std::int64_t> archived_by(Database& db, std::string_view sender_key, std::int64_t after_id, std::size_t limit)
{
    auto rows = db.prepared(
        "SELECT p.id FROM post p CROSS JOIN archive_post a ON a.post_id = p.id WHERE p.sender = :sender AND p.id > :after "
        "ORDER BY p.id LIMIT :limit");
    rows.bind(":sender", sender_key).bind(":after", after_id).bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<std::int64_t> posts;
    while (rows.step()) posts.push_back(rows.integer(0));
    return posts;
}

Answer<std::string> archived_mail(Database& db, const ArchivedPost& post)
{
    if (post.redacted_at != 0) return text::Problem{"this post was redacted: its text is gone"};
    return {boost::system::in_place_value, load_content(db, post.content_id)};
}

std::optional<std::int64_t> thread_id_of(Database& db, std::int64_t post_id)
{
    auto row = db.prepared(
        "SELECT n.thread_id FROM archive_post a CROSS JOIN archive_node n ON n.id = a.node_id WHERE a.post_id = :post");
    if (!row.bind(":post", post_id).step()) return std::nullopt;
    return row.integer(0);
}

std::vector<ThreadLine> thread_of(Database& db, std::int64_t post_id, const Readable& readable, std::size_t limit)
{
    const auto thread = thread_id_of(db, post_id);
    if (!thread) return {};
    auto tree = load_tree(db, *thread, readable);
    prune(tree);
    struct Waiting {
        std::size_t place;
        int depth;
    };
    std::vector<Waiting> waiting;
    for (auto top = tree.tops.rbegin(); top != tree.tops.rend(); ++top) waiting.push_back({*top, 0});
    std::vector<ThreadLine> lines;
    while (!waiting.empty() && lines.size() < limit) {
        const auto next = waiting.back();
        waiting.pop_back();
        const auto& place = tree.places[next.place];
        lines.push_back({place.post == 0 ? std::nullopt : archived_post(db, place.post, readable), next.depth});
        for (auto child = place.below.rbegin(); child != place.below.rend(); ++child) waiting.push_back({*child, next.depth + 1});
    }
    return lines;
}

}  // namespace majlis::store
