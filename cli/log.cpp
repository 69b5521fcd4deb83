#include <algorithm>
#include <array>
#include <charconv>

#include "cli/context.hpp"
#include "cli/verbs.hpp"
#include "core/store/journal.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t page = 1'000;

std::size_t limit_of(Context& context)
{
    const std::string text = context.args().get("--limit", "100");
    std::size_t limit = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
    if (error != std::errc{} || end != text.data() + text.size() || limit == 0 || limit > 1'000'000)
        throw context.wrong_usage("--limit cannot be \"" + text + "\": give a number from 1 to 1000000");
    return limit;
}

/// Read newest first, shown oldest first, as a log is read.
std::vector<store::JournalEntry> newest(Context& context, store::JournalQuery query, std::size_t limit)
{
    std::vector<store::JournalEntry> out;
    while (out.size() < limit) {
        query.limit = std::min(page, limit - out.size());
        auto entries = store::read_journal(context.database(), query);
        const bool last = entries.size() < query.limit;
        if (!entries.empty()) query.before_id = entries.back().id;
        std::move(entries.begin(), entries.end(), std::back_inserter(out));
        if (last) break;
    }
    std::reverse(out.begin(), out.end());
    return out;
}

Exit run_log(Context& context)
{
    store::JournalQuery query;
    if (context.args().has("--list")) query.list_id = context.list("--list").id;
    if (context.args().has("--member")) query.address = context.address(context.args().get("--member")).key();
    Table table{context.out(), context.format(), "nothing has happened"};
    for (const store::JournalEntry& entry : newest(context, query, limit_of(context)))
        table.add({{"at", time_value(entry.at)},
                   {"event", entry.event},
                   {"actor", entry.actor},
                   {"list", entry.list},
                   {"address", entry.address},
                   {"detail", entry.detail}});
    table.finish();
    return Exit::done;
}

constexpr std::array params{
    Param{"--list", Take::value, "only of this list", "LIST", "", Offer::lists},
    Param{"--member", Take::value, "only of this address", "ADDRESS"},
    Param{"--limit", Take::value, "how many lines, the newest (100)", "N"},
    json_flag,
};

}  // namespace

const Verb log_show{"", "log", "show who did what, when", params, run_log};

}  // namespace majlis::cli
