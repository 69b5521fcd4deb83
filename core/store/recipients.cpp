#include "core/store/recipients.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <queue>
#include <stdexcept>
#include <utility>

#include "core/store/aliases.hpp"
#include "core/store/preferences.hpp"

namespace majlis::store {
namespace {

constexpr std::size_t rows_per_step = 5'000;
constexpr std::size_t rows_per_question = 10;  // to ask whether an earlier delivery covers somebody takes as long as so many rows

// Walks the primary key of subscription, and that of member beside it: no sort, whatever the size of the list, and no search from
// the root for each member.
constexpr const char* rows_of_list =
    "SELECT s.member_id, s.mode, s.joined, m.address, m.own_posts AND m.duplicates AND m.away_until IS NULL AND NOT m.bouncing "
    "FROM subscription s CROSS JOIN member m ON m.id = s.member_id "
    "WHERE s.list_id = ?1 AND s.member_id > ?2 AND s.member_id <= ?3 ORDER BY s.member_id";

Mode mode_of(const unsigned char* text)
{
    switch (text ? text[0] : 'n') {
        case 'e':
            return Mode::each;
        case 'd':
            return Mode::daily;
        case 'w':
            return Mode::weekly;
        default:
            return Mode::none;
    }
}

Mode mode_of(const std::string& text) { return mode_of(reinterpret_cast<const unsigned char*>(text.c_str())); }

/// A statement of the pool, positioned on a member of one list.
struct Cursor {
    sqlite3_stmt* statement = nullptr;
    std::size_t node = 0;
    std::int64_t member = 0;
    bool operator>(const Cursor& other) const { return member != other.member ? member > other.member : node > other.node; }
};

[[noreturn]] void fail(sqlite3* db) { throw std::runtime_error{std::string{"walking subscriptions: "} + sqlite3_errmsg(db)}; }

/// True when another row stands under the cursor.
bool advance(sqlite3* db, Cursor& cursor)
{
    const int rc = sqlite3_step(cursor.statement);
    if (rc == SQLITE_DONE) return false;
    if (rc != SQLITE_ROW) fail(db);
    cursor.member = sqlite3_column_int64(cursor.statement, 0);
    return true;
}

/// Of the member under the cursor.
void read_person(sqlite3_stmt* statement, std::string& address, bool& takes_all)
{
    const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 3));
    address.assign(text, static_cast<std::size_t>(sqlite3_column_bytes(statement, 3)));
    takes_all = sqlite3_column_int(statement, 4) != 0;
}

/// Whether a row of the member stands between `node` and the target, so that it hides `node`.
bool hidden(const Scope& scope, const std::vector<Row>& rows, std::size_t node, std::size_t target)
{
    auto parent_of = [&](std::size_t n) {
        for (const auto& place : scope.nodes[n].places)
            if (place.target == target) return place.parent;
        return -1;
    };
    for (int above = parent_of(node); above >= 0; above = parent_of(static_cast<std::size_t>(above)))
        for (const auto& row : rows)
            if (row.node == static_cast<std::size_t>(above)) return true;
    return false;
}

}  // namespace

std::optional<std::pair<Mode, std::size_t>> resolve_mode(const Scope& scope, const std::vector<Row>& rows)
{
    std::optional<std::pair<Mode, std::size_t>> best;
    for (const auto& row : rows)
        for (const auto& place : scope.nodes[row.node].places) {
            if (hidden(scope, rows, row.node, place.target)) continue;
            const std::pair candidate{row.mode, place.target};
            const bool better =
                !best || candidate.first > best->first || (candidate.first == best->first && candidate.second < best->second);
            if (better) best = candidate;
        }
    return best;
}

Scope scope_of(std::span<const ScopeLine> lines)
{
    Scope scope;
    std::map<std::int64_t, std::size_t> size_of, node_of;
    for (const auto& line : lines) ++size_of[line.target_id];
    for (const auto& [target, size] : size_of) scope.targets.push_back(target);
    // The smallest tree first: a list always has a smaller one than any list above it.
    std::ranges::stable_sort(scope.targets, {}, [&](std::int64_t target) { return size_of[target]; });
    for (const auto& line : lines)
        if (node_of.emplace(line.list_id, scope.nodes.size()).second) scope.nodes.push_back({line.list_id, {}});
    for (const auto& line : lines) {
        const auto target = static_cast<std::size_t>(std::ranges::find(scope.targets, line.target_id) - scope.targets.begin());
        const auto parent = node_of.find(line.parent_id);
        scope.nodes[node_of.at(line.list_id)].places.push_back(
            {target, parent == node_of.end() ? -1 : static_cast<int>(parent->second)});
    }
    return scope;
}

