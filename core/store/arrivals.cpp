#include "core/store/arrivals.hpp"

#include <algorithm>
#include <stdexcept>

#include "core/store/journal.hpp"
#include "core/token/sha256.hpp"

namespace majlis::store {
namespace {

std::string_view view(const token::Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

struct FolderRow {
    std::int64_t inbox_id = 0;
    std::int64_t uidvalidity = 0;
};

FolderRow folder_row(Database& db, std::int64_t folder_id)
{
    auto row = db.prepared("SELECT inbox_id, uidvalidity FROM folder WHERE id = :folder");
    if (!row.bind(":folder", folder_id).step()) throw std::runtime_error{"there is no folder " + std::to_string(folder_id)};
    return {row.integer(0), row.integer(1)};
}

/// Content with these bytes that came from the same inbox before.
std::optional<std::int64_t> seen_before(Database& db, std::int64_t inbox_id, std::string_view sha256)
{
    auto row = db.prepared(
        "SELECT c.id FROM content c CROSS JOIN arrival a ON a.content_id = c.id CROSS JOIN folder f ON f.id = a.folder_id "
        "WHERE c.sha256 = :sha256 AND f.inbox_id = :inbox LIMIT 1");
    row.bind_blob(":sha256", sha256).bind(":inbox", inbox_id);
    if (!row.step()) return std::nullopt;
    return row.integer(0);
}

std::string digest_of(Database& db, std::int64_t content_id)
{
    auto row = db.prepared("SELECT sha256 FROM content WHERE id = :id AND sha256 IS NOT NULL");
    if (!row.bind(":id", content_id).step())
        throw std::runtime_error{"content " + std::to_string(content_id) + " is not complete"};
    return row.blob(0);
}

std::optional<std::int64_t> find_uid(Database& db, std::int64_t folder_id, std::int64_t uidvalidity, std::int64_t uid)
{
    auto row = db.prepared("SELECT id FROM arrival WHERE folder_id = :folder AND uidvalidity = :validity AND uid = :uid");
    if (!row.bind(":folder", folder_id).bind(":validity", uidvalidity).bind(":uid", uid).step()) return std::nullopt;
    return row.integer(0);
}

constexpr std::int64_t oldest_arrival = 60 * 86'400;  // seconds before now; rows are kept for 90 days

struct ArrivalRow {
    std::int64_t folder_id = 0, uidvalidity = 0;
    const NewArrival* mail = nullptr;
    std::int64_t content_id = 0, size = 0;
    Taken::Kind kind = Taken::Kind::new_mail;
};

std::int64_t insert_arrival(Database& db, const ArrivalRow& row, std::int64_t now)
{
    const bool fresh = row.kind == Taken::Kind::new_mail;
    auto insert = db.prepared(
        "INSERT INTO arrival (folder_id, uidvalidity, uid, content_id, size, place, stage, note, junk, arrived_at) "
        "VALUES (:folder, :validity, :uid, :content, :size, 'inbox', :stage, :note, :junk, :at)");
    insert.bind(":folder", row.folder_id).bind(":validity", row.uidvalidity).bind(":uid", row.mail->uid);
    insert.bind(":content", row.content_id).bind(":size", row.size).bind(":stage", fresh ? "new" : "done");
    insert.bind(":note", fresh ? "" : "taken before").bind(":junk", row.mail->junk == Junk::yes ? 1 : 0);
    insert.bind(":at", std::clamp(row.mail->received.value_or(now), now - oldest_arrival, now)).run();
    return db.last_id();
}

Taken record_one(Database& db, std::int64_t folder_id, const FolderRow& folder, const NewArrival& mail, std::int64_t now)
{
    if (const auto known = find_uid(db, folder_id, folder.uidvalidity, mail.uid)) return {Taken::Kind::known, *known};
    ArrivalRow row{folder_id, folder.uidvalidity, &mail};
    const auto digest = mail.content_id ? token::Digest{} : token::sha256(mail.bytes);
    const auto sha256 = mail.content_id ? digest_of(db, *mail.content_id) : std::string{view(digest)};
    if (const auto before = seen_before(db, folder.inbox_id, sha256)) {
        row.kind = Taken::Kind::seen_before;
        row.content_id = *before;
        if (mail.content_id && *mail.content_id != *before)
            db.prepared("DELETE FROM content WHERE id = :id").bind(":id", *mail.content_id).run();
    } else {
        row.content_id = mail.content_id ? *mail.content_id : insert_content(db, mail.bytes, digest, now);
    }
    auto size = db.prepared("SELECT size FROM content WHERE id = :id");
    row.size = mail.content_id && size.bind(":id", row.content_id).step() ? size.integer(0)
                                                                          : static_cast<std::int64_t>(mail.bytes.size());
    return {row.kind, insert_arrival(db, row, now)};
}

}  // namespace

std::int64_t ensure_inbox(Database& db, std::string_view name)
{
    auto insert =
        db.prepared("INSERT INTO inbox (name) VALUES (:name) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id");
    insert.bind(":name", name).step();
    const auto id = insert.integer(0);
    insert.run();
    return id;
}

Folder open_folder(Database& db, std::int64_t inbox_id, std::string_view name, std::int64_t uidvalidity, std::int64_t now)
{
    Transaction transaction{db};
    db.prepared("INSERT INTO folder (inbox_id, name, uidvalidity) VALUES (:inbox, :name, :validity) ON CONFLICT DO NOTHING")
        .bind(":inbox", inbox_id)
        .bind(":name", name)
        .bind(":validity", uidvalidity)
        .run();
    Folder folder;
    {
        auto row = db.prepared("SELECT id, uidvalidity, uid_done FROM folder WHERE inbox_id = :inbox AND name = :name");
        row.bind(":inbox", inbox_id).bind(":name", name).step();
        folder = {row.integer(0), row.integer(1), row.integer(2)};
    }
    if (folder.uidvalidity != uidvalidity) {
        folder = {folder.id, uidvalidity, 0};
        db.prepared("UPDATE folder SET uidvalidity = :validity, uid_done = 0 WHERE id = :folder")
            .bind(":validity", uidvalidity)
            .bind(":folder", folder.id)
            .run();
        db.prepared("UPDATE arrival SET place = 'gone' WHERE folder_id = :folder AND place = 'inbox'")
            .bind(":folder", folder.id)
            .run();
        journal(db, {"majlisd", now}, {"folder-renumbered", std::nullopt, "", std::string{name}});
    }
    transaction.commit();
    return folder;
}

std::vector<Taken> record_arrivals(Database& db, std::int64_t folder_id, std::span<const NewArrival> mails, std::int64_t uid_done,
                                   std::int64_t now)
{
    Transaction transaction{db};
    const auto folder = folder_row(db, folder_id);
    std::vector<Taken> taken;
    taken.reserve(mails.size());
    for (const auto& mail : mails) taken.push_back(record_one(db, folder_id, folder, mail, now));
    db.prepared("UPDATE folder SET uid_done = max(uid_done, :uid) WHERE id = :folder")
        .bind(":uid", uid_done)
        .bind(":folder", folder_id)
        .run();
    transaction.commit();
    return taken;
}

bool record_too_large(Database& db, std::int64_t folder_id, std::int64_t uid, std::int64_t size_bytes, std::int64_t now)
{
    Transaction transaction{db};
    const auto folder = folder_row(db, folder_id);
    auto insert = db.prepared(
        "INSERT INTO arrival (folder_id, uidvalidity, uid, size, place, stage, note, arrived_at) "
        "VALUES (:folder, :validity, :uid, :size, 'too large', 'done', 'larger than max_size: left in the mailbox', :now) "
        "ON CONFLICT DO NOTHING");
    insert.bind(":folder", folder_id).bind(":validity", folder.uidvalidity).bind(":uid", uid).bind(":size", size_bytes);
    const bool first = insert.bind(":now", now).run() != 0;
    transaction.commit();
    return first;
}

std::vector<std::int64_t> to_file(Database& db, std::int64_t folder_id, std::size_t limit)
{
    auto rows = db.prepared(
        "SELECT a.uid FROM folder f CROSS JOIN arrival a ON a.folder_id = f.id AND a.uidvalidity = f.uidvalidity "
        "WHERE f.id = :folder AND a.place = 'inbox' ORDER BY a.uid LIMIT :limit");
    rows.bind(":folder", folder_id).bind(":limit", static_cast<std::int64_t>(limit));
    std::vector<std::int64_t> uids;
    while (rows.step()) uids.push_back(rows.integer(0));
    return uids;
}

void mark_filed(Database& db, std::int64_t folder_id, std::span<const std::int64_t> uids)
{
    Transaction transaction{db};
    const auto folder = folder_row(db, folder_id);
    auto update = db.prepared(
        "UPDATE arrival SET place = 'filed' WHERE folder_id = :folder AND uidvalidity = :validity AND uid = :uid AND place = "
        "'inbox'");
    for (const auto uid : uids) update.bind(":folder", folder_id).bind(":validity", folder.uidvalidity).bind(":uid", uid).run();
    transaction.commit();
}

std::int64_t inject_arrival(Database& db, std::string_view bytes, const By& by)
{
    Transaction transaction{db};
    const auto content = insert_content(db, bytes, by.at);
    auto insert = db.prepared(
        "INSERT INTO arrival (content_id, size, place, stage, arrived_at) VALUES (:content, :size, 'filed', 'new', :now)");
    insert.bind(":content", content).bind(":size", static_cast<std::int64_t>(bytes.size())).bind(":now", by.at).run();
    const auto id = db.last_id();
    journal(db, by, {"post-injected", std::nullopt, "", "arrival " + std::to_string(id)});
    transaction.commit();
    return id;
}

}  // namespace majlis::store
