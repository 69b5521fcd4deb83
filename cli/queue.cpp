#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "cli/context.hpp"
#include "cli/verbs.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/relays.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t most_deliveries = 1'000;
constexpr std::size_t most_recipients = 1'000;

Exit run_list(Context& context)
{
    Table table{context.out(), context.format(), "nothing is on its way"};
    const auto which = context.args().has("--all") ? store::Which::all : store::Which::open;
    for (const store::DeliveryInfo& info : store::list_deliveries(context.database(), which, most_deliveries))
        table.add({{"id", info.id},
                   {"state", info.state},
                   {"kind", info.kind},
                   {"lists", strings(info.lists)},
                   {"subject", info.subject},
                   {"accepted", info.accepted},
                   {"deferred", info.deferred},
                   {"failed", info.failed},
                   {"created_at", time_value(info.created_at)},
                   {"reason", info.reason}});
    table.finish();
    return Exit::done;
}

constexpr std::array list_params{Param{"--all", Take::flag, "also those that have ended"}, json_flag};

store::DeliveryInfo delivery(Context& context, const std::string& word)
{
    const std::int64_t id = context.id(word);
    auto info = store::find_delivery(context.database(), id);
    if (!info) throw context.failure(fmt::format("no delivery {}: \"majlis queue list --all\" shows them", id));
    return std::move(*info);
}

Value reply_of(const store::RecipientInfo& recipient)
{
    if (recipient.code == 0) return recipient.text;
    return fmt::format("{}{}{} {}", recipient.code, recipient.status.empty() ? "" : " ", recipient.status, recipient.text);
}

Array recipients_of(Context& context, std::int64_t id)
{
    Array out;
    for (const store::RecipientInfo& r : store::delivery_recipients(context.database(), id, most_recipients))
        out.emplace_back(
            Record{{"address", r.address},
                   {"state", r.state},
                   {"attempts", r.attempts},
                   {"next_attempt_at", r.state == "deferred" && r.waits_for.empty() ? time_value(r.next_attempt_at) : Value{}},
                   {"waits_for", r.waits_for.empty() ? Value{} : Value{r.waits_for}},
                   {"relay", r.relay},
                   {"reply", reply_of(r)}});
    return out;
}

Record describe(const store::DeliveryInfo& info)
{
    return {{"id", info.id},
            {"state", info.state},
            {"reason", info.reason},
            {"kind", info.kind},
            {"lists", strings(info.lists)},
            {"subject", info.subject},
            {"sender", info.sender},
            {"message_id", info.message_id},
            {"accepted", info.accepted},
            {"deferred", info.deferred},
            {"waiting_for_domain", info.limited},
            {"failed", info.failed},
            {"begun_up_to_member", info.next_member_id},
            {"last_member", info.last_member_id},
            {"created_at", time_value(info.created_at)},
            {"first_sent_at", time_value(info.first_sent_at)},
            {"finished_at", time_value(info.finished_at)},
            {"next_attempt_at", time_value(info.next_attempt_at)}};
}

Exit run_show(Context& context)
{
    const store::DeliveryInfo info = delivery(context, context.args().get("ID"));
    Record record = describe(info);
    const Array recipients = recipients_of(context, info.id);
    if (context.format() == Format::json) record.push_back({"recipients", recipients});
    show(context.out(), context.format(), record);
    if (context.format() == Format::text && !recipients.empty()) {
        context.out() << '\n';
        Table table{context.out(), Format::text, ""};
        for (const Value& recipient : recipients) table.add(std::get<Record>(recipient.as));
        table.finish();
    }
    return Exit::done;
}

constexpr std::array show_params{Param{"ID", Take::word, "as \"queue list\" shows it"}, json_flag};

Exit run_retry(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    const store::By by = context.by();
    const auto& ids = context.args().all("ID");
    std::int64_t count = 0;
    store::Transaction transaction{db};
    if (ids.empty()) count = store::retry_now(db, std::nullopt, by.who, by.at);
    for (const std::string& word : ids) {
        const store::DeliveryInfo info = delivery(context, word);
        if (info.state == "held")
            throw context.failure(
                fmt::format("delivery {} is held ({}): \"majlis queue resume {}\" lets it go on", info.id, info.reason, info.id));
        count += store::retry_now(db, info.id, by.who, by.at);
    }
    context.finish(transaction, counted(count, "deferred recipient") + " will be tried at once");
    return Exit::done;
}

constexpr std::array retry_params{Param{"ID", Take::any, "of deliveries; without one, all"}, dry_run_flag};

