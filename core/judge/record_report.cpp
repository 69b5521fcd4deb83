#include "core/bounces/complaint.hpp"
#include "core/bounces/consequence.hpp"
#include "core/bounces/owners.hpp"
#include "core/desk/desk.hpp"
#include "core/judge/record.hpp"

namespace majlis::record {
namespace {

/// The list that an automatic answer came to, by whichever of its addresses.
std::optional<store::List> list_of(const Case& c)
{
    return c.judgement.commands.empty() ? std::nullopt : store::find_list(c.db, c.judgement.commands.front().list_id);
}

}  // namespace

Recorded report(const Case& c)
{
    const auto& classification = c.mail.classification;
    Recorded recorded{.note = c.judgement.reason, .delivering = false};
    const auto add = [&](const std::string& note) {
        if (!note.empty()) recorded.note += (recorded.note.empty() ? "" : "; ") + note;
    };
    const bounces::Report what{classification, c.judgement.commands};
    const store::By by{"majlisd", c.now};
    if (c.judgement.kind == Kind::bounce) {
        // Nobody is held to a confirmation that he cannot have read.
        if (desk::confirmation_bounced(c.db, classification.original.message_id, by))
            add("a confirmation came back: its request is dropped");
        else
            add(bounces::take_bounce(c.db, what, c.now));
    } else if (c.judgement.kind == Kind::feedback) {
        add(bounces::take_complaint(c.db, what, by));
    } else if (classification.challenge) {
        if (const auto list = list_of(c)) {
            add(bounces::show_challenge(c.db, c.context.site, *list, c.mail.identity.sender, c.mail.raw, c.now));
            recorded.delivering = true;
        }
    }
    store::mark_judged(c.db, c.arrival.arrival_id, kind_name(c.judgement.kind), recorded.note);
    return recorded;
}

}  // namespace majlis::record
