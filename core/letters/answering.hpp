#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "core/classify/classify.hpp"
#include "core/message/message.hpp"
#include "core/store/database.hpp"

/// Whether a mail may be answered at all, and whether this reader has had enough answers.
namespace majlis {

/// Who we are, so that we never answer ourselves.
struct Ourselves {
    std::string_view site_domain;            ///< of our Message-IDs
    std::span<const std::string> addresses;  ///< keys of our mailboxes and relay accounts
};

/// Why this mail is not answered, in English for the log; "" where it may be. Not answered is what is automatic or may be (RFC
/// 3834: Auto-Submitted, Precedence bulk, junk or list unless X-Ack says yes, X-Ack: no, any List- field, an empty Return-Path,
/// X-Auto-Response-Suppress, reports, bounces and likely vacation replies), what we wrote, and what robots, lists of ours or
/// our own mailboxes sent.
std::string why_not_answered(store::Database& db, const Message& message, const Classification& classification,
                             const Ourselves& ourselves);

inline bool may_answer(store::Database& db, const Message& message, const Classification& classification,
                       const Ourselves& ourselves)
{
    return why_not_answered(db, message, classification, ourselves).empty();
}

/// Whether an address may be written to at all: no robot's, no list's of ours, none of our mailboxes.
bool may_write_to(store::Database& db, std::string_view address_key, const Ourselves& ourselves);

/// Counts one more of `what` for `who` ("answer" for an address key ...) unless it would be more than `limit` in
/// `window_seconds`: then false. Inside the caller's transaction.
bool within_limit(store::Database& db, std::string_view what, std::string_view who, std::int64_t limit,
                  std::int64_t window_seconds, std::int64_t now);

constexpr std::int64_t answers_a_day = 20;  ///< to a member, or to somebody who has shown who he is
constexpr std::int64_t answers_to_strangers_a_day = 1;

enum class Known { no, yes };  ///< yes: a member, or his mail is proven to be his
/// One more answer to this address today. Inside the caller's transaction.
bool spend_answer(store::Database& db, std::string_view address_key, Known known, std::int64_t now);

}  // namespace majlis
