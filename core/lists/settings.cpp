#include "core/lists/settings.hpp"

#include "core/lists/settings_table.hpp"
#include "core/text/nearest.hpp"
#include "core/text/printable.hpp"
#include "core/text/units.hpp"

#include <algorithm>
#include <array>

namespace majlis {

namespace settings {

namespace {

/// The enumerators stand in the order of the allowed words.
template <auto member>
void set_word(Settings& settings, const Entry& entry, const std::string& value)
{
    using Word = std::remove_reference_t<decltype(settings.*member)>;
    settings.*member = static_cast<Word>(index_of(entry, value));
}

template <auto member>
void set_switch(Settings& settings, const Entry&, const std::string& value)
{
    settings.*member = value == "on" ? Switch::on : Switch::off;
}

template <auto member>
void set_text(Settings& settings, const Entry&, const std::string& value)
{
    settings.*member = value;
}

template <auto member>
void set_number(Settings& settings, const Entry&, const std::string& value)
{
    settings.*member = std::stoi(value);
}

template <auto member>
void set_size(Settings& settings, const Entry&, const std::string& value)
{
    settings.*member = text::parse_size(value).value();
}

template <auto member>
void set_duration(Settings& settings, const Entry&, const std::string& value)
{
    settings.*member = text::parse_duration(value).value();
}

void set_attachments(Settings& s, const Entry&, const std::string& value) { s.attachments = read_attachments(value); }
void set_flood(Settings& s, const Entry&, const std::string& value) { s.flood = read_flood(value); }
void set_warnings(Settings& s, const Entry&, const std::string& value) { s.bounce_warnings = read_warnings(value); }

constexpr auto own = Inherited::no;
constexpr auto down = Inherited::yes;

constexpr auto entries = std::to_array<Entry>({
    {{"title", "", "one line of text", "what the list is called", own}, line, set_text<&Settings::title>},
    {{"description", "", "one line of text", "what the list is for", own}, line, set_text<&Settings::description>},
    {{"language", "fr", "fr, ar, en", "language of notices to those who named none", down},
     one_of,
     set_text<&Settings::language>},
    {{"archive_url", "", "empty, or a web address beginning with https://", "where the archive can be read", down},
     url,
     set_text<&Settings::archive_url>},
    {{"posting", "members", "members, anyone, moderators, moderated", "who may post; moderated holds everybody but moderators",
      down},
     one_of,
     set_word<&Settings::posting>},
    {{"nonmembers", "hold", "hold, reject, discard, accept", "what happens to a post of somebody who may not", down},
     one_of,
     set_word<&Settings::nonmembers>},
    {{"subscribe", "confirm", "confirm, open, moderate, confirm+moderate, invite, closed", "how people join", down},
     one_of,
     set_word<&Settings::subscribe>},
    {{"reach", "tree", "tree, list", "whether a post goes to the sections below as well", down},
     one_of,
     set_word<&Settings::reach>},
    {{"reply_to", "author", "author, list, both", "where a plain reply goes", down}, one_of, set_word<&Settings::reply_to>},
    {{"subject_tag", "", "empty, or up to 60 bytes of text such as [rabat]", "put before the Subject of each post", own},
     short_line,
     set_text<&Settings::subject_tag>},
    {{"footer", "", "empty, or up to 4000 bytes of text", "put below each post", down}, paragraph, set_text<&Settings::footer>},
    {{"from", "rewrite-if-needed", "rewrite-if-needed, keep, rewrite, wrap", "whose address stands in From", down},
     one_of,
     set_word<&Settings::from>},
    {{"first_posts_held", "0", "a number, 0 for none", "how many first posts of a new member a moderator sees", down},
     count,
     set_number<&Settings::first_posts_held>},
    {{"max_size", "1MB", "a size up to 1GB such as 500KB or 1MB, 0 for no limit", "a larger post is held or refused", down},
     size,
     set_size<&Settings::max_size>},
    {{"max_recipients", "20", "a number, 0 for no limit", "a post to more addresses in To and Cc is held", down},
     count,
     set_number<&Settings::max_recipients>},
    {{"attachments", "all", "all, or 'allow' or 'deny' and types such as image/*, application/pdf, .exe",
      "which attachments pass, by type and by file name", down},
     attachments,
     set_attachments},
    {{"html", "keep", "keep, to-text, remove", "HTML stays, becomes plain text, or goes", down},
     one_of,
     set_word<&Settings::html>},
    {{"emergency", "off", "off, on", "hold every post", down}, one_of, set_switch<&Settings::emergency>},
    {{"flood", "30/10m", "off, or posts and time such as 30/10m", "more posts than that turn moderation on", down},
     flood,
     set_flood},
    {{"held_expire", "14d", "a time such as 14d", "how long a held post waits for a moderator", down},
     duration,
     set_duration<&Settings::held_expire>},
    {{"held_notice", "each", "each, daily, none", "how moderators hear of held posts", down},
     one_of,
     set_word<&Settings::held_notice>},
    {{"welcome", "on", "on, off", "greet those who join", down}, one_of, set_switch<&Settings::welcome>},
    {{"goodbye", "on", "on, off", "say goodbye to those who leave", down}, one_of, set_switch<&Settings::goodbye>},
    {{"visibility", "members", "members, public, tree, moderators", "who may know of the list and read its archive", down},
     one_of,
     set_word<&Settings::visibility>},
    {{"archive", "on", "on, off", "keep posts for reading later", down}, one_of, set_switch<&Settings::archive>},
    {{"bounce_threshold", "5", "a number from 1", "bounce score at which delivery to a member stops", down},
     positive,
     set_number<&Settings::bounce_threshold>},
    {{"bounce_forget", "7d", "a time such as 7d", "a time without bounces after which the score starts again", down},
     duration,
     set_duration<&Settings::bounce_forget>},
    {{"bounce_warnings", "3x7d", "a number and a time such as 3x7d, 0 for none", "warnings before a member is removed", down},
     warnings,
     set_warnings},
    {{"bounce_notice", "each", "each, daily, none", "how owners hear of members whose mail is off, or who are removed", down},
     one_of,
     set_word<&Settings::bounce_notice>},
});

constexpr auto make_keys()
{
    std::array<SettingKey, entries.size()> keys{};
    for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = entries[i].key;
    return keys;
}
constexpr auto keys = make_keys();

}  // namespace

std::span<const Entry> table() { return entries; }

const Entry* find(std::string_view name)
{
    const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key.name == name; });
    return found == entries.end() ? nullptr : &*found;
}

}  // namespace settings

