#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "core/store/digests.hpp"

/// Shared by the files of the digests; nobody else includes it.
namespace majlis::store {

/// "LIST:POST,POST;LIST:POST", as digest_group.posts keeps them.
std::string digest_posts_text(const std::vector<DigestPosts::Section>& sections);
std::vector<DigestPosts::Section> read_digest_posts(std::string_view text);

std::string ids_text(const std::vector<std::int64_t>& ids);
std::vector<std::int64_t> read_ids(std::string_view text);

/// Of a kind: every delivery up to this one has been looked at.
struct DigestClock {
    std::int64_t daily = 0, weekly = 0;        ///< ids of deliveries
    std::int64_t full = 0;                     ///< the same, of the last look for those who have too much waiting
    std::int64_t daily_at = 0, weekly_at = 0;  ///< the moments for which that was done
};
DigestClock digest_clock(Database& db);

}  // namespace majlis::store
