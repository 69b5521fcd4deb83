#include "core/moderation/announce.hpp"

#include "core/moderation/held_mail.hpp"
#include "core/store/moderators.hpp"
#include "core/store/tokens.hpp"

namespace majlis::moderation {
namespace {

constexpr std::int64_t notices_an_hour = 30;  // to one moderator; what is more comes in one letter
constexpr std::int64_t hour = 3'600;

Letter held_letter(store::Database& db, const SweepContext& context, const store::HeldPost& post, const HeldMail& mail,
                   const store::List& list, std::string_view to, std::string_view token)
{
    Letter letter;
    letter.name = "held-moderator";
    letter.to = to;
    letter.list = list;
    letter.language = language_for(db, context.site, to, list);
    if (!token.empty()) letter.reply_command = "mod-" + std::string{token};
    letter.original = mail.raw;
    letter.values = values_of(db, context.site, post, mail, letter.language);
    letter.values.text["token"] = token;
    letter.values.text["until"] = day_of(expires_at(db, post));
    letter.values.text["gone"] = mail.raw.empty() ? "yes" : "";
    return letter;
}

}  // namespace

std::size_t announce(store::Database& db, const SweepContext& context, const store::HeldPost& post, const HeldMail& mail,
                     std::int64_t now)
{
    const auto list = store::find_list(db, post.list_id);
    if (!list) return 0;
    const auto moderators = store::moderators_of(db, post.list_id);
    std::size_t letters = 0;
    for (const auto& moderator : moderators) {
        if (moderator.notice != HeldNotice::each) continue;
        if (!within_limit(db, "held-notice", moderator.member.address_key, notices_an_hour, hour, now)) continue;
        const auto token = moderation_token(db, post, moderator.member.id, now);
        send_letter(db, context.site, held_letter(db, context, post, mail, *list, moderator.member.address, token), now);
        ++letters;
    }
    // Where a list has nobody who can be reached, the site's owner hears of it: he decides on the command line.
    if (moderators.empty() && store::settings_of(db, post.list_id).held_notice != HeldNotice::none &&
        within_limit(db, "held-notice", "owner:" + context.site.owner, notices_an_hour, hour, now)) {
        send_letter(db, context.site, held_letter(db, context, post, mail, *list, context.site.owner, {}), now);
        ++letters;
    }
    return letters;
}

std::string moderation_token(store::Database& db, const store::HeldPost& post, std::int64_t member_id, std::int64_t now)
{
    return store::issue_token(db,
                              {.purpose = store::TokenPurpose::moderate,
                               .request_id = std::nullopt,
                               .post_list_id = post.id,
                               .member_id = member_id,
                               .expires_at = std::max(expires_at(db, post), now + hour)},
                              now);
}

}  // namespace majlis::moderation
