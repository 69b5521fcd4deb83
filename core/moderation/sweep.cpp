#include "core/moderation/sweep.hpp"

#include <SQLiteCpp/Exception.h>

#include <algorithm>
#include <functional>

#include "core/log/log.hpp"
#include "core/moderation/announce.hpp"
#include "core/moderation/decide.hpp"
#include "core/moderation/held_mail.hpp"
#include "core/moderation/summary.hpp"
#include "core/moderation/tell_sender.hpp"
#include "core/store/held.hpp"
#include "core/store/journal.hpp"
#include "core/store/moderators.hpp"

namespace majlis::moderation {
namespace {

constexpr std::size_t expired_at_once = 50;

/// One step in a transaction of its own. What goes wrong with a letter (a template of the site's that cannot be read, say) is
/// logged, and `give_up` notes that this one will not be told: it must not stop all others.
void guarded(store::Database& db, std::int64_t id, const std::function<void()>& step, const std::function<void()>& give_up)
{
    std::string failure;
    try {
        store::Transaction transaction{db};
        step();
        transaction.commit();
        return;
    } catch (const SQLite::Exception&) {
        throw;
    } catch (const std::exception& error) {
        failure = error.what();
    }
    log::error("notice-not-written", {{"held", id}, {"error", failure}});
    store::Transaction transaction{db};
    give_up();
    transaction.commit();
}

void note_silence(store::Database& db, const store::HeldPost& post, const std::string& why, std::int64_t now)
{
    if (!why.empty())
        store::journal(db, {"majlisd", now},
                       {.event = "sender-not-told",
                        .list_id = post.list_id,
                        .address = post.sender,
                        .detail = "<" + post.message_id + "> " + std::to_string(post.id) + ": " + why});
}

void tell_of_held(store::Database& db, const SweepContext& context, std::int64_t id, std::int64_t now, Swept& swept)
{
    const auto post = store::held_post(db, id);
    if (!post) return;
    const auto mail = read_beginning(db, post->content_id);
    const auto letters = announce(db, context, *post, *mail, now);
    store::note_moderators_told(db, id, now);
    swept.letters += letters;
    if (store::sender_was_told(db, id)) return;  // he was asked whether it is his
    const auto why = tell_sender(db, context, *post, *mail, News::held, now);
    if (why.empty()) ++swept.letters;
    store::note_sender_told(db, id, now);
    note_silence(db, *post, why, now);
}

void tell_of_rejected(store::Database& db, const SweepContext& context, std::int64_t id, std::int64_t now, Swept& swept)
{
    const auto post = store::judged_post(db, id);
    if (!post) return;
    const auto mail = read_beginning(db, post->content_id);
    const auto news = post->decided_by == "rules" ? News::rejected_by_rules : News::rejected;
    const auto why = tell_sender(db, context, *post, *mail, news, now);
    if (why.empty()) ++swept.letters;
    store::note_sender_told(db, id, now);
    note_silence(db, *post, why, now);
}

/// What nobody decided about in time: put away, its sender told, and the moderators of what they let pass.
void expire_some(store::Database& db, const SweepContext& context, const store::List& list,
                 const std::vector<store::HeldPost>& posts, std::int64_t now, Swept& swept)
{
    std::vector<NoticeValues::Row> rows;
    for (const auto& post : posts) {
        const auto settled = decide(
            db, post.id, {.verdict = store::Verdict::discarded, .sender = Sender::as_before, .reason = "nobody decided in time"},
            {"expiry", now});
        if (!settled) continue;
        const auto mail = read_beginning(db, post.content_id);
        const auto why = tell_sender(db, context, post, *mail, News::expired, now);
        if (why.empty()) ++swept.letters;
        note_silence(db, post, why, now);
        rows.push_back({{"sender", sender_of(post)}, {"subject", post.subject}, {"held_on", day_of(post.held_at)}});
    }
    if (rows.empty()) return;
    for (const auto& moderator : store::moderators_of(db, list.id)) {
        if (moderator.notice == HeldNotice::none) continue;
        Letter letter;
        letter.name = "expired-moderator";
        letter.to = moderator.member.address;
        letter.list = list;
        letter.values.rows["posts"] = rows;
        send_letter(db, context.site, letter, now);
        ++swept.letters;
    }
}

std::size_t expire(store::Database& db, const SweepContext& context, std::int64_t now, std::size_t limit, Swept& swept)
{
    std::size_t done = 0;
    for (const auto list_id : store::lists_with_held(db)) {
        if (done >= limit) break;
        const auto before = now - store::settings_of(db, list_id).held_expire;
        const auto posts = store::held_before(db, list_id, before, std::min(expired_at_once, limit - done));
        const auto list = store::find_list(db, list_id);
        if (posts.empty() || !list) continue;
        guarded(
            db, posts.front().id, [&] { expire_some(db, context, *list, posts, now, swept); },
            [&] {
                for (const auto& post : posts)
                    static_cast<void>(decide(
                        db, post.id,
                        {.verdict = store::Verdict::discarded, .sender = Sender::as_before, .reason = "nobody decided in time"},
                        {"expiry", now}));
            });
        done += posts.size();
    }
    return done;
}

}  // namespace

Swept tell(store::Database& db, const SweepContext& context, std::int64_t now, std::size_t limit)
{
    Swept swept;
    for (const auto id : store::untold_held(db, limit)) {
        guarded(
            db, id, [&] { tell_of_held(db, context, id, now, swept); },
            [&] {
                store::note_moderators_told(db, id, now);
                store::note_sender_told(db, id, now);
            });
        ++swept.steps;
    }
    for (const auto id : store::untold_rejected(db, limit - std::min(limit, swept.steps))) {
        guarded(
            db, id, [&] { tell_of_rejected(db, context, id, now, swept); }, [&] { store::note_sender_told(db, id, now); });
        ++swept.steps;
    }
    return swept;
}

Swept tidy(store::Database& db, const SweepContext& context, std::int64_t now, std::size_t limit)
{
    Swept swept;
    swept.steps = expire(db, context, now, limit, swept);
    if (swept.steps < limit) {
        const auto made = summaries(db, context, now, limit - swept.steps);
        swept.steps += made;
        swept.letters += made;
    }
    return swept;
}

}  // namespace majlis::moderation
