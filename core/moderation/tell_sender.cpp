#include "core/moderation/tell_sender.hpp"

#include <algorithm>
#include <array>

#include "core/store/aliases.hpp"
#include "core/store/roles.hpp"

namespace majlis::moderation {
namespace {

constexpr std::int64_t day = 86'400;
constexpr std::array<std::string_view, 8> silent_rules{"loop", "again", "automatic", "perhaps-automatic",
                                                       "junk", "spam",  "banned",    "forged"};

bool is_member(store::Database& db, const store::HeldPost& post)
{
    const auto person = store::find_person(db, post.sender);
    if (!person) return false;
    const auto standing = store::standing(db, std::span{&post.list_id, 1}, person->address_key);
    return !standing.empty() && (standing.front().receiver || standing.front().moderator);
}

std::string_view template_of(News news)
{
    switch (news) {
        case News::held:
            return "held-sender";
        case News::expired:
            return "expired-sender";
        case News::rejected_by_rules:
        case News::rejected:
            break;
    }
    return "rejected-sender";
}

/// Whether it may be so that somebody else wrote the post, and what follows.
std::string doubt_about(store::Database& db, const SweepContext& context, const store::HeldPost& post, News news, Known& known)
{
    known = Known::yes;
    if (post.trust == "failed") return "his address failed authentication";
    if (post.trust == "passed") return {};
    if (context.trusts_a_server) return "nothing proves his address";
    if (is_member(db, post)) return {};
    known = Known::no;
    return news == News::rejected ? "" : "nothing proves his address, and he is a stranger";
}

enum class Room { none, last, more };

Room room_for(store::Database& db, std::string_view address_key, Known known, std::int64_t now)
{
    if (known == Known::no) return spend_answer(db, address_key, known, now) ? Room::more : Room::none;
    if (within_limit(db, "sender-notice", address_key, sender_notices_a_day - 1, day, now)) return Room::more;
    return within_limit(db, "sender-notice-last", address_key, 1, day, now) ? Room::last : Room::none;
}

}  // namespace

std::string tell_sender(store::Database& db, const SweepContext& context, const store::HeldPost& post, const HeldMail& mail,
                        News news, std::int64_t now)
{
    if (post.sender.empty()) return "the post has no sender";
    if (std::ranges::find(silent_rules, post.rule) != silent_rules.end()) return "the rule was " + post.rule;
    if (!may_write_to(db, post.sender, context.ourselves)) return "his address takes no answers";
    if (auto why = why_not_answered(db, mail.message, mail.classification, context.ourselves); !why.empty()) return why;
    Known known = Known::yes;
    if (auto why = doubt_about(db, context, post, news, known); !why.empty()) return why;
    const auto list = store::find_list(db, post.list_id);
    if (!list) return "the list is gone";
    const auto room = room_for(db, post.sender, known, now);
    if (room == Room::none) return "he has heard enough today";

    Letter letter;
    letter.name = template_of(news);
    letter.to = post.sender;
    letter.list = list;
    letter.language = language_for(db, context.site, post.sender, *list);
    letter.in_reply_to = post.message_id;
    letter.values = values_of(db, context.site, post, mail, letter.language);
    letter.values.blocks.erase("text");
    if (news == News::rejected) {
        letter.values.rows.erase("reasons");
        letter.values.blocks["reason"] = post.reason;
        letter.values.text["by_moderator"] = "yes";
    }
    if (post.rule == "digest-quoted") letter.values.text["answered_digest"] = "yes";  // how to answer one post of it
    if (room == Room::last) letter.values.text["last"] = "yes";
    // He gets it back to mend it; to whom nothing is proven, nothing is sent but words.
    if (news != News::held && known == Known::yes) letter.original = mail.raw;
    send_letter(db, context.site, letter, now);
    return {};
}

}  // namespace majlis::moderation
