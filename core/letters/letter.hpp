#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/compose/notice.hpp"
#include "core/letters/site_face.hpp"
#include "core/store/database.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/lists.hpp"

/// What majlis writes to people: a notice in the reader's language, in a list's or the site's name, put into the outbox.
namespace majlis {

struct Letter {
    std::string name;                 ///< of the template in etc/templates
    std::string to;                   ///< address
    std::optional<store::List> list;  ///< in whose name; none: the site's
    std::string language;             ///< empty: language_of() the reader
    /// What a plain reply does: "confirm-TOKEN", "mod-TOKEN", "request"; empty: it goes to the owners. It stands in From or
    /// Reply-To, and in the Message-ID, so that a reply finds it where a provider drops sub-addresses.
    std::string reply_command;
    std::string in_reply_to;                  ///< Message-ID of the mail that this answers, without brackets; empty: nobody's
    std::string original;                     ///< a mail that is shown beside the text (message/rfc822); empty: none
    std::size_t original_bytes = 256 * 1024;  ///< so much of it at most
    NoticeValues values;
    store::Priority priority = store::Priority::notice;
};

/// A letter on its way.
struct Posted {
    std::string message_id;  ///< without brackets
    std::int64_t delivery_id = 0;
};
/// Renders and queues it, inside the caller's transaction. Whether the reader may be written to at all is the
/// caller's to know (core/letters/answering.hpp).
Posted send_letter(store::Database& db, const SiteFace& site, const Letter& letter, std::int64_t now);

/// The member's own language, else the list's, else the site's.
std::string language_of(store::Database& db, const SiteFace& site, std::string_view address,
                        const std::optional<store::List>& list);

}  // namespace majlis
