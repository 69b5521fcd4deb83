#include <fmt/format.h>

#include <array>
#include <functional>

#include "cli/archive_text.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "core/store/archive_import.hpp"
#include "core/store/status.hpp"
#include "core/text/printable.hpp"

namespace majlis::cli {
namespace {

constexpr std::size_t page = 200;

std::string described(const store::ArchivedPost& post)
{
    return fmt::format("{} \"{}\" of {}, {}", post.id, subject_text(post), author_text(post), day_text(post.sent_at));
}

using Act = std::function<store::Answer<store::ArchivedPost>(std::int64_t)>;

/// The words of what was removed, out of the index's old pieces and the write-ahead log as well.
void clean_up(Context& context)
{
    constexpr int pages = 500;
    auto& db = context.database(store::Open::read_write);
    Progress bar{"cleaning the index", 0};
    store::renew_words(db, pages);
    for (std::uint64_t n = 0; store::tidy_words(db, pages); ++n) bar.at(n);
    bar.clear();
    store::empty_write_ahead_log(db);
}

/// Each post is a transaction of its own; one that cannot be taken is told, and the others still are.
Exit act(Context& context, const std::vector<store::ArchivedPost>& posts, std::string_view done, const Act& take)
{
    std::string problems;
    for (const auto& post : posts) {
        store::Transaction transaction{context.database()};
        const auto taken = take(post.id);
        if (!taken) {
            problems += (problems.empty() ? "" : "\n") + context.title() + ": " + taken.error().message;
            continue;
        }
        context.finish(transaction, fmt::format("{} {}", done, described(post)));
    }
    if (!context.dry_run()) clean_up(context);
    if (!problems.empty()) throw Failure{problems};
    return Exit::done;
}

std::vector<store::ArchivedPost> named(Context& context)
{
    std::vector<store::ArchivedPost> posts;
    for (const auto& name : context.args().all("ID")) posts.push_back(find_archived(context, name));
    return posts;
}

std::string question(std::string_view what, const std::vector<store::ArchivedPost>& posts)
{
    if (posts.size() == 1) return fmt::format("{} {}", what, described(posts.front()));
    return fmt::format("{} {} posts", what, posts.size());
}

Exit run_remove(Context& context)
{
    auto& db = context.database(store::Open::read_write);
    const auto posts = named(context);
    std::optional<store::List> list;
    if (context.args().has("--list")) list = context.list("--list");
    const auto from = list ? " from " + list->name + ":" : std::string{};  // other lists keep it
    context.confirm(question("remove for good" + from, posts));
    const auto reason = context.args().get("--reason");
    const auto take = [&](std::int64_t id) {
        return store::remove_archived(db, id, list ? std::optional{list->id} : std::nullopt, reason, context.by());
    };
    return act(context, posts, "removed" + from, take);
}

/// Every post of one address that is still whole.
std::vector<store::ArchivedPost> posts_of(Context& context, const Address& address)
{
    std::vector<store::ArchivedPost> posts;
    std::int64_t after = 0;
    for (;;) {
        const auto ids = store::archived_by(context.database(), address.key(), after, page);
        for (const auto id : ids)
            if (auto post = store::archived_post(context.database(), id, store::all_readable()))
                posts.push_back(std::move(*post));
        if (ids.size() < page) return posts;
        after = ids.back();
    }
}

Exit run_redact(Context& context)
{
    auto& db = context.database(store::Open::read_write);
    auto posts = named(context);
    if (context.args().has("--from"))
        for (auto& post : posts_of(context, context.address(context.args().get("--from")))) posts.push_back(std::move(post));
    if (posts.empty()) throw context.failure("nothing to redact: name posts by their ids, or an author with --from");
    context.confirm(question("empty for good", posts));
    const auto reason = context.args().get("--reason");
    return act(context, posts, "redacted", [&](std::int64_t id) { return store::redact_archived(db, id, reason, context.by()); });
}

Exit run_reindex(Context& context)
{
    auto& db = context.database(store::Open::read_write);
    const auto total = static_cast<std::uint64_t>(store::forget_words(db, context.by()));
    Progress bar{"reading", total};
    std::uint64_t done = 0;
    while (const auto some = store::archive_some(db, context.by().at, std::chrono::milliseconds{100})) {
        done += some;
        bar.at(done);
    }
    bar.clear();
    context.say("read " + counted(total, "post"));
    return Exit::done;
}

constexpr Param reason{"--reason", Take::value, "why, for the record", "TEXT"};
constexpr std::array remove_params{
    Param{"ID", Take::words, "number or Message-ID, as \"archive search\" shows them"},
    Param{"--list", Take::value, "from this list's archive alone", "LIST", "", Offer::lists},
    reason,
    yes_flag,
    dry_run_flag,
};
constexpr std::array redact_params{
    Param{"ID", Take::any, "number or Message-ID, as \"archive search\" shows them"},
    Param{"--from", Take::value, "every post of this author", "ADDRESS"},
    reason,
    yes_flag,
    dry_run_flag,
};
constexpr std::array<Param, 0> reindex_params{};

}  // namespace

const Verb archive_remove{"archive", "remove", "take posts out of the archive for good", remove_params, run_remove};
const Verb archive_redact{
    "archive",     "redact",   "empty posts for good: text, files, subject and author go, the place in the thread stays",
    redact_params, run_redact, "The copy in the mailbox's own folder stays until done_keep is over."};
const Verb archive_reindex{"archive", "reindex", "make the index of words anew from the posts", reindex_params, run_reindex};

}  // namespace majlis::cli
