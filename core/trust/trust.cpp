#include "core/trust/trust.hpp"

#include <algorithm>

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"
#include "core/trust/authentication_results.hpp"
#include "core/trust/block.hpp"

namespace majlis {
namespace {

constexpr std::size_t max_authors = 20;
constexpr std::size_t max_told = 6;  // results that a reason lists
constexpr std::size_t max_reason = 300;

std::string said(std::string text) { return text::printable(text, max_reason); }

/// The topmost field of each trusted server, within the provider's block.
std::vector<AuthenticationResults> believed(std::span<const Field> block, std::span<const std::string> trusted_servers)
{
    std::vector<AuthenticationResults> out;
    std::vector<bool> spoken(trusted_servers.size(), false);
    for (const Field& field : block) {
        if (!text::equal_nocase(field.name, "Authentication-Results")) continue;
        auto results = parse_authentication_results(field.body);
        bool first = false;
        for (std::size_t i = 0; i < trusted_servers.size(); ++i) {
            if (spoken[i] || !claims_server(field.body, trusted_servers.subspan(i, 1))) continue;
            spoken[i] = true;
            first = true;
        }
        // One that cannot be read has spoken all the same: a forger who spoils it must not be heard in its place.
        if (first && results) out.push_back(std::move(*results));
    }
    return out;
}

/// The domain of each author; nullopt where From names none, an author without a domain, or more than anybody needs.
std::optional<std::vector<std::string>> author_domains(const Message& message)
{
    std::vector<std::string> out;
    for (const Field* field : find_fields(message.root().fields, "From")) {
        for (const Mailbox& mailbox : parse_mailboxes(field->body)) {
            auto domain = dns_name(mailbox.address.domain);
            if (!domain || out.size() >= max_authors) return std::nullopt;
            if (std::ranges::find(out, *domain) == out.end()) out.push_back(std::move(*domain));
        }
    }
    if (out.empty()) return std::nullopt;
    return out;
}

/// "user@example.org", "@example.org" or "example.org".
std::string_view domain_in(std::string_view value)
{
    const std::size_t at = value.rfind('@');
    return at == std::string_view::npos ? value : value.substr(at + 1);
}

/// The domain that a result speaks of.
std::string_view subject_of(const AuthResult& result)
{
    if (result.method == "dmarc") return domain_in(result.property("header", "from"));
    if (result.method == "dkim") {
        const std::string_view signer = result.property("header", "d");
        return signer.empty() ? domain_in(result.property("header", "i")) : signer;
    }
    const std::string_view sender = result.property("smtp", "mailfrom");
    return domain_in(sender.empty() ? result.property("smtp", "mail") : sender);  // "mail": RFC 5451's older name
}

/// Whether a result says neither yes nor no.
bool says_nothing(const AuthResult& result)
{
    if (result.result == "none" || result.result == "temperror") return true;
    return result.method == "spf" && (result.result == "neutral" || result.result == "bestguesspass");
}

enum class Meaning { nothing, passes, fails, forbids };  // forbids: whatever else was reported

Meaning meaning_of(const AuthResult& result, const std::string& author, const PublicSuffixes& suffixes)
{
    const std::string_view about = subject_of(result);
    if (result.method == "dmarc") {
        if (!about.empty() && dns_name(about) != author) return Meaning::nothing;
        if (result.result == "fail") return Meaning::forbids;
        return result.result == "pass" && !about.empty() ? Meaning::passes : Meaning::nothing;
    }
    if ((result.method != "dkim" && result.method != "spf") || says_nothing(result)) return Meaning::nothing;
    return result.result == "pass" && suffixes.same_organisation(about, author) ? Meaning::passes : Meaning::fails;
}

/// "dkim=pass (example.org)": readers of three languages are told this.
std::string in_words(const AuthResult& result)
{
    const std::string_view about = subject_of(result);
    return result.method + "=" + result.result + (about.empty() ? "" : " (" + std::string{about} + ")");
}

Trust trust_of_author(const std::string& author, std::span<const AuthenticationResults> evidence, const PublicSuffixes& suffixes)
{
    Trust passed, failed;
    std::string seen;
    std::size_t told = 0;
    for (const AuthenticationResults& from : evidence) {
        for (const AuthResult& result : from.results) {
            const Meaning meaning = meaning_of(result, author, suffixes);
            const std::string words = in_words(result);
            if (meaning == Meaning::forbids) return {Proof::failed, said(from.server + ": " + words), result.method};
            if (meaning == Meaning::passes && (passed.proof != Proof::passed || result.method == "dmarc"))
                passed = {Proof::passed, said(from.server + ": " + words), result.method};
            if (meaning == Meaning::fails) failed.proof = Proof::failed;
            if (++told <= max_told) seen += (seen.empty() ? "" : ", ") + words;
        }
    }
    if (passed.proof == Proof::passed) return passed;
    const std::string server = evidence.front().server;
    if (failed.proof == Proof::failed) return {Proof::failed, said(server + ": " + seen), ""};
    return {Proof::unknown, said(server + ": " + (seen.empty() ? "none" : seen)), ""};
}

/// X-Spam-Status: "Yes, score=...". X-Spam-Flag: "YES". OVH: "SPAM".
bool says_yes(std::string_view value)
{
    return text::starts_with_nocase(value, "yes") || text::starts_with_nocase(value, "true") ||
           text::equal_nocase(value, "spam") || text::starts_with_nocase(value, "spam ");
}

/// "SCL:6" as a word of X-Forefront-Antispam-Report, or a bare number.
bool is_high_level(std::string_view digits)
{
    constexpr int spam_level = 5;  // Microsoft's: 5 and 6 spam, 7 to 9 surely
    if (digits.empty() || !text::is_digit(digits.front())) return false;
    const bool more = digits.size() > 1 && text::is_digit(digits[1]);
    return more || digits.front() - '0' >= spam_level;
}

bool calls_it_spam(const Field& field)
{
    constexpr std::string_view verdicts[] = {"x-spam-flag", "x-spam-status", "x-spam", "x-vr-spamstate"};
    const std::string name = text::lowered(field.name);
    const std::string_view value = text::trim(field.body);
    if (std::ranges::find(verdicts, name) != std::end(verdicts)) return says_yes(value);
    if (name == "x-ms-exchange-organization-scl") return is_high_level(value);
    if (name != "x-forefront-antispam-report") return false;
    for (std::size_t at = value.find("SCL:"); at != std::string_view::npos; at = value.find("SCL:", at + 4)) {
        const bool word = at == 0 || value[at - 1] == ';' || text::is_space(value[at - 1]);
        if (word && is_high_level(value.substr(at + 4))) return true;
    }
    return false;
}

/// Above the second Received: the topmost is always of who gave the mail to our mailbox.
std::span<const Field> last_hop(const std::vector<Field>& fields)
{
    std::size_t received = 0;
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (text::equal_nocase(fields[i].name, "Received") && ++received == 2) return std::span{fields}.first(i);
    }
    return fields;
}

}  // namespace

