#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/reports/report.hpp"

namespace majlis::reports {

/// A report as the indexes name it.
struct Entry {
    std::string folder;  ///< "rabat/2026/2026-03-02-reunion"
    std::string title, author, date;
};

/// The pages README.md of one section: its years, and for each year its reports, the newest first. Paths from the repository's
/// root. `section_title` is shown; `section` is the folder.
std::vector<File> index_pages(std::string_view section, std::string_view section_title, const std::vector<Entry>& entries);

}  // namespace majlis::reports
