#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/config/value.hpp"

namespace majlis::config {

/// A table of the file while it is read: its name for messages, and where they go.
class Section {
public:
    Section(std::string name, std::string title, const Value& table, std::filesystem::path folder, Report& report)
        : name_{std::move(name)}, title_{std::move(title)}, table_{table}, folder_{std::move(folder)}, report_{report}
    {
    }
    std::string_view name() const { return name_; }  ///< as in ConfigKey: "inbox.oauth2"
    const Value& table() const { return table_; }
    const std::filesystem::path& folder() const { return folder_; }
    bool has(std::string_view key) const { return table_.find(key) != nullptr; }
    /// The text of a key; empty when it is absent or no text.
    std::string_view text(std::string_view key) const;

    /// At the line of the key, or of the section when it is absent.
    void error(std::string_view key, std::string text) const { report_.errors.push_back(message(key, std::move(text))); }
    void warning(std::string_view key, std::string text) const { report_.warnings.push_back(message(key, std::move(text))); }
    /// The section below this one, with its own name and title.
    Section below(std::string_view key, const Value& table) const;

private:
    Message message(std::string_view key, std::string text) const;

    std::string name_, title_;
    const Value& table_;
    std::filesystem::path folder_;
    Report& report_;
};

/// One value while it is read. The getters report what does not fit and then return nothing.
class Reading {
public:
    Reading(const Section& section, std::string_view key, const Value& value) : section_{section}, key_{key}, value_{value} {}

    std::optional<std::string> text();  ///< one line, not empty, UTF-8 without controls
    bool empty_text() const { return value_.kind == Value::Kind::text && value_.text.empty(); }  ///< where "" says something
    std::optional<std::vector<std::string>> texts();
    std::optional<unsigned> number(std::int64_t least, std::int64_t most);
    std::optional<bool> truth();
    std::optional<std::filesystem::path> path();  ///< whole: relative ones start at the folder of the file
    std::optional<std::chrono::seconds> duration(std::chrono::seconds least, std::chrono::seconds most);
    std::optional<std::int64_t> size(std::int64_t least, std::int64_t most);  ///< bytes
    std::optional<std::string> address();

    template <class Enum, std::size_t Count>
    std::optional<Enum> choice(const std::pair<std::string_view, Enum> (&choices)[Count])
    {
        std::vector<std::string_view> words;
        for (const auto& choice : choices) words.push_back(choice.first);
        const auto index = choose(words);
        if (!index) return std::nullopt;
        return choices[*index].second;
    }

    const Section& section() const { return section_; }
    void error(std::string text) { section_.error(key_, std::move(text)); }

private:
    bool is(Value::Kind kind, std::string_view wanted);
    std::optional<std::size_t> choose(std::span<const std::string_view> words);

    const Section& section_;
    std::string_view key_;
    const Value& value_;
};

/// Sets `target` when the reading succeeded.
template <class Target, class Source>
void put(Target& target, std::optional<Source> source)
{
    if (source) target = std::move(*source);
}

/// "\"x\"", printable.
std::string in_quotes(std::string_view text);
/// "a, b or c"
std::string alternatives(std::span<const std::string_view> words);
/// "a, b, c"
std::string listed(std::span<const std::string_view> words);

}  // namespace majlis::config
