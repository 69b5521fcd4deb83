#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/address/public_suffixes.hpp"

/// What a domain asks of those who receive mail in its name without proof (RFC 7489). Pure: who asks the DNS gives the answers.
namespace majlis::dmarc {

/// unknown: the DNS did not say. Then we act as if it forbade.
enum class Policy { none, quarantine, reject, unknown };

std::string_view policy_name(Policy policy);
/// nullopt for any other word.
std::optional<Policy> policy_named(std::string_view name);

/// Whether mail that no longer proves its From would be refused or filed as spam. `pct` is not looked at: even p=quarantine with
/// pct=0 asks lists to rewrite.
constexpr bool forbids(Policy policy) { return policy != Policy::none; }

struct Record {
    Policy policy = Policy::none;        ///< p=
    std::optional<Policy> subdomains{};  ///< sp=
};

/// One TXT record. nullopt where it is no DMARC record: v=DMARC1 not first, p= missing or unknown.
std::optional<Record> parse_record(std::string_view txt);

/// What the DNS said of one name.
struct Answer {
    enum class Kind { found, none, failed };  ///< none: NXDOMAIN or no TXT; failed: anything else, for now
    Kind kind = Kind::failed;
    std::vector<std::string> texts;  ///< TXT records, their strings joined
    std::chrono::seconds ttl{0};     ///< smallest of the records'
};

/// The names to ask, in order: "_dmarc.mail.example.org", then "_dmarc.example.org" (RFC 7489, 6.6.3). Empty for what no DNS can
/// hold, which has no policy.
std::vector<std::string> names_to_ask(std::string_view author_domain, const PublicSuffixes& suffixes);

struct Outcome {
    Policy policy = Policy::unknown;
    std::chrono::seconds keep{0};  ///< how long it may be remembered
};

/// How long an answer is remembered.
constexpr std::chrono::seconds shortest_life{600};    ///< a record with a smaller TTL
constexpr std::chrono::seconds longest_life{86'400};  ///< a record with a larger one
constexpr std::chrono::seconds life_of_none{3'600};   ///< no record
constexpr std::chrono::seconds life_of_failure{300};  ///< the DNS did not answer

/// The policy, from the answers so far, in the order of names_to_ask(). nullopt: the next name is to be asked. Several DMARC
/// records at one name are none (6.6.3); a failure is Policy::unknown.
std::optional<Outcome> decide(std::span<const Answer> answers, std::size_t names);

}  // namespace majlis::dmarc