namespace {

/// Id of the member who wrote the post; 0: none did.
std::int64_t author_of(Database& db, std::int64_t post_id)
{
    auto row = db.prepared("SELECT sender FROM post WHERE id = ?1");
    row->bind(1, post_id);
    if (!row->executeStep()) return 0;
    const auto person = find_person(db, row->getColumn(0).getString());
    return person ? person->id : 0;
}

}  // namespace

namespace {

bool is_bouncing(Database& db, std::int64_t member_id)
{
    auto row = db.prepared("SELECT bouncing FROM member WHERE id = ?1");
    row->bind(1, member_id);
    return row->executeStep() && row->getColumn(0).getInt() != 0;
}

}  // namespace

bool wants_copy(Database& db, const Scope& scope, std::int64_t member_id)
{
    if (is_bouncing(db, member_id)) return false;
    const auto preferences = preferences_of(db, member_id);
    if (preferences.away_until && scope.accepted_at <= *preferences.away_until) return false;
    if (preferences.own_posts == Switch::off && member_id == scope.author_id) return false;
    if (preferences.duplicates == Switch::on) return true;
    auto named = db.prepared("SELECT 1 FROM post_named WHERE post_id = ?1 AND member_id = ?2");
    named->bind(1, scope.post_id);
    named->bind(2, member_id);
    return !named->executeStep();
}

Scope load_scope(Database& db, std::int64_t delivery_id)
{
    std::vector<ScopeLine> lines;
    {
        auto rows = db.prepared("SELECT target_id, list_id, coalesce(parent_id, 0) FROM delivery_list WHERE delivery_id = ?1");
        rows->bind(1, delivery_id);
        while (rows->executeStep())
            lines.push_back({rows->getColumn(0).getInt64(), rows->getColumn(1).getInt64(), rows->getColumn(2).getInt64()});
    }
    auto scope = scope_of(lines);
    scope.delivery_id = delivery_id;
    {
        auto row = db.prepared("SELECT tick, last_member_id, coalesce(post_id, 0), created_at FROM delivery WHERE id = ?1");
        row->bind(1, delivery_id);
        if (!row->executeStep()) throw std::runtime_error{"no delivery " + std::to_string(delivery_id)};
        scope.tick = row->getColumn(0).getInt64();
        scope.last_member_id = row->getColumn(1).getInt64();
        scope.post_id = row->getColumn(2).getInt64();
        scope.accepted_at = row->getColumn(3).getInt64();
    }
    if (scope.post_id != 0) {
        scope.author_id = author_of(db, scope.post_id);
        auto before = db.prepared("SELECT id FROM delivery WHERE post_id = ?1 AND id < ?2 ORDER BY id");
        before->bind(1, scope.post_id);
        before->bind(2, delivery_id);
        while (before->executeStep()) scope.earlier.push_back(before->getColumn(0).getInt64());
    }
    return scope;
}

std::optional<Mode> recipient_mode(Database& db, const Scope& scope, std::int64_t member_id)
{
    std::vector<Row> rows;
    auto found = db.prepared("SELECT list_id, mode, joined FROM subscription WHERE member_id = ?1");
    found->bind(1, member_id);
    while (found->executeStep()) {
        const auto list = found->getColumn(0).getInt64();
        const auto node = std::ranges::find(scope.nodes, list, &Scope::Node::list_id);
        if (node == scope.nodes.end() || found->getColumn(2).getInt64() > scope.tick) continue;
        rows.push_back({static_cast<std::size_t>(node - scope.nodes.begin()), mode_of(found->getColumn(1).getString())});
    }
    const auto best = resolve_mode(scope, rows);
    if (!best) return std::nullopt;
    return best->first;
}

