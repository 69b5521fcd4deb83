#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/classify/classify.hpp"
#include "core/compose/notice.hpp"
#include "core/letters/letter.hpp"
#include "core/message/message.hpp"
#include "core/store/held.hpp"

/// What letters tell about a held post; shared inside core/moderation.
namespace majlis::moderation {

/// The beginning of a held mail: enough to show it and to know what it is, whatever its size.
struct HeldMail {
    std::string raw;  // its first 256 KB; "" where it is no longer kept
    Message message;  // views into raw
    Classification classification;
    HeldMail() = default;
    HeldMail(const HeldMail&) = delete;
    HeldMail& operator=(const HeldMail&) = delete;
};
std::unique_ptr<HeldMail> read_beginning(store::Database& db, std::int64_t content_id);

/// How it begins, for a reader: at most 1,500 bytes of 25 lines.
std::string excerpt(const Message& message);

/// Sender, subject, size, dates, excerpt, files, reasons: what every letter about the post may show.
NoticeValues values_of(store::Database& db, const SiteFace& site, const store::HeldPost& post, const HeldMail& mail,
                       std::string_view language);

/// "Karim <karim@example.org>", or what of it there is.
std::string sender_of(const store::HeldPost& post);

/// When a post that is held now expires, by its list's held_expire.
std::int64_t expires_at(store::Database& db, const store::HeldPost& post);

/// Language of a letter to this address: also for another address of a member.
std::string language_for(store::Database& db, const SiteFace& site, std::string_view address_key, const store::List& list);

/// A day in this language's order: "2026-02-03"; UTC.
std::string day_of(std::int64_t at);

}  // namespace majlis::moderation
