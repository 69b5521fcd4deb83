#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <unordered_map>
#include <utility>

#include "core/store/digest_readers.hpp"
#include "core/store/digest_rows.hpp"
#include "core/store/lists.hpp"

namespace majlis::store {

using namespace plan;

namespace {

constexpr std::size_t remembered_most = 32 << 20;  // bytes of answers of one kind, about

/// Kinds of digests that somebody is given now.
struct Kinds {
    bool daily = true, weekly = true;
    bool has(Mode kind) const { return (kind == Mode::daily && daily) || (kind == Mode::weekly && weekly); }
    bool all() const { return daily && weekly; }
};

/// A post for somebody, by its place in the backlog, and the list under which he sees it.
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

/// Answers by their question; when they take too much, all are forgotten.
template <class Answer>
class Remembered {
public:
    using Pointer = std::shared_ptr<const Answer>;
    Pointer find(const std::string& question) const
    {
        const auto known = answers_.find(question);
        return known == answers_.end() ? nullptr : known->second;
    }
    /// `bytes`: of the answer.
    Pointer keep(std::string question, Pointer answer, std::size_t bytes)
    {
        const auto more = bytes + question.size() + besides;
        if (bytes_ + more > remembered_most) {
            answers_.clear();
            bytes_ = 0;
        }
        bytes_ += more;
        return answers_.emplace(std::move(question), std::move(answer)).first->second;
    }

private:
    static constexpr std::size_t besides = 200;
    std::unordered_map<std::string, Pointer> answers_;
    std::size_t bytes_ = 0;
};

Kinds kinds_of(const DigestRun& run)
{
    if (run.reason != DigestReason::due) return {};
    return {run.daily_at.has_value(), run.weekly_at.has_value()};
}

/// Behind which delivery the run looks. Where a daily digest may bring what is too much of the weekly ones, behind these.
std::int64_t behind(const DigestRun& run, const DigestClock& clock)
{
    const auto kinds = kinds_of(run);
    const bool limits = run.max_posts > 0 || run.max_bytes > 0;
    auto after = std::numeric_limits<std::int64_t>::max();
    if (kinds.daily) after = std::min(after, clock.daily);
    if (kinds.weekly || limits) after = std::min(after, clock.weekly);
    return after;
}

}  // namespace

struct DigestPlanner::Plan {
    Plan(Database& database, DigestRun the_run);

    Database& db;
    DigestRun run;
    DigestClock clock;
    Backlog backlog;
    Subscriptions subscriptions;
    std::unordered_map<std::int64_t, std::size_t> place_of;  // of a list in the order of the trees
    std::set<std::int64_t> asked;                            // lists, with those below
    Remembered<Share> shares;
    Remembered<DigestPosts> sets;