Trust trust_of(const Message& message, std::span<const std::string> trusted_servers, const PublicSuffixes& suffixes)
{
    if (trusted_servers.empty()) return {Proof::unknown, "no trusted server is named", ""};
    const auto authors = author_domains(message);
    if (!authors) return {Proof::failed, "From names no author whose domain could be proven", ""};
    const auto block = trust::provider_block(message.root().fields, trusted_servers, suffixes);
    const auto evidence = believed(block.fields, trusted_servers);
    if (evidence.empty()) {
        const std::string way = block.stopped_by.empty() ? "" : " above the Received by " + block.stopped_by;
        return {Proof::unknown, said("there is no Authentication-Results of " + trusted_servers.front() + way), ""};
    }
    Trust trust = trust_of_author(authors->front(), evidence, suffixes);
    if (authors->size() == 1) return trust;
    for (const std::string& author : *authors) {
        Trust one = trust_of_author(author, evidence, suffixes);
        if (one.proof != Proof::passed)
            return {Proof::failed, said("From names several authors, and not each is proven: " + one.why), one.method};
    }
    return trust;
}

std::string spam_flag(const Message& message, std::span<const std::string> trusted_servers, const PublicSuffixes& suffixes)
{
    const std::vector<Field>& fields = message.root().fields;
    const auto block =
        trusted_servers.empty() ? last_hop(fields) : trust::provider_block(fields, trusted_servers, suffixes).fields;
    const auto found = std::ranges::find_if(block, calls_it_spam);
    if (found == block.end()) return {};
    return text::printable(std::string{found->name} + ": " + std::string{text::trim(found->body)}, 120);
}

std::string topmost_server(const Message& message)
{
    const Field* field = find_field(message.root().fields, "Authentication-Results");
    const auto results = field ? parse_authentication_results(field->body) : std::nullopt;
    return results ? text::printable(results->server) : std::string{};
}

std::string host_in_the_way(const Message& message, std::span<const std::string> trusted_servers, const PublicSuffixes& suffixes)
{
    const std::vector<Field>& fields = message.root().fields;
    const auto block = trust::provider_block(fields, trusted_servers, suffixes);
    if (block.stopped_by.empty() || !believed(block.fields, trusted_servers).empty()) return {};
    return believed(fields, trusted_servers).empty() ? std::string{} : text::printable(block.stopped_by);
}

}  // namespace majlis
