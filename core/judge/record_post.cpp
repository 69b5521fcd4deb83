#include <algorithm>

#include "core/address/address.hpp"
#include "core/judge/record.hpp"
#include "core/store/held.hpp"
#include "core/store/preferences.hpp"
#include "core/store/reports.hpp"

namespace majlis::record {
namespace {

constexpr std::size_t most_named = 200;  // addresses of To and Cc that are looked up

store::Verdict stored(Verdict verdict)
{
    switch (verdict) {
        case Verdict::accept:
            return store::Verdict::accepted;
        case Verdict::hold:
            return store::Verdict::held;
        case Verdict::reject:
            return store::Verdict::rejected;
        case Verdict::discard:
            return store::Verdict::discarded;
    }
    return store::Verdict::held;
}

std::string trust_name(Authenticity authenticity)
{
    switch (authenticity) {
        case Authenticity::passed:
            return "passed";
        case Authenticity::failed:
            return "failed";
        case Authenticity::unknown:
            break;
    }
    return "unknown";
}

/// What spoke; that nothing did is told by the rule `default` alone.
std::vector<store::RuleHit> hits(const Decision& decision)
{
    std::vector<store::RuleHit> found;
    for (const auto& hit : decision.asked)
        if (hit.hit && hit.rule != "default")
            found.push_back({std::string{hit.rule}, std::string{verdict_name(hit.verdict)}, hit.reason, hit.values});
    return found;
}

std::string describe(const std::vector<JudgedList>& lists)
{
    std::string text;
    for (const auto& judged : lists) {
        if (!text.empty()) text += "; ";
        text += judged.list.name + ": " + std::string{verdict_name(judged.decision.verdict)} + " by " + judged.decision.rule;
        if (!judged.decision.reason.empty()) text += " (" + judged.decision.reason + ")";
    }
    return text;
}

/// Keys of the addresses in To and Cc.
std::vector<std::string> named_keys(const Message& message)
{
    std::vector<std::string> keys;
    for (const auto* name : {"To", "Cc"})
        for (const Field* field : find_fields(message.root().fields, name))
            for (const auto& box : parse_mailboxes(field->body))
                if (!box.address.domain.empty() && keys.size() < most_named) keys.push_back(box.address.key());
    return keys;
}

/// What follows a verdict beside the notices to moderators and author.
void follow(const Case& c, const JudgedList& judged, std::int64_t post_list_id, Recorded& recorded)
{
    if (post_list_id == 0) return;  // the list had decided before
    switch (judged.decision.then) {
        case Then::nothing:
            return;
        case Then::challenge: {
            const auto done = desk::challenge(caller_of(c), judged.list, post_list_id);
            if (!done.note.empty()) recorded.note += "; " + done.note;
            recorded.delivering = recorded.delivering || done.wrote;
            if (done.wrote) store::note_sender_told(c.db, post_list_id, c.now);  // no second letter, that it waits
            return;
        }
        case Then::help:
            if (help_author(c, judged, post_list_id)) recorded.delivering = true;
            return;
        case Then::emergency:
            if (stop_flood(c, judged)) recorded.delivering = true;
    }
}

}  // namespace

Recorded post(const Case& c)
{
    std::vector<store::ListVerdict> verdicts;
    std::vector<const JudgedList*> decided;  // one for each verdict
    for (const auto& judged : c.judgement.lists) {
        // The same post again on this list changes nothing there: its first verdict stands.
        if (judged.facts.earlier == Earlier::same_post) continue;
        decided.push_back(&judged);
        verdicts.push_back({judged.list.id, stored(judged.decision.verdict), judged.decision.rule, judged.decision.reason,
                            trust_name(judged.facts.authenticity), hits(judged.decision)});
    }
    Recorded recorded{.note = describe(c.judgement.lists), .delivering = false};
    if (verdicts.empty()) {
        store::mark_judged(c.db, c.arrival.arrival_id, kind_name(c.judgement.kind), recorded.note);
        return recorded;
    }
    const auto made = store::record_verdicts(c.db,
                                             {.identity = c.mail.identity,
                                              .arrival_id = c.arrival.arrival_id,
                                              .content_id = c.arrival.content_id,
                                              .sender_name = c.mail.sender_name,
                                              .subject = c.mail.subject,
                                              .size = static_cast<std::int64_t>(c.mail.raw.size()),
                                              .received_at = c.arrival.arrived_at},
                                             verdicts, c.now);
    recorded.delivering = made.delivery_id.has_value();
    store::note_named(c.db, made.post_id, named_keys(c.mail.message));
    for (std::size_t i = 0; i < decided.size(); ++i) follow(c, *decided[i], made.post_list_ids.at(i), recorded);
    for (const auto& judged : c.judgement.lists)
        if (judged.report != reports::Mark::none)
            store::note_report(c.db, made.post_id, judged.list.id,
                               judged.report == reports::Mark::reply ? store::ReportMark::reply : store::ReportMark::report,
                               c.now);
    // What record_verdicts noted says post; an automatic reply keeps its own kind.
    store::mark_judged(c.db, c.arrival.arrival_id, kind_name(c.judgement.kind), recorded.note);
    return recorded;
}

}  // namespace majlis::record
