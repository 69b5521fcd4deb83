#include "core/store/search.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>

#include "core/archive/post_words.hpp"
#include "core/archive/snippet.hpp"
#include "core/message/message.hpp"
#include "core/store/content.hpp"
#include "core/store/lists.hpp"

namespace majlis::store {
namespace {

using Month = std::chrono::year_month;

constexpr std::size_t most_candidates = 2'000;     // posts that are weighed against each other
constexpr std::size_t most_lists = 500;            // named in one expression; beyond, each hit is looked at
constexpr std::size_t snippet_reads = 512 * 1024;  // bytes of a mail

struct Span {
    std::int64_t from = 0, until = 0;  // both included
};

std::optional<Span> archived_span(Database& db)
{
    auto first = db.prepared("SELECT sent_at FROM archive_post ORDER BY sent_at LIMIT 1");
    auto last = db.prepared("SELECT sent_at FROM archive_post ORDER BY sent_at DESC LIMIT 1");
    if (!first.step() || !last.step()) return std::nullopt;
    return Span{first.integer(0), last.integer(0)};
}

Month month_of(std::int64_t unix_time)
{
    const std::chrono::sys_seconds time{std::chrono::seconds{unix_time}};
    const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
    return day.year() / day.month();
}

std::string both(std::string_view a, std::string_view b) { return "(" + std::string{a} + ") AND (" + std::string{b} + ")"; }

std::string any_tag(const std::vector<std::string>& tags)
{
    std::string out = "{tags} : (";
    for (std::size_t i = 0; i < tags.size(); ++i) out.append(i == 0 ? "\"" : " OR \"").append(tags[i]) += '"';
    return out + ")";
}

/// Tags of the months from first to last; whole years by one tag.
std::string months_expression(Month first, Month last)
{
    std::vector<std::string> tags;
    for (Month month = first; month <= last;) {
        char tag[16];
        const auto year = static_cast<int>(month.year());
        if (month.month() == std::chrono::January && month.year() / std::chrono::December <= last) {
            std::snprintf(tag, sizeof tag, "y%04d", year);
            month += std::chrono::years{1};
        } else {
            std::snprintf(tag, sizeof tag, "m%04d%02u", year, static_cast<unsigned>(month.month()));
            month += std::chrono::months{1};
        }
        tags.emplace_back(tag);
    }
    return any_tag(tags);
}

struct Candidate {
    std::int64_t post_id = 0;
    double score = 0;  // FTS5: the smaller the better
    std::int64_t sent_at = 0;
};

class Search {
public:
    Search(Database& db, const archive::Query& query, const Readable& readable, const SearchOptions& options)
        : db_{db}, query_{query}, readable_{readable}, options_{options}
    {
        result_.problems = query.problems;
    }

    SearchResult run()
    {
        if (archive::is_empty(query_)) {
            result_.problems.push_back({archive::Problem::Kind::nothing_asked, {}});
            return std::move(result_);
        }
        const auto span = asked_span();
        if (!span || !add_lists()) return std::move(result_);
        expression_ = archive::match_expression(query_) + filters_;
        show(weigh(narrowed(*span)));
        return std::move(result_);
    }

private:
    /// What is asked and what is there; nullopt where these do not meet.
    std::optional<Span> asked_span()
    {
        auto span = archived_span(db_);
        if (!span) return span;
        if (query_.after) span->from = std::max(span->from, *query_.after);
        if (query_.before) span->until = std::min(span->until, *query_.before - 1);
        if (span->from > span->until) return std::nullopt;
        return span;
    }

    bool may_see(std::int64_t list_id) const
    {
        return readable_.scope == Readable::Scope::all || std::ranges::find(readable_.lists, list_id) != readable_.lists.end();
    }