    std::int64_t after(Mode kind, std::int64_t mark) const
    {
        return std::max(kind == Mode::daily ? clock.daily : clock.weekly, mark);
    }
    std::vector<std::int64_t> members_after(std::int64_t after, std::size_t limit);
    bool is_asked(const std::vector<Held>& rows) const;
    bool too_much(const DigestPosts& posts) const;
    std::shared_ptr<const Share> share_of(const std::vector<Held>& rows, const Person& person, Kinds kinds);
    std::shared_ptr<const Share> new_share(const std::vector<Held>& rows, const Person& person, Kinds kinds);
    std::vector<Chosen> choose(const std::vector<Held>& rows, const Person& person, Kinds kinds);
    std::optional<std::int64_t> shown_under(const Sent& sent, Modes& modes) const;
    std::shared_ptr<const DigestPosts> set_of(const std::vector<Chosen>& chosen);
    std::shared_ptr<const DigestPosts> wanted_by(const Person& person, const Share& share);
    std::optional<PlannedDigest> digest_for(std::int64_t member_id);
};

DigestPlanner::Plan::Plan(Database& database, DigestRun the_run)
    : db{database},
      run{std::move(the_run)},
      clock{digest_clock(db)},
      backlog{db, run, behind(run, clock)},
      subscriptions{db, backlog}
{
    for (const auto& node : list_tree(db)) place_of.emplace(node.list.id, place_of.size());
    for (const auto list : run.lists)
        for (const auto& below : subtree(db, list)) asked.insert(below.id);
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
    const auto& ended = backlog.ended;
    const auto first = std::ranges::upper_bound(ended, after);
    const auto last =
        ended.end() - first > static_cast<std::ptrdiff_t>(limit) ? first + static_cast<std::ptrdiff_t>(limit) : ended.end();
    std::set_union(current.begin(), current.end(), first, last, std::back_inserter(both));
    if (both.size() > limit) both.resize(limit);
    return both;
}

bool DigestPlanner::Plan::is_asked(const std::vector<Held>& rows) const
{
    if (run.reason != DigestReason::asked) return true;
    return std::ranges::any_of(rows, [&](const Held& row) { return is_digest(row.mode) && asked.contains(row.list); });
}

bool DigestPlanner::Plan::too_much(const DigestPosts& posts) const
{
    return (run.max_posts > 0 && posts.count > run.max_posts) || (run.max_bytes > 0 && posts.bytes > run.max_bytes);
}

/// Each post once, as its first delivery that reached him says; one that any delivery brings by itself is in no digest.
std::vector<Chosen> DigestPlanner::Plan::choose(const std::vector<Held>& rows, const Person& person, Kinds kinds)
{
    Modes modes{backlog.trees, rows};
    const auto skipped = backlog.skips.find(person.id);
    const auto skip_of = [&](const Sent& sent) -> const Skip* {
        if (skipped == backlog.skips.end()) return nullptr;
        const auto at = std::ranges::find(skipped->second, sent.id, &Skip::delivery);
        return at == skipped->second.end() ? nullptr : &*at;
    };
    std::vector<Chosen> chosen;
    for (std::size_t i = 0; i < backlog.posts.size(); ++i) {
        const Sent* by = nullptr;
        bool had = false;
        for (const auto& sent : backlog.posts[i].sent) {
            Mode then = Mode::none, now = Mode::none;
            for (const auto tree : sent.trees) {
                then = std::max(then, modes.then(tree, sent.place));
                now = std::max(now, modes.now(tree));
            }
            auto stands_at = sent.id;
            if (const auto* skip = then == Mode::each ? skip_of(sent) : nullptr) {
                then = modes.turned_to(sent);  // what he is now does not count: a digest may have had it meanwhile
                stands_at = skip->stands_at;
            }
            if (then == Mode::each) had = true;
            if (!is_digest(then) || by) continue;
            by = &sent;
            // An earlier digest had it, a later one or one of the other kind will, or he wants nothing from there any more.
            if (stands_at <= after(then, person.mark) || stands_at > run.delivery_id || !kinds.has(then) || now == Mode::none)
                had = true;
        }
        if (had || !by) continue;
        if (const auto list = shown_under(*by, modes)) chosen.push_back({i, *list, by->accepted_at});
    }
    return chosen;
}

/// Of the lists that it was sent to and that he reads, the first in the order of the trees.
std::optional<std::int64_t> DigestPlanner::Plan::shown_under(const Sent& sent, Modes& modes) const
{
    std::optional<std::int64_t> list;
    for (const auto tree : sent.trees) {
        const auto target = backlog.trees[tree].target;
        if (!place_of.contains(target)) continue;
        if (modes.then(tree, sent.place) == Mode::none && modes.now(tree) == Mode::none) continue;
        if (!list || place_of.at(target) < place_of.at(*list)) list = target;
    }
    return list;
}

std::shared_ptr<const DigestPosts> DigestPlanner::Plan::set_of(const std::vector<Chosen>& chosen)
{
    std::map<std::size_t, DigestPosts::Section> sections;  // by the list's place
    auto set = std::make_shared<DigestPosts>();
    for (const auto& one : chosen) {
        auto& section = sections[place_of.at(one.list)];
        section.list_id = one.list;
        section.posts.push_back(backlog.posts[one.post].id);
        ++set->count;
        set->bytes += backlog.posts[one.post].bytes;
    }
    for (auto& [place, section] : sections) set->sections.push_back(std::move(section));
    auto text = digest_posts_text(set->sections);
    if (auto known = sets.find(text)) return known;
    const auto bytes = chosen.size() * sizeof(std::int64_t) + set->sections.size() * sizeof(DigestPosts::Section);
    return sets.keep(std::move(text), std::move(set), bytes);
}

/// What depends on the subscriptions alone.
std::shared_ptr<const Share> DigestPlanner::Plan::new_share(const std::vector<Held>& rows, const Person& person, Kinds kinds)
{
    auto share = std::make_shared<Share>();
    share->chosen = choose(rows, person, kinds);
    share->posts = set_of(share->chosen);
    // His own list's language, the topmost of them: it stays the same from one digest to the next.
    const Held* own = nullptr;
    for (const auto& row : rows) {
        if (!is_digest(row.mode) || row.from == row.to || !place_of.contains(row.list)) continue;
        if (!own || place_of.at(row.list) < place_of.at(own->list)) own = &row;
    }
    if (own && !share->chosen.empty()) share->language = settings_of(db, own->list).language;
    return share;
}

std::shared_ptr<const Share> DigestPlanner::Plan::share_of(const std::vector<Held>& rows, const Person& person, Kinds kinds)
{
    if (backlog.skips.contains(person.id)) return new_share(rows, person, kinds);  // by his own history
    std::string key = (kinds.daily ? "d" : "") + std::to_string(after(Mode::daily, person.mark));
    key += (kinds.weekly ? "w" : " ") + std::to_string(after(Mode::weekly, person.mark));
    for (const auto& row : rows) {
        if (row.from == row.to && row.is == Held::Is::past) continue;  // nothing was accepted while it lasted
        key += ' ' + std::to_string(row.list) + (row.is == Held::Is::current ? '+' : '-') + std::string{mode_name(row.mode)};
        key += std::to_string(row.from) + ',' + std::to_string(row.to);
    }
    if (auto known = shares.find(key)) return known;
    auto share = new_share(rows, person, kinds);
    const auto bytes = share->chosen.capacity() * sizeof(Chosen);
    return shares.keep(std::move(key), std::move(share), bytes);
}

std::shared_ptr<const DigestPosts> DigestPlanner::Plan::wanted_by(const Person& person, const Share& share)
{
    if (person.away_until == 0 && person.own_posts && person.duplicates) return share.posts;
    const auto wants = [&](const Chosen& one) {
        const auto& post = backlog.posts[one.post];
        if (person.away_until != 0 && one.accepted_at <= person.away_until) return false;
        if (!person.own_posts && post.author == person.id) return false;
        return person.duplicates || !std::ranges::binary_search(post.named, person.id);
    };
    std::vector<Chosen> wanted;
    std::ranges::copy_if(share.chosen, std::back_inserter(wanted), wants);
    return wanted.size() == share.chosen.size() ? share.posts : set_of(wanted);
}

std::optional<PlannedDigest> DigestPlanner::Plan::digest_for(std::int64_t member_id)
{
    auto whom = find_reader(db, member_id);
    if (!whom) return std::nullopt;
    const auto rows = subscriptions.of(*whom);
    if (!is_asked(rows)) return std::nullopt;
    auto kinds = kinds_of(run);
    auto share = share_of(rows, *whom, kinds);
    auto set = wanted_by(*whom, *share);
    const bool daily =
        std::ranges::any_of(rows, [](const Held& row) { return row.is == Held::Is::current && row.mode == Mode::daily; });
    if (run.reason == DigestReason::full) {
        // Who gets one every day gets what is too much of the weekly ones with the next, and no mail of its own for it.
        const auto counted = daily ? wanted_by(*whom, *share_of(rows, *whom, {.daily = true, .weekly = false})) : set;
        if (!too_much(*counted)) return std::nullopt;
    } else if (daily && !kinds.all() && (run.max_posts > 0 || run.max_bytes > 0)) {
        const auto whole = share_of(rows, *whom, {});
        if (auto all = wanted_by(*whom, *whole); too_much(*all)) {
            kinds = {};
            share = whole;
            set = std::move(all);
        }
    }
    if (set->count == 0) return std::nullopt;
    return PlannedDigest{.member_id = whom->id,
                         .address = std::move(whom->address),
                         .language = whom->language.empty() ? share->language : std::move(whom->language),
                         .format = whom->format,
                         .posts = std::move(set),
                         .holds = run.reason != DigestReason::due || (kinds.all() && !run.weekly_at)
                                      ? PlannedDigest::Holds::all_that_waits
                                      : PlannedDigest::Holds::what_is_due};
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
    if (plan_->backlog.posts.empty()) return step;
    const auto members = plan_->members_after(after, limit);
    for (const auto member : members)
        if (auto digest = plan_->digest_for(member)) step.digests.push_back(std::move(*digest));
    if (!members.empty()) step.reached = members.back();
    step.more = members.size() == limit ? Step::More::yes : Step::More::no;
    return step;
}

}  // namespace majlis::store
