#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majlis {

/// One "ptype.property=value" of a result: {"header", "d", "example.org"}. Type and name in lower case.
struct AuthProperty {
    std::string type, name, value;
};

/// One method's result: {"dkim", "pass", ...}. Both in lower case; the method's version is dropped.
struct AuthResult {
    std::string method, result, reason;
    std::vector<AuthProperty> properties;

    /// The first value of this property, or "".
    std::string_view property(std::string_view type, std::string_view name) const;
};

struct AuthenticationResults {
    std::string server;  ///< authserv-id, lower case
    std::vector<AuthResult> results;
};

/// Body of an Authentication-Results field (RFC 8601, 2.2): comments, quoted strings, folding, versions. nullopt where it has no
/// authserv-id, ends within a comment or a quoted string, or is of a version we do not know. A result that breaks the grammar is
/// left out, the others stay. Linear; at most 100 results of 50 properties.
std::optional<AuthenticationResults> parse_authentication_results(std::string_view field_body);

/// Whether a field, however broken behind its first word, claims to be of one of these servers ("*.example.org": of any below).
bool claims_server(std::string_view field_body, std::span<const std::string> servers);

}  // namespace majlis
