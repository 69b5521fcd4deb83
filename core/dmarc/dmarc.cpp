#include "core/dmarc/dmarc.hpp"

#include <algorithm>
#include <utility>

#include "core/text/ascii.hpp"

namespace majlis::dmarc {
namespace {

constexpr std::size_t max_record = 4096;  // bytes that are read of one
constexpr std::size_t max_name = 253;

constexpr std::pair<Policy, std::string_view> policy_names[] = {
    {Policy::none, "none"}, {Policy::quarantine, "quarantine"}, {Policy::reject, "reject"}, {Policy::unknown, "unknown"}};

struct Tag {
    std::string name;
    std::string_view value;
};

/// Cuts the next "name = value" off; an empty name for what is none.
Tag next_tag(std::string_view& rest)
{
    const std::string_view one = rest.substr(0, rest.find(';'));
    rest.remove_prefix(std::min(one.size() + 1, rest.size()));
    const std::size_t equals = one.find('=');
    if (equals == std::string_view::npos) return {};
    return {text::lowered(text::trim(one.substr(0, equals))), text::trim(one.substr(equals + 1))};
}

std::optional<Policy> asked_policy(std::string_view value)
{
    const auto policy = policy_named(text::lowered(value));
    return policy == Policy::unknown ? std::nullopt : policy;
}

/// What one name's answer says; nullopt: it has no policy.
std::optional<Record> only_record(const Answer& answer)
{
    std::optional<Record> found;
    for (const std::string& text : answer.texts) {
        auto record = parse_record(text);
        if (!record) continue;
        if (found) return std::nullopt;
        found = std::move(record);
    }
    return found;
}

}  // namespace

std::string_view policy_name(Policy policy)
{
    const auto found = std::ranges::find_if(policy_names, [&](const auto& one) { return one.first == policy; });
    return found == std::end(policy_names) ? "unknown" : found->second;
}

std::optional<Policy> policy_named(std::string_view name)
{
    const auto found = std::ranges::find_if(policy_names, [&](const auto& one) { return one.second == name; });
    if (found == std::end(policy_names)) return std::nullopt;
    return found->first;
}

std::optional<Record> parse_record(std::string_view txt)
{
    std::string_view rest = txt.substr(0, max_record);
    const Tag version = next_tag(rest);
    if (version.name != "v" || version.value != "DMARC1") return std::nullopt;
    std::optional<Policy> policy, subdomains;
    while (!rest.empty()) {
        const Tag tag = next_tag(rest);
        if (tag.name == "p" && !policy) {
            policy = asked_policy(tag.value);
            if (!policy) return std::nullopt;
        }
        if (tag.name == "sp" && !subdomains) subdomains = asked_policy(tag.value);
    }
    if (!policy) return std::nullopt;
    return Record{*policy, subdomains};
}

std::vector<std::string> names_to_ask(std::string_view author_domain, const PublicSuffixes& suffixes)
{
    constexpr std::string_view prefix = "_dmarc.";
    const auto domain = dns_name(author_domain);
    std::vector<std::string> out;
    if (!domain || domain->size() + prefix.size() > max_name) return out;
    out.push_back(std::string{prefix} + *domain);
    const auto organisation = suffixes.organisational_domain(*domain);
    if (organisation && *organisation != *domain) out.push_back(std::string{prefix} + *organisation);
    return out;
}

std::optional<Outcome> decide(std::span<const Answer> answers, std::size_t names)
{
    const auto life = [](std::chrono::seconds ttl) { return std::clamp(ttl, shortest_life, longest_life); };
    for (std::size_t i = 0; i < answers.size(); ++i) {
        if (answers[i].kind == Answer::Kind::failed) return Outcome{Policy::unknown, life_of_failure};
        if (answers[i].kind == Answer::Kind::none) continue;
        const auto record = only_record(answers[i]);
        if (!record) continue;
        const bool of_author = i == 0;
        const Policy policy = of_author ? record->policy : record->subdomains.value_or(record->policy);
        return Outcome{policy, life(answers[i].ttl)};
    }
    if (answers.size() < names) return std::nullopt;
    return Outcome{Policy::none, life_of_none};
}

}  // namespace majlis::dmarc
