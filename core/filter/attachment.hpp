#pragma once

#include "core/filter/filter.hpp"

#include <optional>
#include <string>

namespace majlis::filter_parts {

/// Why a part may not pass.
struct Objection {
    RemovedPart::Why why = RemovedPart::Why::type;
    std::string entry;
};

/// What a part is to its post.
enum class Role {
    text,        ///< what people read: plain text or HTML without a file name, not marked as an attachment
    attachment,  ///< all that an allow list must name
    container,   ///< a multipart that was divided: its parts are asked
    signature,   ///< of a multipart/signed
};

/// Asks the list of types about one part, not about the parts inside it. `attachments.mode` is not all.
std::optional<Objection> objection(const Part& part, Role role, const Attachments& attachments);

/// HTML, and what mail programs show in its place.
bool is_html(const Part& part);

}  // namespace majlis::filter_parts