namespace {

/// The member's rows as they were at the tick of the delivery.
std::vector<Row> rows_then(Database& db, const Scope& scope, std::int64_t member_id)
{
    std::vector<Row> rows;
    auto found = db.prepared(
        "SELECT list_id, mode FROM subscription WHERE member_id = ?1 AND since <= ?2 "
        "UNION ALL SELECT list_id, mode FROM subscription_past WHERE member_id = ?1 AND since <= ?2 AND until > ?2");
    found->bind(1, member_id);
    found->bind(2, scope.tick);
    while (found->executeStep()) {
        const auto node = std::ranges::find(scope.nodes, found->getColumn(0).getInt64(), &Scope::Node::list_id);
        if (node != scope.nodes.end())
            rows.push_back({static_cast<std::size_t>(node - scope.nodes.begin()), mode_of(found->getColumn(1).getString())});
    }
    return rows;
}

/// What was dropped covers only those whom it had passed already.
bool dropped_before(Database& db, const Scope& scope, std::int64_t member_id)
{
    auto dropped = db.prepared("SELECT 1 FROM delivery WHERE id = ?1 AND state = 'dropped'");
    dropped->bind(1, scope.delivery_id);
    if (!dropped->executeStep()) return false;
    auto passed = db.prepared("SELECT 1 FROM delivery_range WHERE delivery_id = ?1 AND first_id < ?2 AND done_id >= ?2");
    passed->bind(1, scope.delivery_id);
    passed->bind(2, member_id);
    return !passed->executeStep();
}

}  // namespace

bool covers(Database& db, const Scope& scope, std::int64_t member_id)
{
    if (member_id > scope.last_member_id) return false;
    const auto mode = resolve_mode(scope, rows_then(db, scope, member_id));
    if (!mode || mode->first != Mode::each) return false;
    auto skipped = db.prepared("SELECT 1 FROM delivery_skip WHERE delivery_id = ?1 AND member_id = ?2");
    skipped->bind(1, scope.delivery_id);
    skipped->bind(2, member_id);
    if (skipped->executeStep()) return false;
    return !dropped_before(db, scope, member_id);
}

std::string_view RecipientWalk::statement() { return rows_of_list; }

RecipientWalk::~RecipientWalk()
{
    for (auto* statement : pool_) sqlite3_finalize(statement);
}

RecipientWalk::Step RecipientWalk::step(const Scope& scope, std::int64_t after, std::int64_t last, std::size_t limit)
{
    sqlite3* const handle = db_.handle();
    while (pool_.size() < scope.nodes.size()) {
        sqlite3_stmt* statement = nullptr;
        if (sqlite3_prepare_v3(handle, rows_of_list, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
            fail(handle);
        pool_.push_back(statement);
    }
    struct Reset {
        std::vector<sqlite3_stmt*>& pool;
        ~Reset()
        {
            for (auto* statement : pool) sqlite3_reset(statement);
        }
    } const reset{pool_};

    std::vector<Scope> earlier;
    for (const auto id : scope.earlier) earlier.push_back(load_scope(db_, id));

    std::priority_queue<Cursor, std::vector<Cursor>, std::greater<>> heads;
    for (std::size_t node = 0; node < scope.nodes.size(); ++node) {
        Cursor cursor{pool_[node], node, 0};
        sqlite3_bind_int64(cursor.statement, 1, scope.nodes[node].list_id);
        sqlite3_bind_int64(cursor.statement, 2, after);
        sqlite3_bind_int64(cursor.statement, 3, last);
        if (advance(handle, cursor)) heads.push(cursor);
    }

    Step step;
    step.reached = last;
    std::vector<Row> rows;
    std::string address;
    bool takes_all = false;  // every copy, whatever the post
    std::size_t seen = 0;
    while (!heads.empty()) {
        const auto member = heads.top().member;
        rows.clear();
        read_person(heads.top().statement, address, takes_all);
        while (!heads.empty() && heads.top().member == member) {
            auto cursor = heads.top();
            heads.pop();
            if (sqlite3_column_int64(cursor.statement, 2) <= scope.tick)
                rows.push_back({cursor.node, mode_of(sqlite3_column_text(cursor.statement, 1))});
            if (advance(handle, cursor)) heads.push(cursor);
            ++seen;
        }
        const auto best = resolve_mode(scope, rows);
        const bool wanted = best && best->first == Mode::each && std::ranges::none_of(earlier, [&](const Scope& before) {
                                seen += rows_per_question;
                                return covers(db_, before, member);
                            });
        if (wanted && (takes_all || wants_copy(db_, scope, member)))
            step.recipients.push_back({member, std::move(address), scope.targets[best->second]});
        if (step.recipients.size() == limit || seen >= rows_per_step) {
            step.reached = heads.empty() ? last : member;
            break;
        }
    }
    return step;
}

}  // namespace majlis::store
