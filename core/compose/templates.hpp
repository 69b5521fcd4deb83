#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

/// The texts of etc/templates, compiled in, so that the program needs no file beside it.
namespace majlis::compose {

struct Template {
    std::string_view language;
    std::string_view name;
    std::string_view text;
};
std::span<const Template> built_in_templates() noexcept;

/// Where replacements of ours lie.
struct TemplateFolder {
    std::filesystem::path path;  ///< empty: none
    std::string list;            ///< its own templates lie in lists/LIST; empty: none
};

/// The text for a name: `folder`/lists/LIST/LANGUAGE/NAME.txt, else `folder`/LANGUAGE/NAME.txt, else the built-in one; without
/// one in this language, in English. Throws std::invalid_argument for an unknown name, std::runtime_error for a file that cannot
/// be read.
std::string load_template(std::string_view name, std::string_view language, const TemplateFolder& folder);

}  // namespace majlis::compose
