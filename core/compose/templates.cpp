#include "core/compose/templates.hpp"

#include <algorithm>
#include <fstream>
#include <optional>
#include <stdexcept>

#include "core/text/printable.hpp"

namespace majlis::compose {
namespace {

constexpr std::size_t max_template_bytes = 64 * 1024;

const Template* built_in(std::string_view name, std::string_view language)
{
    for (const Template& one : built_in_templates()) {
        if (one.name == name && one.language == language) return &one;
    }
    return nullptr;
}

std::optional<std::string> replacement(const std::filesystem::path& file)
{
    std::error_code ignored;  // a folder that cannot be looked into replaces nothing
    if (!std::filesystem::exists(file, ignored)) return std::nullopt;
    std::ifstream in{file, std::ios::binary};
    std::string text(max_template_bytes + 1, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.empty() || text.size() > max_template_bytes) {
        throw std::runtime_error{text::printable(file.string(), 1000) +
                                 ": this template cannot be read, is empty or larger than 64 KB"};
    }
    return text;
}

}  // namespace

std::string load_template(std::string_view name, std::string_view language, const TemplateFolder& folder)
{
    if (!built_in(name, "en")) throw std::invalid_argument{"no notice is called " + text::printable(name)};
    for (const std::string_view candidate : {language, std::string_view{"en"}}) {
        const Template* ours = built_in(name, candidate);  // also keeps odd names out of paths
        if (!ours) continue;
        const auto file = std::filesystem::path{candidate} / (std::string{name} + ".txt");
        // Names of lists are of letters, digits, '.', '-' and '_': none of them leads out of the folder.
        if (!folder.path.empty() && !folder.list.empty() && folder.list.find_first_of("/\\") == std::string::npos)
            if (auto text = replacement(folder.path / "lists" / folder.list / file)) return *text;
        if (!folder.path.empty())
            if (auto text = replacement(folder.path / file)) return *text;
        return std::string{ours->text};
    }
    throw std::invalid_argument{"no notice is called " + text::printable(name)};
}

}  // namespace majlis::compose
