#include "daemon/digests.hpp"

#include <SQLiteCpp/Exception.h>
#include <sqlite3.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <new>
#include <set>
#include <stdexcept>

#include "core/compose/post_copy.hpp"
#include "core/judge/context.hpp"
#include "core/judge/list_face.hpp"
#include "core/log/log.hpp"
#include "core/store/archive.hpp"
#include "core/store/content.hpp"
#include "core/store/lists.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"
#include "daemon/waking.hpp"

namespace majlis {

namespace asio = boost::asio;

namespace {

constexpr std::size_t remembered_most = 8 << 20;  // bytes of text, over all posts
constexpr std::size_t besides_text = 2'000;       // what a post takes beside its text, about
constexpr std::size_t named_most = digest::max_posts;
constexpr std::size_t looked_up_at_once = 200;  // posts: a way to the database's thread and back costs more than a row
constexpr std::chrono::seconds look_again{60};
constexpr std::chrono::seconds after_trouble{10};

digest::Section section_of(store::Database& db, const store::List& list)
{
    const auto settings = store::settings_of(db, list.id);
    const auto face = list_face(list, settings);
    digest::Section section;
    section.list_id = list.id;
    section.depth = static_cast<int>(store::ancestors(db, list.id).size()) - 1;
    section.title = settings.title.empty() ? list.name : settings.title;
    section.address = list.address;
    section.reply_to = face.reply_to;
    section.posting = face.posting;
    return section;
}

/// No fault of the post that was to be read: too little memory, a disk that does not answer. Another try may do.
bool may_pass(const std::exception& error)
{
    if (dynamic_cast<const std::bad_alloc*>(&error)) return true;
    const auto* database = dynamic_cast<const SQLite::Exception*>(&error);
    return database && (database->getErrorCode() & 0xff) != SQLITE_CORRUPT;
}

void log_left_out(std::int64_t group_id, std::int64_t post_id, std::string_view why)
{
    log::warning("digest-without-post", {{"digest", group_id}, {"post", post_id}, {"error", why}});
}

struct Wanted {
    std::int64_t group_id = 0, list_id = 0;
    std::vector<std::int64_t> posts;
};

/// Those that are still to be shown. One whose row is damaged is logged and left out.
std::vector<store::DigestPost> still_there(store::Database& db, const Wanted& wanted)
{
    std::vector<store::DigestPost> found;
    for (const auto id : wanted.posts) {
        try {
            if (auto post = store::digest_post(db, wanted.list_id, id)) found.push_back(*std::move(post));
        } catch (const std::exception& error) {
            if (may_pass(error)) throw;
            log_left_out(wanted.group_id, id, error.what());
        }
    }
    return found;
}

}  // namespace

/// One mail on its way to be written.
struct Digests::Draft {
    store::DigestGroup group;
    digest::Issue issue;
    digest::Budget budget;
    std::size_t posts = 0;     ///< in the issue so far
    std::int64_t list_id = 0;  ///< in whose name it goes
    std::string bytes;
};

namespace {

/// Everything but the posts.
digest::Issue issue_of(store::Database& db, const store::DigestGroup& group, const Config& config, const SiteFace& site)
{
    digest::Issue issue;
    issue.format = group.format == store::DigestFormat::plain ? digest::Format::plain : digest::Format::mime;
    issue.language = group.language.empty() ? site.language : group.language;
    issue.until = group.created_at;
    issue.timezone = config.digest.timezone;
    issue.message_id =
        "digest-" + std::to_string(group.id) + "-" + std::to_string(group.created_at) + ".majlis@" + config.site.domain;
    issue.site = site.name;
    issue.templates = site.templates;
    for (const auto& section : group.sections) {
        const auto list = store::find_list(db, section.list_id);
        issue.sections.push_back(list ? section_of(db, *list) : digest::Section{});
    }
    for (const auto& number : group.roots) {
        const auto list = store::find_list(db, number.list_id).value();
        const auto settings = store::settings_of(db, list.id);
        issue.roots.push_back({settings.title.empty() ? list.name : settings.title, list.address, number.volume, number.issue});
        if (group.roots.size() == 1) issue.list = list_face(list, settings);
    }
    if (issue.roots.empty()) return issue;
    const auto& first = issue.roots.front();
    const bool alone = issue.roots.size() == 1;
    issue.from_name = alone ? first.title : site.name;
    issue.from_address = command_address(first.address, "owner");
    if (alone) issue.reply_to = issue.to = first.address;
    if (const auto forced = forced_from(site, first.address); !forced.empty()) {
        if (!alone) issue.reply_to = issue.from_address;
        issue.from_address = forced;
    }
    return issue;
}

/// The posts of which something is shown.
std::vector<store::DigestPosts::Section> shown_in(const digest::Issue& issue)
{
    std::vector<store::DigestPosts::Section> shown;
    for (const auto& section : issue.sections) {
        shown.push_back({section.list_id, {}});
        for (const auto& post : section.posts) shown.back().posts.push_back(post.id);
    }
    return shown;
}

/// Sections and roots without a post are not named.
void leave_out_empty(digest::Issue& issue, store::DigestGroup& group, const std::set<std::int64_t>& roots_used)
{
    std::erase_if(issue.sections, [](const digest::Section& section) { return section.posts.empty(); });
    for (std::size_t i = issue.roots.size(); i-- > 0;) {
        if (roots_used.contains(group.roots[i].list_id)) continue;
        issue.roots.erase(issue.roots.begin() + static_cast<std::ptrdiff_t>(i));
        group.roots.erase(group.roots.begin() + static_cast<std::ptrdiff_t>(i));
    }
}

}  // namespace

struct Digests::Recorded {
    std::optional<std::int64_t> delivery;  ///< nullopt: a post was taken away meanwhile
    store::DigestFill fill = store::DigestFill::done;
};

/// With its first recipients, who are all of them as a rule: one transaction, so one wait for the disk.
Digests::Recorded Digests::record(store::Database& db, std::int64_t group_id, const Draft& draft)
{
    store::Transaction transaction{db};
    Recorded recorded;
    recorded.delivery = store::digest_written(db, group_id, draft.bytes, draft.list_id, shown_in(draft.issue), unix_now());
    if (recorded.delivery) recorded.fill = store::fill_digest(db, group_id, unix_now());
    transaction.commit();
    return recorded;
}

Digests::Digests(asio::any_io_executor executor, StoreThread& store, const Config& config, Stop& stop)
    : store_{store}, config_{config}, site_{judge_context(config).site}, stop_{stop}, planned_{std::move(executor)}
{
}

Digests::~Digests() { reader_.join(); }

const Digests::Known* Digests::known(std::int64_t post_id)
{
    const auto found = place_.find(post_id);
    if (found == place_.end()) return nullptr;
    posts_.splice(posts_.begin(), posts_, found->second);
    return &posts_.front();
}

void Digests::remember(Known post)
{
    remembered_ += post.bytes + besides_text;
    posts_.push_front(std::move(post));
    place_[posts_.front().id] = posts_.begin();
    while (remembered_ > remembered_most && posts_.size() > 1) {
        remembered_ -= posts_.back().bytes + besides_text;
        place_.erase(posts_.back().id);
        posts_.pop_back();
    }
}

asio::awaitable<void> Digests::add_post(std::shared_ptr<Draft> draft, std::size_t section, store::DigestPost post)
{
    const auto post_id = post.id;
    try {
        co_await read_post(draft, section, std::move(post));
    } catch (const std::exception& error) {
        if (may_pass(error)) throw;
        log_left_out(draft->group.id, post_id, error.what());
    }
}

asio::awaitable<void> Digests::add_section(std::shared_ptr<Draft> draft, std::size_t section)
{
    const auto& [list_id, ids] = draft->group.sections[section];
    for (std::size_t begin = 0; begin < ids.size(); begin += looked_up_at_once) {
        const auto first = ids.begin() + static_cast<std::ptrdiff_t>(begin);
        const auto last = first + static_cast<std::ptrdiff_t>(std::min(looked_up_at_once, ids.size() - begin));
        auto look = [wanted = Wanted{draft->group.id, list_id, {first, last}}](store::Database& db) {
            return still_there(db, wanted);
        };
        auto found = co_await run_patiently(store_, std::move(look));
        for (auto& post : found) {
            if (stop_.requested()) co_return;
            if (!add_known(*draft, section, post)) co_await add_post(draft, section, std::move(post));
        }
    }
}

bool Digests::add_known(Draft& draft, std::size_t section, const store::DigestPost& post)
{
    auto& posts = draft.issue.sections[section].posts;
    if (draft.posts >= digest::max_posts) {
        digest::Post counted;
        counted.id = post.id;
        counted.received_at = post.received_at;
        posts.push_back(std::move(counted));
    } else if (const auto* before = known(post.id); before && before->bytes <= draft.budget.bytes) {
        draft.budget.bytes -= before->bytes;
        posts.push_back(before->post);
    } else if (const auto named = named_.find(post.id); draft.budget.bytes == 0 && named != named_.end()) {
        posts.push_back(named->second);
    } else {
        return false;
    }
    ++draft.posts;
    return true;
}

asio::awaitable<void> Digests::read_post(std::shared_ptr<Draft> draft, std::size_t section, store::DigestPost found)
{
    const auto post_id = found.id;
    auto load = [content = found.content_id](store::Database& db) { return store::load_content(db, content); };
    auto raw = co_await run_patiently(store_, std::move(load));
    const auto had = draft->budget;
    auto read = [raw = std::move(raw), post = std::move(found),
                 budget = had]() mutable -> asio::awaitable<std::pair<digest::Post, digest::Budget>> {
        const digest::PostKey key{post.id, post.message_id, post.received_at, post.thread, post.sender};
        auto shown = digest::read_post(key, raw, budget);
        co_return std::pair{std::move(shown), budget};
    };
    auto [post, left] = co_await asio::co_spawn(reader_, std::move(read), asio::use_awaitable);
    draft->budget = left;
    // One that the end of this issue's budget has cut may be whole in another.
    if (post.shown == digest::Post::Text::left_out) {
        if (named_.size() < named_most) named_.emplace(post_id, post);
    } else if (!known(post_id)) {
        Known fresh{post_id, post, had.bytes - left.bytes};
        remember(std::move(fresh));
    }
    draft->issue.sections[section].posts.push_back(std::move(post));
    ++draft->posts;
}

asio::awaitable<bool> Digests::write(std::shared_ptr<Draft> draft)
{
    std::set<std::int64_t> used;
    for (std::size_t i = 0; i < draft->group.sections.size(); ++i) {
        co_await add_section(draft, i);
        if (stop_.requested()) co_return true;
        auto& posts = draft->issue.sections[i].posts;
        if (posts.empty()) continue;
        auto root = [list = draft->group.sections[i].list_id](store::Database& db) {
            const auto line = store::ancestors(db, list);
            return line.empty() ? std::int64_t{0} : line.back().id;
        };
        const auto root_id = co_await run_patiently(store_, std::move(root));
        if (root_id == 0)
            posts.clear();  // the list is gone meanwhile
        else
            used.insert(root_id);
    }
    leave_out_empty(draft->issue, draft->group, used);
    auto& issue = draft->issue;
    if (issue.sections.empty()) co_return false;
    // Under another root than when it was begun: the next try finds it there.
    if (issue.roots.size() != used.size()) throw std::runtime_error{"a list was moved in the tree meanwhile"};
    draft->list_id = draft->group.roots.front().list_id;
    issue.since = issue.until;
    for (const auto& section : issue.sections)
        for (const auto& post : section.posts) issue.since = std::min(issue.since, post.received_at);
    auto compose = [draft]() -> asio::awaitable<std::string> { co_return digest::compose(draft->issue); };
    draft->bytes = co_await asio::co_spawn(reader_, std::move(compose), asio::use_awaitable);
    co_return true;
}

asio::awaitable<void> Digests::fill(std::int64_t group_id)
{
    auto more = store::DigestFill::more;
    while (more == store::DigestFill::more && !stop_.requested()) {
        auto add = [group_id](store::Database& db) { return store::fill_digest(db, group_id, unix_now()); };
        more = co_await run_patiently(store_, std::move(add));
        if (outbox_filled) outbox_filled();
    }
}

asio::awaitable<void> Digests::send(std::int64_t group_id, std::shared_ptr<Draft> draft)
{
    if (draft->group.state == store::DigestGroup::State::waiting) {
        const bool written = co_await write(draft);
        if (stop_.requested()) co_return;
        auto keep = [group_id, written, draft](store::Database& db) {
            if (written) return record(db, group_id, *draft);
            store::drop_digest(db, group_id, "nothing of it is left", {"majlisd", unix_now()});
            return Recorded{0, store::DigestFill::done};
        };
        const auto recorded = co_await run_patiently(store_, std::move(keep));
        if (!recorded.delivery) throw std::runtime_error{"a post was taken away meanwhile"};  // the next try leaves it out
        log::info("digest-written", {{"digest", group_id}, {"delivery", *recorded.delivery}, {"bytes", draft->bytes.size()}});
        draft->bytes.clear();
        if (outbox_filled) outbox_filled();
        if (recorded.fill == store::DigestFill::done) co_return;
    }
    co_await fill(group_id);
}

asio::awaitable<void> Digests::take(std::int64_t group_id)
{
    auto load = [this, group_id](store::Database& db) -> std::shared_ptr<Draft> {
        auto group = store::next_digest_group(db, group_id - 1);
        if (!group || group->id != group_id) return nullptr;
        auto draft = std::make_shared<Draft>();
        draft->issue = issue_of(db, *group, config_, site_);
        draft->group = std::move(*group);
        return draft;
    };
    const auto draft = co_await run_patiently(store_, std::move(load));
    if (draft) co_await send(group_id, draft);
}

/// What has just been accepted gets its place in a thread: issues show threads together.
asio::awaitable<void> Digests::archive_all()
{
    std::size_t done = 1;
    while (done > 0 && !stop_.requested()) {
        auto archive = [](store::Database& db) { return store::archive_some(db, unix_now()); };
        done = co_await run_patiently(store_, std::move(archive));
    }
}

asio::awaitable<std::size_t> Digests::drain()
{
    std::size_t failed = 0;
    std::int64_t after = 0;
    while (!stop_.requested()) {
        auto next = [after](store::Database& db) { return store::next_digest_group_id(db, after); };
        const auto group_id = co_await run_patiently(store_, std::move(next));
        if (!group_id) break;
        if (after == 0) co_await archive_all();
        after = *group_id;
        std::string failure;
        try {
            co_await take(after);
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (failure.empty()) continue;
        ++failed;
        log::error("digest-not-written", {{"digest", after}, {"error", failure}});
    }
    posts_.clear();
    place_.clear();
    named_.clear();
    remembered_ = 0;
    co_return failed;
}

asio::awaitable<void> Digests::drain_and_rest()
{
    const auto failed = co_await drain();
    if (failed > 0) co_await stop_.pause(after_trouble);
}

asio::awaitable<void> Digests::run()
{
    const Waking how{stop_, planned_, "digests-failed", after_trouble, look_again};
    auto work = [this] { return drain_and_rest(); };
    return work_when_woken(how, std::move(work));
}

}  // namespace majlis
