#include "core/store/digest_readers.hpp"

#include <algorithm>
#include <limits>
#include <span>

#include "core/store/list_rules.hpp"

namespace majlis::store::plan {
namespace {

constexpr auto for_ever = std::numeric_limits<std::int64_t>::max();

Mode mode_of(const std::string& word) { return mode_named(word).value_or(Mode::none); }

}  // namespace

std::optional<Person> find_reader(Database& db, std::int64_t member_id)
{
    auto row = db.prepared(
        "SELECT m.address, m.address_key, coalesce(m.language, ''), m.digest_format, m.own_posts, m.duplicates, "
        "coalesce(m.away_until, 0), m.bouncing, coalesce(k.delivery_id, 0) FROM member m LEFT JOIN digest_mark k "
        "ON k.member_id = m.id WHERE m.id = :id");
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

Subscriptions::Subscriptions(Database& db, const Backlog& backlog) : db_{db}, backlog_{backlog}
{
    auto bans = db.prepared("SELECT DISTINCT pattern FROM list_rule WHERE kind = 'ban'");
    while (bans.step()) banned_.insert(bans.text(0));
}

std::vector<Held> Subscriptions::of(const Person& person)
{
    std::vector<Held> rows;
    const auto add = [&](std::int64_t list, const std::string& mode, std::int64_t since, std::int64_t until) {
        const bool past = until != for_ever;
        rows.push_back({list, mode_of(mode), since, until, backlog_.place(since),
                        past ? backlog_.place(until) : backlog_.ticks.size(), past ? Held::Is::past : Held::Is::current});
    };
    auto current = db_.prepared("SELECT list_id, mode, since FROM subscription WHERE member_id = :member ORDER BY list_id");
    current.bind(":member", person.id);
    while (current.step()) add(current.integer(0), current.text(1), current.integer(2), for_ever);
    auto past = db_.prepared(
        "SELECT list_id, mode, since, until FROM subscription_past WHERE member_id = :member ORDER BY list_id, since");
    past.bind(":member", person.id);
    while (past.step()) add(past.integer(0), past.text(1), past.integer(2), past.integer(3));
    leave_out_banned(person, rows);
    return rows;
}

void Subscriptions::leave_out_banned(const Person& person, std::vector<Held>& rows)
{
    const auto at = person.key.rfind('@');
    if (banned_.empty() ||
        (!banned_.contains(person.key) && (at == std::string::npos || !banned_.contains(person.key.substr(at)))))
        return;
    std::erase_if(rows, [&](const Held& row) {
        return sender_rule(db_, row.list, RuleKind::ban, std::span{&person.key, 1}).has_value();
    });
}

Modes::Modes(const std::vector<Tree>& trees, const std::vector<Held>& rows) : trees_{trees}, rows_{rows}, now_(trees.size())
{
    for (const auto& row : rows) edges_.insert({row.from, row.to});
}

template <class Has>
Mode Modes::resolve(std::size_t tree, Has has) const
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

Mode Modes::then(std::size_t tree, std::size_t place)
{
    const auto epoch = static_cast<std::size_t>(std::distance(edges_.begin(), edges_.upper_bound(place)));
    const auto [known, fresh] = known_.emplace(std::pair{tree, epoch}, Mode::none);
    if (fresh) known->second = resolve(tree, [&](const Held& row) { return row.from <= place && place < row.to; });
    return known->second;
}

Mode Modes::now(std::size_t tree)
{
    auto& known = now_[tree];
    if (!known) known = resolve(tree, [](const Held& row) { return row.is == Held::Is::current; });
    return *known;
}

Mode Modes::turned_to(const Sent& sent) const
{
    std::set<std::int64_t> changes;
    for (const auto& row : rows_)
        for (const auto tick : {row.since, row.until})
            if (tick > sent.tick && tick != for_ever) changes.insert(tick);
    for (const auto tick : changes) {
        Mode mode = Mode::none;
        for (const auto tree : sent.trees)
            mode = std::max(mode, resolve(tree, [&](const Held& row) { return row.since <= tick && tick < row.until; }));
        if (mode != Mode::each) return mode;
    }
    return Mode::none;
}

}  // namespace majlis::store::plan
