#pragma once
#include "core/store/database.hpp"

namespace majlis::store {

/// Makes `archive_rank(archive_word, WEIGHT...)` known to this connection, if it is not yet: BM25 (Robertson, Zaragoza 2009;
/// k1 1.2, b 0.75) with a weight for each column, and without the rarity of words, so that it reads no more than the posts that
/// it weighs. FTS5's own bm25() walks through every post with any of the words first. The smaller the better, as there.
void know_archive_rank(Database& db);

}  // namespace majlis::store
