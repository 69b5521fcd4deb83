#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/store/database.hpp"

namespace majlis::store {

enum class Priority { urgent = 0, notice = 1, post = 2, digest = 3 };

/// Starts the delivery of a post to lists that accepted it; `list_ids` are the targets, each with its tree (reach = tree) or
/// alone (reach = list). Belongs inside the transaction that records the verdict.
std::int64_t start_delivery(Database& db, std::int64_t post_id, std::int64_t content_id, std::span<const std::int64_t> list_ids,
                            std::int64_t now);

/// A mail that majlis wrote itself, for named addresses.
struct NoticeOrder {
    std::string bytes;  // RFC 5322, CRLF
    std::vector<std::string> addresses;
    std::optional<std::int64_t> list_id;  // in whose name; none: the site's
    Priority priority = Priority::notice;
};
std::int64_t queue_notice(Database& db, const NoticeOrder& order, std::int64_t now);

/// Why it may take longer than it seems: shown until it is done, held or dropped.
void delivery_waits(Database& db, std::int64_t delivery_id, std::string_view reason);
/// False: it was not active.
bool hold_delivery(Database& db, std::int64_t delivery_id, std::string_view reason, std::string_view actor, std::int64_t now);
bool resume_delivery(Database& db, std::int64_t delivery_id, std::string_view actor, std::int64_t now);
/// Gives up what has not been sent; the rows stay and say so. False when it had ended already.
bool drop_delivery(Database& db, std::int64_t delivery_id, std::string_view actor, std::int64_t now);
/// Deferred recipients of a delivery (nullopt: of all) are tried at once. How many.
std::int64_t retry_now(Database& db, std::optional<std::int64_t> delivery_id, std::string_view actor, std::int64_t now);

/// Active, nothing left to cut, no range open and nobody deferred: then it is done. True when it has just become so.
/// Belongs inside the caller's transaction.
bool finish_if_done(Database& db, std::int64_t delivery_id, std::int64_t now);

struct DeliveryInfo {
    std::int64_t id = 0;
    std::string kind, state, subject, message_id, sender;
    std::string reason;  // why it is held, was dropped, or may take long
    std::vector<std::string> lists;
    std::int64_t created_at = 0, first_sent_at = 0, finished_at = 0;
    std::int64_t accepted = 0, failed = 0, deferred = 0;
    std::int64_t limited = 0;  // of the deferred, those who only wait for room in a limit of their domain
    std::int64_t next_member_id = 0, last_member_id = 0;
    // Of the deferred recipients, when the first and the last is tried again; 0: none is.
    std::int64_t next_attempt_at = 0, last_attempt_at = 0;
    Priority priority = Priority::post;
};
/// What a delivery sends.
struct DeliverySource {
    std::int64_t content_id = 0;
    bool notice = false;
    std::string sender, sender_name, message_id;  // of a post: key of its From address, decoded name, without brackets
};
std::optional<DeliverySource> delivery_source(Database& db, std::int64_t delivery_id);

enum class Which { open, all };
/// Newest first.
std::vector<DeliveryInfo> list_deliveries(Database& db, Which which, std::size_t limit);
std::optional<DeliveryInfo> find_delivery(Database& db, std::int64_t id);

struct RecipientInfo {
    std::int64_t member_id = 0;
    std::string address, state, relay, status, text;
    std::string waits_for;  // the domain's limit that keeps him waiting; "": none
    int code = 0;
    std::int64_t attempts = 0, next_attempt_at = 0, updated_at = 0;
};
/// Those who have a row of their own.
std::vector<RecipientInfo> delivery_recipients(Database& db, std::int64_t delivery_id, std::size_t limit);
/// Of them, those who were settled without a copy.
std::vector<RecipientInfo> failed_recipients(Database& db, std::int64_t delivery_id, std::size_t limit);

/// How many members a post to these lists would reach now: for `explain`. Walks them all.
std::int64_t count_recipients(Database& db, std::span<const std::int64_t> list_ids);

/// Deliveries that ended with failures, or were held, of which the owner has not heard; marks them as told.
std::vector<DeliveryInfo> take_untold(Database& db, std::size_t limit);

}  // namespace majlis::store
