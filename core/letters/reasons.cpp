#include "core/letters/reasons.hpp"

#include <algorithm>

#include "core/compose/notice.hpp"
#include "core/store/posts.hpp"

namespace majlis {

std::vector<std::string> stored_reasons(store::Database& db, std::int64_t post_list_id, std::string_view language,
                                        const std::filesystem::path& templates)
{
    const auto known = phrase_keys();
    std::vector<std::string> reasons;
    for (const auto& hit : store::hits_of(db, post_list_id)) {
        if (hit.verdict == "accept") continue;
        const auto key = "reason-" + hit.rule;
        const bool phrased = std::ranges::find(known, key) != known.end();
        reasons.push_back(phrased ? render_phrase(key, language, hit.values, templates) : hit.reason);
    }
    return reasons;
}

}  // namespace majlis
