#include "core/moderation/take_answer.hpp"

#include "core/letters/letter.hpp"
#include "core/moderation/answer.hpp"
#include "core/moderation/decide.hpp"
#include "core/moderation/held_mail.hpp"
#include "core/store/aliases.hpp"
#include "core/store/journal.hpp"
#include "core/store/roles.hpp"
#include "core/store/tokens.hpp"

namespace majlis::moderation {
namespace {

using Wish = Answer::Wish;

/// One answer on its way through the checks.
struct Case {
    store::Database& db;
    const SiteFace& site;
    const Ourselves& ourselves;
    const AnswerMail& mail;
    std::int64_t now;
};

Taken refused(const Case& c, const store::HeldPost& post, std::string_view why)
{
    const std::string detail = "held " + std::to_string(post.id) + ": nothing done: " + std::string{why};
    store::journal(c.db, {"majlisd", c.now},
                   {.event = "answer-refused", .list_id = post.list_id, .address = c.mail.sender, .detail = detail});
    return {detail, false};
}

/// A letter to the moderator who answered, unless he has had enough of them.
Taken answer_with(const Case& c, const store::HeldPost& post, const store::Member& moderator, std::string name,
                  NoticeValues values, std::string reply_command, std::string note)
{
    if (!may_write_to(c.db, moderator.address_key, c.ourselves) || !spend_answer(c.db, moderator.address_key, Known::yes, c.now))
        return {note + "; not answered", false};
    Letter letter;
    letter.name = std::move(name);
    letter.to = moderator.address;
    letter.list = store::find_list(c.db, post.list_id);
    letter.reply_command = std::move(reply_command);
    letter.in_reply_to = c.mail.message_id;
    letter.values = std::move(values);
    letter.values.text.insert({{"sender", sender_of(post)}, {"subject", post.subject}, {"id", std::to_string(post.id)}});
    send_letter(c.db, c.site, letter, c.now);
    return {std::move(note), true};
}

/// "mail:karim@example.org" -> the address; "folder:..." and others as they are.
std::string who_decided(const std::string& by) { return by.starts_with("mail:") ? by.substr(5) : by; }

Taken too_late(const Case& c, const store::HeldPost& post, const store::Member& moderator)
{
    NoticeValues values;
    values.text = {{"who", who_decided(post.decided_by)}, {"when", day_of(post.decided_at)}};
    if (post.verdict == store::Verdict::held)
        values.text["waiting"] = "yes";
    else if (post.decided_by == "expiry")
        values.text["expired"] = "yes";
    else
        values.text[std::string{store::verdict_name(post.verdict)}] = "yes";
    return answer_with(c, post, moderator, "moderation-late", std::move(values), {},
                       "held " + std::to_string(post.id) +
                           ": answered too late: " + std::string{store::verdict_name(post.verdict)} + " by " + post.decided_by);
}

Decision decision_of(const Answer& answer)
{
    switch (answer.wish) {
        case Wish::reject:
            return {store::Verdict::rejected, Sender::as_before, answer.reason};
        case Wish::discard:
            return {store::Verdict::discarded, Sender::as_before, {}};
        case Wish::ban:
            return {store::Verdict::discarded, Sender::banned, {}};
        case Wish::allow:
            return {store::Verdict::accepted, Sender::allowed, {}};
        case Wish::approve:
        case Wish::unclear:
            break;
    }
    return {store::Verdict::accepted, Sender::as_before, {}};
}

Taken carry_out(const Case& c, const store::HeldPost& post, const store::Member& moderator)
{
    const auto answer = read_answer(c.mail.message);
    const std::string held = "held " + std::to_string(post.id);
    if (answer.wish == Wish::unclear) {
        NoticeValues values;
        values.text["token"] = c.mail.token;
        return answer_with(
            c, post, moderator, "moderation-help", std::move(values), "mod-" + c.mail.token,
            held + ": the answer is unclear" + (answer.doubt.empty() ? "" : " (" + answer.doubt + ")") + ": help sent");
    }
    const auto decision = decision_of(answer);
    const auto settled = decide(c.db, post.id, decision, {"mail:" + c.mail.sender, c.now});
    if (!settled) return refused(c, post, settled.error().message);
    std::string note = held + ": " + std::string{store::verdict_name(decision.verdict)} + " by " + c.mail.sender;
    if (decision.sender == Sender::banned) note += ", its sender banned";
    if (decision.sender == Sender::allowed) note += ", its sender allowed";
    return {std::move(note), true};
}

}  // namespace

Taken take_answer(store::Database& db, const SiteFace& site, const Ourselves& ourselves, const AnswerMail& mail, std::int64_t now)
{
    const Case c{db, site, ourselves, mail, now};
    const auto token = store::find_token(db, mail.token);
    if (!token || token->purpose != store::TokenPurpose::moderate || !token->post_list_id)
        return {"a moderator's answer with a token that is not ours", false};
    const auto post = store::held_post(db, *token->post_list_id);
    if (!post) return {"a moderator's answer about a post that is gone", false};
    const auto person = mail.sender.empty() ? std::nullopt : store::find_person(db, mail.sender);
    if (!person || !token->member_id || person->id != *token->member_id)
        return refused(c, *post, "the token was sent to somebody else");
    if (mail.proof == Proof::failed) return refused(c, *post, "the From address failed authentication");
    if (const auto why = why_automatic(mail.message, mail.classification); !why.empty())
        return refused(c, *post, "automatic mail: " + why);
    if (!store::is_moderator(db, post->list_id, person->id) && !store::is_owner(db, post->list_id, person->id))
        return refused(c, *post, "he is no moderator any more");
    if (post->verdict != store::Verdict::held || !token->valid(now)) return too_late(c, *post, *person);
    return carry_out(c, *post, *person);
}

}  // namespace majlis::moderation
