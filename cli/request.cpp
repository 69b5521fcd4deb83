#include "core/store/requests.hpp"

#include <fmt/format.h>

#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"
#include "core/desk/desk.hpp"
#include "core/judge/context.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t most_shown = 1'000;

Exit run_list(Context& context)
{
    std::optional<std::int64_t> list_id;
    if (context.args().has("LIST")) list_id = context.list().id;
    Table table{context.out(), context.format(), "nobody waits"};
    for (const auto& request : store::open_requests(context.database(), store::Step::moderator, list_id, most_shown)) {
        const auto list = request.list_id ? store::find_list(context.database(), *request.list_id) : std::nullopt;
        table.add({{"id", request.id},
                   {"list", list ? list->name : std::string{}},
                   {"address", request.address},
                   {"created_at", time_value(request.created_at)},
                   {"expires_at", time_value(request.expires_at)}});
    }
    table.finish();
    return Exit::done;
}

constexpr std::array list_params{Param{"LIST", Take::optional, "only this list and those below it", "", "", Offer::lists},
                                 json_flag};

Exit decide(Context& context, desk::Wish wish, std::string_view done)
{
    const auto site = judge_context(context.config()).site;
    store::Database& db = context.database(store::Open::read_write);
    const store::By by = context.by();
    store::Transaction transaction{db};
    std::string decided;
    for (const std::string& text : context.args().all("ID")) {
        context.need(desk::decide(db, site, context.id(text), wish, context.args().get("--reason"), by));
        decided.append(decided.empty() ? "" : ", ").append(text);
    }
    context.finish(transaction, fmt::format("{} {}", done, decided));
    return Exit::done;
}

Exit run_approve(Context& context) { return decide(context, desk::Wish::approve, "let in"); }

Exit run_refuse(Context& context)
{
    return decide(context, context.args().has("--ban") ? desk::Wish::ban : desk::Wish::refuse, "refused");
}

constexpr Param ids{"ID", Take::words, "of \"majlis request list\""};
constexpr std::array approve_params{ids, dry_run_flag};
constexpr std::array refuse_params{ids, Param{"--reason", Take::value, "what he is told", "TEXT"},
                                   Param{"--ban", Take::flag, "in silence, and for ever"}, dry_run_flag};

}  // namespace

const Verb request_list{"request", "list", "show who waits to be let in", list_params, run_list};
const Verb request_approve{"request", "approve", "let people join", approve_params, run_approve};
const Verb request_refuse{"request", "refuse", "do not let people join", refuse_params, run_refuse};

}  // namespace majlis::cli
