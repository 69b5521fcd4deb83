#include "core/reports/index.hpp"

#include <algorithm>
#include <functional>
#include <map>

#include "core/reports/markdown.hpp"

namespace majlis::reports {

std::vector<File> index_pages(std::string_view section, std::string_view section_title, const std::vector<Entry>& entries)
{
    std::map<std::string, std::vector<Entry>, std::greater<>> years;
    for (const auto& entry : entries) years[entry.date.substr(0, entry.date.find('-', 1))].push_back(entry);
    const std::string root{section};
    std::string overview = "# " + escaped(section_title) + "\n\n";
    std::vector<File> pages;
    for (auto& [year, reports] : years) {
        std::ranges::stable_sort(reports, std::greater<>{},
                                 [](const Entry& entry) { return entry.folder.substr(entry.folder.rfind('/') + 1); });
        std::string page = "# " + escaped(section_title) + ", " + year + "\n\n";
        for (const auto& entry : reports) {
            const auto name = entry.folder.substr(entry.folder.rfind('/') + 1);
            page += "- " + entry.date + " " + link(entry.title, name + "/README.md") +
                    (entry.author.empty() ? "" : " (" + escaped(entry.author) + ")") + "\n";
        }
        pages.push_back({root + "/" + year + "/README.md", std::move(page)});
        overview += "- " + link(year, year + "/README.md") + " (" + std::to_string(reports.size()) + ")\n";
    }
    pages.push_back({root + "/README.md", std::move(overview)});
    return pages;
}

}  // namespace majlis::reports
