#pragma once

#include "core/filter/plan.hpp"

#include <string>

namespace majlis::filter_parts {

/// The mail with its plan carried out: for a plan that changes something, and clean lines (core/compose/lines.hpp).
std::string rewrite(const Message& message, const Plan& plan);

}  // namespace majlis::filter_parts
