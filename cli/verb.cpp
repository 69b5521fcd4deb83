#include "cli/verb.hpp"

namespace majlis::cli {

bool Args::has(std::string_view name) const { return given_.find(name) != given_.end(); }

std::string Args::get(std::string_view name, std::string_view fallback) const
{
    const auto found = given_.find(name);
    return found == given_.end() || found->second.empty() ? std::string{fallback} : found->second.front();
}

const std::vector<std::string>& Args::all(std::string_view name) const
{
    static const std::vector<std::string> none;
    const auto found = given_.find(name);
    return found == given_.end() ? none : found->second;
}

void Args::put(std::string_view name, std::vector<std::string> values)
{
    given_.insert_or_assign(std::string{name}, std::move(values));
}

std::string Verb::title() const
{
    std::string title{noun};
    if (!noun.empty()) title += ' ';
    return title.append(name);
}

const Verb* find_verb(std::string_view noun, std::string_view name)
{
    for (const Verb* verb : all_verbs())
        if (verb->noun == noun && verb->name == name) return verb;
    return nullptr;
}

}  // namespace majlis::cli
