#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/content.hpp"
#include "core/store/database.hpp"

/// Mail taken out of a mailbox, durable before the server is told that we have it.
namespace majlis::store {

/// The inbox of this name (username and host), made where it is new.
std::int64_t ensure_inbox(Database& db, std::string_view name);

struct Folder {
    std::int64_t id = 0;
    std::int64_t uidvalidity = 0;
    std::int64_t uid_done = 0;  ///< every uid up to this one has been taken, left or noted
};
/// The folder as it stands under the server's present UIDVALIDITY. Where that has changed, reading begins again at the first
/// uid, and mail of before that was not filed yet is no longer ours to file: it is found again under its new uid.
Folder open_folder(Database& db, std::int64_t inbox_id, std::string_view name, std::int64_t uidvalidity, std::int64_t now);

enum class Junk { no, yes };

/// One mail of a batch, with its bytes or with content that was streamed in before (ContentWriter).
struct NewArrival {
    std::int64_t uid = 0;
    std::string_view bytes;                  ///< must live until the call returns
    std::optional<std::int64_t> content_id;  ///< instead of bytes
    Junk junk = Junk::no;
    /// When the server took it, Unix time; one that is not told, or lies ahead, is now. What is older than 60 days stands as that
    /// old: purge_some() reckons by it how long we know the mail again.
    std::optional<std::int64_t> received{};
};

struct Taken {
    enum class Kind {
        new_mail,
        seen_before,  ///< these bytes came from this inbox before: not judged again, only filed
        known,        ///< this uid has a row already
    };
    Kind kind = Kind::new_mail;
    std::int64_t arrival_id = 0;
};

/// Records a batch, in one transaction with the folder's progress: afterwards every uid up to `uid_done` is behind us, those of
/// other people included. In the order of `mails`.
std::vector<Taken> record_arrivals(Database& db, std::int64_t folder_id, std::span<const NewArrival> mails, std::int64_t uid_done,
                                   std::int64_t now);

/// A mail that is ours but over the limit: it stays where it is. True the first time, when the owner is to be told.
bool record_too_large(Database& db, std::int64_t folder_id, std::int64_t uid, std::int64_t size_bytes, std::int64_t now);

/// Uids of this folder that are durable here and still have to be moved or deleted there, lowest first.
std::vector<std::int64_t> to_file(Database& db, std::int64_t folder_id, std::size_t limit);
/// The server has moved or deleted them (or no longer has them).
void mark_filed(Database& db, std::int64_t folder_id, std::span<const std::int64_t> uids);

/// From the command line: judged like any other arrival.
std::int64_t inject_arrival(Database& db, std::string_view bytes, const By& by);

struct NewMail {
    std::int64_t arrival_id = 0;
    std::int64_t content_id = 0;
    std::int64_t size = 0;  ///< bytes
    Junk junk = Junk::no;
    std::int64_t attempts = 0;    ///< judgements that were begun and did not end: the process died in them
    std::int64_t arrived_at = 0;  ///< at the server, where it tells
    std::string inbox;            ///< "" for an injected one
};
/// What has not been judged yet, oldest first.
std::vector<NewMail> next_new(Database& db, std::size_t limit, std::int64_t after_id = 0);
/// Id of the newest arrival, 0 when there is none.
std::int64_t last_arrival(Database& db);
/// Before a mail is judged that may have killed us: durable, so that what goes on killing us is set aside unread.
void note_attempt(Database& db, std::int64_t arrival_id);
/// After a start that followed no clean stop: the oldest unjudged mail may be the reason.
void suspect_first(Database& db);
/// `kind` is post, bounce, autoreply, command, feedback or other; `note` says to people what became of it.
void mark_judged(Database& db, std::int64_t arrival_id, std::string_view kind, std::string_view note);

struct ArrivalInfo {
    std::int64_t id = 0, size = 0, arrived_at = 0;
    std::string inbox, folder, place, stage, kind, note;
};
std::vector<ArrivalInfo> recent_arrivals(Database& db, std::size_t limit);
/// Arrivals that wait for judgement: for `status`.
std::int64_t count_new(Database& db);

}  // namespace majlis::store
