#include "core/filter/removed_note.hpp"

#include "core/compose/notice.hpp"

#include <cstddef>

namespace majlis {
namespace {

constexpr std::size_t most_named = 20;

std::string kilobytes(std::int64_t bytes) { return std::to_string((bytes + 1023) / 1024); }

}  // namespace

std::string removed_note(const std::vector<RemovedPart>& removed, std::string_view list_name, std::string_view language,
                         const std::filesystem::path& templates)
{
    std::string lines;
    std::size_t count = 0;
    for (const RemovedPart& part : removed) {
        if (!part.missed || ++count > most_named) continue;
        lines += render_phrase("removed-part", language,
                               {{"name", part.name}, {"type", part.type}, {"kilobytes", kilobytes(part.size)}}, templates) +
                 "\n";
    }
    if (count == 0) return {};
    if (count > most_named)
        lines += render_phrase("removed-parts-more", language, {{"count", std::to_string(count - most_named)}}, templates) + "\n";
    return render_phrase("removed-parts", language, {{"list", std::string{list_name}}}, templates) + "\n" + lines;
}

}  // namespace majlis
