#include "core/store/status.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>

#include "cli/context.hpp"
#include "cli/forecast.hpp"
#include "cli/quotas.hpp"
#include "cli/verbs.hpp"
#include "core/store/arrivals.hpp"
#include "core/store/daemon_lock.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/domain_limits.hpp"
#include "core/store/held.hpp"
#include "core/store/relays.hpp"
#include "core/store/reports.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t most_deliveries = 100'000;
constexpr std::size_t posts_shown = 20;
constexpr std::size_t reports_looked_at = 1'000;

Record daemon_of(Context& context, std::int64_t now)
{
    const auto pid = store::DaemonLock::holder(context.config().database);
    const auto state = store::daemon_state(context.database());
    Record record{{"running", pid.has_value()}};
    if (pid) record.push_back({"pid", *pid});
    if (!state) return record;
    record.push_back({"state", state->state});
    record.push_back({"version", state->version});
    record.push_back({"started_at", time_value(state->started_at)});
    record.push_back({"seen_at", time_value(state->seen_at)});
    if (pid) record.push_back({"running_for", duration_text(std::max<std::int64_t>(now - state->started_at, 0))});
    return record;
}

Array inboxes_of(Context& context)
{
    const auto states = store::inbox_states(context.database());
    Array out;
    for (const InboxConfig& inbox : context.config().inboxes) {
        const auto found = std::find_if(states.begin(), states.end(), [&](const auto& s) { return s.name == inbox.name; });
        Record record{{"name", inbox.name}, {"state", found == states.end() ? Value{"never seen"} : Value{found->state}}};
        if (found != states.end()) {
            record.push_back({"since", time_value(found->state_at)});
            record.push_back({"last_ok_at", time_value(found->last_ok_at)});
            record.push_back({"last_error", found->last_error.empty() ? Value{} : Value{found->last_error}});
        }
        out.emplace_back(std::move(record));
    }
    return out;
}

Record queue_of(Context& context)
{
    std::int64_t active = 0, held = 0, deferred = 0, limited = 0;
    for (const auto& info : store::list_deliveries(context.database(), store::Which::open, most_deliveries)) {
        ++(info.state == "held" ? held : active);
        deferred += info.deferred - info.limited;
        limited += info.limited;
    }
    return {
        {"deliveries", active}, {"held_deliveries", held}, {"deferred_recipients", deferred}, {"waiting_for_domain", limited}};
}

/// What the limits of domains leave, and how many recipients wait for them.
Array domains_of(Context& context, const std::vector<Forecast>& open, std::int64_t now)
{
    Array out;
    for (std::size_t rule = 0; rule < context.config().domains.size(); ++rule) {
        const DomainConfig& domain = context.config().domains[rule];
        std::int64_t waiting = 0;
        for (const Forecast& forecast : open) waiting += forecast.remaining.recipients[rule + 1];
        out.emplace_back(Record{{"id", domain.name},
                                {"name", domain.name},
                                {"domains", strings(domain.domains)},
                                {"recipients_left", waiting},
                                {"quotas", as_array(quotas_of(context.database(), domain, now))}});
    }
    return out;
}

/// Posts and digests on their way, and when their last copies will have left.
Array posts_of(const std::vector<Forecast>& open, std::int64_t now)
{
    Array out;
    for (const Forecast& forecast : open) {
        if (forecast.info.kind != "post" && forecast.info.priority != store::Priority::digest) continue;
        const auto at = forecast.foresight.done_at;
        out.emplace_back(Record{{"id", forecast.info.id},
                                {"subject", forecast.info.subject},
                                {"lists", strings(forecast.info.lists)},
                                {"state", forecast.info.state},
                                {"accepted", forecast.info.accepted},
                                {"recipients_left", forecast.remaining.total()},
                                {"estimated", !forecast.remaining.exact},
                                {"deferred", forecast.info.deferred - forecast.info.limited},
                                {"waiting_for_domain", forecast.info.limited},
                                {"done_at", at ? time_value(*at) : Value{}},
                                {"done", done_text(forecast, now)},
                                {"limits_until", time_value(forecast.limits_until)}});
    }
    return out;
}

void print_posts(std::ostream& out, const Array& posts)
{
    for (std::size_t i = 0; i < std::min(posts.size(), posts_shown); ++i) {
        const Record& post = std::get<Record>(posts[i].as);
        const auto text = [&post](std::size_t field) { return cell_text(post[field].value); };
        out << "post " << text(0) << " \"" << text(1) << "\": " << counted(std::get<std::int64_t>(post[5].value.as), "recipient")
            << " left" << (std::get<bool>(post[6].value.as) ? " (estimated)" : "") << ", done " << text(10);
        if (!std::holds_alternative<std::nullptr_t>(post[11].value.as))
            out << "; the limits of its relays leave nothing before " << text(11);
        out << '\n';
    }
    if (posts.size() > posts_shown) out << "and " << posts.size() - posts_shown << " more: \"majlis queue list\"\n";
}

std::string relay_word(const store::RelayState& state, std::int64_t now)
{
    if (state.paused_until <= now) return state.failures > 0 ? "on trial" : "working";
    return state.paused_by == "operator" ? "paused" : "resting after a failure";
}

