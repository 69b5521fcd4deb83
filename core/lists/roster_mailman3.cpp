#include "core/lists/roster_readers.hpp"
#include "core/lists/roster_row.hpp"

#include <nlohmann/json.hpp>

namespace majlis::roster {

namespace {

using nlohmann::json;

std::string text_of(const json& entry, const char* key)
{
    const auto found = entry.find(key);
    return found != entry.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

RosterRow row_of(const json& entry)
{
    RosterRow row;
    set_address(row, text_of(entry, "email"));
    set_name(row, text_of(entry, "display_name"), "utf-8");
    set_mode(row, text_of(entry, "delivery_mode"));
    set_language(row, text_of(entry, "preferred_language"));
    const std::string status = text_of(entry, "delivery_status");
    if (!status.empty() && status != "enabled") row.mode = "none";
    return row;
}

/// Every level costs the parser memory; the answer of the REST interface has three.
bool too_deep(std::string_view text)
{
    constexpr int most = 20;
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted && c == '\\')
            ++i;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && (c == '[' || c == '{') && ++depth > most)
            return true;
        else if (!quoted && (c == ']' || c == '}'))
            --depth;
    }
    return false;
}

}  // namespace

std::vector<RosterRow> mailman3_rows(std::string_view text)
{
    std::vector<RosterRow> rows;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    const json document = too_deep(text) ? json(json::value_t::discarded) : json::parse(text.begin(), text.end(), nullptr, false);
    const json* entries = &document;
    if (document.is_object() && document.contains("entries")) entries = &document["entries"];
    if (!entries->is_array()) {
        fail(rows.emplace_back(), 0,
             "this is not the JSON of a Mailman 3 roster, as GET .../lists/LIST/roster/member answers it");
        return rows;
    }
    for (const json& entry : *entries) {
        if (!entry.is_object()) {
            fail(rows.emplace_back(), 0, "an entry of the roster is no object");
            continue;
        }
        const std::string role = text_of(entry, "role");
        if (role.empty() || role == "member") rows.push_back(row_of(entry));
    }
    return rows;
}

}  // namespace majlis::roster
