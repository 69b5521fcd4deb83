#include "core/policy/sender_rules.hpp"

namespace majlis::rules {
namespace {

using Answer = std::optional<Verdict>;

Answer hold_if(bool it) { return it ? Answer{Verdict::hold} : std::nullopt; }

bool doubtful_origin(const Facts& f) { return f.from_junk || f.authenticity == Authenticity::failed; }

bool is_stranger(const Facts& f)
{
    return f.standing == Standing::stranger && f.posting != Posting::anyone && f.nonmembers != Nonmembers::accept;
}

}  // namespace

Verdict refuse(const Facts& f) { return doubtful_origin(f) ? Verdict::hold : Verdict::reject; }

Values of_sender(const Facts& f) { return {{"sender", f.sender}}; }

Answer banned(const Facts& f) { return f.banned_by.empty() ? std::nullopt : Answer{Verdict::discard}; }
Values of_ban(const Facts& f) { return {{"sender", f.sender}, {"pattern", f.banned_by}}; }

Answer allowed(const Facts& f) { return f.allowed_by.empty() ? std::nullopt : Answer{Verdict::accept}; }
Values of_permission(const Facts& f) { return {{"sender", f.sender}, {"pattern", f.allowed_by}}; }

Answer moderated_member(const Facts& f)
{
    switch (f.moderation) {
        case Moderation::by_list:
            break;
        case Moderation::accept:
            return Verdict::accept;
        case Moderation::hold:
            return Verdict::hold;
        case Moderation::reject:
            return refuse(f);
        case Moderation::discard:
            return Verdict::discard;
    }
    return std::nullopt;
}
Values of_member(const Facts& f)
{
    auto values = of_sender(f);
    if (f.moderation == Moderation::accept) values.emplace("trusted", "yes");
    return values;
}

Answer stranger_discarded(const Facts& f)
{
    return is_stranger(f) && f.nonmembers == Nonmembers::discard ? Answer{Verdict::discard} : std::nullopt;
}

Answer stranger_rejected(const Facts& f)
{
    const bool refused = is_stranger(f) && f.nonmembers == Nonmembers::reject && !doubtful_origin(f);
    return refused ? Answer{Verdict::reject} : std::nullopt;
}

Answer stranger(const Facts& f) { return hold_if(is_stranger(f)); }

Answer forged(const Facts& f) { return hold_if(f.authenticity == Authenticity::failed); }

Answer unproven(const Facts& f) { return hold_if(f.authenticity == Authenticity::unknown && f.unproven != Unproven::accept); }
Values of_proof(const Facts& f) { return {{"sender", f.sender}, {"why", f.authenticity_why}}; }

Answer moderated(const Facts& f) { return hold_if(f.posting == Posting::moderated && f.standing != Standing::moderator); }

Answer moderators_only(const Facts& f) { return hold_if(f.posting == Posting::moderators && f.standing != Standing::moderator); }

Answer first_posts(const Facts& f) { return hold_if(f.standing == Standing::member && f.accepted_before < f.first_posts_held); }
Values of_first_posts(const Facts& f)
{
    return {{"sender", f.sender}, {"count", std::to_string(f.accepted_before)}, {"limit", std::to_string(f.first_posts_held)}};
}

}  // namespace majlis::rules
