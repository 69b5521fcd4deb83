#include "core/moderation/decide.hpp"

#include "core/store/list_rules.hpp"
#include "core/store/tokens.hpp"

namespace majlis::moderation {
namespace {

store::Answer<store::Settled> settle(store::Database& db, std::int64_t held_id, const Decision& decision, const store::By& by)
{
    switch (decision.verdict) {
        case store::Verdict::accepted:
            return store::approve_held(db, held_id, by);
        case store::Verdict::rejected:
            return store::reject_held(db, held_id, decision.reason, by);
        case store::Verdict::discarded:
            return store::discard_held(db, held_id, decision.reason, by);
        case store::Verdict::held:
            break;
    }
    return text::Problem{"a held post is approved, rejected or discarded"};
}

}  // namespace

store::Answer<store::Settled> decide(store::Database& db, std::int64_t held_id, const Decision& decision, const store::By& by)
{
    store::Transaction transaction{db};
    auto settled = settle(db, held_id, decision, by);
    if (!settled) return settled;
    store::end_tokens_of_post(db, held_id, by.at);
    if (decision.sender != Sender::as_before) {
        const auto added =
            store::add_rule(db,
                            {.list_id = settled->post.list_id,
                             .kind = decision.sender == Sender::banned ? store::RuleKind::ban : store::RuleKind::allow,
                             .pattern = settled->post.sender,
                             .note = "with held post " + std::to_string(held_id)},
                            by);
        if (!added) return added.error();
    }
    transaction.commit();
    return settled;
}

}  // namespace majlis::moderation
