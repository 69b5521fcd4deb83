#include "core/judge/judge.hpp"

#include <algorithm>

#include "core/address/address.hpp"
#include "core/judge/gather.hpp"
#include "core/message/content_digest.hpp"
#include "core/policy/facts.hpp"
#include "core/store/tokens.hpp"
#include "core/token/token.hpp"

namespace majlis {
namespace {

std::string hex(std::string_view bytes)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string text;
    for (const char c : bytes) {
        text += digits[static_cast<unsigned char>(c) >> 4];
        text += digits[static_cast<unsigned char>(c) & 15];
    }
    return text;
}

FindList finder(store::Database& db)
{
    return [&db](std::string_view key) { return store::find_list_by_key(db, key); };
}

SubjectTags tags(store::Database& db, const JudgeContext& context)
{
    return {.find = [&db](std::string_view name) -> std::optional<std::int64_t> {
                const auto list = store::find_list(db, name);
                if (!list) return std::nullopt;
                return list->id;
            },
            .own_address =
                [&context](std::string_view key) {
                    return std::ranges::find(context.own_addresses, key) != context.own_addresses.end();
                }};
}

JudgedList judge_on(store::Database& db, const ReadMail& mail, const Target& target, store::Junk junk,
                    const JudgeContext& context, std::int64_t arrived_at)
{
    JudgedList judged;
    judged.list = store::find_list(db, target.list_id).value();
    judged.settings = store::settings_of(db, target.list_id);
    judged.facts = gather_facts(db, mail, target, judged.list, judged.settings, junk, context, arrived_at);
    judged.decision = judge(judged.facts);
    return judged;
}

/// A meeting report sent to LIST+report@ is a post to the list; its address stands for the list's own.
void add_post_target(std::vector<Target>& targets, Target target)
{
    const auto same = std::ranges::find(targets, target.list_id, &Target::list_id);
    if (same == targets.end()) {
        target.by_tag = target.by_tag || target.command == Command::report;
        targets.push_back(std::move(target));
    } else if (target.command == Command::report) {
        same->command = Command::report;
    }
}

}  // namespace

std::unique_ptr<ReadMail> read_mail(std::string raw, std::string_view site_domain)
{
    auto mail = std::make_unique<ReadMail>();
    mail->raw = std::move(raw);
    mail->message = scan_message(mail->raw);
    mail->classification = classify(mail->message);
    const auto& fields = mail->message.root().fields;
    mail->identity.digest = content_digest(mail->message);
    const std::string_view digest{reinterpret_cast<const char*>(mail->identity.digest.data()), mail->identity.digest.size()};
    if (const auto* id = find_field(fields, "Message-ID")) mail->identity.message_id = message_id(id->body);
    if (mail->identity.message_id.empty()) mail->identity.message_id = hex(digest.substr(0, 16)) + "@" + std::string{site_domain};
    const auto address = parse_address(usable_sender(mail->message));
    if (address) mail->identity.sender = address->key();
    const auto decoded = decode(mail->message);
    mail->sender_name = decoded.from_name;
    mail->subject = decoded.subject;
    return mail;
}

std::vector<Target> route_mail(store::Database& db, const Message& header, const JudgeContext& context)
{
    const auto find_token = [&db](const Target& target) {
        return store::list_of_token(
            db, target.command == Command::moderate ? store::TokenPurpose::moderate : store::TokenPurpose::confirm, target.token);
    };
    const auto is_ours = [&db](const Target& target) {
        if (target.command != Command::bounce) return store::find_token(db, target.token).has_value();
        return token::open_bounce(store::site_secret(db), target.token).has_value();
    };
    return route(header, finder(db), tags(db, context), find_token, is_ours);
}

JudgedList judge_for(store::Database& db, const ReadMail& mail, std::int64_t list_id, store::Junk junk,
                     const JudgeContext& context, std::int64_t arrived_at)
{
    Target target;
    target.list_id = list_id;
    return judge_on(db, mail, target, junk, context, arrived_at);
}

Judgement judge_mail(store::Database& db, const ReadMail& mail, store::Junk junk, const JudgeContext& context,
                     std::int64_t arrived_at)
{
    Judgement judgement;
    const auto targets = route_mail(db, mail.message, context);
    judgement.kind = mail.classification.kind;
    judgement.reason = mail.classification.reason;
    std::vector<Target> posted_to;
    for (const auto& target : targets) {
        if (target.command == Command::post || target.command == Command::report)
            add_post_target(posted_to, target);
        else
            judgement.commands.push_back(target);
    }
    const auto asks = [&](Command command) {
        return std::ranges::find(judgement.commands, command, &Target::command) != judgement.commands.end();
    };
    if (asks(Command::bounce)) {
        // What comes to a bounce address is a report whatever it looks like, unless it says plainly that it is something else.
        if (judgement.kind == Kind::post || judgement.kind == Kind::command) judgement.kind = Kind::bounce;
        return judgement;
    }
    const bool report = judgement.kind == Kind::bounce || judgement.kind == Kind::feedback || judgement.kind == Kind::other;
    if (report && mail.classification.certain) return judgement;
    if (posted_to.empty()) {
        if (judgement.kind == Kind::autoreply) return judgement;
        judgement.kind = judgement.commands.empty() ? Kind::other : Kind::command;
        if (judgement.commands.empty()) judgement.reason = "names no list of ours";
        return judgement;
    }
    // An automatic reply that came to a list stays one; the rules discard it, or hold it in doubt. So does everything else that
    // is not surely a report: a moderator sees it.
    judgement.kind = judgement.kind == Kind::autoreply && mail.classification.certain ? Kind::autoreply : Kind::post;
    for (const auto& target : posted_to) {
        judgement.lists.push_back(judge_on(db, mail, target, junk, context, arrived_at));
        if (context.report_tag.empty()) continue;
        auto& mark = judgement.lists.back().report;
        mark = reports::report_mark(mail.subject, context.report_tag);
        if (mark == reports::Mark::none && target.command == Command::report) mark = reports::Mark::report;
    }
    return judgement;
}

}  // namespace majlis
