#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Names of files and folders from what people wrote. Nothing of it can leave its folder or be read as an order by git.
namespace majlis::reports {

/// "Réunion du bureau : n° 3" -> "reunion-du-bureau-n-3": lower case, accents of Latin letters dropped, letters of other scripts
/// kept, all else one hyphen; at most 60 bytes. "report" where nothing is left.
std::string slug(std::string_view title);

/// A file's own name, kept readable: no path, no controls or bidi marks, no leading dot or hyphen, at most 100 bytes. `fallback`
/// where nothing is left.
std::string file_name(std::string_view name, std::string_view fallback);

/// `name`, or "name-2.pdf" where it is taken; comparing without regard to case. Adds what it gives to `taken`.
std::string unique_name(const std::string& name, std::vector<std::string>& taken);

}  // namespace majlis::reports
