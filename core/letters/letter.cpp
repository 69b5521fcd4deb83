#include "core/letters/letter.hpp"

#include "core/address/address.hpp"
#include "core/compose/post_copy.hpp"
#include "core/store/members.hpp"

namespace majlis {
namespace {

NoticeFace face_of(store::Database& db, const SiteFace& site, const Letter& letter)
{
    NoticeFace face;
    face.site = site.name;
    face.domain = site.domain;
    face.templates = site.templates;
    face.to = letter.to;
    face.in_reply_to = letter.in_reply_to;
    face.original = letter.original;
    face.original_bytes = letter.original_bytes;
    face.token = letter.reply_command;
    if (letter.list) {
        const auto settings = store::settings_of(db, letter.list->id);
        face.list = letter.list->name;
        face.list_id = letter.list->list_id;
        face.list_title = settings.title.empty() ? letter.list->name : settings.title;
        face.from_name = face.list_title;
        face.from_address = command_address(letter.list->address, letter.reply_command.empty() ? "owner" : letter.reply_command);
        const auto forced = forced_from(site, letter.list->address);
        if (!forced.empty()) {
            face.reply_to = face.from_address;
            face.from_address = forced;
        }
    } else {
        face.from_name = site.name;
        face.from_address = site.owner;
        const auto forced = forced_from(site, site.owner);
        if (!forced.empty()) {
            face.reply_to = site.owner;
            face.from_address = forced;
        }
    }
    return face;
}

}  // namespace

std::string forced_from(const SiteFace& site, const std::string& list_address)
{
    std::string forced;
    for (const auto& relay : site.relays) {
        if (!may_send_for(relay, list_address)) continue;
        if (relay.from != RelayConfig::From::account) return {};  // a way that leaves From to us
        if (forced.empty()) forced = relay.account;
    }
    return forced;
}

std::string language_of(store::Database& db, const SiteFace& site, std::string_view address,
                        const std::optional<store::List>& list)
{
    if (const auto parsed = parse_address(address)) {
        const auto member = store::find_member(db, parsed->key());
        if (member && !member->language.empty()) return member->language;
    }
    if (list) return store::settings_of(db, list->id).language;
    return site.language;
}

Posted send_letter(store::Database& db, const SiteFace& site, const Letter& letter, std::int64_t now)
{
    auto face = face_of(db, site, letter);
    face.now = now;
    const auto language = letter.language.empty() ? language_of(db, site, letter.to, letter.list) : letter.language;
    auto values = letter.values;
    if (letter.list) {
        values.text.try_emplace("list", letter.list->name);
        values.text.try_emplace("list_title", face.list_title);
        values.text.try_emplace("list_address", letter.list->address);
        values.text.try_emplace("request_address", command_address(letter.list->address, "request"));
        values.text.try_emplace("owner_address", command_address(letter.list->address, "owner"));
    }
    auto notice = render_notice(letter.name, language, values, face);
    const auto delivery = store::queue_notice(db,
                                              {.bytes = std::move(notice.bytes),
                                               .addresses = {letter.to},
                                               .list_id = letter.list ? std::optional{letter.list->id} : std::nullopt,
                                               .priority = letter.priority},
                                              now);
    return {std::move(notice.message_id), delivery};
}

}  // namespace majlis
