#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "core/store/aliases.hpp"
#include "core/store/digest_rows.hpp"
#include "core/store/digests.hpp"
#include "core/store/list_rules.hpp"
#include "core/store/lists.hpp"
#include "core/store/recipients.hpp"

namespace majlis::store {
namespace {

constexpr std::size_t remembered = 5'000;  // answers for people with the same subscriptions

/// One target list with the tree below it, as it stood. Equal trees of many deliveries are one.
struct Tree {
    std::int64_t target = 0;
    Scope scope;
    std::unordered_map<std::int64_t, std::size_t> node_of;
};

/// One delivery of a post.
struct Sent {
    std::int64_t id = 0;
    std::int64_t accepted_at = 0;
    std::size_t tick = 0;  // its place among the ticks of all
    std::vector<std::size_t> trees;
};

struct PostSeen {
    std::int64_t id = 0, bytes = 0;
    std::int64_t author = 0;          // the member who wrote it; 0: none
    std::vector<Sent> sent;           // every delivery of it, in their order
    std::vector<std::int64_t> named;  // members in To or Cc, by id
};

/// A delivery that does not cover somebody, and where it stands for his digests when he has one of it: with a later delivery,
/// where earlier digests had been through it before he wanted any.
struct Skip {
    std::int64_t delivery = 0, place = 0;
};

/// What a subscription was while these ticks lasted. Places among the ticks stand for the ticks: what changed between two
/// deliveries makes no difference.
struct Held {
    std::int64_t list = 0;
    Mode mode = Mode::none;
    std::size_t from = 0, to = 0;
    enum class Is { past, current } is = Is::current;
    auto operator<=>(const Held&) const = default;
};

struct Person {
    std::int64_t id = 0;
    std::string address, key, language;
    DigestFormat format = DigestFormat::mime;
    bool own_posts = true, duplicates = true;
    std::int64_t away_until = 0;
    std::int64_t mark = 0;
};

/// A post for somebody, by its place in the plan, and the list under which he sees it.
struct Chosen {
    std::size_t post = 0;
    std::int64_t list = 0;
    std::int64_t accepted_at = 0;
};

/// For people with the same subscriptions.
struct Share {
    std::vector<Chosen> chosen;
    std::shared_ptr<const DigestPosts> posts;
    std::string language;
};

Mode mode_of(const std::string& word) { return mode_named(word).value_or(Mode::none); }
bool is_digest(Mode mode) { return mode == Mode::daily || mode == Mode::weekly; }

}  // namespace

struct DigestPlanner::Plan {
    Plan(Database& database, DigestRun the_run) : db{database}, run{std::move(the_run)} { load(); }

    Database& db;
    DigestRun run;
    std::int64_t daily_after = 0, weekly_after = 0;  // deliveries
    std::vector<Tree> trees;
    std::map<std::vector<std::array<std::int64_t, 3>>, std::size_t> known_trees;
    std::vector<PostSeen> posts;
    std::vector<std::int64_t> ticks;
    std::unordered_map<std::int64_t, std::size_t> place_of_post;
    std::unordered_map<std::int64_t, std::vector<Skip>> skips;  // by member
    std::vector<std::int64_t> ended;                            // members whose digest mode ended lately
    std::unordered_map<std::int64_t, std::size_t> place_of;     // of a list in the order of the trees
    std::set<std::int64_t> asked;                               // lists, with those below
    std::set<std::string> banned;                               // addresses and "@domain"
    std::unordered_map<std::string, std::shared_ptr<const Share>> shares;
    std::unordered_map<std::string, std::shared_ptr<const DigestPosts>> sets;

    bool has(Mode kind) const
    {
        if (run.reason != DigestReason::due) return is_digest(kind);
        return (kind == Mode::daily && run.daily_at) || (kind == Mode::weekly && run.weekly_at);
    }
    std::int64_t after(Mode kind, std::int64_t mark) const
    {
        return std::max(kind == Mode::daily ? daily_after : weekly_after, mark);
    }

    void load();
    void load_lists();
    std::size_t tree_of(std::vector<std::array<std::int64_t, 3>> lines);
    Sent read_sent(std::int64_t id, std::int64_t tick, std::int64_t accepted_at);
    PostSeen& seen(std::int64_t id, std::int64_t size, const std::string& sender);
    void load_late(std::int64_t after);
    void load_posts(std::int64_t after);
    void load_earlier(std::int64_t after);
    void load_people();