namespace {

text::Problem unknown_key(std::string_view key)
{
    std::array<std::string_view, settings::keys.size()> names;
    std::transform(settings::keys.begin(), settings::keys.end(), names.begin(), [](const SettingKey& k) { return k.name; });
    std::string message = "there is no setting '" + text::printable(key, 60) + "'";
    if (const auto near = text::nearest(key, names); !near.empty())
        return {message + "; did you mean '" + std::string{near} + "'?"};
    message += "; there are ";
    for (const std::string_view name : names) message.append(name == names.front() ? "" : ", ").append(name);
    return {message};
}

}  // namespace

std::span<const SettingKey> setting_keys() { return settings::keys; }

const SettingKey* find_setting(std::string_view name)
{
    const settings::Entry* entry = settings::find(name);
    return entry == nullptr ? nullptr : &entry->key;
}

boost::system::result<std::string, text::Problem> check_setting(std::string_view key, std::string_view value)
{
    const settings::Entry* entry = settings::find(key);
    if (entry == nullptr) return unknown_key(key);
    auto normalised = entry->normalise(*entry, value);
    if (normalised) return {boost::system::in_place_value, std::move(*normalised)};
    return text::Problem{std::string{key} + ": '" + text::printable(value, 60) + "' is not allowed; use " +
                         std::string{entry->key.allowed}};
}

boost::system::result<void, text::Problem> check_fixed(std::string_view key)
{
    const settings::Entry* entry = settings::find(key);
    if (entry == nullptr) return unknown_key(key);
    if (entry->key.inherited == Inherited::yes) return {};
    return text::Problem{std::string{key} + " is each section's own, so it cannot be fixed for those below"};
}

}  // namespace majlis
