#pragma once

#include "core/lists/settings.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace majlis::settings {

/// A key with what it does: `normalise` says how a value is stored (nothing: refused), `apply` puts a stored one into Settings.
struct Entry {
    SettingKey key;
    std::optional<std::string> (*normalise)(const Entry& entry, std::string_view value);
    void (*apply)(Settings& settings, const Entry& entry, const std::string& value);
};

std::span<const Entry> table();
const Entry* find(std::string_view name);

// Normalisers (settings_values.cpp).
using Normalised = std::optional<std::string>;
Normalised one_of(const Entry& entry, std::string_view value);
Normalised line(const Entry& entry, std::string_view value);        ///< at most 1,000 bytes
Normalised short_line(const Entry& entry, std::string_view value);  ///< at most 60 bytes
Normalised paragraph(const Entry& entry, std::string_view value);   ///< lines, at most 4,000 bytes
Normalised url(const Entry& entry, std::string_view value);
Normalised count(const Entry& entry, std::string_view value);  ///< 0 to 1,000,000
Normalised positive(const Entry& entry, std::string_view value);
Normalised size(const Entry& entry, std::string_view value);
Normalised duration(const Entry& entry, std::string_view value);
Normalised attachments(const Entry& entry, std::string_view value);
Normalised flood(const Entry& entry, std::string_view value);
Normalised warnings(const Entry& entry, std::string_view value);

// Readers of normalised values.
std::size_t index_of(const Entry& entry, std::string_view value);  ///< position among the allowed words
Attachments read_attachments(std::string_view value);
Flood read_flood(std::string_view value);
BounceWarnings read_warnings(std::string_view value);

}  // namespace majlis::settings
