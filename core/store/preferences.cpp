#include "core/store/preferences.hpp"

#include "core/store/aliases.hpp"
#include "core/store/journal.hpp"
#include "core/text/date.hpp"

namespace majlis::store {
namespace {

std::string told(const Preferences& preferences)
{
    const auto word = [](Switch value) { return value == Switch::on ? "on" : "off"; };
    auto text = std::string{"own "} + word(preferences.own_posts) + ", duplicates " + word(preferences.duplicates);
    if (preferences.digest_format == DigestFormat::plain) text += ", plain digests";
    if (preferences.away_until) text += ", away until " + text::format_date(*preferences.away_until);
    return text;
}

}  // namespace

std::optional<DigestFormat> digest_format_named(std::string_view name)
{
    if (name == "mime") return DigestFormat::mime;
    if (name == "plain") return DigestFormat::plain;
    return std::nullopt;
}

std::string_view digest_format_name(DigestFormat format) { return format == DigestFormat::plain ? "plain" : "mime"; }

Preferences preferences_of(Database& db, std::int64_t member_id)
{
    auto row = db.prepared("SELECT own_posts, duplicates, away_until, digest_format FROM member WHERE id = :id");
    Preferences preferences;
    if (!row.bind(":id", member_id).step()) return preferences;
    preferences.own_posts = row.integer(0) != 0 ? Switch::on : Switch::off;
    preferences.duplicates = row.integer(1) != 0 ? Switch::on : Switch::off;
    preferences.away_until = row.maybe_integer(2);
    preferences.digest_format = digest_format_named(row.text(3)).value_or(DigestFormat::mime);
    return preferences;
}

bool set_preferences(Database& db, std::int64_t member_id, const Preferences& preferences, const By& by)
{
    Transaction transaction{db};
    const auto member = find_member(db, member_id);
    if (!member || preferences_of(db, member_id) == preferences) return false;
    auto update = db.prepared(
        "UPDATE member SET own_posts = :own, duplicates = :duplicates, away_until = :away, digest_format = :format "
        "WHERE id = :id");
    update.bind(":own", preferences.own_posts == Switch::on ? 1 : 0);
    update.bind(":duplicates", preferences.duplicates == Switch::on ? 1 : 0);
    update.bind(":format", digest_format_name(preferences.digest_format));
    update.bind(":away", preferences.away_until).bind(":id", member_id).run();
    journal(db, by, {"member-preferences", std::nullopt, member->address_key, told(preferences)});
    transaction.commit();
    return true;
}

void note_named(Database& db, std::int64_t post_id, std::span<const std::string> address_keys)
{
    auto insert = db.prepared("INSERT OR IGNORE INTO post_named (post_id, member_id) VALUES (:post, :member)");
    for (const auto& key : address_keys)
        if (const auto person = find_person(db, key)) insert.bind(":post", post_id).bind(":member", person->id).run();
}

}  // namespace majlis::store
