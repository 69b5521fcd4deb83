#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace majlis::text {

struct Parameter {
    std::string name;   ///< lower case, without RFC 2231's stars
    std::string value;  ///< UTF-8; raw bytes for "boundary", which is compared, not shown
};

/// Body of Content-Type, Content-Disposition and their like (RFC 2045, 5.1).
struct ParameterValue {
    std::string value;  ///< lower case, no spaces, no comments: "text/plain", "attachment"
    std::vector<Parameter> parameters;  ///< a name may stand again: the first counts, some programs take another

    /// Value of the first parameter of this (lower-case) name, or nullptr.
    const std::string* find(std::string_view name) const;
    /// The same, or "".
    std::string get(std::string_view name) const;
};

/// Reads a whole field body as found in the wild: RFC 2231 continuations and charsets in any order, RFC 2047 words inside values,
/// unquoted spaces, missing end quotes, Windows paths with backslashes. Never fails; at most 200 parameters, linear.
ParameterValue parse_parameters(std::string_view field_body);

}  // namespace majlis::text
