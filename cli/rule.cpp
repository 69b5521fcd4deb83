#include <fmt/format.h>

#include <array>
#include <ctime>

#include "cli/context.hpp"
#include "cli/rules_asked.hpp"
#include "cli/verbs.hpp"
#include "core/judge/context.hpp"
#include "core/judge/judge.hpp"
#include "core/policy/header_pattern.hpp"
#include "core/store/list_rules.hpp"
#include "core/text/printable.hpp"

namespace majlis::cli {
namespace {

constexpr std::string_view how =
    "give \"LIST ban ADDRESS|@DOMAIN\", \"LIST allow ADDRESS|@DOMAIN\" or \"LIST header FIELD REGEX "
    "hold|reject|discard|accept\"; with --site there is no LIST";

/// The words behind the list, and the list; none for the site.
struct Where {
    std::optional<store::List> list;
    std::vector<std::string> words;
    std::string name() const { return list ? list->name : "all lists"; }
    std::optional<std::int64_t> id() const
    {
        if (!list) return std::nullopt;
        return list->id;
    }
};

Where where(Context& context)
{
    Where found{{}, context.args().all("WORDS")};
    if (context.args().has("--site")) return found;
    if (found.words.empty()) throw context.wrong_usage("which list? Give its name, or --site");
    found.list = context.need(store::require_list(context.database(), found.words.front()));
    found.words.erase(found.words.begin());
    return found;
}

Record describe(const store::ListRule& rule)
{
    return {{"id", rule.id},
            {"list", rule.list.empty() ? Value{} : Value{rule.list}},
            {"kind", store::rule_kind_name(rule.kind)},
            {"field", rule.field},
            {"pattern", rule.pattern},
            {"action", store::rule_action_name(rule.action)},
            {"note", rule.note},
            {"created_at", time_value(rule.created_at)},
            {"created_by", rule.created_by}};
}

std::string in_words(const store::ListRule& rule)
{
    const std::string kind{store::rule_kind_name(rule.kind)};
    if (rule.kind != store::RuleKind::header) return kind + " " + rule.pattern;
    return fmt::format("{} {} \"{}\" {}", kind, rule.field, text::printable(rule.pattern), store::rule_action_name(rule.action));
}

Exit run_list(Context& context)
{
    const Where place = where(context);
    if (!place.words.empty()) throw context.wrong_usage("one list at a time");
    Table table{context.out(), context.format(), "no rules of its own: \"majlis rule add\" makes one"};
    if (place.list)
        for (const store::ListRule& above : store::rules_of(context.database(), std::nullopt)) table.add(describe(above));
    if (place.list) {
        auto chain = store::ancestors(context.database(), place.list->id);
        for (auto level = chain.rbegin(); level != chain.rend(); ++level)
            for (const store::ListRule& rule : store::rules_of(context.database(), level->id)) table.add(describe(rule));
    } else {
        for (const store::ListRule& rule : store::rules_of(context.database(), std::nullopt)) table.add(describe(rule));
    }
    table.finish();
    return Exit::done;
}

store::NewRule order_of(Context& context, const Where& place)
{
    const auto& words = place.words;
    const auto kind = words.empty() ? std::nullopt : store::rule_kind_named(words.front());
    if (!kind) throw context.wrong_usage(std::string{how});
    store::NewRule order;
    order.list_id = place.id();
    order.kind = *kind;
    order.note = context.args().get("--note");
    if (*kind != store::RuleKind::header) {
        if (words.size() != 2) throw context.wrong_usage(std::string{how});
        order.pattern = words[1];
        return order;
    }
    const auto action = words.size() == 4 ? store::rule_action_named(words[3]) : std::nullopt;
    if (!action) throw context.wrong_usage(std::string{how});
    order.field = words[1];
    order.pattern = words[2];
    order.action = *action;
    if (const auto pattern = HeaderPattern::compile(order.field, order.pattern); !pattern)
        throw context.failure(pattern.error().message);
    return order;
}

Exit run_add(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    store::Transaction transaction{db};
    const Where place = where(context);
    const auto added = context.need(store::add_rule(db, order_of(context, place), context.by()));
    const bool known = added.kind == store::AddedRule::Kind::already;
    context.finish(transaction, fmt::format("rule {}{}: {} on {}", added.rule.id, known ? " says so already" : "",
                                            in_words(added.rule), place.name()));
    return Exit::done;
}

Exit run_remove(Context& context)
{
    store::Database& db = context.database(store::Open::read_write);
    store::Transaction transaction{db};
    const Where place = where(context);
    if (place.words.empty()) throw context.wrong_usage("which rule? Give its id, as \"rule list\" shows it");
    std::string removed;
    for (const std::string& word : place.words) {
        const auto id = context.id(word);
        const auto rule = store::find_rule(db, id);
        if (!rule || rule->list_id != place.id())
            throw context.failure(fmt::format("{} has no rule {} of its own: \"majlis rule list {}\" shows them",
                                              place.list ? place.list->name : "the site", id,
                                              place.list ? place.list->name : "--site"));
        context.need(store::remove_rule(db, id, context.by()));
        removed += (removed.empty() ? "" : "\n") + fmt::format("removed rule {}: {} on {}", id, in_words(*rule), place.name());
    }
    context.finish(transaction, removed);
    return Exit::done;
}

/// As if it had been delivered to the list: that it names it nowhere is still told.
Exit run_test(Context& context)
{
    const store::List list = context.list();
    const Config& config = context.config();
    const std::string bytes = read_input(context, static_cast<std::size_t>(config.delivery.max_size_bytes));
    const auto mail = read_mail(bytes, config.site.domain);
    const JudgedList judged =
        judge_for(context.database(), *mail, list.id, store::Junk::no, judge_context(config), std::time(nullptr));
    const Decision& decision = judged.decision;
    if (context.format() == Format::json) {
        show(context.out(), Format::json,
             {{"list", list.name},
              {"verdict", verdict_name(decision.verdict)},
              {"decided_by", decision.rule},
              {"reason", decision.reason},
              {"rules", rules_asked(decision)}});
        return Exit::done;
    }
    context.out() << "list " << list.name << ": " << verdict_name(decision.verdict) << " by rule " << decision.rule << " ("
                  << text::printable(decision.reason, 1'000) << ")\n";
    print_rules_asked(context.out(), rules_asked(decision));
    return Exit::done;
}

constexpr Param site{"--site", Take::flag, "the rules of the site, which hold for all lists"};
constexpr std::array list_params{
    Param{"WORDS", Take::any, "name or address of a list; none with --site", "LIST", "", Offer::lists},
    site,
    json_flag,
};
constexpr std::array add_params{
    Param{"WORDS", Take::words, "the list, then ban, allow or header and what they need", "LIST KIND PATTERN", "", Offer::lists},
    site,
    Param{"--note", Take::value, "why, for those who read the list of rules", "TEXT"},
    dry_run_flag,
};
constexpr std::array remove_params{
    Param{"WORDS", Take::words, "the list, then ids as \"rule list\" shows them", "LIST ID", "", Offer::lists},
    site,
    dry_run_flag,
};
constexpr std::array test_params{list_word, json_flag};

}  // namespace

const Verb rule_list{"rule", "list", "show the bans, allowed senders and patterns that hold for a list", list_params, run_list};
const Verb rule_add{"rule",
                    "add",
                    "ban or allow a sender, or say what becomes of mail with a certain header",
                    add_params,
                    run_add,
                    "Examples: majlis rule add rabat ban spammer@example.org\n"
                    "          majlis rule add --site ban @example.org\n"
                    "          majlis rule add maroc header Subject \"^\\[ADV\\]\" discard"};
const Verb rule_remove{"rule", "remove", "remove rules", remove_params, run_remove};
const Verb rule_test{"rule", "test", "ask every rule of a list about a mail from standard input; changes nothing", test_params,
                     run_test};

}  // namespace majlis::cli
