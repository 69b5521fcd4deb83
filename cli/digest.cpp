#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"
#include "core/store/digests.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t looked_at_once = 500;

store::DigestRules rules_of(const DigestConfig& config)
{
    return {.at = config.at,
            .weekly = config.weekly,
            .timezone = config.timezone,
            .max_posts = config.max_posts,
            .max_bytes = config.max_size_bytes};
}

struct Sum {
    std::int64_t members = 0, mails = 0;
};

/// Goes through a run, or first through the one that another process has begun.
Sum carry_out(Context& context, const store::DigestRun& run)
{
    store::Database& db = context.database(store::Open::read_write);
    const auto rules = rules_of(context.config().digest);
    const auto by = context.by();
    Sum sum;
    for (;;) {
        const auto begun = store::begin_digests(db, run);
        store::DigestPlanner planner{db, begun};
        store::DigestProgress progress;
        do {
            progress = store::plan_some_digests(db, planner, rules, by);
            sum.members += progress.digests;
        } while (progress.run == store::DigestProgress::Run::goes_on);
        sum.mails += progress.mails;
        if (begun.reason == run.reason && begun.delivery_id == run.delivery_id && begun.lists == run.lists) return sum;
    }
}

/// What was asked for, in the order in which it is done: who has too much waiting gets all of it, and is not due as well.
std::vector<store::DigestRun> wanted(Context& context, store::Database& db)
{
    std::vector<store::DigestRun> runs;
    const auto now = context.by().at;
    if (!context.args().has("--due")) {
        std::vector<std::int64_t> lists;
        for (const auto& name : context.args().all("LIST")) lists.push_back(context.need(store::require_list(db, name)).id);
        runs.push_back(store::asked_digests(db, std::move(lists), now));
        return runs;
    }
    const auto rules = rules_of(context.config().digest);
    if (auto run = store::full_digests(db, rules, now)) runs.push_back(std::move(*run));
    if (auto run = store::due_digests(db, rules, now)) runs.push_back(std::move(*run));
    return runs;
}

Array lists_shown(store::Database& db, const store::DigestPosts& posts)
{
    Array names;
    for (const auto& section : posts.sections)
        if (const auto list = store::find_list(db, section.list_id)) names.emplace_back(list->name);
    return names;
}

/// Everybody once.
void show_plan(Context& context, store::Database& db, std::vector<store::DigestRun> runs)
{
    if (auto begun = store::unfinished_digests(db)) runs.insert(runs.begin(), std::move(*begun));
    Table table{context.out(), context.format(), "nobody would get a digest"};
    std::vector<std::int64_t> shown;
    for (const auto& run : runs) {
        store::DigestPlanner planner{db, run};
        store::DigestPlanner::Step step;
        step.reached = run.after_member;
        std::vector<std::int64_t> now_shown;
        do {
            step = planner.step(step.reached, looked_at_once);
            for (const auto& digest : step.digests) {
                if (std::ranges::binary_search(shown, digest.member_id)) continue;
                now_shown.push_back(digest.member_id);
                table.add({{"id", digest.address},
                           {"address", digest.address},
                           {"posts", digest.posts->count},
                           {"size_bytes", digest.posts->bytes},
                           {"lists", lists_shown(db, *digest.posts)},
                           {"language", digest.language},
                           {"digest", store::digest_format_name(digest.format)},
                           {"reason", store::digest_reason_name(run.reason)}});
            }
        } while (step.more == store::DigestPlanner::Step::More::yes);
        shown.insert(shown.end(), now_shown.begin(), now_shown.end());
        std::ranges::sort(shown);
    }
    table.finish();
}

Exit run_send(Context& context)
{
    const bool due = context.args().has("--due");
    if (due == context.args().has("LIST"))
        throw context.wrong_usage("give either --due, for cron, or the lists whose members are to get theirs now");
    if (context.dry_run()) {
        store::Database& db = context.database();
        show_plan(context, db, wanted(context, db));
        return Exit::done;
    }
    store::Database& db = context.database(store::Open::read_write);
    Sum sum;
    const auto add = [&](const Sum& more) {
        sum.members += more.members;
        sum.mails += more.mails;
    };
    if (const auto begun = store::unfinished_digests(db)) add(carry_out(context, *begun));
    for (const auto& run : wanted(context, db)) add(carry_out(context, run));
    if (context.format() == Format::json)
        show(context.out(), context.format(), {{"members", sum.members}, {"mails", sum.mails}});
    else if (sum.members == 0)
        context.say(due ? "nothing is due" : "nothing waits for anybody there");
    else
        context.say(fmt::format("{} {} a digest, {} in all: majlisd writes and sends them", counted(sum.members, "member"),
                                sum.members == 1 ? "gets" : "get", counted(sum.mails, "different one")));
    return Exit::done;
}

constexpr std::array send_params{
    Param{"LIST", Take::any, "whose members, and those below, get what waits for them now", "", "", Offer::lists},
    Param{"--due", Take::flag, "those whose hour has come, and those for whom too much waits: for cron"},
    dry_run_flag,
    json_flag,
};

}  // namespace

const Verb digest_send{"digest", "send", "send the digests that are due, or those of a list now", send_params, run_send};

}  // namespace majlis::cli
