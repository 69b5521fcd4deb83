#include "core/store/held_mirror.hpp"

#include "core/store/tokens.hpp"

namespace majlis::store {
namespace {

#define MAJLIS_MIRRORED_COLUMNS                                                                                                \
    "SELECT hm.post_list_id, hm.token_hash, hm.uidvalidity, hm.uid, hm.appended_at, pl.verdict <> 'held' FROM held_mirror hm " \
    "CROSS JOIN post_list pl ON pl.id = hm.post_list_id "

Mirrored read_mirrored(const Prepared& row)
{
    return {.post_list_id = row.integer(0),
            .token_hash = row.blob(1),
            .uidvalidity = row.integer(2),
            .uid = row.integer(3),
            .appended_at = row.integer(4),
            .settled = row.integer(5) != 0};
}

}  // namespace

std::vector<HeldPost> to_mirror(Database& db, std::int64_t inbox_id, Share share, std::size_t limit)
{
    auto rows = db.prepared(
        "SELECT pl.id FROM post_list pl CROSS JOIN post p ON p.id = pl.post_id WHERE pl.verdict = 'held' "
        "AND NOT EXISTS (SELECT 1 FROM held_mirror hm WHERE hm.post_list_id = pl.id) AND ("
        "EXISTS (SELECT 1 FROM arrival a CROSS JOIN folder f ON f.id = a.folder_id "
        "WHERE a.content_id = p.content_id AND f.inbox_id = :inbox) OR (:injected = 1 AND NOT EXISTS "
        "(SELECT 1 FROM arrival a WHERE a.content_id = p.content_id AND a.folder_id IS NOT NULL))) ORDER BY pl.id LIMIT :limit");
    rows.bind(":inbox", inbox_id)
        .bind(":injected", std::int64_t{share == Share::own_and_injected ? 1 : 0})
        .bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<HeldPost> posts;
    while (rows.step())
        if (auto post = held_post(db, rows.integer(0))) posts.push_back(std::move(*post));
    return posts;
}

std::string begin_mirror(Database& db, std::int64_t inbox_id, std::int64_t post_list_id, std::int64_t expires_at,
                         std::int64_t now)
{
    Transaction transaction{db};
    auto token = issue_token(db,
                             {.purpose = TokenPurpose::moderate,
                              .request_id = std::nullopt,
                              .post_list_id = post_list_id,
                              .member_id = std::nullopt,
                              .expires_at = expires_at},
                             now);
    const auto hash = token_hash(token);
    auto insert = db.prepared(
        "INSERT INTO held_mirror (post_list_id, inbox_id, token_hash, appended_at) VALUES (:post, :inbox, :hash, 0) "
        "ON CONFLICT (post_list_id, inbox_id) DO UPDATE SET token_hash = :hash, appended_at = 0, uid = 0, uidvalidity = 0");
    insert.bind(":post", post_list_id).bind(":inbox", inbox_id).bind_blob(":hash", hash).run();
    transaction.commit();
    return token;
}

void note_mirrored(Database& db, std::int64_t inbox_id, std::int64_t post_list_id, std::int64_t uidvalidity, std::int64_t uid,
                   std::int64_t now)
{
    auto update = db.prepared(
        "UPDATE held_mirror SET uidvalidity = :validity, uid = :uid, appended_at = :now WHERE post_list_id = :post AND inbox_id "
        "= "
        ":inbox");
    update.bind(":validity", uidvalidity).bind(":uid", uid).bind(":now", now);
    update.bind(":post", post_list_id).bind(":inbox", inbox_id).run();
}

std::vector<Mirrored> mirrored(Database& db, std::int64_t inbox_id, std::size_t limit)
{
    auto rows = db.prepared(MAJLIS_MIRRORED_COLUMNS "WHERE hm.inbox_id = :inbox ORDER BY hm.post_list_id LIMIT :limit");
    rows.bind(":inbox", inbox_id).bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<Mirrored> found;
    while (rows.step()) found.push_back(read_mirrored(rows));
    return found;
}

std::optional<Mirrored> find_mirrored(Database& db, std::int64_t inbox_id, std::string_view token_hash)
{
    auto row = db.prepared(MAJLIS_MIRRORED_COLUMNS "WHERE hm.token_hash = :hash AND hm.inbox_id = :inbox");
    if (!row.bind_blob(":hash", token_hash).bind(":inbox", inbox_id).step()) return std::nullopt;
    return read_mirrored(row);
}

void forget_mirrored(Database& db, std::int64_t inbox_id, std::int64_t post_list_id)
{
    auto remove = db.prepared("DELETE FROM held_mirror WHERE post_list_id = :post AND inbox_id = :inbox");
    remove.bind(":post", post_list_id).bind(":inbox", inbox_id).run();
}

bool mirrors_anything(Database& db, std::int64_t inbox_id, Share share)
{
    auto row = db.prepared("SELECT 1 FROM held_mirror WHERE inbox_id = :inbox LIMIT 1");
    return row.bind(":inbox", inbox_id).step() || !to_mirror(db, inbox_id, share, 1).empty();
}

}  // namespace majlis::store
