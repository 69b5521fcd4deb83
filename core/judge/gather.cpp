#include "core/judge/gather.hpp"

#include <algorithm>

#include "core/address/address.hpp"
#include "core/filter/filter.hpp"
#include "core/log/log.hpp"
#include "core/policy/administrivia.hpp"
#include "core/policy/facts.hpp"
#include "core/policy/header_pattern.hpp"
#include "core/store/list_rules.hpp"
#include "core/store/roles.hpp"
#include "core/trust/trust.hpp"

namespace majlis {
namespace {

Automatic automatic(const Classification& classification)
{
    if (classification.kind != Kind::autoreply) return Automatic::no;
    return classification.certain ? Automatic::certain : Automatic::doubtful;
}

Earlier earlier(store::Database& db, const store::PostIdentity& identity, std::int64_t list_id)
{
    const auto post = store::find_post(db, identity);
    if (post) {
        const auto decided = store::lists_decided(db, *post);
        return std::ranges::find(decided, list_id) == decided.end() ? Earlier::nothing : Earlier::same_post;
    }
    return store::other_content(db, identity) ? Earlier::other_content : Earlier::nothing;
}

Standing standing_in(const store::Standing& one)
{
    if (one.moderator) return Standing::moderator;
    return one.receiver ? Standing::member : Standing::stranger;
}

Moderation moderation_named(std::string_view name)
{
    if (name == "accept") return Moderation::accept;
    if (name == "hold") return Moderation::hold;
    if (name == "reject") return Moderation::reject;
    if (name == "discard") return Moderation::discard;
    return Moderation::by_list;
}

/// Of several senders: what one of them is forbidden counts before what another may.
void stricter(Moderation& so_far, Moderation other) { so_far = std::max(so_far, other); }

/// Who the senders are to the list. The one with most standing counts; a ban of any of them does, be it of another address of the
/// same person.
void gather_senders(store::Database& db, const Message& message, const store::List& list, Facts& facts)
{
    const auto senders = sender_keys(message, list.address_key);
    auto suspects = senders;
    for (const Field* field : find_fields(message.root().fields, "Sender"))
        for (const Mailbox& box : parse_mailboxes(field->body))
            if (suspects.size() < 2 * max_senders) suspects.push_back(box.address.key());
    std::vector<std::string> persons;  // all addresses of those that we know
    for (const auto& sender : senders) {
        const auto one = store::standing(db, std::span{&list.id, 1}, sender).front();
        facts.standing = std::max(facts.standing, standing_in(one));
        if (!one.member_id) continue;
        stricter(facts.moderation, moderation_named(one.moderation));
        const auto keys = store::addresses_of(db, store::find_member(db, *one.member_id).value());
        persons.insert(persons.end(), keys.begin(), keys.end());
        std::int64_t accepted = 0;
        for (const auto& key : keys) {
            const auto left = facts.first_posts_held - accepted;
            if (left > 0) accepted += store::accepted_before(db, list.id, key, left);
        }
        facts.accepted_before = std::max(facts.accepted_before, accepted);
    }
    auto ban = store::sender_rule(db, list.id, store::RuleKind::ban, suspects);
    if (!ban) ban = store::address_rule(db, list.id, store::RuleKind::ban, persons);
    if (ban) facts.banned_by = ban->pattern;
    auto permission = store::sender_rule(db, list.id, store::RuleKind::allow, senders);
    if (!permission) permission = store::address_rule(db, list.id, store::RuleKind::allow, persons);
    if (permission) facts.allowed_by = permission->pattern;
}

Unproven unproven(const AuthenticationConfig& config)
{
    // Where a server is named, what bears no verdict of it did not come the way that mail comes.
    if (!config.trusted_servers.empty()) return Unproven::hold;
    switch (config.unproven) {
        case AuthenticationConfig::Unproven::accept:
            break;
        case AuthenticationConfig::Unproven::hold:
            return Unproven::hold;
        case AuthenticationConfig::Unproven::challenge:
            return Unproven::challenge;
    }
    return Unproven::accept;
}

void gather_trust(const Message& message, const JudgeContext& context, Facts& facts)
{
    const auto& servers = context.authentication.trusted_servers;
    const auto trust = trust_of(message, servers, context.suffixes);
    facts.authenticity = trust.proof == Proof::passed   ? Authenticity::passed
                         : trust.proof == Proof::failed ? Authenticity::failed
                                                        : Authenticity::unknown;
    facts.authenticity_why = trust.why;
    facts.unproven = unproven(context.authentication);
    facts.spam_mark = spam_flag(message, servers, context.suffixes);
}

Verdict verdict_of(store::RuleAction action)
{
    switch (action) {
        case store::RuleAction::hold:
            break;
        case store::RuleAction::reject:
            return Verdict::reject;
        case store::RuleAction::discard:
            return Verdict::discard;
        case store::RuleAction::accept:
            return Verdict::accept;
    }
    return Verdict::hold;
}

/// A pattern that does not compile was written by another program or version: mail goes on without it.
std::optional<HeaderMatch> header_match(store::Database& db, const Message& message, std::int64_t list_id)
{
    for (const auto& rule : store::header_rules_for(db, list_id)) {
        const auto pattern = HeaderPattern::compile(rule.field, rule.pattern);
        if (!pattern) {
            log::warning("rule-skipped", {{"rule", rule.id}, {"error", pattern.error().message}});
            continue;
        }
        if (pattern->matches(message)) return HeaderMatch{rule.field, rule.pattern, verdict_of(rule.action)};
    }
    return std::nullopt;
}

void gather_content(const ReadMail& mail, const Settings& settings, Facts& facts)
{
    facts.size = static_cast<std::int64_t>(mail.raw.size());
    const auto wanted = filter_settings(settings);
    if (wanted.asks_nothing()) return;
    const auto filtered = filter(mail.message, wanted);
    if (filtered.changed) facts.size = filtered.size_after;
    facts.nothing_left = filtered.nothing_left;
}

}  // namespace

Facts gather_facts(store::Database& db, const ReadMail& mail, const Target& target, const store::List& list,
                   const Settings& settings, store::Junk junk, const JudgeContext& context, std::int64_t arrived_at)
{
    Facts facts;
    take_settings(facts, settings);
    facts.sender = usable_sender(mail.message, list.address_key);
    gather_senders(db, mail.message, list, facts);
    gather_trust(mail.message, context, facts);
    facts.automatic = automatic(mail.classification);
    facts.automatic_mark = mail.classification.reason;
    const std::string ours = ".majlis@" + context.site_domain;
    facts.loop_marks = loop_marks(mail.message, {.address_key = list.address_key,
                                                 .list_id = list.list_id,
                                                 .our_message_id = [&ours](std::string_view id) { return id.ends_with(ours); }});
    facts.earlier = earlier(db, mail.identity, list.id);
    facts.defects = mail.message.defects;
    facts.from_junk = junk == store::Junk::yes;
    facts.names_list = target.by_tag || names_list(mail.message, list.address_key);
    facts.recipients = count_recipients(mail.message);
    facts.header = header_match(db, mail.message, list.id);
    facts.mistake = command_by_mistake(mail.message);
    facts.digest_mark = quoted_digest(mail.message);
    if (facts.flood.posts > 0)
        facts.recent = store::accepted_since(db, list.id, arrived_at - facts.flood.seconds, facts.flood.posts);
    gather_content(mail, settings, facts);
    return facts;
}

}  // namespace majlis
