#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/message/message.hpp"
#include "core/store/archive.hpp"
#include "core/store/packing.hpp"
#include "core/store/posts.hpp"

/// Old mails into the archive, and mails of the archive out of it. Nothing that is imported is ever delivered.
namespace majlis::store {

/// An old mail, read and packed before any lock on the database is taken.
class OldMail {
public:
    /// `identity`, `sender_name` and `subject` as for a mail that arrives; `message` need not outlive the call.
    OldMail(const Message& message, PostIdentity identity, std::string sender_name, std::string subject, std::int64_t received_at,
            Packer& packer);
    ~OldMail();
    OldMail(OldMail&&) noexcept;
    OldMail& operator=(OldMail&&) noexcept;
    const PostIdentity& identity() const noexcept;

private:
    friend class ArchiveImport;
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

/// Whether the list has this post in its archive already, or it was redacted there: then it need not be read further.
bool archive_knows(Database& db, std::int64_t list_id, const PostIdentity& identity);

class ArchiveImport {
public:
    /// `source`: what is imported, as a name that stays the same in a later run; `head`: its first bytes.
    ArchiveImport(Database& db, std::int64_t list_id, std::string source, std::string_view head);

    /// Where an earlier run came to; 0: from the start.
    std::int64_t position() const noexcept { return position_; }

    enum class Took {
        added,     ///< new in the archive
        listed,    ///< known, now also on this list
        known,     ///< was there already
        redacted,  ///< was redacted: it stays so
    };
    Took take(const OldMail& mail, std::int64_t now);
    /// Everything before `position` is taken: in the same transaction as the mails.
    void note(std::int64_t position, std::int64_t now);

private:
    Database& db_;
    std::int64_t list_id_;
    std::string source_, head_;
    std::int64_t position_ = 0;
};

struct ExportQuery {
    std::vector<std::int64_t> lists;    ///< each post once, however many of them it stands on
    std::optional<std::int64_t> after;  ///< Unix seconds: sent at or after
    std::optional<std::int64_t> before;
};
/// In the order in which they were sent, without those redacted; page by page: the database is free between pages. False from
/// `take` ends it.
void each_archived(Database& db, const ExportQuery& query, const std::function<bool(const ArchivedPost&)>& take);
/// About how many that are, for a progress bar.
std::int64_t count_archived(Database& db, const ExportQuery& query);

/// Forgets the index of all words; archive_some() makes it anew. Posts to be read again.
std::int64_t forget_words(Database& db, const By& by);
/// Begins to write the index anew: the words of posts that were removed stay in it until tidy_words() has come to its end.
void renew_words(Database& db, int pages);
/// Brings pieces of the index together, for at most `pages` pages; false when nothing was left to do.
bool tidy_words(Database& db, int pages);

}  // namespace majlis::store
