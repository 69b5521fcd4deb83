#include "core/store/archive_rows.hpp"

#include <array>
#include <chrono>
#include <cstdio>

#include "core/archive/fold.hpp"
#include "core/archive/subject.hpp"
#include "core/store/content.hpp"
#include "core/store/threads.hpp"
#include "core/text/date.hpp"

namespace majlis::store {
namespace {

constexpr std::int64_t oldest_date = 315'532'800;  // 1980: whoever says he wrote earlier has no clock
constexpr std::int64_t clocks_differ = 86'400;     // seconds that a Date may lie ahead

/// The same for the same mail, so that an export that is imported again stands in the same order.
std::int64_t sent_at(std::int64_t date, std::int64_t received_at)
{
    return date >= oldest_date && date <= received_at + clocks_differ ? date : received_at;
}

/// What filters look for: lists, year and month, files.
std::string tags_of(std::span<const std::int64_t> lists, std::int64_t sent, std::int64_t attachments)
{
    const std::chrono::year_month_day day{
        std::chrono::floor<std::chrono::days>(std::chrono::sys_seconds{std::chrono::seconds{sent}})};
    std::array<char, 40> text{};
    std::snprintf(text.data(), text.size(), "all y%04d m%04d%02u", static_cast<int>(day.year()), static_cast<int>(day.year()),
                  static_cast<unsigned>(day.month()));
    std::string tags{text.data()};
    if (attachments > 0) tags += " file";
    for (const auto list : lists) tags.append(" l").append(std::to_string(list));
    return tags;
}

void put_words(Prepared& statement, std::int64_t post_id, const archive::PostWords& words, const std::string& tags)
{
    statement.bind(":post", post_id).bind(":subject", words.subject).bind(":author", words.author).bind(":files", words.files);
    statement.bind(":body", words.body).bind(":quoted", words.quoted).bind(":tags", tags).run();
}

struct Indexed {
    std::int64_t content_id = 0, sent_at = 0, attachments = 0;
    std::optional<std::int64_t> version;
    std::string tags;
};

std::optional<Indexed> find_indexed(Database& db, std::int64_t post_id)
{
    auto row = db.prepared(
        "SELECT p.content_id, a.sent_at, a.attachments, a.words, a.tags FROM archive_post a CROSS JOIN post p ON p.id = "
        "a.post_id "
        "WHERE a.post_id = :post");
    if (!row.bind(":post", post_id).step()) return std::nullopt;
    return Indexed{row.integer(0), row.integer(1), row.integer(2), row.maybe_integer(3), row.text(4)};
}

archive::PostWords read_words(Database& db, std::int64_t content_id)
{
    const auto raw = load_head(db, content_id, archive::read_bytes);
    return archive::post_words(scan_message(raw));
}

void index(Database& db, std::int64_t post_id, const Indexed& post, const archive::PostWords& words)
{
    const auto tags = tags_of(lists_of_archived(db, post_id), post.sent_at, post.attachments);
    auto insert = db.prepared(
        "INSERT INTO archive_word (rowid, subject, author, files, body, quoted, tags) "
        "VALUES (:post, :subject, :author, :files, :body, :quoted, :tags)");
    put_words(insert, post_id, words, tags);
    auto update = db.prepared("UPDATE archive_post SET words = :version, tags = :tags WHERE post_id = :post");
    update.bind(":version", std::int64_t{archive::words_version}).bind(":tags", tags).bind(":post", post_id).run();
}

bool exists(Database& db, std::string_view sql, std::int64_t id) { return db.prepared(sql).bind(":id", id).step(); }

/// An imported post leaves nothing; one that came by mail leaves its row, which verdicts and deliveries refer to.
void drop_post(Database& db, std::int64_t post_id, std::int64_t content_id)
{
    const bool came_by_mail = exists(db, "SELECT 1 FROM post_list WHERE post_id = :id LIMIT 1", post_id) ||
                              exists(db, "SELECT 1 FROM delivery WHERE post_id = :id LIMIT 1", post_id) ||
                              exists(db, "SELECT 1 FROM arrival WHERE content_id = :id LIMIT 1", content_id);
    drop_bytes(db, content_id);
    if (came_by_mail) {
        db.prepared("UPDATE post SET subject = '' WHERE id = :id").bind(":id", post_id).run();
        return;
    }
    db.prepared("DELETE FROM post WHERE id = :id").bind(":id", post_id).run();
    if (!exists(db, "SELECT 1 FROM post WHERE content_id = :id LIMIT 1", content_id))
        db.prepared("DELETE FROM content WHERE id = :id").bind(":id", content_id).run();
}

void drop_entry(Database& db, std::int64_t post_id)
{
    std::int64_t node = 0, content = 0;
    {
        auto row = db.prepared(
            "SELECT a.node_id, p.content_id FROM archive_post a CROSS JOIN post p ON p.id = a.post_id WHERE a.post_id = :post");
        if (!row.bind(":post", post_id).step()) return;
        node = row.integer(0);
        content = row.integer(1);
    }
    unindex(db, post_id);
    db.prepared("DELETE FROM archive_post WHERE post_id = :post").bind(":post", post_id).run();
    leave_thread(db, node);
    drop_post(db, post_id, content);
}

}  // namespace

EntryText entry_text(const Message& message)
{
    EntryText text{archive::post_words(message), archive::references_of(message), 0};
    if (const auto* field = find_field(message.root().fields, "Date")) text.date = text::parse_date(field->body).value_or(0);
    return text;
}

bool in_archive(Database& db, std::int64_t post_id)
{
    return exists(db, "SELECT 1 FROM archive_post WHERE post_id = :id", post_id);
}

std::vector<std::int64_t> lists_of_archived(Database& db, std::int64_t post_id)
{
    auto rows = db.prepared("SELECT list_id FROM archive_list WHERE post_id = :post");
    rows.bind(":post", post_id);
    std::vector<std::int64_t> lists;
    while (rows.step()) lists.push_back(rows.integer(0));
    return lists;
}

void enter_archive(Database& db, const NewEntry& entry, const EntryText& text)
{
    const auto key = archive::subject_key(entry.subject);
    const auto sent = sent_at(text.date, entry.received_at);
    const bool reply = key.kind == archive::SubjectKey::Kind::reply;
    const PostInThread place{entry.post_id,
                             std::string{entry.message_id},
                             text.references,
                             subject_hash(key.words),
                             reply ? PostInThread::Kind::reply : PostInThread::Kind::first,
                             sent,
                             entry.lists};
    const auto node = place_in_thread(db, place);
    auto insert = db.prepared(
        "INSERT INTO archive_post (post_id, node_id, sent_at, attachments, to_pack) "
        "VALUES (:post, :node, :sent, :attachments, :to_pack)");
    insert.bind(":post", entry.post_id).bind(":node", node).bind(":sent", sent);
    insert.bind(":attachments", static_cast<std::int64_t>(text.words.attachments)).bind(":to_pack", entry.to_pack).run();
    for (const auto list : entry.lists) add_to_list(db, entry.post_id, list, entry.subject);
    index(db, entry.post_id, {0, sent, static_cast<std::int64_t>(text.words.attachments), {}, {}}, text.words);
}

bool add_to_list(Database& db, std::int64_t post_id, std::int64_t list_id, std::string_view subject)
{
    const auto key = archive::subject_key(subject);
    auto insert = db.prepared(
        "INSERT INTO archive_list (list_id, sent_at, post_id, subject, reply) "
        "SELECT :list, sent_at, post_id, :subject, :reply FROM archive_post WHERE post_id = :post ON CONFLICT DO NOTHING");
    insert.bind(":list", list_id).bind(":post", post_id).bind(":subject", subject_hash(key.words));
    return insert.bind(":reply", std::int64_t{key.kind == archive::SubjectKey::Kind::reply}).run() != 0;
}

void index_again(Database& db, std::int64_t post_id)
{
    const auto post = find_indexed(db, post_id);
    if (!post) return;
    unindex(db, post_id);
    index(db, post_id, *post, read_words(db, post->content_id));
}

void unindex(Database& db, std::int64_t post_id)
{
    const auto post = find_indexed(db, post_id);
    if (!post || !post->version) return;
    db.prepared("UPDATE archive_post SET words = NULL, tags = '' WHERE post_id = :post").bind(":post", post_id).run();
    // Read in another way, other words would be taken out than were put in. Those that stay find no post.
    if (*post->version != archive::words_version) return;
    auto remove = db.prepared(
        "INSERT INTO archive_word (archive_word, rowid, subject, author, files, body, quoted, tags) "
        "VALUES ('delete', :post, :subject, :author, :files, :body, :quoted, :tags)");
    put_words(remove, post_id, read_words(db, post->content_id), post->tags);
}

void drop_bytes(Database& db, std::int64_t content_id)
{
    db.prepared("DELETE FROM content_chunk WHERE content_id = :id").bind(":id", content_id).run();
    db.prepared("UPDATE content SET keep = 'gone' WHERE id = :id").bind(":id", content_id).run();
}

void settle_loose(Database& db, std::int64_t post_id)
{
    db.prepared("DELETE FROM archive_loose WHERE post_id = :post").bind(":post", post_id).run();
    const auto post = find_indexed(db, post_id);
    if (!post) return;
    if (lists_of_archived(db, post_id).empty())
        drop_entry(db, post_id);
    else if (post->version)
        index_again(db, post_id);
}

}  // namespace majlis::store
