#pragma once

#include <span>
#include <string_view>

namespace majlis::text {

/// The known word that somebody who wrote `word` most likely meant: smallest edit distance (case, '-' and '_' are equal), at most
/// a third of its length and never more than 3; "" if none is near.
std::string_view nearest(std::string_view word, std::span<const std::string_view> known);

}  // namespace majlis::text
