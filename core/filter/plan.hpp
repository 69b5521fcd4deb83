#pragma once

#include "core/filter/attachment.hpp"
#include "core/filter/filter.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace majlis::filter_parts {

/// What becomes of one part.
struct Fate {
    enum class Kind {
        keep,      ///< its own bytes, but for what happens inside it
        remove,    ///< with all that is in it
        convert,   ///< HTML: becomes text/plain
        collapse,  ///< a multipart: the one part left takes its place
        relabel,   ///< a multipart: becomes multipart/mixed, for its parts no longer belong together as it says
    };
    Kind kind = Kind::keep;
    std::vector<std::size_t> children;  ///< in order, of a part that was divided
    bool changed = false;               ///< it, or something in it
    bool opaque = false;                ///< nobody looks into it: multipart/encrypted
    bool in_attachment = false;         ///< inside an attached mail
    std::string text;                   ///< of HTML that is converted: UTF-8, LF
};

struct Plan {
    std::vector<Fate> fates;  ///< one for each part of the message
    std::vector<RemovedPart> removed;
    bool nothing_left = false;

    const Fate& of(std::size_t part) const { return fates[part]; }
    std::vector<std::size_t> left(std::size_t part) const;  ///< its children that stay
};

Plan make_plan(const Message& message, const FilterSettings& settings);

}  // namespace majlis::filter_parts
