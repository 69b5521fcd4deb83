#include "core/letters/answering.hpp"

#include <algorithm>
#include <array>

#include "core/address/address.hpp"
#include "core/store/members.hpp"
#include "core/store/spent.hpp"
#include "core/text/ascii.hpp"

namespace majlis {
namespace {

constexpr std::int64_t day = 86'400;

constexpr std::array<std::string_view, 18> robots{
    "mailer-daemon", "mailerdaemon", "postmaster",   "noreply",         "no-reply",      "no_reply",
    "donotreply",    "do-not-reply", "do_not_reply", "ne-pas-repondre", "nepasrepondre", "bounce",
    "bounces",       "listserv",     "majordomo",    "mailman",         "autoresponder", "root"};

/// RFC 3834, 2 names owner-, -request; the rest is habit.
bool robot(std::string_view address_key)
{
    const auto local = address_key.substr(0, address_key.rfind('@'));
    const auto name = local.substr(0, local.find('+'));
    if (name.empty() || std::ranges::find(robots, name) != robots.end()) return true;
    if (name.starts_with("owner-") || name.starts_with("bounce-") || name.starts_with("bounces-")) return true;
    for (const auto* end : {"-request", "-owner", "-bounces", "-bounce", "-noreply", "-no-reply"})
        if (name.ends_with(end)) return true;
    return false;
}

std::string value(const Message& message, std::string_view name)
{
    const Field* found = find_field(message.root().fields, name);
    return found == nullptr ? std::string{} : text::lowered(text::trim(found->body));
}

std::string automatic_mark(const Message& message)
{
    const auto submitted = value(message, "Auto-Submitted");
    if (!submitted.empty() && submitted != "no" && !submitted.starts_with("no;") && !submitted.starts_with("no "))
        return "Auto-Submitted";
    const auto ack = value(message, "X-Ack");
    if (ack == "no") return "X-Ack: no";
    const auto precedence = value(message, "Precedence");
    for (const auto* kind : {"bulk", "junk", "list", "auto_reply"})
        if (precedence == kind && (ack != "yes" || precedence == "auto_reply")) return "Precedence: " + precedence;
    if (const auto suppress = value(message, "X-Auto-Response-Suppress"); !suppress.empty() && suppress != "none")
        return "X-Auto-Response-Suppress";
    if (value(message, "Return-Path") == "<>") return "an empty Return-Path";
    for (const Field& field : message.root().fields) {
        if (text::starts_with_nocase(field.name, "List-")) return std::string{field.name.substr(0, 40)};
        for (const auto* name : {"X-Loop", "Mailing-List", "X-Mailing-List", "X-BeenThere", "Feedback-ID", "X-Autoreply"})
            if (text::equal_nocase(field.name, name)) return name;
    }
    return {};
}

std::vector<std::string> senders(const Message& message)
{
    std::vector<std::string> keys;
    for (const auto* name : {"From", "Sender", "Return-Path"})
        for (const Field* field : find_fields(message.root().fields, name))
            for (const auto& box : parse_mailboxes(field->body)) {
                if (keys.size() >= 20) return keys;
                if (!box.address.domain.empty()) keys.push_back(box.address.key());
            }
    return keys;
}

}  // namespace

bool may_write_to(store::Database& db, std::string_view address_key, const Ourselves& ourselves)
{
    if (address_key.find('@') == std::string_view::npos || robot(address_key)) return false;
    if (std::ranges::find(ourselves.addresses, address_key) != ourselves.addresses.end()) return false;
    return !store::own_address(db, address_key);
}

std::string why_not_answered(store::Database& db, const Message& message, const Classification& classification,
                             const Ourselves& ourselves)
{
    switch (classification.kind) {
        case Kind::bounce:
        case Kind::autoreply:
        case Kind::feedback:
        case Kind::other:
            return "it is automatic: " + classification.reason;
        case Kind::post:
        case Kind::command:
            break;
    }
    if (auto mark = automatic_mark(message); !mark.empty()) return "it is automatic: " + mark;
    const auto id = value(message, "Message-ID");
    if (id.find(".majlis@" + text::lowered(ourselves.site_domain)) != std::string::npos) return "we wrote it";
    const auto keys = senders(message);
    const auto* from = find_field(message.root().fields, "From");
    if (keys.empty() || from == nullptr) return "it has no sender";
    for (const auto& key : keys)
        if (!may_write_to(db, key, ourselves)) return "it comes from a robot or from ourselves";
    return {};
}

bool within_limit(store::Database& db, std::string_view what, std::string_view who, std::int64_t limit,
                  std::int64_t window_seconds, std::int64_t now)
{
    return store::spend(db, what, who, {limit, window_seconds}, now);
}

bool spend_answer(store::Database& db, std::string_view address_key, Known known, std::int64_t now)
{
    return within_limit(db, "answer", address_key, known == Known::yes ? answers_a_day : answers_to_strangers_a_day, day, now);
}

}  // namespace majlis
