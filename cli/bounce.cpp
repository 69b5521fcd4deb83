#include <fmt/format.h>

#include <array>
#include <ctime>

#include "cli/context.hpp"
#include "cli/verbs.hpp"
#include "core/bounces/blame.hpp"
#include "core/judge/context.hpp"
#include "core/judge/judge.hpp"
#include "core/store/bounces.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t members_shown = 1'000, bounces_shown = 50;

/// Half points as people count them: "2.5".
std::string points_text(int halves) { return fmt::format("{}{}", halves / 2, halves % 2 == 0 ? "" : ".5"); }

store::Member member_of(Context& context)
{
    const auto address = context.address(context.args().get("ADDRESS"));
    const auto member = store::find_member(context.database(), address.key());
    if (!member) throw context.failure(address.text() + " is no member: \"majlis member find\" looks for parts of an address");
    return *member;
}

Exit run_list(Context& context)
{
    std::optional<std::int64_t> list;
    if (context.args().has("LIST")) list = context.list("LIST").id;
    Table table{context.out(), context.format(), "no member bounces"};
    for (const auto& one : store::bouncing_members(context.database(), list, members_shown))
        table.add({{"id", one.address},
                   {"state", std::string{store::stage_name(one.state.stage)}},
                   {"points", points_text(one.state.points)},
                   {"warnings", std::int64_t{one.state.warnings}},
                   {"last_at", time_value(one.state.last_at)},
                   {"next_at", one.state.next_at > 0 ? time_value(one.state.next_at) : Value{}},
                   {"list", one.list}});
    table.finish();
    return Exit::done;
}

Exit run_show(Context& context)
{
    const auto member = member_of(context);
    auto& db = context.database();
    const auto state = store::bounce_state(db, member.id);
    Array bounces;
    for (const auto& one : store::bounces_of(db, member.id, bounces_shown))
        bounces.emplace_back(Record{{"at", time_value(one.at)},
                                    {"cause", one.cause},
                                    {"status", one.status},
                                    {"state", one.state},
                                    {"points", points_text(one.points)},
                                    {"delivery", one.delivery_id ? Value{*one.delivery_id} : Value{}},
                                    {"told_by", one.source},
                                    {"text", one.text}});
    const Record record{{"id", member.address},
                        {"state", state ? Value{std::string{store::stage_name(state->stage)}} : Value{"well"}},
                        {"points", points_text(state ? state->points : 0)},
                        {"warnings", std::int64_t{state ? state->warnings : 0}},
                        {"since", state && state->since > 0 ? time_value(state->since) : Value{}},
                        {"next_at", state && state->next_at > 0 ? time_value(state->next_at) : Value{}},
                        {"bounces", std::move(bounces)}};
    show(context.out(), context.format(), record);
    return Exit::done;
}

Exit run_reset(Context& context)
{
    auto& db = context.database(store::Open::read_write);
    const auto member = member_of(context);
    store::Transaction transaction{db};
    const bool had = store::forget_bounces(db, member.id, context.by());
    context.finish(transaction, had ? "nothing is held against " + member.address + " any more"
                                    : "nothing was held against " + member.address);
    return Exit::done;
}

Exit run_judge(Context& context)
{
    auto& db = context.database();
    const auto judging = judge_context(context.config());
    const auto mail =
        read_mail(read_input(context, static_cast<std::size_t>(context.config().delivery.max_size_bytes)), judging.site_domain);
    const auto judgement = judge_mail(db, *mail, store::Junk::no, judging, std::time(nullptr));
    const auto found = bounces::blame(db, bounces::Report{mail->classification, judgement.commands});
    Array blamed;
    for (const auto& one : found.members) {
        const auto member = store::find_member(db, one.member_id);
        blamed.emplace_back(Record{{"address", member ? member->address : ""},
                                   {"delivery", one.delivery_id},
                                   {"status", one.failure.status},
                                   {"cause", std::string{cause_name(one.failure.cause)}},
                                   {"points", points_text(bounces::weight_of(one))},
                                   {"proven", Value{one.source == store::BounceSource::token}}});
    }
    const Record record{{"kind", std::string{kind_name(judgement.kind)}},
                        {"reason", judgement.reason},
                        {"blamed", std::move(blamed)},
                        {"note", found.note}};
    show(context.out(), context.format(), record);
    return Exit::done;
}

constexpr std::array list_params{Param{"LIST", Take::optional, "only members of this list and those below", "", "", Offer::lists},
                                 json_flag};
constexpr std::array show_params{Param{"ADDRESS", Take::word, "the member"}, json_flag};
constexpr std::array reset_params{Param{"ADDRESS", Take::word, "the member"}, dry_run_flag};
constexpr std::array judge_params{json_flag};

}  // namespace

const Verb bounce_list{"bounce", "list", "show members whose mail comes back", list_params, run_list};
const Verb bounce_show{"bounce", "show", "show what came back from one member", show_params, run_show};
const Verb bounce_reset{"bounce", "reset", "forget what is held against a member, switch his mail on", reset_params, run_reset};
const Verb bounce_judge{"bounce", "judge", "say whom a bounce on standard input blames", judge_params, run_judge};

}  // namespace majlis::cli
