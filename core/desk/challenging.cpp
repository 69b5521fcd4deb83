#include <algorithm>

#include "core/desk/acts.hpp"
#include "core/store/held.hpp"
#include "core/store/posts.hpp"
#include "core/store/tokens.hpp"

namespace majlis::desk {
namespace {

/// Whether nothing but the unproven From speaks against the post.
bool held_for_its_from_alone(store::Database& db, std::int64_t held_id)
{
    const auto hits = store::hits_of(db, held_id);
    return std::ranges::all_of(hits, [](const store::RuleHit& hit) { return hit.verdict != "hold" || hit.rule == "unproven"; });
}

}  // namespace

Done challenge(const Caller& caller, const store::List& list, std::int64_t held_id)
{
    if (caller.proof == Proof::failed) return {};
    if (!may_answer(caller.db, caller.message, caller.classification, caller.ourselves)) return {};
    auto visit = open_visit(caller, list.id);
    const auto post = store::held_post(caller.db, held_id);
    if (!visit || !post || !may_ask(*visit, "challenge", visit->key)) return {};
    const auto asked =
        ask(*visit, store::RequestKind::challenge, visit->sender, {{"held", std::to_string(held_id)}}, confirm_within);
    NoticeValues values;
    values.text["subject"] = post->subject;
    send_question(*visit, "challenge", visit->sender, asked, std::move(values));
    return {"asked " + visit->key + " whether the post is his", true};
}

void challenge_confirmed(Visit& visit, const store::Request& request)
{
    const auto values = unpack(request.detail);
    const auto held = values.contains("held") ? std::stoll(values.at("held")) : 0;
    const auto post = store::held_post(visit.db, held);
    const bool waits = post && post->verdict == store::Verdict::held && post->list_id == visit.list.id;
    const bool alone = waits && held_for_its_from_alone(visit.db, held);
    if (alone) {
        store::approve_held(visit.db, held, visit.by()).value();
        store::end_tokens_of_post(visit.db, held, visit.now);
    }
    store::end_request(visit.db, request, store::RequestState::done, alone ? "" : "other rules hold the post, or it is settled",
                       visit.by());
    visit.wrote = true;
    visit.noted(alone ? "its author confirmed the post: approved" : "its author confirmed the post");
    const auto* phrase = alone ? "challenge-approved" : waits ? "challenge-waits" : "challenge-settled";
    answer(visit, {visit.here("", phrase, {{"subject", post ? post->subject : std::string{}}})}, {});
}

}  // namespace majlis::desk
