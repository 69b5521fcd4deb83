#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <span>

#include "cli/context.hpp"
#include "cli/cost.hpp"
#include "cli/dns.hpp"
#include "cli/rules_asked.hpp"
#include "cli/verbs.hpp"
#include "core/compose/post_copy.hpp"
#include "core/filter/filter.hpp"
#include "core/judge/context.hpp"
#include "core/judge/judge.hpp"
#include "core/judge/list_face.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/dmarc_policies.hpp"
#include "core/text/printable.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t longest_header_line = 1'000;  // bytes of a line that is shown

/// The relay that would send for a list: the first that covers it, one that only stands in last.
const RelayConfig* relay_for(const Config& config, const std::string& address)
{
    for (const bool backup : {false, true})
        for (const RelayConfig& relay : config.relays)
            if (relay.backup == backup && may_send_for(relay, address)) return &relay;
    return nullptr;
}

std::vector<std::string> lines_of(std::string_view header)
{
    std::vector<std::string> out;
    for (std::size_t at = 0; at < header.size();) {
        const std::size_t end = std::min(header.find('\n', at), header.size());
        std::string_view line = header.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        const bool folded = line.starts_with('\t');
        out.push_back((folded ? "  " : "") + text::printable(folded ? line.substr(1) : line, longest_header_line));
        at = end + 1;
    }
    return out;
}

/// What the list's content filter takes out.
Array removed_parts(const Filtered& filtered)
{
    Array out;
    for (const RemovedPart& part : filtered.removed)
        out.emplace_back(Record{{"type", text::printable(part.type)},
                                {"name", text::printable(part.name)},
                                {"size", part.size},
                                {"why", why_name(part.why)},
                                {"entry", part.entry}});
    return out;
}

std::string_view from_name(PostCopy::From from)
{
    return from == PostCopy::From::kept ? "kept" : from == PostCopy::From::rewritten ? "rewritten" : "wrapped";
}

/// What the author's domain asks: what the daemon remembers, else what the DNS says now.
dmarc::Policy policy_of(Context& context, const std::string& domain)
{
    const auto known = store::dmarc_policy(context.database(), domain, std::time(nullptr));
    const auto policy = known ? dmarc::policy_named(known->policy) : std::nullopt;
    return policy ? *policy : author_policy(domain, context.config().site.resolver);
}

/// What a member would get of the header; his own token stands as "...".
struct HeaderOut {
    std::vector<std::string> lines;
    std::string from, from_why;
};

HeaderOut header_out(Context& context, const ReadMail& mail, const Filtered& filtered, const JudgedList& judged,
                     const RelayConfig* relay)
{
    const ListFace face = list_face(judged.list, judged.settings);
    CopyOptions options;
    options.sender = judged.facts.sender;
    options.sender_name = mail.sender_name;
    const bool personal = relay == nullptr || relay->personal != RelayConfig::Personal::never;
    options.audience = personal ? CopyOptions::Audience::personal : CopyOptions::Audience::shared;
    if (relay != nullptr && relay->from == RelayConfig::From::account) options.account_from = relay->account;
    if (filtered.changed) options.content = CopyOptions::Content::filtered;
    const Message message = filtered.changed ? scan_message(filtered.bytes) : mail.message;
    options.own_servers = context.config().authentication.trusted_servers;
    PostCopy copy = compose_copy(message, face, options);
    if (!copy.policy_wanted.empty()) {
        options.author_policy = policy_of(context, copy.policy_wanted);
        copy = compose_copy(message, face, options);
    }
    return {lines_of(copy.head + (personal ? personal_fields(face, "...") : "")), std::string{from_name(copy.from)},
            copy.from_why};
}

Record explain_list(Context& context, const ReadMail& mail, const JudgedList& judged, const RelayConfig* relay)
{
    Record record{{"list", judged.list.name},
                  {"verdict", verdict_name(judged.decision.verdict)},
                  {"decided_by", judged.decision.rule},
                  {"reason", judged.decision.reason},
                  {"rules", rules_asked(judged.decision)}};
    if (judged.decision.verdict == Verdict::accept || judged.decision.verdict == Verdict::hold) {
        const Filtered filtered = filter(mail.message, filter_settings(judged.settings));
        const HeaderOut header = header_out(context, mail, filtered, judged, relay);
        record.push_back({"headers", strings(header.lines)});
        record.push_back({"removed", removed_parts(filtered)});
        record.push_back({"from", header.from});
        record.push_back({"from_reason", header.from_why});
    }
    return record;
}

