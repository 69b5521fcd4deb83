#pragma once
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"

/// Accepted posts kept as they came: one packed copy for all lists, with their threads and the index of their words.
namespace majlis::store {

// Who may read ------------------------------------------------------------------------------------------------------

/// Whether a list's `visibility` lets somebody read its archive; nullopt: a stranger. Its moderators and owners always may.
bool may_read(Database& db, std::int64_t list_id, std::optional<std::int64_t> member_id);

/// The lists whose archives somebody may read. What is on none of them does not exist for him.
struct Readable {
    enum class Scope { some, all } scope = Scope::some;
    std::vector<std::int64_t> lists;  ///< where scope is some
};
Readable readable_by(Database& db, std::optional<std::int64_t> member_id);
/// For the operator's command line.
Readable all_readable();

// What is there ------------------------------------------------------------------------------------------------------

struct ArchivedPost {
    std::int64_t id = 0;     ///< of the post: what `majlis archive` shows and takes
    std::string message_id;  ///< without brackets
    std::string sender, sender_name, subject;
    std::int64_t sent_at = 0;  ///< its own Date where that can be true, else when it came; Unix seconds
    std::int64_t received_at = 0;
    std::int64_t size = 0;  ///< bytes as it came
    std::int64_t attachments = 0;
    std::int64_t thread_id = 0, content_id = 0;
    std::int64_t redacted_at = 0;    ///< 0: it is whole; else text and author are gone, its place in the thread stays
    std::vector<std::string> lists;  ///< names of those of its lists that the reader may read
};
std::optional<ArchivedPost> archived_post(Database& db, std::int64_t post_id, const Readable& readable);
/// By Message-ID, with or without brackets; the first where several posts bear it.
std::optional<ArchivedPost> archived_post(Database& db, std::string_view message_id, const Readable& readable);
/// The mail as it came; load_content() of it. Refuses one that was redacted.
Answer<std::string> archived_mail(Database& db, const ArchivedPost& post);

/// Ids of the posts of one author, after `after_id`, the oldest first.
std::vector<std::int64_t> archived_by(Database& db, std::string_view sender_key, std::int64_t after_id, std::size_t limit);

/// One line of a thread, in the order in which it is read: an answer stands below what it answers.
struct ThreadLine {
    std::optional<ArchivedPost> post;  ///< nullopt: answers name it, we never had it (or the reader may not read it)
    int depth = 0;
};
/// The whole thread of a post, at most `limit` lines.
std::vector<ThreadLine> thread_of(Database& db, std::int64_t post_id, const Readable& readable, std::size_t limit = 500);
/// nullopt: it is not in the archive (yet).
std::optional<std::int64_t> thread_id_of(Database& db, std::int64_t post_id);

// What goes in -------------------------------------------------------------------------------------------------------

/// Takes accepted posts of lists with archive=on into the archive, packs their bytes and indexes their words, for at most
/// `slice`; how many steps were done, 0: nothing is left to do. Idempotent; what a crash undoes is done again.
std::size_t archive_some(Database& db, std::int64_t now, std::chrono::milliseconds slice = std::chrono::milliseconds{15});

// What goes out ------------------------------------------------------------------------------------------------------

/// What becomes of the wish where a digest with the post has not reached all of its readers.
enum class OnItsWay { refuse, let_go };
/// Each refuses a post that is not there, that a delivery or digest still sends, or that waits for a moderator of another list;
/// and leaves a line in the journal. `list_id`: from this list alone; nullopt: from all.
Answer<ArchivedPost> remove_archived(Database& db, std::int64_t post_id, std::optional<std::int64_t> list_id,
                                     std::string_view reason, const By& by);
/// Empties text, files, subject and author for good; the place in its thread stays.
Answer<ArchivedPost> redact_archived(Database& db, std::int64_t post_id, std::string_view reason, const By& by,
                                     OnItsWay digests = OnItsWay::refuse);

}  // namespace majlis::store
