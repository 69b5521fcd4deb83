#pragma once
#include "core/compose/post_copy.hpp"
#include "core/lists/settings.hpp"
#include "core/store/lists.hpp"

namespace majlis {

/// How a list shows itself in the mail that it sends.
ListFace list_face(const store::List& list, const Settings& settings);

}  // namespace majlis
