#pragma once
#include <cstdint>
#include <ostream>
#include <span>

#include "cli/context.hpp"
#include "cli/output.hpp"

/// What a post would cost of the limits of relays and domains, and when its last copy would have left: for `explain`.
namespace majlis::cli {

/// Of a post that these lists would accept now, after what is on its way already.
Record cost_of(Context& context, std::span<const std::int64_t> list_ids);

void print_cost(std::ostream& out, const Record& cost);

}  // namespace majlis::cli
