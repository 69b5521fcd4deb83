#include "core/store/digest_backlog.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/store/aliases.hpp"

namespace majlis::store::plan {

Backlog::Backlog(Database& db, const DigestRun& run, std::int64_t after) : db_{db}
{
    load_late(run, after);
    load_posts(run, after);
    load_earlier(after);
    give_places();
    if (posts.empty()) return;
    load_skips();
    load_ended();
}

std::size_t Backlog::place(std::int64_t tick) const
{
    return static_cast<std::size_t>(std::ranges::lower_bound(ticks, tick) - ticks.begin());
}

std::size_t Backlog::tree_of(std::vector<Line> lines)
{
    const auto [known, fresh] = known_trees_.emplace(std::move(lines), trees.size());
    if (!fresh) return known->second;
    std::vector<ScopeLine> scope_lines;
    for (const auto& [target, list, parent] : known->first) scope_lines.push_back({target, list, parent});
    Tree tree;
    tree.target = scope_lines.front().target_id;
    tree.scope = scope_of(scope_lines);
    for (std::size_t i = 0; i < tree.scope.nodes.size(); ++i) tree.node_of.emplace(tree.scope.nodes[i].list_id, i);
    trees.push_back(std::move(tree));
    return known->second;
}

Sent Backlog::read_sent(std::int64_t id, std::int64_t tick, std::int64_t accepted_at)
{
    Sent sent{id, tick, accepted_at, 0, {}};  // its place is known once all are there
    ticks.push_back(tick);
    auto rows = db_.prepared(
        "SELECT target_id, list_id, coalesce(parent_id, 0) FROM delivery_list WHERE delivery_id = :delivery "
        "ORDER BY target_id, list_id");
    rows.bind(":delivery", id);
    std::vector<Line> lines;
    while (rows.step()) {
        const Line line{rows.integer(0), rows.integer(1), rows.integer(2)};
        if (!lines.empty() && lines.front()[0] != line[0]) sent.trees.push_back(tree_of(std::exchange(lines, {})));
        lines.push_back(line);
    }
    if (!lines.empty()) sent.trees.push_back(tree_of(std::move(lines)));
    return sent;
}

/// The post; a new one still without its deliveries.
PostSeen& Backlog::seen(std::int64_t id, std::int64_t size, const std::string& sender)
{
    const auto [at, fresh] = place_of_post_.emplace(id, posts.size());
    if (!fresh) return posts[at->second];
    PostSeen post;
    post.id = id;
    post.bytes = std::min(size, max_counted_bytes);
    const auto author = sender.empty() ? std::nullopt : find_person(db_, sender);
    post.author = author ? author->id : 0;
    auto named = db_.prepared("SELECT member_id FROM post_named WHERE post_id = :post ORDER BY member_id");
    named.bind(":post", id);
    while (named.step()) post.named.push_back(named.integer(0));
    posts.push_back(std::move(post));
    return posts.back();
}

/// Posts that wait for somebody who turned to digests when earlier ones had been through them; load_earlier() has the rest.
void Backlog::load_late(const DigestRun& run, std::int64_t after)
{
    struct Late {
        std::int64_t post, size;
        std::string sender;
    };
    std::vector<Late> found;
    {
        auto rows = db_.prepared(
            "SELECT DISTINCT d.id, p.id, p.size, p.sender FROM delivery_skip s CROSS JOIN delivery d ON d.id = s.delivery_id "
            "CROSS JOIN post p ON p.id = d.post_id WHERE s.digest_id > 0 AND s.digest_id > :after AND s.digest_id <= :last "
            "AND d.id <= :after AND d.kind = 'post' AND d.state <> 'dropped' AND d.created_at >= :oldest ORDER BY d.id DESC "
            "LIMIT :limit");
        rows.bind(":after", after).bind(":last", run.delivery_id).bind(":oldest", run.created_at - digest_reach);
        rows.bind(":limit", digest_most_deliveries);
        while (rows.step()) found.push_back({rows.integer(1), rows.integer(2), rows.text(3)});
    }
    std::ranges::reverse(found);
    for (const auto& late : found) seen(late.post, late.size, late.sender);
}

void Backlog::load_posts(const DigestRun& run, std::int64_t after)
{
    struct Accepted {
        std::int64_t delivery, tick, accepted_at, post, size;
        std::string sender;
    };
    std::vector<Accepted> found;
    {
        auto rows = db_.prepared(
            "SELECT d.id, d.tick, d.created_at, p.id, p.size, p.sender FROM delivery d CROSS JOIN post p ON p.id = d.post_id "
            "WHERE d.id > :after AND d.id <= :last AND d.kind = 'post' AND d.state <> 'dropped' AND d.created_at >= :oldest "
            "ORDER BY d.id DESC LIMIT :limit");
        rows.bind(":after", after).bind(":last", run.delivery_id).bind(":oldest", run.created_at - digest_reach);
        rows.bind(":limit", digest_most_deliveries);
        while (rows.step())
            found.push_back({rows.integer(0), rows.integer(1), rows.integer(2), rows.integer(3), rows.integer(4), rows.text(5)});
    }
    std::ranges::reverse(found);
    for (const auto& row : found)
        seen(row.post, row.size, row.sender).sent.push_back(read_sent(row.delivery, row.tick, row.accepted_at));
}

/// Deliveries of these posts that earlier digests have looked at.
void Backlog::load_earlier(std::int64_t after)
{
    for (auto& post : posts) {
        std::vector<Line> earlier;
        {
            auto rows = db_.prepared(
                "SELECT id, tick, created_at FROM delivery WHERE post_id = :post AND id <= :after AND state <> 'dropped' "
                "ORDER BY id");
            rows.bind(":post", post.id).bind(":after", after);
            while (rows.step()) earlier.push_back({rows.integer(0), rows.integer(1), rows.integer(2)});
        }
        std::vector<Sent> all;
        for (const auto& [id, tick, accepted_at] : earlier) all.push_back(read_sent(id, tick, accepted_at));
        std::ranges::move(post.sent, std::back_inserter(all));
        post.sent = std::move(all);
    }
}

void Backlog::give_places()
{
    std::ranges::sort(ticks);
    ticks.erase(std::unique(ticks.begin(), ticks.end()), ticks.end());  // ranges::unique is beyond clang 14 with libstdc++ 12
    for (auto& post : posts)
        for (auto& sent : post.sent) sent.place = place(sent.tick);
}

void Backlog::load_skips()
{
    for (const auto& post : posts)
        for (const auto& sent : post.sent) {
            auto rows = db_.prepared("SELECT member_id, digest_id FROM delivery_skip WHERE delivery_id = :delivery");
            rows.bind(":delivery", sent.id);
            while (rows.step()) skips[rows.integer(0)].push_back({sent.id, std::max(sent.id, rows.integer(1))});
        }
}

void Backlog::load_ended()
{
    auto rows = db_.prepared("SELECT member_id FROM subscription_past WHERE mode IN ('daily', 'weekly') AND until > :tick");
    rows.bind(":tick", ticks.front());
    std::set<std::int64_t> people;
    while (rows.step()) people.insert(rows.integer(0));
    ended.assign(people.begin(), people.end());
}

}  // namespace majlis::store::plan
