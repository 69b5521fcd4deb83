#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/store/database.hpp"

/// Tokens that we have sent out: 128 random bits, of which only the SHA-256 is kept. One stands for one person and one thing,
/// works once, and expires. All of these belong inside the transaction of what they are used for.
namespace majlis::store {

enum class TokenPurpose { confirm, moderate };

struct NewToken {
    TokenPurpose purpose = TokenPurpose::confirm;
    std::optional<std::int64_t> request_id;    ///< what it stands for: a request ...
    std::optional<std::int64_t> post_list_id;  ///< ... or a held post; exactly one of the two
    std::optional<std::int64_t> member_id;     ///< the moderator to whom it is sent; none: the person of the request
    std::int64_t expires_at = 0;               ///< Unix seconds
};
/// The clear token: 26 characters of lower-case base32. It is known to nobody but who is sent it.
std::string issue_token(Database& db, const NewToken& order, std::int64_t now);

struct FoundToken {
    TokenPurpose purpose = TokenPurpose::confirm;
    std::optional<std::int64_t> request_id, post_list_id, member_id;
    std::int64_t created_at = 0, expires_at = 0;
    std::optional<std::int64_t> used_at;

    bool valid(std::int64_t now) const { return !used_at && now < expires_at; }
};
/// Also one that was used or has expired, so that its sender can be told; any letter case. nullopt: never ours, or long purged.
std::optional<FoundToken> find_token(Database& db, std::string_view token);

/// The list of a token that was not used yet, also when it has expired: where a mail that bears it belongs.
std::optional<std::int64_t> list_of_token(Database& db, TokenPurpose purpose, std::string_view token);

/// Whether this moderator was ever sent a token for the post.
bool token_was_sent(Database& db, std::int64_t post_list_id, std::int64_t member_id);

/// True once, before it expires.
bool use_token(Database& db, std::string_view token, std::int64_t now);

/// What a settled request or post leaves: none of its tokens works any more.
void end_tokens_of_request(Database& db, std::int64_t request_id, std::int64_t now);
void end_tokens_of_post(Database& db, std::int64_t post_list_id, std::int64_t now);

/// The hash as the table keeps it, for what else is found by a token (held_mirror).
std::string token_hash(std::string_view token);

/// Forgets tokens that expired before `before`, at most `limit`; how many.
std::int64_t purge_tokens(Database& db, std::int64_t before, std::int64_t limit);

}  // namespace majlis::store
