#include "core/store/archive_import.hpp"

#include <algorithm>
#include <span>

#include "core/store/archive_rows.hpp"
#include "core/store/content.hpp"
#include "core/store/journal.hpp"

namespace majlis::store {
namespace {

std::string_view view(const token::Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

/// Its author is no longer part of its identity.
bool was_redacted(Database& db, const PostIdentity& identity)
{
    auto row = db.prepared(
        "SELECT 1 FROM post p CROSS JOIN archive_post a ON a.post_id = p.id "
        "WHERE p.message_id = :message_id AND p.sender = '' AND p.digest = :digest AND a.redacted_at IS NOT NULL");
    row.bind(":message_id", identity.message_id).bind_blob(":digest", view(identity.digest));
    return row.step();
}

bool stands_on(Database& db, std::int64_t post_id, std::int64_t list_id)
{
    auto row = db.prepared("SELECT 1 FROM archive_list WHERE post_id = :post AND list_id = :list");
    return row.bind(":post", post_id).bind(":list", list_id).step();
}

}  // namespace

struct OldMail::Parts {
    PostIdentity identity;
    std::string sender_name, subject;
    std::int64_t received_at = 0, size = 0;
    token::Digest sha256{};
    std::vector<Packed> chunks;
    EntryText text;
};

OldMail::OldMail(const Message& message, PostIdentity identity, std::string sender_name, std::string subject,
                 std::int64_t received_at, Packer& packer)
    : parts_{std::make_unique<Parts>()}
{
    const auto raw = message.raw;
    // The same bytes that archive_some() looks at, so that the index can be made anew from what is kept.
    parts_->text = entry_text(raw.size() <= archive::read_bytes ? message : scan_message(raw.substr(0, archive::read_bytes)));
    parts_->identity = std::move(identity);
    parts_->sender_name = std::move(sender_name);
    parts_->subject = std::move(subject);
    parts_->received_at = received_at;
    parts_->size = static_cast<std::int64_t>(raw.size());
    parts_->sha256 = token::sha256(raw);
    parts_->chunks = packer.pack_all(raw);
}

OldMail::~OldMail() = default;
OldMail::OldMail(OldMail&&) noexcept = default;
OldMail& OldMail::operator=(OldMail&&) noexcept = default;
const PostIdentity& OldMail::identity() const noexcept { return parts_->identity; }

bool archive_knows(Database& db, std::int64_t list_id, const PostIdentity& identity)
{
    const auto post = find_post(db, identity);
    return post ? stands_on(db, *post, list_id) : was_redacted(db, identity);
}

ArchiveImport::ArchiveImport(Database& db, std::int64_t list_id, std::string source, std::string_view head)
    : db_{db}, list_id_{list_id}, source_{std::move(source)}, head_{view(token::sha256(head))}
{
    auto row = db_.prepared("SELECT position, head FROM archive_import WHERE list_id = :list AND source = :source");
    if (row.bind(":list", list_id_).bind(":source", source_).step() && row.blob(1) == head_) position_ = row.integer(0);
}

ArchiveImport::Took ArchiveImport::take(const OldMail& mail, std::int64_t now)
{
    const auto& parts = *mail.parts_;
    auto known = find_post(db_, parts.identity);
    if (!known && was_redacted(db_, parts.identity)) return Took::redacted;
    if (known && in_archive(db_, *known)) {
        if (!add_to_list(db_, *known, list_id_, parts.subject)) return Took::known;
        index_again(db_, *known);
        return Took::listed;
    }
    Transaction transaction{db_};
    const auto content = insert_packed(db_, parts.chunks, parts.sha256, parts.size, now);
    if (known) {
        // It came by mail and is not (or no longer) in the archive: the bytes of the import are the ones that are kept.
        db_.prepared("UPDATE post SET content_id = :content, subject = :subject WHERE id = :id")
            .bind(":content", content)
            .bind(":subject", parts.subject)
            .bind(":id", *known)
            .run();
    } else {
        auto insert = db_.prepared(
            "INSERT INTO post (content_id, message_id, sender, sender_name, digest, subject, size, received_at) "
            "VALUES (:content, :message_id, :sender, :sender_name, :digest, :subject, :size, :received)");
        insert.bind(":content", content).bind(":message_id", parts.identity.message_id).bind(":sender", parts.identity.sender);
        insert.bind(":sender_name", parts.sender_name).bind_blob(":digest", view(parts.identity.digest));
        insert.bind(":subject", parts.subject).bind(":size", parts.size).bind(":received", parts.received_at).run();
        known = db_.last_id();
    }
    enter_archive(db_, {*known, parts.identity.message_id, parts.subject, parts.received_at, std::span{&list_id_, 1}, {}},
                  parts.text);
    transaction.commit();
    return Took::added;
}

void ArchiveImport::note(std::int64_t position, std::int64_t now)
{
    auto insert = db_.prepared(
        "INSERT INTO archive_import (list_id, source, head, position, updated_at) VALUES (:list, :source, :head, :position, "
        ":now) "
        "ON CONFLICT (list_id, source) DO UPDATE SET head = :head, position = :position, updated_at = :now");
    insert.bind(":list", list_id_).bind(":source", source_).bind_blob(":head", head_).bind(":position", position);
    insert.bind(":now", now).run();
    position_ = position;
}

namespace {

constexpr std::size_t page = 200;

struct Place {
    std::int64_t sent_at = 0, post_id = 0;
    friend auto operator<=>(const Place&, const Place&) = default;
};

/// The next posts of one list behind a place.
std::vector<Place> next_places(Database& db, std::int64_t list_id, const Place& behind, std::int64_t before)
{
    auto rows = db.prepared(
        "SELECT sent_at, post_id FROM archive_list WHERE list_id = :list AND (sent_at, post_id) > (:sent, :post) "
        "AND sent_at < :before ORDER BY sent_at, post_id LIMIT :limit");
    rows.bind(":list", list_id).bind(":sent", behind.sent_at).bind(":post", behind.post_id).bind(":before", before);
    rows.bind(":limit", static_cast<std::int64_t>(page));
    std::vector<Place> places;
    while (rows.step()) places.push_back({rows.integer(0), rows.integer(1)});
    return places;
}

}  // namespace

void each_archived(Database& db, const ExportQuery& query, const std::function<bool(const ArchivedPost&)>& take)
{
    const auto before = query.before.value_or(INT64_MAX);
    Place behind{query.after.value_or(INT64_MIN + 1) - 1, INT64_MAX};
    for (;;) {
        std::vector<Place> places;
        for (const auto list : query.lists) {
            const auto next = next_places(db, list, behind, before);
            places.insert(places.end(), next.begin(), next.end());
        }
        if (places.empty()) return;
        std::ranges::sort(places);
        places.erase(std::unique(places.begin(), places.end()), places.end());
        // The first `page` of them all are complete: no list has an earlier one that was not read.
        if (places.size() > page) places.resize(page);
        behind = places.back();
        for (const auto& place : places) {
            const auto post = archived_post(db, place.post_id, all_readable());
            if (post && post->redacted_at == 0 && !take(*post)) return;
        }
    }
}

std::int64_t count_archived(Database& db, const ExportQuery& query)
{
    std::int64_t total = 0;
    for (const auto list : query.lists) {
        auto row =
            db.prepared("SELECT count(*) FROM archive_list WHERE list_id = :list AND sent_at >= :after AND sent_at < :before");
        row.bind(":list", list).bind(":after", query.after.value_or(INT64_MIN)).bind(":before", query.before.value_or(INT64_MAX));
        if (row.step()) total += row.integer(0);
    }
    return total;
}

std::int64_t forget_words(Database& db, const By& by)
{
    Transaction transaction{db};
    db.execute("INSERT INTO archive_word (archive_word) VALUES ('delete-all')");
    const auto posts = db.prepared("UPDATE archive_post SET words = NULL, tags = '' WHERE redacted_at IS NULL").run();
    journal(db, by, {"archive-reindexed", {}, "", std::to_string(posts) + " posts"});
    transaction.commit();
    return posts;
}

void renew_words(Database& db, int pages)
{
    // FTS5: a negative number gives all pieces to the same merge; only where all come together is a deleted word let go of.
    db.prepared("INSERT INTO archive_word (archive_word, rank) VALUES ('merge', :pages)")
        .bind(":pages", std::int64_t{-pages})
        .run();
}

bool tidy_words(Database& db, int pages)
{
    auto merge = db.prepared("INSERT INTO archive_word (archive_word, rank) VALUES ('merge', :pages)");
    const auto changes = [&db] {
        auto row = db.prepared("SELECT total_changes()");
        return row.step() ? row.integer(0) : 0;
    };
    const auto begun = changes();
    merge.bind(":pages", std::int64_t{pages}).run();
    return changes() - begun >= 2;  // FTS5: fewer than two means that nothing was left to merge
}

}  // namespace majlis::store
