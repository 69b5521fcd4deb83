#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/archive/query.hpp"
#include "core/store/archive.hpp"

/// Full-text search over the archive.
namespace majlis::store {

struct SearchOptions {
    enum class Order { best, newest } order = Order::best;
    std::size_t limit = 20;
    std::size_t offset = 0;
};

struct Hit {
    ArchivedPost post;
    std::string snippet;  ///< one line of its text around the words; UTF-8, no control characters
    std::vector<std::pair<std::size_t, std::size_t>> marks;  ///< byte ranges (begin, end) of the words within the snippet
};
struct SearchResult {
    std::vector<Hit> hits;
    bool more = false;                       ///< there are further ones behind offset + limit
    std::vector<archive::Problem> problems;  ///< of the query, also lists that are not there or that the reader may not read
};

/// `best`: by where and how often the words stand, among the newest 4,000 posts that have them all. A query without words lists
/// by date. Bounded work, also for words that every post has.
SearchResult search_archive(Database& db, const archive::Query& query, const Readable& readable,
                            const SearchOptions& options = {});

}  // namespace majlis::store
