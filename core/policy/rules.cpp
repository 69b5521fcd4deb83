#include "core/policy/rules.hpp"

#include <array>

#include "core/compose/notice.hpp"
#include "core/policy/sender_rules.hpp"
#include "core/text/units.hpp"

namespace majlis {
namespace {

using Answer = std::optional<Verdict>;

std::string joined(const std::vector<std::string>& items)
{
    std::string out;
    for (const auto& item : items) out.append(out.empty() ? "" : ", ").append(item);
    return out;
}

Answer discard_if(bool it) { return it ? Answer{Verdict::discard} : std::nullopt; }
Answer hold_if(bool it) { return it ? Answer{Verdict::hold} : std::nullopt; }

Values nothing(const Facts&) { return {}; }

Answer no_sender(const Facts& f) { return discard_if(f.sender.empty()); }

Answer loop(const Facts& f) { return discard_if(!f.loop_marks.empty()); }
Values of_loop(const Facts& f) { return {{"marks", joined(f.loop_marks)}}; }

Answer again(const Facts& f) { return discard_if(f.earlier == Earlier::same_post); }

Answer automatic(const Facts& f) { return discard_if(f.automatic == Automatic::certain); }
Values of_automatic(const Facts& f) { return {{"mark", f.automatic_mark}}; }

Answer header(const Facts& f)
{
    if (!f.header) return std::nullopt;
    return f.header->action == Verdict::reject ? rules::refuse(f) : f.header->action;
}
Values of_header(const Facts& f)
{
    if (!f.header) return {};
    return {{"field", f.header->field}, {"pattern", f.header->pattern}};
}

Answer administrivia(const Facts& f)
{
    if (f.mistake.word.empty() || f.mistake.doubtful) return std::nullopt;
    return rules::refuse(f);
}
Answer perhaps_administrivia(const Facts& f) { return hold_if(!f.mistake.word.empty() && f.mistake.doubtful); }
Values of_mistake(const Facts& f) { return {{"word", f.mistake.word}}; }

Answer same_id_other_content(const Facts& f) { return hold_if(f.earlier == Earlier::other_content); }

Answer emergency(const Facts& f) { return hold_if(f.emergency == Switch::on); }

Answer perhaps_automatic(const Facts& f) { return hold_if(f.automatic == Automatic::doubtful); }

Answer malformed(const Facts& f) { return hold_if(!f.defects.empty()); }
Values of_malformed(const Facts& f) { return {{"defects", joined(f.defects)}}; }

Answer junk(const Facts& f) { return hold_if(f.from_junk); }

Answer spam(const Facts& f) { return hold_if(!f.spam_mark.empty()); }
Values of_spam(const Facts& f) { return {{"mark", f.spam_mark}}; }

Answer too_big(const Facts& f) { return hold_if(f.max_size > 0 && f.size > f.max_size); }
Values of_size(const Facts& f) { return {{"size", text::readable_size(f.size)}, {"limit", text::readable_size(f.max_size)}}; }

Answer too_many_recipients(const Facts& f) { return hold_if(f.max_recipients > 0 && f.recipients > f.max_recipients); }
Values of_recipients(const Facts& f)
{
    return {{"count", std::to_string(f.recipients)}, {"limit", std::to_string(f.max_recipients)}};
}

Answer implicit_destination(const Facts& f) { return hold_if(!f.names_list); }

Answer nothing_left(const Facts& f) { return hold_if(f.nothing_left); }

Answer digest_quoted(const Facts& f) { return hold_if(!f.digest_mark.empty()); }
Values of_digest(const Facts& f) { return {{"mark", f.digest_mark}}; }

/// The one that would be too many waits, and all after it: whoever sets off a flood does not reach everybody.
Answer flood(const Facts& f) { return hold_if(f.emergency == Switch::off && f.flood.posts > 0 && f.recent >= f.flood.posts); }
Values of_flood(const Facts& f)
{
    return {{"posts", std::to_string(f.flood.posts)}, {"minutes", std::to_string((f.flood.seconds + 59) / 60)}};
}

Answer always(const Facts&) { return Verdict::accept; }

/// First what gets no answer from anybody, then what was sent here by mistake, then who the sender is: those who may pass, those
/// who are refused. Then all reasons for a moderator to look, those about the sender before those about the mail.
constexpr std::array<Rule, 31> table{{
    {"no-sender", About::mail, no_sender, nothing},
    {"loop", About::mail, loop, of_loop},  // before anything that answers: replying to a loop feeds it
    {"again", About::mail, again, nothing},
    {"automatic", About::mail, automatic, of_automatic},
    {"banned", About::mail, rules::banned, rules::of_ban},  // no permission lifts a ban
    {"header", About::mail, header, of_header},
    {"administrivia", About::mail, administrivia, of_mistake},  // strangers too: "subscribe" comes from them
    {"allowed", About::sender, rules::allowed, rules::of_permission},
    {"moderated-member", About::sender, rules::moderated_member, rules::of_member},
    {"stranger-discarded", About::sender, rules::stranger_discarded, rules::of_sender},
    {"stranger-rejected", About::sender, rules::stranger_rejected, rules::of_sender},
    {"forged", About::mail, rules::forged, rules::of_proof},  // of the mail: who may pass must still be the one who wrote
    {"unproven", About::mail, rules::unproven, rules::of_proof},
    {"same-id-other-content", About::mail, same_id_other_content, nothing},
    {"emergency", About::mail, emergency, nothing},
    {"moderated", About::sender, rules::moderated, nothing},
    {"moderators-only", About::sender, rules::moderators_only, nothing},
    {"stranger", About::sender, rules::stranger, rules::of_sender},
    {"first-posts", About::sender, rules::first_posts, rules::of_first_posts},
    {"perhaps-automatic", About::mail, perhaps_automatic, of_automatic},
    {"malformed", About::mail, malformed, of_malformed},
    {"junk", About::mail, junk, nothing},
    {"spam", About::mail, spam, of_spam},
    {"too-big", About::mail, too_big, of_size},
    {"too-many-recipients", About::mail, too_many_recipients, of_recipients},
    {"implicit-destination", About::mail, implicit_destination, nothing},
    {"nothing-left", About::mail, nothing_left, nothing},
    {"perhaps-administrivia", About::mail, perhaps_administrivia, of_mistake},
    {"digest-quoted", About::mail, digest_quoted, of_digest},
    {"flood", About::mail, flood, of_flood},  // last: only what would have been accepted can set it off
    {"default", About::mail, always, nothing},
}};

Hit ask(const Rule& rule, const Facts& facts)
{
    Hit hit;
    hit.rule = rule.name;
    const auto answer = rule.ask(facts);
    if (!answer) return hit;
    hit.hit = true;
    hit.verdict = *answer;
    hit.values = rule.values(facts);
    hit.reason = render_phrase("reason-" + std::string{rule.name}, "en", hit.values);
    return hit;
}

Then then(const Facts& facts, const Decision& decision)
{
    std::size_t against = 0;
    for (const Hit& hit : decision.asked)
        if (hit.hit && hit.verdict != Verdict::accept) ++against;
    if (decision.rule == "unproven" && against == 1 && facts.unproven == Unproven::challenge) return Then::challenge;
    if (decision.rule == "administrivia" && decision.verdict == Verdict::reject) return Then::help;
    return decision.rule == "flood" ? Then::emergency : Then::nothing;
}

/// Adds a rule that spoke. True when nothing more need be asked.
bool take(Decision& decision, const Hit& hit, std::string_view& accepted_by)
{
    const bool held = decision.verdict == Verdict::hold;
    if (hit.verdict == Verdict::accept) {
        if (!accepted_by.empty()) return false;
        accepted_by = hit.rule;
        if (!held) decision.rule = hit.rule, decision.reason = hit.reason;
        return false;
    }
    decision.reason = held ? decision.reason + "; " + hit.reason : hit.reason;
    if (held) return false;
    decision.rule = hit.rule;
    decision.verdict = hit.verdict;
    return hit.verdict != Verdict::hold;
}

}  // namespace

std::string_view verdict_name(Verdict verdict)
{
    switch (verdict) {
        case Verdict::accept:
            return "accept";
        case Verdict::hold:
            return "hold";
        case Verdict::reject:
            return "reject";
        case Verdict::discard:
            break;
    }
    return "discard";
}

void take_settings(Facts& facts, const Settings& settings)
{
    facts.max_size = settings.max_size;
    facts.max_recipients = settings.max_recipients;
    facts.posting = settings.posting;
    facts.nonmembers = settings.nonmembers;
    facts.emergency = settings.emergency;
    facts.first_posts_held = settings.first_posts_held;
    facts.flood = settings.flood;
}

std::span<const Rule> posting_rules() { return table; }

Decision judge(const Facts& facts)
{
    Decision decision;
    std::string_view accepted_by;  // the rule that lets the sender pass
    for (const Rule& rule : table) {
        if (!accepted_by.empty() && rule.about == About::sender) continue;
        if (&rule == &table.back() && decision.verdict == Verdict::hold) break;
        auto hit = ask(rule, facts);
        const bool done = hit.hit && take(decision, hit, accepted_by);
        decision.asked.push_back(std::move(hit));
        if (done) break;
    }
    decision.then = then(facts, decision);
    return decision;
}

}  // namespace majlis
