#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"
#include "core/token/sha256.hpp"

/// Posts, and what was decided about them on each list.
namespace majlis::store {

/// Copies of one Message-ID from one sender with the same content are one post.
struct PostIdentity {
    std::string message_id;  ///< without brackets
    std::string sender;      ///< key of the From address, "" where there is none
    token::Digest digest{};
};
std::optional<std::int64_t> find_post(Database& db, const PostIdentity& identity);
/// Whether this sender used this Message-ID before for something else.
bool other_content(Database& db, const PostIdentity& identity);
/// Lists on which anything was decided about the post.
std::vector<std::int64_t> lists_decided(Database& db, std::int64_t post_id);
/// Posts of this sender that the list accepted, up to `limit`: for first_posts_held.
std::int64_t accepted_before(Database& db, std::int64_t list_id, std::string_view sender, std::int64_t limit);
/// Of the last `limit` posts that the rules accepted for the list, those that reached the mailbox at or after `since` (Unix
/// seconds). What a moderator let through does not count.
std::int64_t accepted_since(Database& db, std::int64_t list_id, std::int64_t since, std::int64_t limit);

enum class Verdict { accepted, held, rejected, discarded };
std::string_view verdict_name(Verdict verdict);

/// A rule that spoke about a post.
struct RuleHit {
    std::string rule;
    std::string verdict;                          ///< accept, hold, reject, discard
    std::string reason;                           ///< English
    std::map<std::string, std::string> values{};  ///< of the reason, to say it in another language; kept as JSON
};
struct ListVerdict {
    std::int64_t list_id = 0;
    Verdict verdict = Verdict::held;
    std::string rule;             ///< the rule that spoke first
    std::string reason;           ///< for people
    std::string trust{};          ///< passed, failed, unknown: whether the provider vouched for the author
    std::vector<RuleHit> hits{};  ///< in the order in which they were asked
};
struct JudgedPost {
    PostIdentity identity;
    std::int64_t arrival_id = 0;  ///< 0: none
    std::int64_t content_id = 0;
    std::string sender_name, subject;  ///< decoded
    std::int64_t size = 0;             ///< bytes
    std::int64_t received_at = 0;      ///< 0: now
};
struct RecordedPost {
    std::int64_t post_id = 0;
    std::vector<std::int64_t> post_list_ids;  ///< one for each verdict, in their order; 0 for one of `repeated`
    std::optional<std::int64_t> delivery_id;  ///< one for all lists that accepted it now
    std::vector<std::int64_t> held_ids;       ///< what `majlis held` calls them
    std::vector<std::int64_t> repeated;       ///< lists that had decided before: nothing was changed there
};
/// One transaction: post, verdicts, delivery, the arrival's end, journal.
RecordedPost record_verdicts(Database& db, const JudgedPost& post, std::span<const ListVerdict> verdicts, std::int64_t now);

/// Every rule that spoke about a post on a list, in the order in which they were asked.
std::vector<RuleHit> hits_of(Database& db, std::int64_t post_list_id);

}  // namespace majlis::store
