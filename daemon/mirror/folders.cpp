#include <algorithm>
#include <optional>

#include "core/log/log.hpp"
#include "core/message/message.hpp"
#include "core/moderation/decide.hpp"
#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/store/status.hpp"
#include "core/store/tokens.hpp"
#include "core/text/ascii.hpp"
#include "daemon/clock.hpp"
#include "daemon/mirror/held_copy.hpp"
#include "daemon/mirror/mirror.hpp"
#include "daemon/patience.hpp"

/// What is in the folders, and how it is brought together with the database.
namespace majlis::mirror {

namespace asio = boost::asio;

namespace {

constexpr std::size_t most_in_a_folder = 2'000;  // messages looked at in one round
constexpr std::size_t fetched_at_once = 200;
constexpr std::size_t most_rows = 2'000;
constexpr std::size_t shown_at_once = 20;
constexpr std::size_t longest_token = 64;

std::string token_in(const imap::FetchItem& item)
{
    if (item.sections.empty()) return {};
    const auto fields = scan_header(item.sections.front().bytes);
    const Field* field = find_field(fields, "X-Majlis-Token");
    if (field == nullptr) return {};
    auto token = text::lowered(text::trim(field->body));
    return token.size() > longest_token ? std::string{} : token;
}

/// What a message in one of the folders of decisions turned out to be.
enum class Drag {
    decided,
    settled_before,  ///< a copy of ours whose post waits no more
    not_ours         ///< no token, one that is used or has expired, or one that was never of this mailbox
};

Drag settle(store::Database& db, std::int64_t inbox_id, const std::string& inbox, const std::string& token,
            store::Verdict verdict)
{
    if (token.empty()) return Drag::not_ours;
    store::Transaction transaction{db};
    const auto row = store::find_mirrored(db, inbox_id, store::token_hash(token));
    if (!row) return Drag::not_ours;
    if (row->settled) return Drag::settled_before;
    const auto known = store::find_token(db, token);
    const auto now = unix_now();
    if (!known || !known->valid(now) || known->purpose != store::TokenPurpose::moderate) return Drag::not_ours;
    const auto decided =
        moderation::decide(db, row->post_list_id, {verdict, moderation::Sender::as_before, {}}, {"folder:" + inbox, now});
    if (!decided) return Drag::not_ours;
    transaction.commit();
    return Drag::decided;
}

void note_stray(store::Database& db, const std::string& subject, const std::string& folder)
{
    store::Transaction transaction{db};
    if (store::tell_once(db, subject, unix_now())) {
        store::journal(db, {"majlisd", unix_now()},
                       {.event = "folder-ignored",
                        .list_id = std::nullopt,
                        .address = {},
                        .detail = folder + ": a message without a valid token was left alone"});
        log::notice("folder-ignored", {{"folder", folder}, {"subject", subject}});
    }
    transaction.commit();
}

}  // namespace

asio::awaitable<void> Mirror::open(Session& session, std::string logical)
{
    const std::string name = imap::server_name(logical, session.name_space());
    bool refused = false;
    try {
        co_await session.select(name);
    } catch (const imap::Refused&) {
        refused = true;  // missing? Servers need not say so
    }
    if (!refused) co_return;
    co_await session.create(name);
    co_await session.select(name);
}

/// The tokens of these messages of the selected folder; of those that are there still.
asio::awaitable<std::vector<Mirror::Seen>> Mirror::tokens(Session& session, std::vector<std::uint32_t> uids)
{
    std::vector<Seen> seen;
    if (uids.size() > most_in_a_folder) uids.resize(most_in_a_folder);
    session.on_fetch([&seen](imap::FetchItem&& item) {
        if (!item.sections.empty() && seen.size() < most_in_a_folder) seen.push_back({item.uid, token_in(item)});
    });
    for (std::size_t at = 0; at < uids.size(); at += fetched_at_once) {
        const auto piece = std::span{uids}.subspan(at, std::min(fetched_at_once, uids.size() - at));
        std::string command = "UID FETCH " + imap::sequence_set(piece) + " (UID BODY.PEEK[HEADER.FIELDS (X-Majlis-Token)])";
        co_await session.run(std::move(command));
    }
    session.on_fetch({});
    co_return seen;
}

asio::awaitable<void> Mirror::take_decisions(Session& session, std::string folder, store::Verdict verdict)
{
    co_await open(session, folder);
    if (session.mailbox().exists == 0) co_return;
    const auto validity = session.mailbox().uidvalidity;
    const std::string known = folder + ":" + std::to_string(validity);
    auto uids = co_await session.search(looked_[known] + 1, 0);
    auto found = co_await tokens(session, std::move(uids));
    std::vector<std::uint32_t> done;
    bool any_decided = false;
    for (const auto& one : found) {
        auto work = [this, token = one.token, verdict](store::Database& db) {
            return settle(db, inbox_id_, wiring_.inbox.name, token, verdict);
        };
        const auto drag = co_await run_patiently(wiring_.store, std::move(work));
        looked_[known] = std::max(looked_[known], one.uid);
        if (drag != Drag::not_ours) {
            done.push_back(one.uid);
            any_decided = any_decided || drag == Drag::decided;
            continue;
        }
        auto stray = [subject = "stray:" + wiring_.inbox.name + ":" + known + ":" + std::to_string(one.uid),
                      folder](store::Database& db) { note_stray(db, subject, folder); };
        co_await run_patiently(wiring_.store, std::move(stray));
    }
    if (any_decided) {
        log::info("folder-decided", {{"inbox", wiring_.inbox.name}, {"folder", folder}, {"messages", done.size()}});
        if (decided) decided();
    }
    std::sort(done.begin(), done.end());
    if (!done.empty()) co_await session.remove(std::move(done));
}

asio::awaitable<std::vector<store::Mirrored>> Mirror::rows()
{
    auto work = [id = inbox_id_](store::Database& db) { return store::mirrored(db, id, most_rows); };
    co_return co_await run_patiently(wiring_.store, std::move(work));
}

/// Copies that an earlier connection began: those that are not in Held are appended anew, with another token.
asio::awaitable<void> Mirror::reconcile(Session& session)
{
    const auto all = co_await rows();
    const auto begun = [](const store::Mirrored& row) { return row.appended_at == 0; };
    if (std::ranges::none_of(all, begun)) co_return;
    co_await open(session, wiring_.inbox.held_folder);
    auto uids = co_await session.search(1, 0);
    const auto there = co_await tokens(session, std::move(uids));
    std::set<std::string> hashes;
    for (const auto& one : there)
        if (!one.token.empty()) hashes.insert(store::token_hash(one.token));
    for (const auto& row : all) {
        if (!begun(row)) continue;
        auto work = [id = inbox_id_, row, shown = hashes.contains(row.token_hash)](store::Database& db) {
            if (shown)
                store::note_mirrored(db, id, row.post_list_id, 0, 0, unix_now());
            else
                store::forget_mirrored(db, id, row.post_list_id);
        };
        co_await run_patiently(wiring_.store, std::move(work));
    }
}

/// What was settled, wherever, leaves Held.
asio::awaitable<void> Mirror::clear_settled(Session& session)
{
    auto all = co_await rows();
    std::erase_if(all, [](const store::Mirrored& row) { return !row.settled; });
    if (all.empty()) co_return;
    co_await open(session, wiring_.inbox.held_folder);
    const auto validity = std::int64_t{session.mailbox().uidvalidity};
    std::vector<std::uint32_t> uids;
    const bool known = std::ranges::all_of(all, [=](const auto& row) { return row.uid != 0 && row.uidvalidity == validity; });
    if (known)
        for (const auto& row : all) uids.push_back(static_cast<std::uint32_t>(row.uid));
    else
        uids = co_await session.search(1, 0);
    std::sort(uids.begin(), uids.end());
    uids.erase(std::unique(uids.begin(), uids.end()), uids.end());
    const auto there = co_await tokens(session, std::move(uids));
    std::set<std::string> hashes;
    for (const auto& row : all) hashes.insert(row.token_hash);
    std::vector<std::uint32_t> gone;
    for (const auto& one : there)
        if (!one.token.empty() && hashes.contains(store::token_hash(one.token))) gone.push_back(one.uid);
    std::sort(gone.begin(), gone.end());
    if (!gone.empty()) co_await session.remove(std::move(gone));
    auto forget = [id = inbox_id_, all](store::Database& db) {
        store::Transaction transaction{db};
        for (const auto& row : all) store::forget_mirrored(db, id, row.post_list_id);
        transaction.commit();
    };
    co_await run_patiently(wiring_.store, std::move(forget));
}

asio::awaitable<void> Mirror::show_new(Session& session)
{
    for (bool more = true; more && !wiring_.stop.requested();) {
        auto work = [this](store::Database& db) {
            return store::to_mirror(db, inbox_id_, wiring_.share, shown_at_once + refused_.size());
        };
        auto posts = co_await run_patiently(wiring_.store, std::move(work));
        std::erase_if(posts, [this](const store::HeldPost& post) { return refused_.contains(post.id); });
        more = posts.size() >= shown_at_once;
        for (auto& post : posts) {
            if (wiring_.stop.requested()) co_return;
            co_await show(session, std::move(post));
        }
    }
}

asio::awaitable<void> Mirror::show(Session& session, store::HeldPost post)
{
    auto begin = [id = inbox_id_, post](store::Database& db) {
        const auto expires = post.held_at + store::settings_of(db, post.list_id).held_expire;
        return store::begin_mirror(db, id, post.id, expires, unix_now());
    };
    const auto token = co_await run_patiently(wiring_.store, std::move(begin));
    HeldCopy copy{wiring_.store, post, token};
    const auto size = co_await copy.size();
    std::string name = imap::server_name(wiring_.inbox.held_folder, session.name_space());
    const Session::PartSource parts = [&copy] { return copy.next(); };
    auto reply = co_await session.append_in_parts(name, size, parts);
    if (reply.has_code("TRYCREATE") || (!reply.ok() && !reply.has_code("OVERQUOTA") && !reply.has_code("TOOBIG"))) {
        co_await session.create(name);
        HeldCopy again{wiring_.store, post, token};
        const auto same = co_await again.size();
        const Session::PartSource parts_again = [&again] { return again.next(); };
        reply = co_await session.append_in_parts(name, same, parts_again);
    }
    if (!reply.ok()) {
        refused_.insert(post.id);
        log::warning("held-post-not-shown", {{"inbox", wiring_.inbox.name}, {"held", post.id}, {"error", reply.text}});
    }
    const auto at = imap::appended_at(reply).value_or(imap::AppendedAt{});
    auto note = [id = inbox_id_, held = post.id, at, shown = reply.ok()](store::Database& db) {
        if (shown)
            store::note_mirrored(db, id, held, at.uidvalidity, at.uid, unix_now());
        else
            store::forget_mirrored(db, id, held);
    };
    co_await run_patiently(wiring_.store, std::move(note));
}

}  // namespace majlis::mirror