void print_list(std::ostream& out, const Record& record)
{
    const auto text = [&](std::size_t i) { return cell_text(record[i].value); };
    const std::string reason = text(3);
    out << "\nlist " << text(0) << ": " << text(1) << " by rule " << text(2) << (reason.empty() ? "" : " (" + reason + ")")
        << '\n';
    print_rules_asked(out, std::get<Array>(record[4].value.as));
    if (record.size() < 6) return;
    out << "From is " << text(7) << ": " << text(8) << '\n';
    out << "headers as they would leave\n";
    for (const Value& line : std::get<Array>(record[5].value.as)) out << "  " << std::get<std::string>(line.as) << '\n';
    const Array& removed = std::get<Array>(record[6].value.as);
    if (!removed.empty()) out << "the content filter takes out\n";
    for (const Value& one : removed) {
        const Record& part = std::get<Record>(one.as);
        out << "  " << cell_text(part[0].value) << ' ' << cell_text(part[1].value) << " (" << cell_text(part[3].value)
            << (cell_text(part[4].value).empty() ? "" : ": " + cell_text(part[4].value)) << ")\n";
    }
}

Record explain_all(Context& context, const ReadMail& mail, const Judgement& judgement)
{
    Array lists, commands;
    std::vector<std::int64_t> accepted;
    for (const JudgedList& judged : judgement.lists) {
        const RelayConfig* relay = relay_for(context.config(), judged.list.address);
        lists.emplace_back(explain_list(context, mail, judged, relay));
        if (judged.decision.verdict == Verdict::accept) accepted.push_back(judged.list.id);
    }
    for (const Target& target : judgement.commands) {
        const auto list = store::find_list(context.database(), target.list_id);
        commands.emplace_back(Record{{"list", list ? list->name : ""}, {"command", command_name(target.command)}});
    }
    const std::int64_t recipients = accepted.empty() ? 0 : store::count_recipients(context.database(), accepted);
    return {{"kind", kind_name(judgement.kind)},
            {"reason", judgement.reason},
            {"sender", mail.identity.sender},
            {"subject", mail.subject},
            {"message_id", mail.identity.message_id},
            {"commands", commands},
            {"recipients", recipients},
            {"cost", recipients == 0 ? Value{} : Value{cost_of(context, accepted)}},
            {"lists", lists}};
}

Exit run_explain(Context& context)
{
    const std::string bytes = read_input(context, static_cast<std::size_t>(context.config().delivery.max_size_bytes));
    const auto mail = read_mail(bytes, context.config().site.domain);
    const Judgement judgement =
        judge_mail(context.database(), *mail, store::Junk::no, judge_context(context.config()), std::time(nullptr));
    Record record = explain_all(context, *mail, judgement);
    if (context.format() == Format::json) {
        show(context.out(), Format::json, record);
        return Exit::done;
    }
    const Array lists = std::get<Array>(record.back().value.as);
    record.pop_back();
    const Value cost = std::move(record.back().value);
    record.pop_back();
    show(context.out(), Format::text, record);
    if (const auto* known = std::get_if<Record>(&cost.as)) print_cost(context.out(), *known);
    for (const Value& list : lists) print_list(context.out(), std::get<Record>(list.as));
    if (lists.empty() && judgement.commands.empty())
        context.out()
            << "\nit is for no list of ours: no address in Delivered-To, To or Cc is one (\"majlis list tree\" shows them)\n";
    return Exit::done;
}

constexpr std::array params{json_flag};

}  // namespace

const Verb explain{
    "",
    "explain",
    "say what would become of a mail from standard input; changes nothing",
    params,
    run_explain,
    "Route, rules with the one that decides, headers as they would leave, recipients, cost in the limits of relays and domains."};

}  // namespace majlis::cli