    /// The lists that are searched, as tags; false where there is none.
    bool add_lists()
    {
        std::vector<std::int64_t> lists;
        for (const auto& name : query_.lists) {
            const auto list = find_list(db_, name);
            if (list && may_see(list->id))
                lists.push_back(list->id);
            else
                result_.problems.push_back({archive::Problem::Kind::unknown_list, name});
        }
        if (query_.with_attachment) filters_ = " AND {tags} : \"file\"";
        if (lists.empty() && !query_.lists.empty()) return false;
        if (lists.empty()) {
            if (readable_.scope == Readable::Scope::all) return true;
            lists = readable_.lists;
        }
        if (lists.empty()) return false;
        if (lists.size() > most_lists) return true;
        std::vector<std::string> tags;
        for (const auto list : lists) tags.push_back("l" + std::to_string(list));
        filters_ += " AND " + any_tag(tags);
        return true;
    }

    bool too_many(const std::string& expression)
    {
        auto rows =
            db_.prepared("SELECT count(*) FROM (SELECT rowid FROM archive_word WHERE archive_word MATCH :query LIMIT :limit)");
        rows.bind(":query", expression).bind(":limit", static_cast<std::int64_t>(most_candidates) + 1).step();
        return rows.integer(0) > static_cast<std::int64_t>(most_candidates);
    }

    /// Words that very many posts have are looked for in the newest months alone: as many as give enough to choose from.
    std::string narrowed(const Span& span)
    {
        const auto first = month_of(span.from), last = month_of(span.until);
        const bool dated = query_.after.has_value() || query_.before.has_value();
        const auto whole = dated ? both(expression_, months_expression(first, last)) : expression_;
        if (!too_many(whole)) return whole;
        for (std::chrono::months back{0};; back = 2 * back + std::chrono::months{1}) {
            if (last - back <= first) return whole;
            auto newest = both(expression_, months_expression(last - back, last));
            if (too_many(newest)) return newest;
        }
    }

    std::vector<Candidate> weigh(const std::string& expression)
    {
        // Weights: subject, author, file names, own text, quoted text, tags.
        auto rows = db_.prepared(
            "SELECT w.rowid, bm25(archive_word, 8.0, 4.0, 4.0, 2.0, 0.5, 0.0), a.sent_at FROM archive_word w "
            "CROSS JOIN archive_post a ON a.post_id = w.rowid WHERE archive_word MATCH :query "
            "AND a.sent_at >= :after AND a.sent_at < :before ORDER BY w.rowid DESC LIMIT :limit");
        rows.bind(":query", expression).bind(":limit", static_cast<std::int64_t>(most_candidates));
        rows.bind(":after", query_.after.value_or(0)).bind(":before", query_.before.value_or(INT64_MAX));
        std::vector<Candidate> found;
        while (rows.step()) found.push_back({rows.integer(0), rows->getColumn(1).getDouble(), rows.integer(2)});
        const bool by_score = options_.order == SearchOptions::Order::best;
        std::ranges::sort(found, [&](const Candidate& a, const Candidate& b) {
            if (by_score && a.score != b.score) return a.score < b.score;
            return a.sent_at != b.sent_at ? a.sent_at > b.sent_at : a.post_id > b.post_id;
        });
        return found;
    }

    void show(const std::vector<Candidate>& found)
    {
        const auto begin = std::min(options_.offset, found.size());
        const auto end = std::min(begin + options_.limit, found.size());
        result_.more = end < found.size();
        for (std::size_t i = begin; i < end; ++i)
            if (auto post = archived_post(db_, found[i].post_id, readable_)) result_.hits.push_back(hit(std::move(*post)));
    }

    Hit hit(ArchivedPost post)
    {
        const auto raw = load_head(db_, post.content_id, snippet_reads);
        const auto text = archive::split_quotes(readable_text(scan_message(raw)));
        auto snippet = archive::snippet_of(text.own, query_);
        if (snippet.marks.empty() && !query_.terms.empty())
            if (auto quoted = archive::snippet_of(text.quoted, query_); !quoted.marks.empty()) snippet = std::move(quoted);
        return {std::move(post), std::move(snippet.text), std::move(snippet.marks)};
    }

    Database& db_;
    const archive::Query& query_;
    const Readable& readable_;
    const SearchOptions& options_;
    std::string filters_, expression_;
    SearchResult result_;
};

}  // namespace

SearchResult search_archive(Database& db, const archive::Query& query, const Readable& readable, const SearchOptions& options)
{
    return Search{db, query, readable, options}.run();
}

}  // namespace majlis::store
