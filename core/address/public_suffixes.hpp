#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct psl_ctx_st;

namespace majlis {

/// Which domains are registered by whom (publicsuffix.org, by libpsl): the newest list that this machine has. Reading it takes
/// about 0.4 ms; copies share it. May be used by several threads.
class PublicSuffixes {
public:
    PublicSuffixes();

    /// RFC 7489, 3.2: "example.co.uk" for "Mail.Example.CO.UK.", as lower-case A-labels. nullopt for a public suffix itself, for
    /// an address literal, and for what is no domain.
    std::optional<std::string> organisational_domain(std::string_view domain) const;

    /// Whether two domains belong to one organisation: equal, or with the same organisational domain ("relaxed" alignment).
    bool same_organisation(std::string_view a, std::string_view b) const;

private:
    std::shared_ptr<const psl_ctx_st> list_;
};

/// A domain as it is compared and asked for: lower-case A-labels without a trailing dot. nullopt for what no DNS can hold: empty
/// labels, labels above 63 bytes, names above 253, address literals, bare IPv4 addresses, bytes beyond letters, digits, '-' and
/// '_'.
std::optional<std::string> dns_name(std::string_view domain);

}  // namespace majlis
