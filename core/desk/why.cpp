#include <algorithm>

#include "core/desk/acts.hpp"
#include "core/store/aliases.hpp"
#include "core/store/copies.hpp"
#include "core/store/roles.hpp"
#include "core/text/date.hpp"

namespace majlis::desk {
namespace {

/// "2026-11-03 10:00 UTC": a day as all notices write it, with its time.
std::string minute_of(std::int64_t at)
{
    constexpr std::size_t time_at = 17, hour_and_minute = 5;  // "Tue, 03 Nov 2026 10:00:00 +0000"
    return day_of(at) + " " + text::format_date(at).substr(time_at, hour_and_minute) + " UTC";
}

/// What became of the member's own copy.
std::string copy_phrase(const Visit& visit, const store::PostTrace& trace)
{
    const auto copy = store::copy_of(visit.db, trace.delivery_id, visit.person->id);
    const Values values{{"name", trace.list},
                        {"at", copy.at == 0 ? std::string{} : minute_of(copy.at)},
                        {"relay", copy.relay},
                        {"reply", copy.reply}};
    switch (copy.state) {
        case store::CopyState::sent:
            return visit.say("why-sent", values);
        case store::CopyState::on_its_way:
            return visit.say("why-on-its-way", values);
        case store::CopyState::deferred:
            return visit.say("why-deferred", values);
        case store::CopyState::failed:
            return visit.say("why-failed", values);
        case store::CopyState::not_for_him:
            break;
    }
    return visit.say("why-no-copy", values);
}

/// Why the rules decided so, in the reader's language.
std::string reason_phrase(const Visit& visit, const store::PostTrace& trace)
{
    for (const auto& hit : store::hits_of(visit.db, trace.post_list_id))
        if (hit.rule == trace.rule) return render_phrase("reason-" + hit.rule, visit.language, hit.values, visit.site.templates);
    return trace.reason;
}

std::string verdict_phrase(const Visit& visit, const store::PostTrace& trace)
{
    Values values{{"name", trace.list}, {"at", minute_of(trace.decided_at)}, {"rule", trace.rule}};
    values["reason"] = reason_phrase(visit, trace);
    return visit.say("why-" + std::string{store::verdict_name(trace.verdict)}, values);
}

}  // namespace

Result why(const Visit& visit, const commands::Line& line)
{
    Result result{line.text, {}, Result::Told::here};
    if (!visit.person) return visit.here(line.text, "not-known", {{"address", visit.sender.text()}});
    for (const auto& trace : store::trace_post(visit.db, line.argument, 20)) {
        const auto id = trace.list_id;
        const auto standing = store::standing(visit.db, std::span{&id, 1}, visit.person->address_key).front();
        const auto author = store::find_person(visit.db, trace.sender);
        const bool his = author && author->id == visit.person->id;
        // A post that reached nobody is nobody's business but its author's and the moderators'.
        if (trace.verdict != store::Verdict::accepted) {
            if (his || standing.moderator) result.says.push_back(verdict_phrase(visit, trace));
        } else if (his || standing.moderator || standing.receiver) {
            result.says.push_back(copy_phrase(visit, trace));
        }
    }
    if (result.says.empty()) result.says.push_back(visit.say("why-unknown"));
    return result;
}

}  // namespace majlis::desk
