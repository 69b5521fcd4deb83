#include <algorithm>

#include "core/address/address.hpp"
#include "core/compose/post_copy.hpp"
#include "core/judge/record.hpp"
#include "core/letters/in_charge.hpp"
#include "core/moderation/take_answer.hpp"
#include "core/policy/facts.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/journal.hpp"
#include "core/store/spent.hpp"
#include "core/store/tokens.hpp"
#include "core/text/ascii.hpp"
#include "core/trust/trust.hpp"

namespace majlis::record {
namespace {

constexpr std::size_t most_targets = 10;  // command addresses of one mail
constexpr store::Allowance shown_of_one{20, 86'400}, shown_on_list{100, 3'600};

/// The mail as it came, for the people who run the list: only its line ends are made right, and a mark stops loops.
std::string for_owners(const ReadMail& mail, const store::List& list)
{
    std::string bytes = "X-Loop: " + list.address + "\r\nX-Loop: " + command_address(list.address, "owner") + "\r\n";
    char before = 0;
    for (const char c : mail.raw) {
        if (before == '\r' && c != '\n') bytes += '\n';
        if (c == '\n' && before != '\r') bytes += '\r';
        if (c != '\0') bytes += c;
        before = c;
    }
    if (before == '\r') bytes += '\n';
    return bytes;
}

/// It was shown before: what an owner's address sends back here must not be shown again. A post that a reader redirects to the
/// owners bears the list's own X-Loop, and is shown.
bool comes_back(const Message& message, const store::List& list)
{
    const auto mark = parse_address(command_address(list.address, "owner"));
    std::size_t received = 0;
    for (const Field& field : message.root().fields) {
        if (text::equal_nocase(field.name, "Received")) ++received;
        if (!text::equal_nocase(field.name, "X-Loop")) continue;
        for (const auto& box : parse_mailboxes(field.body))
            if (mark && box.address.key() == mark->key()) return true;
    }
    return received >= max_received;
}

/// Why it is not shown to the people who run the list; it stays in the mailbox's folder of what was done. "" where it may be.
std::string why_not_shown(const Case& c, const store::List& list)
{
    if (comes_back(c.mail.message, list)) return "it came back";
    if (!store::spend(c.db, "owner-mail-of", c.mail.identity.sender, shown_of_one, c.now)) return "enough of this sender today";
    if (!store::spend(c.db, "owner-mail", std::to_string(list.id), shown_on_list, c.now)) return "too many in an hour";
    return {};
}

/// What is for people is shown to them.
Recorded show(const Case& c, const Target& target)
{
    const auto list = store::find_list(c.db, target.list_id);
    if (!list) return {};
    if (const auto why = why_not_shown(c, *list); !why.empty()) {
        Recorded kept{.note = std::string{command_name(target.command)} + " for " + list->name + ": not shown, " + why,
                      .delivering = false};
        store::journal(c.db, {"majlisd", c.now},
                       {.event = "command-ignored", .list_id = list->id, .address = c.mail.identity.sender, .detail = kept.note});
        return kept;
    }
    const auto addresses = in_charge(c.db, c.context.site, list->id, store::Holding::owners_and_moderators);
    store::queue_notice(
        c.db,
        {.bytes = for_owners(c.mail, *list), .addresses = addresses, .list_id = list->id, .priority = store::Priority::notice},
        c.now);
    Recorded shown{.note = std::string{command_name(target.command)} + " for " + list->name + ": shown to " +
                           std::to_string(addresses.size()) + " of its owners and moderators",
                   .delivering = true};
    store::journal(c.db, {"majlisd", c.now},
                   {.event = "command-shown", .list_id = list->id, .address = c.mail.identity.sender, .detail = shown.note});
    return shown;
}

/// A moderator's answer about a held post; about a request it is the desk's.
bool about_held_post(const Case& c, const Target& target)
{
    if (target.command != Command::moderate) return false;
    const auto token = store::find_token(c.db, target.token);
    return !token || token->post_list_id;
}

Recorded moderate(const Case& c, const desk::Caller& caller, const Target& target)
{
    const auto taken = moderation::take_answer(c.db, c.context.site, caller.ourselves,
                                               {.message = c.mail.message,
                                                .classification = c.mail.classification,
                                                .sender = c.mail.identity.sender,
                                                .message_id = c.mail.identity.message_id,
                                                .proof = caller.proof,
                                                .token = target.token},
                                               c.now);
    return {.note = taken.note, .delivering = taken.delivering};
}

Recorded one(const Case& c, const desk::Caller& caller, const Target& target)
{
    if (target.command == Command::owner || target.command == Command::report) return show(c, target);
    if (about_held_post(c, target)) return moderate(c, caller, target);
    const auto done = desk::serve(caller, target);
    return {.note = done.note, .delivering = done.wrote};
}

}  // namespace

desk::Caller caller_of(const Case& c)
{
    return {.db = c.db,
            .site = c.context.site,
            .ourselves = {c.context.site_domain, c.context.own_addresses},
            .message = c.mail.message,
            .classification = c.mail.classification,
            .proof = trust_of(c.mail.message, c.context.authentication.trusted_servers, c.context.suffixes).proof,
            .can_prove = c.context.authentication.trusted_servers.empty() ? desk::CanProve::no : desk::CanProve::yes,
            .now = c.now};
}

Recorded commands(const Case& c)
{
    const auto caller = caller_of(c);
    Recorded recorded;
    std::size_t count = 0;
    for (const auto& target : c.judgement.commands) {
        if (++count > most_targets) break;
        const auto done = one(c, caller, target);
        recorded.delivering = recorded.delivering || done.delivering;
        recorded.note += (recorded.note.empty() ? "" : "; ") + done.note;
    }
    store::mark_judged(c.db, c.arrival.arrival_id, kind_name(c.judgement.kind), recorded.note);
    return recorded;
}

}  // namespace majlis::record
