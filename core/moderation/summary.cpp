#include "core/moderation/summary.hpp"

#include <unicode/timezone.h>

#include <algorithm>
#include <map>
#include <memory>

#include "core/compose/post_copy.hpp"
#include "core/letters/reasons.hpp"
#include "core/moderation/announce.hpp"
#include "core/moderation/held_mail.hpp"
#include "core/store/moderators.hpp"
#include "core/store/tokens.hpp"

namespace majlis::moderation {
namespace {

constexpr std::int64_t hour = 3'600;
constexpr std::size_t posts_shown = 50;
constexpr std::size_t posts_of_a_list = 200;

/// What one moderator has to decide.
struct Desk {
    store::Moderator moderator;
    std::vector<store::HeldPost> daily;     // of lists of which he wants a summary
    std::vector<store::HeldPost> overflow;  // of the others: no letter has told him of these
};

std::map<std::int64_t, Desk> all_desks(store::Database& db)
{
    std::map<std::int64_t, Desk> desks;
    for (const auto list_id : store::lists_with_held(db)) {
        const auto moderators = store::moderators_of(db, list_id);
        if (moderators.empty()) continue;
        const auto posts = store::held_before(db, list_id, INT64_MAX, posts_of_a_list);
        for (const auto& moderator : moderators) {
            if (moderator.notice == HeldNotice::none) continue;
            auto& desk = desks[moderator.member.id];
            desk.moderator = moderator;
            for (const auto& post : posts) {
                if (moderator.notice == HeldNotice::daily)
                    desk.daily.push_back(post);
                else if (!store::token_was_sent(db, post.id, moderator.member.id))
                    desk.overflow.push_back(post);
            }
        }
    }
    return desks;
}

bool due(const Desk& desk, const SweepContext& context, std::int64_t now)
{
    if (!desk.overflow.empty() && now - desk.moderator.told_at >= hour &&
        std::ranges::any_of(desk.overflow, [&](const store::HeldPost& post) { return now - post.held_at >= 60; }))
        return true;
    if (desk.daily.empty()) return false;
    const auto here = local_time(now, context.timezone);
    if (here.second < std::chrono::seconds{context.summary_at}.count()) return false;
    return desk.moderator.told_at == 0 || local_time(desk.moderator.told_at, context.timezone).day < here.day;
}

void send_summary(store::Database& db, const SweepContext& context, const Desk& desk, std::int64_t now)
{
    auto posts = desk.overflow;
    posts.insert(posts.end(), desk.daily.begin(), desk.daily.end());
    const auto list = store::find_list(db, posts.front().list_id);
    Letter letter;
    letter.name = "held-summary";
    letter.to = desk.moderator.member.address;
    letter.list = list;
    letter.language = language_for(db, context.site, desk.moderator.member.address_key, *list);
    letter.values.text["count"] = std::to_string(posts.size());
    for (const auto& post : posts) {
        if (letter.values.rows["posts"].size() >= posts_shown) break;
        const auto token = moderation_token(db, post, desk.moderator.member.id, now);
        const auto reasons = stored_reasons(db, post.id, letter.language, context.site.templates);
        letter.values.rows["posts"].push_back({{"list", post.list},
                                               {"sender", sender_of(post)},
                                               {"subject", post.subject},
                                               {"held_on", day_of(post.held_at)},
                                               {"until", day_of(expires_at(db, post))},
                                               {"reason", reasons.empty() ? post.reason : reasons.front()},
                                               {"address", command_address(post.list_address, "mod-" + token)}});
    }
    if (posts.size() > posts_shown) letter.values.text["others"] = std::to_string(posts.size() - posts_shown);
    send_letter(db, context.site, letter, now);
    store::note_held_told(db, desk.moderator.member.id, now);
}

}  // namespace

LocalTime local_time(std::int64_t now, const std::string& timezone)
{
    const std::unique_ptr<icu::TimeZone> zone{icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(timezone))};
    std::int32_t raw = 0, saving = 0;
    UErrorCode error = U_ZERO_ERROR;
    if (zone) zone->getOffset(static_cast<double>(now) * 1000.0, false, raw, saving, error);
    const std::int64_t local = now + (U_SUCCESS(error) ? (raw + saving) / 1000 : 0);
    return {.day = local / 86'400, .second = local % 86'400};
}

std::size_t summaries(store::Database& db, const SweepContext& context, std::int64_t now, std::size_t limit)
{
    std::size_t made = 0;
    for (const auto& [member_id, desk] : all_desks(db)) {
        if (made >= limit) break;
        if (!due(desk, context, now)) continue;
        store::Transaction transaction{db};
        send_summary(db, context, desk, now);
        transaction.commit();
        ++made;
    }
    return made;
}

}  // namespace majlis::moderation