Exit run_drop(Context& context)
{
    const auto& words = context.args().all("ID");
    store::Database& db = context.database(store::Open::read_write);
    for (const std::string& word : words) delivery(context, word);
    context.confirm(
        fmt::format("give up {} deliver{}, whoever has not got it yet", words.size(), words.size() == 1 ? "y" : "ies"));
    const store::By by = context.by();
    store::Transaction transaction{db};
    std::string done;
    for (const std::string& word : words) {
        const std::int64_t id = context.id(word);
        if (!store::drop_delivery(db, id, by.who, by.at))
            throw context.failure(fmt::format("delivery {} has ended already: nothing was dropped", id));
        done.append(done.empty() ? "" : ", ").append(word);
    }
    context.finish(transaction, "dropped " + done);
    return Exit::done;
}

constexpr std::array drop_params{Param{"ID", Take::words, "of deliveries"}, yes_flag, dry_run_flag};

bool is_number(const std::string& word)
{
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Relays are known from the configuration, whether or not they have ever been used.
std::string relay(Context& context, const std::string& word)
{
    std::string names;
    for (const RelayConfig& relay : context.config().relays) {
        if (relay.name == word) return word;
        names.append(names.empty() ? "" : ", ").append(relay.name);
    }
    throw context.failure("no relay \"" + word +
                          "\" in the configuration: " + (names.empty() ? "there is none" : "there are " + names));
}

/// Whether some relay rests because the operator said so.
bool any_paused(store::Database& db, const Config& config)
{
    return std::ranges::any_of(
        config.relays, [&](const RelayConfig& relay) { return store::relay_state(db, relay.name).paused_by == "operator"; });
}

/// Without a target: every relay.
std::vector<std::string> targets(Context& context)
{
    std::vector<std::string> out = context.args().all("TARGET");
    if (out.empty())
        for (const RelayConfig& relay : context.config().relays) out.push_back(relay.name);
    if (out.empty()) throw context.failure("no relay in the configuration: add a [[relay]]");
    return out;
}

Exit run_pause(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    const store::By by = context.by();
    store::Transaction transaction{db};
    std::string done;
    for (const std::string& word : targets(context)) {
        if (is_number(word)) {
            const store::DeliveryInfo info = delivery(context, word);
            if (info.state != "active")
                throw context.failure(fmt::format("delivery {} is {}: only an active one can be paused", info.id, info.state));
            store::hold_delivery(db, info.id, "paused by " + by.who, by.who, by.at);
        } else {
            store::pause_relay(db, relay(context, word), by.who, by.at);
        }
        done.append(done.empty() ? "" : ", ").append(word);
    }
    if (context.args().all("TARGET").empty()) store::pause_every_relay(db, by.who, by.at);
    context.finish(transaction, "paused " + done);
    return Exit::done;
}

Exit run_resume(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    const store::By by = context.by();
    store::Transaction transaction{db};
    std::string resumed, running;
    for (const std::string& word : targets(context)) {
        const bool was_paused = is_number(word) ? store::resume_delivery(db, delivery(context, word).id, by.who, by.at)
                                                : store::resume_relay(db, relay(context, word), by.who, by.at);
        std::string& names = was_paused ? resumed : running;
        names.append(names.empty() ? "" : ", ").append(word);
    }
    if (!any_paused(db, context.config())) store::resume_every_relay(db, by.who, by.at);
    std::string said = resumed.empty() ? "" : "resumed " + resumed;
    if (!running.empty()) said += (said.empty() ? "" : "; ") + std::string{"not paused: "} + running;
    context.finish(transaction, said);
    return Exit::done;
}

constexpr std::array target_params{Param{"TARGET", Take::any, "id of a delivery or name of a relay; without one, every relay"},
                                   dry_run_flag};

}  // namespace

const Verb queue_list{"queue", "list", "show what is on its way, newest first", list_params, run_list};
const Verb queue_show{"queue", "show", "show a delivery with who was deferred or not reached", show_params, run_show};
const Verb queue_retry{"queue", "retry", "try deferred recipients at once", retry_params, run_retry};
const Verb queue_drop{"queue", "drop", "give deliveries up", drop_params, run_drop};
const Verb queue_pause{"queue", "pause", "let relays or deliveries rest until they are resumed", target_params, run_pause};
const Verb queue_resume{"queue", "resume", "let relays or deliveries go on", target_params, run_resume};

}  // namespace majlis::cli
