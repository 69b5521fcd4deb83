#include <algorithm>
#include <queue>

#include "core/store/lists.hpp"
#include "core/store/member_rows.hpp"

namespace majlis::store {
namespace {

constexpr std::int64_t page_rows = 500;

struct Row {
    std::int64_t member_id = 0;
    Mode mode = Mode::none;
    std::int64_t joined_at = 0;
};

/// The rows of one list in the order of members, a page at a time: no statement stays open between pages.
class ListPages {
public:
    ListPages(Database& db, const List& list) : db_{db}, list_{&list} { fill(0); }

    bool done() const { return next_ == rows_.size(); }
    const Row& row() const { return rows_[next_]; }
    const List& list() const { return *list_; }
    void advance()
    {
        const auto last = rows_[next_].member_id;
        if (++next_ == rows_.size()) fill(last);
    }

private:
    void fill(std::int64_t after)
    {
        rows_.clear();
        next_ = 0;
        auto rows = db_.prepared(
            "SELECT member_id, mode, joined_at FROM subscription WHERE list_id = :list AND member_id > :after "
            "ORDER BY member_id LIMIT :limit");
        rows.bind(":list", list_->id).bind(":after", after).bind(":limit", page_rows);
        while (rows.step()) rows_.push_back({rows.integer(0), mode_named(rows.text(1)).value_or(Mode::none), rows.integer(2)});
    }

    Database& db_;
    const List* list_;
    std::vector<Row> rows_;
    std::size_t next_ = 0;
};

/// Each member once, with his rows on these lists; false from `take` ends it.
void walk(Database& db, const std::vector<List>& lists,
          const std::function<bool(std::int64_t member_id, std::vector<Subscription>&& rows)>& take)
{
    std::vector<ListPages> pages;
    for (const auto& list : lists) pages.emplace_back(db, list);
    const auto later = [&](std::size_t a, std::size_t b) { return pages[a].row().member_id > pages[b].row().member_id; };
    std::priority_queue<std::size_t, std::vector<std::size_t>, decltype(later)> heads{later};
    for (std::size_t i = 0; i < pages.size(); ++i)
        if (!pages[i].done()) heads.push(i);
    while (!heads.empty()) {
        const auto member = pages[heads.top()].row().member_id;
        std::vector<Subscription> rows;
        while (!heads.empty() && pages[heads.top()].row().member_id == member) {
            const auto i = heads.top();
            heads.pop();
            const auto& row = pages[i].row();
            rows.push_back({pages[i].list().id, pages[i].list().name, row.mode, row.joined_at});
            pages[i].advance();
            if (!pages[i].done()) heads.push(i);
        }
        if (!take(member, std::move(rows))) return;
    }
}

std::vector<List> lists_for(Database& db, std::int64_t list_id, Below below)
{
    auto lists = subtree(db, list_id);
    if (below == Below::no && lists.size() > 1) lists.resize(1);
    return lists;
}

}  // namespace

void each_member(Database& db, std::int64_t list_id, Below below, const std::function<bool(const ListedMember&)>& take)
{
    const auto lists = lists_for(db, list_id, below);
    walk(db, lists, [&](std::int64_t member_id, std::vector<Subscription>&& rows) {
        auto member = find_member(db, member_id);
        if (!member) return true;  // erased between two pages
        return take({std::move(*member), std::move(rows)});
    });
}

std::int64_t count_persons(Database& db, std::int64_t list_id)
{
    std::int64_t persons = 0;
    const auto lists = lists_for(db, list_id, Below::yes);
    walk(db, lists, [&](std::int64_t, std::vector<Subscription>&&) {
        ++persons;
        return true;
    });
    return persons;
}

Counts count_members(Database& db, std::int64_t list_id)
{
    auto row = db.prepared(
        "SELECT count(*), count(*) FILTER (WHERE mode = 'each'), count(*) FILTER (WHERE mode = 'daily'), "
        "count(*) FILTER (WHERE mode = 'weekly'), count(*) FILTER (WHERE mode = 'none') FROM subscription WHERE list_id = :list");
    if (!row.bind(":list", list_id).step()) return {};
    return {row.integer(0), row.integer(1), row.integer(2), row.integer(3), row.integer(4)};
}

bool has_more_members(Database& db, std::int64_t list_id, std::int64_t limit)
{
    auto row = db.prepared("SELECT 1 FROM subscription WHERE list_id = :list LIMIT 1 OFFSET :limit");
    return row.bind(":list", list_id).bind(":limit", limit).step();
}

std::vector<Member> search_members(Database& db, std::string_view text, std::size_t limit)
{
    const auto key = [&] {
        std::string lower{text};
        for (char& c : lower)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        return lower;
    }();
    std::vector<Member> found;
    {
        auto rows = db.prepared(MAJLIS_MEMBER_COLUMNS
                                "WHERE m.address_key >= :from AND m.address_key < :to ORDER BY m.address_key LIMIT :limit");
        rows.bind(":from", key).bind(":to", key + "\xf4\x8f\xbf\xbf").bind(":limit", static_cast<std::int64_t>(limit));
        while (rows.step()) found.push_back(read_member(rows));
    }
    auto rows = db.prepared(MAJLIS_MEMBER_COLUMNS
                            "WHERE (instr(m.address_key, :text) > 1 OR instr(lower(m.name), :text) > 0) "
                            "AND NOT (m.address_key >= :text AND m.address_key < :to) ORDER BY m.id LIMIT :limit");
    rows.bind(":text", key).bind(":to", key + "\xf4\x8f\xbf\xbf");
    rows.bind(":limit", static_cast<std::int64_t>(limit - std::min(limit, found.size())));
    while (found.size() < limit && rows.step()) found.push_back(read_member(rows));
    return found;
}

}  // namespace majlis::store
