#include "core/store/list_rules.hpp"

#include <algorithm>
#include <array>

#include "core/address/address.hpp"
#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/store/members.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"

namespace majlis::store {
namespace {

constexpr std::array<std::string_view, 3> kinds{"ban", "allow", "header"};
constexpr std::array<std::string_view, 4> actions{"hold", "reject", "discard", "accept"};
constexpr std::size_t max_note_bytes = 500;

#define MAJLIS_RULE_COLUMNS                                                                                                   \
    "SELECT r.id, r.list_id, coalesce(l.name, ''), r.kind, r.field, r.pattern, r.action, r.note, r.created_by, r.created_at " \
    "FROM list_rule r LEFT JOIN list l ON l.id = r.list_id "

/// The list, all above it, and the site: the site first, then from the root down.
#define MAJLIS_LEVELS                                                                                                         \
    "WITH RECURSIVE up (id, depth) AS (SELECT :list, 0 UNION ALL SELECT p.parent_id, up.depth + 1 FROM up "                   \
    "CROSS JOIN list p ON p.id = up.id WHERE p.parent_id IS NOT NULL AND up.depth < 64), "                                    \
    "level (id, depth) AS (SELECT id, depth FROM up UNION ALL SELECT 0, 1000) "                                               \
    "SELECT r.id, r.list_id, coalesce(l.name, ''), r.kind, r.field, r.pattern, r.action, r.note, r.created_by, r.created_at " \
    "FROM level CROSS JOIN list_rule r ON coalesce(r.list_id, 0) = level.id LEFT JOIN list l ON l.id = r.list_id "

template <std::size_t N>
std::size_t place(const std::array<std::string_view, N>& names, std::string_view name)
{
    return static_cast<std::size_t>(std::ranges::find(names, name) - names.begin());
}

ListRule read_rule(const Prepared& row)
{
    ListRule rule;
    rule.id = row.integer(0);
    if (row.integer(1) != 0) rule.list_id = row.integer(1);
    rule.list = row.text(2);
    rule.kind = rule_kind_named(row.text(3)).value_or(RuleKind::ban);
    rule.field = row.text(4);
    rule.pattern = row.text(5);
    rule.action = rule_action_named(row.text(6)).value_or(RuleAction::hold);
    rule.note = row.text(7);
    rule.created_by = row.text(8);
    rule.created_at = row.integer(9);
    return rule;
}

/// "ban ann@example.org", "header subject ^win hold".
std::string told(const ListRule& rule)
{
    auto text = std::to_string(rule.id) + ": " + std::string{rule_kind_name(rule.kind)};
    if (rule.kind == RuleKind::header) text += " " + rule.field;
    text += " " + rule.pattern;
    if (rule.kind == RuleKind::header) text += " " + std::string{rule_action_name(rule.action)};
    return text;
}

void note(Database& db, const By& by, std::string event, const ListRule& rule)
{
    journal(db, by, {std::move(event), rule.list_id, rule.kind == RuleKind::header ? "" : rule.pattern, told(rule)});
}

Answer<std::string> sender_pattern(Database& db, std::string_view text)
{
    text = text::trim(text);
    if (text.starts_with("*@")) text.remove_prefix(1);
    const bool domain = text.starts_with('@');
    const auto address = parse_address(domain ? "x" + std::string{text} : std::string{text});
    if (!address)
        return text::Problem{"\"" + text::printable(text) +
                             "\" is neither an address nor \"@domain\": " + address.error().message()};
    auto key = address->key();
    if (domain) key.erase(0, 1);
    if (const auto list = own_address(db, key)) return text::Problem{key + " is an address of the list " + *list};
    return {boost::system::in_place_value, std::move(key)};
}

std::optional<ListRule> same_rule(Database& db, const NewRule& order)
{
    auto row =
        db.prepared(MAJLIS_RULE_COLUMNS
                    "WHERE coalesce(r.list_id, 0) = :list AND r.kind = :kind AND r.field = :field AND r.pattern = :pattern");
    row.bind(":list", order.list_id.value_or(0)).bind(":kind", rule_kind_name(order.kind));
    if (!row.bind(":field", order.field).bind(":pattern", order.pattern).step()) return std::nullopt;
    return read_rule(row);
}

std::int64_t count_rules(Database& db, std::optional<std::int64_t> list_id, RuleKind kind)
{
    auto row = db.prepared("SELECT count(*) FROM list_rule WHERE coalesce(list_id, 0) = :list AND kind = :kind");
    return row.bind(":list", list_id.value_or(0)).bind(":kind", rule_kind_name(kind)).step() ? row.integer(0) : 0;
}

void erase(Database& db, const ListRule& rule, const By& by)
{
    db.prepared("DELETE FROM list_rule WHERE id = :id").bind(":id", rule.id).run();
    note(db, by, "rule-removed", rule);
}

/// Whoever is banned is no longer allowed on the same level, and the other way round: the last word counts.
void withdraw_opposite(Database& db, NewRule order, const By& by)
{
    if (order.kind == RuleKind::header) return;
    order.kind = order.kind == RuleKind::ban ? RuleKind::allow : RuleKind::ban;
    if (const auto opposite = same_rule(db, order)) erase(db, *opposite, by);
}

std::int64_t insert_rule(Database& db, const NewRule& order, const By& by)
{
    auto insert = db.prepared(
        "INSERT INTO list_rule (list_id, kind, field, pattern, action, note, created_at, created_by) "
        "VALUES (:list, :kind, :field, :pattern, :action, :note, :now, :who)");
    insert.bind(":list", order.list_id).bind(":kind", rule_kind_name(order.kind)).bind(":field", order.field);
    insert.bind(":pattern", order.pattern).bind(":action", rule_action_name(order.action));
    insert.bind(":note", text::printable(order.note, max_note_bytes)).bind(":now", by.at).bind(":who", by.who).run();
    return db.last_id();
}

enum class Domains { no, yes };
std::optional<ListRule> rule_for(Database& db, std::int64_t list_id, RuleKind kind, std::span<const std::string> keys,
                                 Domains domains)
{
    const auto find = [&](std::string_view pattern) -> std::optional<ListRule> {
        auto row = db.prepared(
            MAJLIS_LEVELS "WHERE r.kind = :kind AND r.field = '' AND r.pattern = :pattern ORDER BY level.depth DESC LIMIT 1");
        row.bind(":list", list_id).bind(":kind", rule_kind_name(kind)).bind(":pattern", pattern);
        if (!row.step()) return std::nullopt;
        return read_rule(row);
    };
    for (const auto& key : keys) {
        if (auto rule = find(key)) return rule;
        const auto at = key.rfind('@');
        if (domains == Domains::no || at == std::string::npos) continue;
        if (auto rule = find(std::string_view{key}.substr(at))) return rule;
    }
    return std::nullopt;
}

}  // namespace

std::string_view rule_kind_name(RuleKind kind) { return kinds.at(static_cast<std::size_t>(kind)); }
std::string_view rule_action_name(RuleAction action) { return actions.at(static_cast<std::size_t>(action)); }

std::optional<RuleKind> rule_kind_named(std::string_view name)
{
    const auto at = place(kinds, name);
    if (at == kinds.size()) return std::nullopt;
    return static_cast<RuleKind>(at);
}

std::optional<RuleAction> rule_action_named(std::string_view name)
{
    const auto at = place(actions, name);
    if (at == actions.size()) return std::nullopt;
    return static_cast<RuleAction>(at);
}

Answer<AddedRule> add_rule(Database& db, const NewRule& given, const By& by)
{
    Transaction transaction{db};
    NewRule order = given;
    if (order.list_id && !find_list(db, *order.list_id)) return text::Problem{"there is no such list"};
    const bool header = order.kind == RuleKind::header;
    if (header) {
        order.field = text::lowered(text::trim(order.field));
    } else {
        auto pattern = sender_pattern(db, order.pattern);
        if (!pattern) return pattern.error();
        order.pattern = std::move(*pattern);
        order.field.clear();
        order.action = order.kind == RuleKind::ban ? RuleAction::discard : RuleAction::accept;
    }
    if (const auto same = same_rule(db, order)) {
        if (same->action == order.action) return AddedRule{*same, AddedRule::Kind::already};
        return text::Problem{"rule " + std::to_string(same->id) + " has the same pattern, and says " +
                             std::string{rule_action_name(same->action)} + ": remove it first"};
    }
    const auto most = header ? max_header_rules : max_sender_rules;
    if (count_rules(db, order.list_id, order.kind) >= most)
        return text::Problem{"there are " + std::to_string(most) + " rules of this kind already, which is the limit"};
    withdraw_opposite(db, order, by);
    const auto added = find_rule(db, insert_rule(db, order, by)).value();
    note(db, by, "rule-added", added);
    transaction.commit();
    return AddedRule{added, AddedRule::Kind::added};
}

Answer<ListRule> remove_rule(Database& db, std::int64_t id, const By& by)
{
    Transaction transaction{db};
    auto rule = find_rule(db, id);
    if (!rule) return text::Problem{"there is no rule " + std::to_string(id)};
    erase(db, *rule, by);
    transaction.commit();
    return std::move(*rule);
}

std::optional<ListRule> find_rule(Database& db, std::int64_t id)
{
    auto row = db.prepared(MAJLIS_RULE_COLUMNS "WHERE r.id = :id");
    if (!row.bind(":id", id).step()) return std::nullopt;
    return read_rule(row);
}

std::vector<ListRule> rules_of(Database& db, std::optional<std::int64_t> list_id)
{
    auto rows = db.prepared(MAJLIS_RULE_COLUMNS "WHERE coalesce(r.list_id, 0) = :list ORDER BY r.id");
    rows.bind(":list", list_id.value_or(0));
    std::vector<ListRule> rules;
    while (rows.step()) rules.push_back(read_rule(rows));
    return rules;
}

std::vector<ListRule> header_rules_for(Database& db, std::int64_t list_id)
{
    auto rows = db.prepared(MAJLIS_LEVELS "WHERE r.kind = 'header' ORDER BY level.depth DESC, r.id");
    rows.bind(":list", list_id);
    std::vector<ListRule> rules;
    while (rows.step()) rules.push_back(read_rule(rows));
    return rules;
}

std::optional<ListRule> sender_rule(Database& db, std::int64_t list_id, RuleKind kind, std::span<const std::string> address_keys)
{
    return rule_for(db, list_id, kind, address_keys, Domains::yes);
}

std::optional<ListRule> address_rule(Database& db, std::int64_t list_id, RuleKind kind, std::span<const std::string> address_keys)
{
    return rule_for(db, list_id, kind, address_keys, Domains::no);
}

}  // namespace majlis::store