    std::vector<std::int64_t> members_after(std::int64_t after, std::size_t limit);
    std::optional<Person> person(std::int64_t member_id);
    std::vector<Held> held_by(const Person& person);
    void leave_out_banned(const Person& person, std::vector<Held>& rows);
    bool is_asked(const std::vector<Held>& rows) const;
    std::shared_ptr<const Share> share_of(const std::vector<Held>& rows, const Person& person);
    std::vector<Chosen> choose(const std::vector<Held>& rows, const Person& person);
    std::shared_ptr<const DigestPosts> set_of(const std::vector<Chosen>& chosen);
    bool wants(const Person& person, const Chosen& chosen) const;
    std::optional<PlannedDigest> digest_for(std::int64_t member_id);
};

void DigestPlanner::Plan::load()
{
    const auto clock = digest_clock(db);
    daily_after = clock.daily;
    weekly_after = clock.weekly;
    std::int64_t after = INT64_MAX;
    if (has(Mode::daily)) after = std::min(after, daily_after);
    if (has(Mode::weekly)) after = std::min(after, weekly_after);
    load_lists();
    load_late(after);
    load_posts(after);
    load_earlier(after);
    load_people();
}

void DigestPlanner::Plan::load_lists()
{
    for (const auto& node : list_tree(db)) place_of.emplace(node.list.id, place_of.size());
    for (const auto list : run.lists)
        for (const auto& below : subtree(db, list)) asked.insert(below.id);
}

std::size_t DigestPlanner::Plan::tree_of(std::vector<std::array<std::int64_t, 3>> lines)
{
    const auto [known, fresh] = known_trees.emplace(std::move(lines), trees.size());
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

Sent DigestPlanner::Plan::read_sent(std::int64_t id, std::int64_t tick, std::int64_t accepted_at)
{
    Sent sent{id, accepted_at, 0, {}};
    ticks.push_back(tick);
    sent.tick = static_cast<std::size_t>(tick);  // its place is known once all are there
    auto rows = db.prepared(
        "SELECT target_id, list_id, coalesce(parent_id, 0) FROM delivery_list WHERE delivery_id = :delivery "
        "ORDER BY target_id, list_id");
    rows.bind(":delivery", id);
    std::vector<std::array<std::int64_t, 3>> lines;
    while (rows.step()) {
        const std::array line{rows.integer(0), rows.integer(1), rows.integer(2)};
        if (!lines.empty() && lines.front()[0] != line[0]) sent.trees.push_back(tree_of(std::exchange(lines, {})));
        lines.push_back(line);
    }
    if (!lines.empty()) sent.trees.push_back(tree_of(std::move(lines)));
    return sent;
}

/// The post in the plan; a new one still without its deliveries.
PostSeen& DigestPlanner::Plan::seen(std::int64_t id, std::int64_t size, const std::string& sender)
{
    const auto [at, fresh] = place_of_post.emplace(id, posts.size());
    if (!fresh) return posts[at->second];
    PostSeen post;
    post.id = id;
    post.bytes = std::min(size, max_counted_bytes);
    const auto author = sender.empty() ? std::nullopt : find_person(db, sender);
    post.author = author ? author->id : 0;
    auto named = db.prepared("SELECT member_id FROM post_named WHERE post_id = :post ORDER BY member_id");
    named.bind(":post", id);
    while (named.step()) post.named.push_back(named.integer(0));
    posts.push_back(std::move(post));
    return posts.back();
}

/// Posts that wait for somebody who turned to digests when earlier ones had been through them; load_earlier() has the rest.
void DigestPlanner::Plan::load_late(std::int64_t after)
{
    struct Late {
        std::int64_t post, size;
        std::string sender;
    };
    std::vector<Late> found;
    {
        auto rows = db.prepared(
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

void DigestPlanner::Plan::load_posts(std::int64_t after)
{
    struct Accepted {
        std::int64_t delivery, tick, accepted_at, post, size;
        std::string sender;
    };
    std::vector<Accepted> found;
    {
        auto rows = db.prepared(
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

/// Deliveries of these posts that earlier digests have looked at, and the places of all ticks.
void DigestPlanner::Plan::load_earlier(std::int64_t after)
{
    for (auto& post : posts) {
        std::vector<std::array<std::int64_t, 3>> earlier;
        {
            auto rows = db.prepared(
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
    std::ranges::sort(ticks);
    ticks.erase(std::unique(ticks.begin(), ticks.end()), ticks.end());  // ranges::unique is beyond clang 14 with libstdc++ 12
    for (auto& post : posts)
        for (auto& sent : post.sent)
            sent.tick =
                static_cast<std::size_t>(std::ranges::lower_bound(ticks, static_cast<std::int64_t>(sent.tick)) - ticks.begin());
}

void DigestPlanner::Plan::load_people()
{
    if (posts.empty()) return;
    for (const auto& post : posts)
        for (const auto& sent : post.sent) {
            auto rows = db.prepared("SELECT member_id, digest_id FROM delivery_skip WHERE delivery_id = :delivery");
            rows.bind(":delivery", sent.id);
            while (rows.step()) skips[rows.integer(0)].push_back({sent.id, std::max(sent.id, rows.integer(1))});
        }
    auto rows = db.prepared("SELECT member_id FROM subscription_past WHERE mode IN ('daily', 'weekly') AND until > :tick");
    rows.bind(":tick", ticks.front());
    std::set<std::int64_t> people;
    while (rows.step()) people.insert(rows.integer(0));
    ended.assign(people.begin(), people.end());
    auto bans = db.prepared("SELECT DISTINCT pattern FROM list_rule WHERE kind = 'ban'");
    while (bans.step()) banned.insert(bans.text(0));
}

/// Members with a digest mode, now or lately, in the order of their ids.
std::vector<std::int64_t> DigestPlanner::Plan::members_after(std::int64_t after, std::size_t limit)
{
    std::vector<std::int64_t> current, both;
    {
        auto rows = db.prepared(
            "SELECT DISTINCT member_id FROM subscription WHERE mode IN ('daily', 'weekly') AND member_id > :after "
            "ORDER BY member_id LIMIT :limit");
        rows.bind(":after", after).bind(":limit", static_cast<std::int64_t>(limit));
        while (rows.step()) current.push_back(rows.integer(0));
    }
    // Who was skipped may have changed from "each" to digests while a post was on its way: he has a row of his own by now.
    const auto first = std::ranges::upper_bound(ended, after);
    const auto last =
        ended.end() - first > static_cast<std::ptrdiff_t>(limit) ? first + static_cast<std::ptrdiff_t>(limit) : ended.end();
    std::set_union(current.begin(), current.end(), first, last, std::back_inserter(both));
    if (both.size() > limit) both.resize(limit);
    return both;
}

std::optional<Person> DigestPlanner::Plan::person(std::int64_t member_id)
{
    auto row = db.prepared(
        "SELECT m.address, m.address_key, coalesce(m.language, ''), m.digest_format, m.own_posts, m.duplicates, "
        "coalesce(m.away_until, 0), m.bouncing, coalesce(k.delivery_id, 0) FROM member m LEFT JOIN digest_mark k ON k.member_id "
        "= "
        "m.id WHERE m.id = :id");
    if (!row.bind(":id", member_id).step() || row.integer(7) != 0) return std::nullopt;
    Person person;
    person.id = member_id;
    person.address = row.text(0);
    person.key = row.text(1);
    person.language = row.text(2);
    person.format = digest_format_named(row.text(3)).value_or(DigestFormat::mime);
    person.own_posts = row.integer(4) != 0;
    person.duplicates = row.integer(5) != 0;
    person.away_until = row.integer(6);
    person.mark = row.integer(8);
    return person;
}

std::vector<Held> DigestPlanner::Plan::held_by(const Person& person)
{
    std::vector<Held> rows;
    const auto place = [&](std::int64_t tick) {
        return static_cast<std::size_t>(std::ranges::lower_bound(ticks, tick) - ticks.begin());
    };
    auto current = db.prepared("SELECT list_id, mode, since FROM subscription WHERE member_id = :member ORDER BY list_id");
    current.bind(":member", person.id);
    while (current.step())
        rows.push_back(
            {current.integer(0), mode_of(current.text(1)), place(current.integer(2)), ticks.size(), Held::Is::current});
    auto past = db.prepared(
        "SELECT list_id, mode, since, until FROM subscription_past WHERE member_id = :member ORDER BY list_id, since");
    past.bind(":member", person.id);
    while (past.step()) {
        const Held row{past.integer(0), mode_of(past.text(1)), place(past.integer(2)), place(past.integer(3)), Held::Is::past};
        if (row.from < row.to) rows.push_back(row);
    }
    leave_out_banned(person, rows);
    return rows;
}

void DigestPlanner::Plan::leave_out_banned(const Person& person, std::vector<Held>& rows)
{
    const auto at = person.key.rfind('@');
    if (banned.empty() || (!banned.contains(person.key) && (at == std::string::npos || !banned.contains(person.key.substr(at)))))
        return;
    std::erase_if(rows, [&](const Held& row) {
        return sender_rule(db, row.list, RuleKind::ban, std::span{&person.key, 1}).has_value();
    });
}

bool DigestPlanner::Plan::is_asked(const std::vector<Held>& rows) const
{
    if (run.reason != DigestReason::asked) return true;
    return std::ranges::any_of(rows, [&](const Held& row) { return is_digest(row.mode) && asked.contains(row.list); });
}

namespace {

/// Modes of one set of rows in trees, each reckoned once for all ticks between which nothing changed.
class Modes {
public:
    Modes(const std::vector<Tree>& trees, const std::vector<Held>& rows) : trees_{trees}, rows_{rows}, now_(trees.size())
    {
        for (const auto& row : rows) edges_.insert({row.from, row.to});
    }

    /// By what he had at that tick.
    Mode then(std::size_t tree, std::size_t tick)
    {
        const auto epoch = static_cast<std::size_t>(std::distance(edges_.begin(), edges_.upper_bound(tick)));
        const auto [known, fresh] = known_.emplace(std::pair{tree, epoch}, Mode::none);
        if (fresh) known->second = resolve(tree, [&](const Held& row) { return row.from <= tick && tick < row.to; });
        return known->second;
    }
    /// By what he has today.
    Mode now(std::size_t tree)
    {
        auto& known = now_[tree];
        if (!known) known = resolve(tree, [](const Held& row) { return row.is == Held::Is::current; });
        return *known;
    }

private:
    template <class Has>
    Mode resolve(std::size_t tree, Has has) const
    {
        std::vector<Row> there;
        for (const auto& row : rows_) {
            if (!has(row)) continue;
            const auto node = trees_[tree].node_of.find(row.list);
            if (node != trees_[tree].node_of.end()) there.push_back({node->second, row.mode});
        }
        const auto best = resolve_mode(trees_[tree].scope, there);
        return best ? best->first : Mode::none;
    }

    const std::vector<Tree>& trees_;
    const std::vector<Held>& rows_;
    std::set<std::size_t> edges_;
    std::map<std::pair<std::size_t, std::size_t>, Mode> known_;
    std::vector<std::optional<Mode>> now_;
};

}  // namespace

/// Each post once, as its first delivery that reached him says; one that any delivery brings by itself is in no digest.
std::vector<Chosen> DigestPlanner::Plan::choose(const std::vector<Held>& rows, const Person& person)
{
    Modes modes{trees, rows};
    const auto skipped = skips.find(person.id);
    const auto skip_of = [&](const Sent& sent) -> const Skip* {
        if (skipped == skips.end()) return nullptr;
        const auto at = std::ranges::find(skipped->second, sent.id, &Skip::delivery);
        return at == skipped->second.end() ? nullptr : &*at;
    };
    std::vector<Chosen> chosen;
    for (std::size_t i = 0; i < posts.size(); ++i) {
        const Sent* by = nullptr;
        bool had = false;
        for (const auto& sent : posts[i].sent) {
            Mode then = Mode::none, now = Mode::none;
            for (const auto tree : sent.trees) {
                then = std::max(then, modes.then(tree, sent.tick));
                now = std::max(now, modes.now(tree));
            }
            auto place = sent.id;
            if (const auto* skip = then == Mode::each ? skip_of(sent) : nullptr) {
                then = now;  // it had not reached him when he changed
                place = skip->place;
            }
            if (then == Mode::each) had = true;
            if (!is_digest(then) || by) continue;
            by = &sent;
            // An earlier digest had it, a later one or one of the other kind will, or he wants nothing from there any more.
            if (place <= after(then, person.mark) || place > run.delivery_id || !has(then) || now == Mode::none) had = true;
        }
        if (had || !by) continue;
        // Of the lists that it was sent to and that he reads, the first in the order of the trees.
        std::optional<std::int64_t> list;
        for (const auto tree : by->trees) {
            const auto target = trees[tree].target;
            if (!place_of.contains(target)) continue;
            if (modes.then(tree, by->tick) == Mode::none && modes.now(tree) == Mode::none) continue;
            if (!list || place_of[target] < place_of[*list]) list = target;
        }
        if (list) chosen.push_back({i, *list, by->accepted_at});
    }
    return chosen;
}

std::shared_ptr<const DigestPosts> DigestPlanner::Plan::set_of(const std::vector<Chosen>& chosen)
{
    std::map<std::size_t, DigestPosts::Section> sections;  // by the list's place
    auto set = std::make_shared<DigestPosts>();
    for (const auto& one : chosen) {
        auto& section = sections[place_of.at(one.list)];
        section.list_id = one.list;
        section.posts.push_back(posts[one.post].id);
        ++set->count;
        set->bytes += posts[one.post].bytes;
    }
    for (auto& [place, section] : sections) set->sections.push_back(std::move(section));
    auto text = digest_posts_text(set->sections);
    if (sets.size() >= remembered) sets.clear();
    return sets.emplace(std::move(text), std::move(set)).first->second;
}

/// What depends on the subscriptions alone.
std::shared_ptr<const Share> DigestPlanner::Plan::share_of(const std::vector<Held>& rows, const Person& person)
{
    std::string key = std::to_string(after(Mode::daily, person.mark)) + " " + std::to_string(after(Mode::weekly, person.mark));
    for (const auto& row : rows) {
        key += ' ' + std::to_string(row.list) + (row.is == Held::Is::current ? '+' : '-') + std::string{mode_name(row.mode)};
        key += std::to_string(row.from) + ',' + std::to_string(row.to);
    }
    if (const auto skipped = skips.find(person.id); skipped != skips.end())
        for (const auto& skip : skipped->second) key += " s" + std::to_string(skip.delivery) + ',' + std::to_string(skip.place);
    if (const auto known = shares.find(key); known != shares.end()) return known->second;

    auto share = std::make_shared<Share>();
    share->chosen = choose(rows, person);
    share->posts = set_of(share->chosen);
    // His own list's language, the topmost of them: it stays the same from one digest to the next.
    const Held* own = nullptr;
    for (const auto& row : rows)
        if (is_digest(row.mode) && place_of.contains(row.list) && (!own || place_of[row.list] < place_of[own->list])) own = &row;
    if (own && !share->chosen.empty()) share->language = settings_of(db, own->list).language;
    if (shares.size() >= remembered) shares.clear();
    shares.emplace(std::move(key), share);
    return share;
}

bool DigestPlanner::Plan::wants(const Person& person, const Chosen& chosen) const
{
    const auto& post = posts[chosen.post];
    if (person.away_until != 0 && chosen.accepted_at <= person.away_until) return false;
    if (!person.own_posts && post.author == person.id) return false;
    return person.duplicates || !std::ranges::binary_search(post.named, person.id);
}

std::optional<PlannedDigest> DigestPlanner::Plan::digest_for(std::int64_t member_id)
{
    auto whom = person(member_id);
    if (!whom) return std::nullopt;
    const auto rows = held_by(*whom);
    if (!is_asked(rows)) return std::nullopt;
    const auto share = share_of(rows, *whom);
    auto set = share->posts;
    if (whom->away_until != 0 || !whom->own_posts || !whom->duplicates) {
        std::vector<Chosen> wanted;
        std::ranges::copy_if(share->chosen, std::back_inserter(wanted), [&](const Chosen& one) { return wants(*whom, one); });
        if (wanted.size() != share->chosen.size()) set = set_of(wanted);
    }
    if (set->count == 0) return std::nullopt;
    if (run.reason == DigestReason::full && (run.max_posts == 0 || set->count <= run.max_posts) &&
        (run.max_bytes == 0 || set->bytes <= run.max_bytes))
        return std::nullopt;
    return PlannedDigest{whom->id, std::move(whom->address), whom->language.empty() ? share->language : std::move(whom->language),
                         whom->format, std::move(set)};
}

DigestPlanner::DigestPlanner(Database& db, DigestRun run)
{
    Transaction one_view{db, Begin::deferred};
    plan_ = std::make_unique<Plan>(db, std::move(run));
}

DigestPlanner::~DigestPlanner() = default;

const DigestRun& DigestPlanner::run() const { return plan_->run; }

DigestPlanner::Step DigestPlanner::step(std::int64_t after, std::size_t limit)
{
    Step step;
    step.reached = after;
    if (plan_->posts.empty()) return step;
    const auto members = plan_->members_after(after, limit);
    for (const auto member : members)
        if (auto digest = plan_->digest_for(member)) step.digests.push_back(std::move(*digest));
    if (!members.empty()) step.reached = members.back();
    step.more = members.size() == limit ? Step::More::yes : Step::More::no;
    return step;
}

}  // namespace majlis::store
