#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"
#include "core/store/reports.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t shown = 1'000;

Exit run_list(Context& context)
{
    std::optional<std::int64_t> list;
    if (context.args().has("LIST")) list = context.list("LIST").id;
    Table table{context.out(), context.format(), "no meeting report has come"};
    for (const auto& report : store::list_reports(context.database(), list, shown))
        table.add({{"id", report.id},
                   {"list", report.list},
                   {"state", report.state},
                   {"date", report.date},
                   {"title", report.title},
                   {"folder", report.folder},
                   {"note", report.note}});
    table.finish();
    if (context.format() == Format::text) {
        const auto push = store::push_state(context.database());
        if (push.failures > 0) context.say("not pushed yet: " + push.last_error);
    }
    return Exit::done;
}

Exit run_push(Context& context)
{
    if (context.config().reports.repository.empty() || context.config().reports.remote.empty())
        throw context.failure("there is nothing to push to: set repository and remote in [reports]");
    store::push_now(context.database(store::Open::read_write));
    context.say("asked: majlisd pushes the reports at once");
    return Exit::done;
}

constexpr std::array list_params{
    Param{"LIST", Take::optional, "only of this section", "", "", Offer::lists},
    json_flag,
};
constexpr std::array<Param, 0> push_params{};

}  // namespace

const Verb report_list{"report", "list", "show the meeting reports and where they are kept", list_params, run_list};
const Verb report_push{"report", "push", "push the meeting reports to the remote now", push_params, run_push};

}  // namespace majlis::cli
