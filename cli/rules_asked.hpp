#pragma once
#include <iosfwd>

#include "cli/output.hpp"
#include "core/policy/rules.hpp"

namespace majlis::cli {

/// Every rule that was asked, in order: whether it spoke, whether it decided, what it said and why.
Array rules_asked(const Decision& decision);

/// The same for people: a line a rule; ">" marks the one that decided, "*" others that spoke.
void print_rules_asked(std::ostream& out, const Array& rules);

}  // namespace majlis::cli
