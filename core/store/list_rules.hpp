#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"

/// What lists and the site have decided about senders and headers. What a list decides holds for every section below it, what
/// the site decides for all lists.
namespace majlis::store {

enum class RuleKind { ban, allow, header };
enum class RuleAction { hold, reject, discard, accept };
std::string_view rule_kind_name(RuleKind kind);
std::string_view rule_action_name(RuleAction action);
std::optional<RuleKind> rule_kind_named(std::string_view name);
std::optional<RuleAction> rule_action_named(std::string_view name);

constexpr std::int64_t max_header_rules = 100;     ///< of one list, or of the site
constexpr std::int64_t max_sender_rules = 50'000;  ///< the same

struct NewRule {
    std::optional<std::int64_t> list_id;  ///< nullopt: the site
    RuleKind kind = RuleKind::ban;
    std::string field{};                   ///< header: its name
    std::string pattern{};                 ///< ban, allow: an address or "@domain"; header: an expression that compiles
    RuleAction action = RuleAction::hold;  ///< header alone
    std::string note{};                    ///< for people
};
struct ListRule {
    std::int64_t id = 0;
    std::optional<std::int64_t> list_id;
    std::string list;  ///< its name; "" for the site
    RuleKind kind = RuleKind::ban;
    std::string field, pattern;  ///< an address as its key, "@domain" with A-labels; a field's name in lower case
    RuleAction action = RuleAction::hold;
    std::string note, created_by;
    std::int64_t created_at = 0;
};
struct AddedRule {
    ListRule rule;
    enum class Kind { added, already } kind = Kind::added;  ///< already: nothing was changed
};
/// Refuses what is no address and no "@domain", a list's own address, and more rules than the limits above. Journals.
Answer<AddedRule> add_rule(Database& db, const NewRule& order, const By& by);
/// The rule that was. Refuses an unknown id. Journals.
Answer<ListRule> remove_rule(Database& db, std::int64_t id, const By& by);
std::optional<ListRule> find_rule(Database& db, std::int64_t id);

/// The list's own ones, or the site's; oldest first.
std::vector<ListRule> rules_of(Database& db, std::optional<std::int64_t> list_id);
/// All header patterns that hold for a list, in the order in which they are asked: the site's, then from the root of the tree
/// down to the list; each level oldest first.
std::vector<ListRule> header_rules_for(Database& db, std::int64_t list_id);

/// The first ban (or allow) that holds for the list and names one of these addresses, or the domain of one.
std::optional<ListRule> sender_rule(Database& db, std::int64_t list_id, RuleKind kind, std::span<const std::string> address_keys);
/// The same for exact addresses alone.
std::optional<ListRule> address_rule(Database& db, std::int64_t list_id, RuleKind kind,
                                     std::span<const std::string> address_keys);

}  // namespace majlis::store
