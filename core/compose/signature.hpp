#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/address/public_suffixes.hpp"
#include "core/message/message.hpp"

/// Whether what the author's domain has signed (DKIM, RFC 6376) is still as it was signed.
namespace majlis::compose {

/// A mail as a signature sees it: every field, and the body without the empty line before it.
struct Signed {
    std::vector<Field> fields;
    std::string_view body;
};

struct Standing {
    enum class Kind {
        stands,  ///< one of the signatures covers nothing that was changed
        broken,  ///< each covers something that was
        absent,  ///< the author's organisation has signed nothing: at most SPF spoke for him, and a list cannot keep that
    };
    Kind kind = Kind::absent;
    std::string changed;  ///< what breaks the last signature looked at: "Subject", "the body"
};

/// Looks at the DKIM-Signature fields of the author's organisation in `before`, at most 10. Bytes are compared, of the fields
/// that a signature names (from the last upwards, RFC 6376, 5.4.2) and of the whole body but empty lines at its end. Nothing is
/// verified: a signature that was bad from the start counts as one that stands.
Standing author_signature(const Signed& before, const Signed& after, std::string_view author_domain,
                          const PublicSuffixes& suffixes);

}  // namespace majlis::compose