Array relays_of(Context& context, std::int64_t now)
{
    Array out;
    for (const RelayConfig& relay : context.config().relays) {
        const store::RelayState state = store::relay_state(context.database(), relay.name);
        const bool for_ever = state.paused_until == std::numeric_limits<std::int64_t>::max();
        Record record{{"id", relay.name}, {"name", relay.name}, {"state", relay_word(state, now)}};
        if (state.paused_until > now && !for_ever) record.push_back({"paused_until", time_value(state.paused_until)});
        record.push_back({"weight", static_cast<std::int64_t>(relay.weight)});
        record.push_back({"backup", relay.backup});
        record.push_back({"failures", state.failures});
        record.push_back({"recipients_per_minute", state.pace > 0 ? Value{state.pace * 60 / 1'000} : Value{}});
        record.push_back({"last_ok_at", time_value(state.last_ok_at)});
        record.push_back({"last_error", state.last_error.empty() ? Value{} : Value{state.last_error}});
        record.push_back({"quotas", as_array(quotas_of(context.database(), relay, now))});
        out.emplace_back(std::move(record));
    }
    return out;
}

/// Rows that a person reads: the same words, a line a thing.
void print_rows(std::ostream& out, std::string_view title, const Array& rows)
{
    for (const Value& row : rows) {
        const Record& record = std::get<Record>(row.as);
        out << title << ' ' << cell_text(record.front().value) << '\n';
        for (std::size_t i = 1; i < record.size(); ++i) {
            if (record[i].key == "name" || std::holds_alternative<std::nullptr_t>(record[i].value.as)) continue;
            if (record[i].key == "quotas") {
                for (const Value& quota : std::get<Array>(record[i].value.as)) {
                    const Record& q = std::get<Record>(quota.as);
                    out << "  quota " << cell_text(q[0].value) << ": " << cell_text(q[1].value) << " used, "
                        << cell_text(q[2].value) << " left";
                    if (const auto reserved = std::get<std::int64_t>(q[3].value.as); reserved > 0)
                        out << ", and " << reserved << " for notices";
                    out << '\n';
                }
            } else {
                out << "  " << record[i].key << ' ' << cell_text(record[i].value) << '\n';
            }
        }
    }
}

/// Meeting reports that could not be committed, or not be pushed.
void warn_of_reports(Context& context, Array& out)
{
    const ReportsConfig& config = context.config().reports;
    if (config.repository.empty()) return;
    const auto reports = store::list_reports(context.database(), std::nullopt, reports_looked_at);
    const auto stuck = [](const store::KeptReport& report) { return report.state == "new" && !report.note.empty(); };
    const auto count = std::ranges::count_if(reports, stuck);
    if (count > 0)
        out.emplace_back(fmt::format("{} meeting report{} could not be kept yet: {}", count, count == 1 ? "" : "s",
                                     std::ranges::find_if(reports, stuck)->note));
    const auto push = store::push_state(context.database());
    if (push.failures > 0 && !config.remote.empty())
        out.emplace_back("meeting reports are kept, but not pushed yet: " + push.last_error);
}

Array warnings_of(Context& context)
{
    Array out;
    if (context.config().authentication.trusted_servers.empty())
        out.emplace_back(
            "no [authentication] trusted_servers: anybody can write in a member's name; name your provider's authserv-id");
    if (!store::DaemonLock::holder(context.config().database))
        out.emplace_back("majlisd is not running: nothing is taken in or sent");
    warn_of_reports(context, out);
    return out;
}

Exit run_status(Context& context)
{
    const std::int64_t now = std::time(nullptr);
    const Record daemon = daemon_of(context, now);
    const Array inboxes = inboxes_of(context), relays = relays_of(context, now), warnings = warnings_of(context);
    const auto open = forecast_open(context.database(), context.config(), now);
    const Array posts = posts_of(open, now), domains = domains_of(context, open, now);
    const std::int64_t held = store::count_held(context.database()), waiting = store::count_new(context.database());
    if (context.format() == Format::json) {
        show(context.out(), Format::json,
             {{"daemon", daemon},
              {"inboxes", inboxes},
              {"mails_to_judge", waiting},
              {"held_posts", held},
              {"queue", queue_of(context)},
              {"posts", posts},
              {"relays", relays},
              {"domains", domains},
              {"warnings", warnings}});
        return Exit::done;
    }
    show(context.out(), Format::text,
         {{"daemon", daemon}, {"mails_to_judge", waiting}, {"held_posts", held}, {"queue", queue_of(context)}});
    print_posts(context.out(), posts);
    print_rows(context.out(), "inbox", inboxes);
    print_rows(context.out(), "relay", relays);
    print_rows(context.out(), "domain", domains);
    for (const Value& warning : warnings) context.out() << "warning: " << cell_text(warning) << '\n';
    return Exit::done;
}

constexpr std::array params{json_flag};

}  // namespace

const Verb status{"", "status",
                  "show what the daemon is doing: inboxes, queue, when posts will have left, held posts, quotas, last errors",
                  params, run_status};

}  // namespace majlis::cli
