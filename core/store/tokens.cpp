#include "core/store/tokens.hpp"

#include "core/text/ascii.hpp"
#include "core/token/sha256.hpp"
#include "core/token/token.hpp"

namespace majlis::store {

std::string token_hash(std::string_view token)
{
    const auto digest = token::sha256(text::lowered(token));
    return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

std::string issue_token(Database& db, const NewToken& order, std::int64_t now)
{
    auto token = token::random_token();
    const auto hash = token_hash(token);
    auto insert = db.prepared(
        "INSERT INTO token (hash, purpose, request_id, post_list_id, member_id, created_at, expires_at) "
        "VALUES (:hash, :purpose, :request, :post, :member, :now, :expires)");
    insert.bind_blob(":hash", hash).bind(":purpose", order.purpose == TokenPurpose::confirm ? "confirm" : "moderate");
    insert.bind(":request", order.request_id).bind(":post", order.post_list_id).bind(":member", order.member_id);
    insert.bind(":now", now).bind(":expires", order.expires_at).run();
    return token;
}

std::optional<FoundToken> find_token(Database& db, std::string_view token)
{
    const auto hash = token_hash(token);
    auto row = db.prepared(
        "SELECT purpose, request_id, post_list_id, member_id, created_at, expires_at, used_at FROM token WHERE hash = :hash");
    if (!row.bind_blob(":hash", hash).step()) return std::nullopt;
    FoundToken found;
    found.purpose = row.text(0) == "moderate" ? TokenPurpose::moderate : TokenPurpose::confirm;
    found.request_id = row.maybe_integer(1);
    found.post_list_id = row.maybe_integer(2);
    found.member_id = row.maybe_integer(3);
    found.created_at = row.integer(4);
    found.expires_at = row.integer(5);
    found.used_at = row.maybe_integer(6);
    return found;
}

std::optional<std::int64_t> list_of_token(Database& db, TokenPurpose purpose, std::string_view token)
{
    const auto hash = token_hash(token);
    auto row = db.prepared(
        "SELECT coalesce(r.list_id, pl.list_id) FROM token t LEFT JOIN request r ON r.id = t.request_id "
        "LEFT JOIN post_list pl ON pl.id = t.post_list_id WHERE t.hash = :hash AND t.purpose = :purpose AND t.used_at IS NULL");
    row.bind_blob(":hash", hash).bind(":purpose", purpose == TokenPurpose::confirm ? "confirm" : "moderate");
    if (!row.step()) return std::nullopt;
    return row.maybe_integer(0);
}

bool token_was_sent(Database& db, std::int64_t post_list_id, std::int64_t member_id)
{
    auto row = db.prepared("SELECT 1 FROM token WHERE post_list_id = :post AND member_id = :member LIMIT 1");
    return row.bind(":post", post_list_id).bind(":member", member_id).step();
}

bool use_token(Database& db, std::string_view token, std::int64_t now)
{
    const auto hash = token_hash(token);
    auto use = db.prepared("UPDATE token SET used_at = :now WHERE hash = :hash AND used_at IS NULL AND expires_at > :now");
    return use.bind(":now", now).bind_blob(":hash", hash).run() == 1;
}

void end_tokens_of_request(Database& db, std::int64_t request_id, std::int64_t now)
{
    auto end = db.prepared("UPDATE token SET used_at = :now WHERE request_id = :id AND used_at IS NULL");
    end.bind(":now", now).bind(":id", request_id).run();
}

void end_tokens_of_post(Database& db, std::int64_t post_list_id, std::int64_t now)
{
    auto end = db.prepared("UPDATE token SET used_at = :now WHERE post_list_id = :id AND used_at IS NULL");
    end.bind(":now", now).bind(":id", post_list_id).run();
}

std::int64_t purge_tokens(Database& db, std::int64_t before, std::int64_t limit)
{
    auto purge = db.prepared(
        "DELETE FROM token WHERE hash IN (SELECT hash FROM token WHERE expires_at < :before ORDER BY expires_at LIMIT :limit)");
    return purge.bind(":before", before).bind(":limit", limit).run();
}

}  // namespace majlis::store
