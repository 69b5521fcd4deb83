#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/lists/settings.hpp"
#include "core/store/database.hpp"

/// What a person prefers, over all lists.
namespace majlis::store {

/// How a digest is made: multipart/digest, or one plain text (RFC 1153).
enum class DigestFormat { mime, plain };
std::optional<DigestFormat> digest_format_named(std::string_view name);
std::string_view digest_format_name(DigestFormat format);

struct Preferences {
    Switch own_posts = Switch::on;           ///< off: no copy of his own posts
    Switch duplicates = Switch::on;          ///< off: no copy of a post whose To or Cc names him
    std::optional<std::int64_t> away_until;  ///< posts accepted until then are not sent to him
    DigestFormat digest_format = DigestFormat::mime;
    friend bool operator==(const Preferences&, const Preferences&) = default;
};
/// Those of a member who is not there are the usual ones.
Preferences preferences_of(Database& db, std::int64_t member_id);
/// True when something changed.
bool set_preferences(Database& db, std::int64_t member_id, const Preferences& preferences, const By& by);

/// Members whom To or Cc of a post names, by the keys of these addresses: for those who want no duplicates.
void note_named(Database& db, std::int64_t post_id, std::span<const std::string> address_keys);

}  // namespace majlis::store
