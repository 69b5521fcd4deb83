#include "core/moderation/held_mail.hpp"

#include <ctime>

#include "core/letters/reasons.hpp"
#include "core/moderation/lines.hpp"
#include "core/store/aliases.hpp"
#include "core/store/content.hpp"
#include "core/text/units.hpp"

namespace majlis::moderation {
namespace {

constexpr std::size_t excerpt_bytes = 1'500;
constexpr std::size_t excerpt_lines = 25;
constexpr std::size_t most_files = 10;

NoticeValues::Row row(std::string key, std::string value) { return {{std::move(key), std::move(value)}}; }

}  // namespace

std::unique_ptr<HeldMail> read_beginning(store::Database& db, std::int64_t content_id)
{
    auto mail = std::make_unique<HeldMail>();
    mail->raw = store::load_chunk(db, content_id, 0);
    mail->message = scan_message(mail->raw);
    mail->classification = classify(mail->message);
    return mail;
}

std::string excerpt(const Message& message)
{
    std::string out;
    std::size_t shown = 0;
    bool gap = false;
    const std::string whole = readable_text(message);
    for (const auto line : split_lines(whole, 2'000)) {
        auto text = visible(line.substr(0, excerpt_bytes));
        if (text.empty()) {
            gap = shown > 0;
            continue;
        }
        if (out.size() + text.size() > excerpt_bytes || shown >= excerpt_lines) {
            text.resize(std::min(text.size(), excerpt_bytes - std::min(excerpt_bytes, out.size())));
            while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xc0U) == 0x80U) text.pop_back();
            if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xc0U) text.pop_back();
            return out + (out.empty() ? "" : "\n") + (shown >= excerpt_lines ? "" : text) + " [...]";
        }
        out += (out.empty() ? "" : gap ? "\n\n" : "\n") + text;
        gap = false;
        ++shown;
    }
    return out;
}

std::string sender_of(const store::HeldPost& post)
{
    if (post.sender.empty()) return post.sender_name;
    return post.sender_name.empty() ? post.sender : post.sender_name + " <" + post.sender + ">";
}

std::int64_t expires_at(store::Database& db, const store::HeldPost& post)
{
    return post.held_at + store::settings_of(db, post.list_id).held_expire;
}

std::string language_for(store::Database& db, const SiteFace& site, std::string_view address_key, const store::List& list)
{
    const auto person = store::find_person(db, address_key);
    return language_of(db, site, person ? std::string_view{person->address} : address_key, list);
}

std::string day_of(std::int64_t at)
{
    const auto time = static_cast<std::time_t>(at);
    std::tm parts{};
    char text[16] = "";
    if (gmtime_r(&time, &parts) == nullptr || std::strftime(text, sizeof text, "%Y-%m-%d", &parts) == 0) return {};
    return text;
}

NoticeValues values_of(store::Database& db, const SiteFace& site, const store::HeldPost& post, const HeldMail& mail,
                       std::string_view language)
{
    NoticeValues values;
    values.text = {{"id", std::to_string(post.id)},          {"sender", sender_of(post)},
                   {"sender_address", post.sender},          {"subject", post.subject},
                   {"size", text::readable_size(post.size)}, {"held_on", day_of(post.held_at)},
                   {"message_id", post.message_id},          {"unproven", post.trust == "passed" ? "" : "yes"}};
    values.blocks = {{"text", excerpt(mail.message)}};
    for (const auto& part : mail.message.parts) {
        if (values.rows["files"].size() >= most_files) break;
        if (!part.name.empty()) values.rows["files"].push_back(row("name", part.name));
    }
    for (const auto& reason : stored_reasons(db, post.id, language, site.templates))
        values.rows["reasons"].push_back(row("reason", reason));
    if (values.rows["reasons"].empty() && !post.reason.empty()) values.rows["reasons"].push_back(row("reason", post.reason));
    return values;
}

}  // namespace majlis::moderation
