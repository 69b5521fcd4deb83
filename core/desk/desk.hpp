#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/classify/classify.hpp"
#include "core/letters/answering.hpp"
#include "core/letters/site_face.hpp"
#include "core/message/message.hpp"
#include "core/route/route.hpp"
#include "core/store/database.hpp"
#include "core/store/lists.hpp"
#include "core/store/requests.hpp"
#include "core/trust/trust.hpp"

/// Carries out what people ask for by mail, and answers them. Nothing that changes a membership is done on a bare From: whoever
/// is not proven by his provider is asked for a confirmation, which only the owner of the address can give.
namespace majlis::desk {

constexpr std::int64_t day = 86'400;
constexpr std::int64_t confirm_within = 3 * day;  ///< tokens that confirm
constexpr std::int64_t accept_within = 14 * day;  ///< an invitation, and a request that waits for a moderator

enum class CanProve { no, yes };  ///< yes: the site trusts a server's word about who wrote a mail

/// A mail that asks for something.
struct Caller {
    store::Database& db;
    const SiteFace& site;
    Ourselves ourselves;
    const Message& message;
    const Classification& classification;
    Proof proof = Proof::unknown;  ///< of its From
    CanProve can_prove = CanProve::no;
    std::int64_t now = 0;
};

struct Done {
    std::string note;    ///< what became of it, for people and the log
    bool wrote = false;  ///< the outbox has something new
};

/// What one of a list's command addresses was asked: subscribe, subscribe-digest, unsubscribe, confirm, help, request, and
/// moderate where the token stands for a request. Inside the caller's transaction.
Done serve(const Caller& caller, const Target& target);

/// An invitation to one address, to be accepted by a reply. Refuses members, banned and unusable addresses.
store::Answer<void> invite(store::Database& db, const SiteFace& site, const store::List& list, const Address& address,
                           std::string_view name, const store::By& by);

enum class Wish { approve, refuse, discard, ban };  ///< refuse tells him, discard and ban do not
/// A moderator's word about somebody who wants to join. Refuses what is settled already.
store::Answer<void> decide(store::Database& db, const SiteFace& site, std::int64_t request_id, Wish wish, std::string_view reason,
                           const store::By& by);

/// Asks the author of a post that is held because nothing proves its From whether it is his; his confirmation approves it.
/// Nothing where he may not be written to, or has been asked often enough today.
Done challenge(const Caller& caller, const store::List& list, std::int64_t held_id);

/// A confirmation came back undelivered: its request is dropped. `message_id` is the returned mail's, which names our token;
/// false where it names none that is open.
bool confirmation_bounced(store::Database& db, std::string_view message_id, const store::By& by);

/// Ends requests whose time is over, at most `limit`, and tells those who had confirmed and were not heard; how many.
std::size_t expire(store::Database& db, const SiteFace& site, std::int64_t now, std::size_t limit);

}  // namespace majlis::desk
