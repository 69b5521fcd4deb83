#pragma once

#include "core/compose/post_copy.hpp"

namespace majlis::compose {

/// The copy under a decision that has been taken: `face.from` is keep, rewrite or wrap. `message` has clean lines.
PostCopy build_copy(const Message& message, const ListFace& face, const CopyOptions& options);

}  // namespace majlis::compose
