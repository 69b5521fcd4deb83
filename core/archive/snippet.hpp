#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/archive/query.hpp"

namespace majlis::archive {

struct Snippet {
    std::string text;                                        ///< one line, UTF-8, no control characters
    std::vector<std::pair<std::size_t, std::size_t>> marks;  ///< byte ranges (begin, end) of words of the query
};
/// Some 160 bytes of `text` around the first word that the query wants; its beginning where none is found. Linear.
Snippet snippet_of(std::string_view text, const Query& query);

}  // namespace majlis::archive
