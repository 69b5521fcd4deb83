#include "daemon/intake/intake.hpp"

#include <algorithm>
#include <utility>

#include "core/log/log.hpp"
#include "core/store/status.hpp"
#include "daemon/clock.hpp"
#include "daemon/intake/reader.hpp"
#include "daemon/patience.hpp"
#include "net/within.hpp"

namespace majlis::intake {

namespace asio = boost::asio;
using namespace std::chrono_literals;
using store::Contact;

namespace {

constexpr auto connect_limit = 60s;
constexpr auto first_delay = 1000ms;
constexpr auto longest_delay = 5min;
constexpr std::chrono::seconds noted_again{300};
constexpr int failures_told = 3;          // in a row, before the owner hears of it
constexpr auto delay_for_a_person = 60s;  // a wrong password mends itself only when somebody changes it

}  // namespace

Intake::Intake(Wiring wiring)
    : driver_(wiring.driver),
      store_(wiring.store),
      stop_(wiring.stop),
      inbox_(std::move(wiring.inbox)),
      max_size_bytes_(wiring.max_size_bytes),
      context_(std::move(wiring.context)),
      login_(driver_, wiring.reader, inbox_.credentials),
      random_(std::random_device{}())
{
}

ReaderContext Intake::reader_context()
{
    return {driver_.executor(), store_, inbox_, max_size_bytes_, context_, stop_, on_arrivals, too_large};
}

asio::awaitable<void> Intake::run()
{
    while (!stop_.requested()) {
        std::string failure;
        bool lasting = false;
        try {
            co_await converse(Stay::yes);
        } catch (const net::ConnectError& error) {
            failure = error.what();
            lasting = error.lasting() == net::ConnectError::Lasting::permanent;
        } catch (const net::OAuth2Error& error) {
            failure = error.what();
            lasting = error.lasting() == net::OAuth2Error::Lasting::permanent;
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (stop_.requested()) break;
        ++failures_;
        const auto delay = delay_before_next(lasting);
        log::warning("inbox-failed", {{"inbox", inbox_.name}, {"error", failure}, {"again_in_ms", delay.count()}});
        // Once may be chance, even where a server says that it is for good.
        if (lasting && failures_ >= failures_told && in_trouble) in_trouble(failure);
        co_await note_state("failed", Contact::none, failure);
        co_await stop_.pause(delay);
    }
    co_await note_state("stopped", Contact::none);
}

asio::awaitable<void> Intake::once()
{
    std::exception_ptr failure;
    std::string what;
    try {
        co_await converse(Stay::no);
    } catch (const std::exception& error) {
        failure = std::current_exception();
        what = error.what();
    }
    if (!failure) {
        co_await note_state("stopped", Contact::none);
        co_return;
    }
    co_await note_state("failed", Contact::none, what);
    std::rethrow_exception(failure);
}

/// 1 s, doubled at each failure in a row up to 5 min, and anything between half of it and all of it.
std::chrono::milliseconds Intake::delay_before_next(bool lasting)
{
    const int doublings = std::clamp(failures_ - 1, 0, 10);
    std::chrono::milliseconds delay = std::min<std::chrono::milliseconds>(first_delay * (1 << doublings), longest_delay);
    if (lasting) delay = std::max<std::chrono::milliseconds>(delay, delay_for_a_person);
    std::uniform_real_distribution<double> jitter{0.5, 1.0};
    return std::chrono::milliseconds(static_cast<std::int64_t>(static_cast<double>(delay.count()) * jitter(random_)));
}

/// A state that lasts is noted again from time to time: last_ok_at tells people that the inbox is well.
asio::awaitable<void> Intake::note_state(std::string state, Contact contact, std::string error)
{
    const auto now = unix_now();
    if (state == state_ && error.empty() && now - state_noted_at_ < noted_again.count()) co_return;
    state_ = state;
    state_noted_at_ = now;
    auto work = [this, state, contact, error, now](store::Database& db) {
        if (inbox_id_ == 0) inbox_id_ = store::ensure_inbox(db, inbox_.name);
        store::inbox_state(db, inbox_id_, state, contact, error, now);
    };
    std::string failure;
    try {
        co_await run_patiently(store_, work);
    } catch (const SQLite::Exception& trouble) {
        failure = trouble.what();  // the state is for people; a full disk must not end the intake
    }
    if (!failure.empty()) log::error("inbox-state-not-kept", {{"inbox", inbox_.name}, {"error", failure}});
}

asio::awaitable<std::unique_ptr<imap::Session>> Intake::open_session(net::Login login)
{
    auto endpoint = endpoint_of(inbox_.server, net::Scheme::imap);
    auto connection = co_await net::connect(driver_, std::move(endpoint), std::move(login), connect_limit);
    const imap::Limits limits;
    auto session = co_await Session::open(std::move(connection), limits, times);
    co_return session;
}

/// One connection, from the greeting to the goodbye.
asio::awaitable<void> Intake::converse(Stay stay)
{
    co_await note_state("connecting", Contact::none);
    // A stop does not wait for a server that does not answer. (For a token it does: a new refresh token may come with it.)
    auto attempt = [this](net::Login login) { return net::until(stop_.pause(24h), open_session(std::move(login))); };
    auto opened = co_await login_.open(attempt);
    if (!opened) co_return;
    const auto session = std::move(*opened);
    recovered_.clear();
    if (failures_ > 0 && in_trouble) in_trouble({});
    co_await note_state("connected", Contact::made);
    log::info("inbox-connected", {{"inbox", inbox_.name}, {"server", session->endpoint().text()}});
    do {
        auto folder = co_await visit_all(*session);
        failures_ = 0;
        const bool purges = inbox_.after.kind == FolderAction::Kind::move && unix_now() - purged_at_ >= 86400;
        if (purges && !stop_.requested()) {
            co_await purge_done(*session);
            continue;
        }
        if (stay == Stay::no || stop_.requested()) break;
        co_await note_state(session->offers("IDLE") ? "waiting" : "polling", Contact::made);
        co_await watch(*session, folder);
    } while (!stop_.requested());
    co_await session->logout();
}

/// Every configured folder; the first one last, so that it stays selected for IDLE.
asio::awaitable<OpenFolder> Intake::visit_all(Session& session)
{
    OpenFolder last;
    for (auto name = inbox_.folders.rbegin(); name != inbox_.folders.rend() && !stop_.requested(); ++name) {
        auto folder = co_await open(session, *name);
        if (!folder) continue;
        co_await visit(session, *folder);
        last = *folder;
    }
    if (last.id == 0 && !stop_.requested()) {
        throw imap::Refused("none of the folders of inbox " + inbox_.name + " is there: check folders", {});
    }
    co_return last;
}

asio::awaitable<std::optional<OpenFolder>> Intake::open(Session& session, std::string name)
{
    OpenFolder folder;
    folder.name = name;
    folder.server_name = imap::server_name(name, session.name_space());
    if (name.starts_with('\\')) {
        const auto special = co_await session.special_use(name);
        if (!special) {
            if (recovered_.insert(name).second) log::warning("folder-missing", {{"inbox", inbox_.name}, {"folder", name}});
            co_return std::nullopt;
        }
        folder.server_name = *special;
        folder.junk = name == "\\Junk" ? store::Junk::yes : store::Junk::no;
    }
    co_await select_or_create(session, folder.server_name);
    auto work = [this, name, validity = session.mailbox().uidvalidity](store::Database& db) {
        if (inbox_id_ == 0) inbox_id_ = store::ensure_inbox(db, inbox_.name);
        return store::open_folder(db, inbox_id_, name, validity, unix_now());
    };
    const auto row = co_await run_patiently(store_, work);
    folder.id = row.id;
    folder.uid_done = static_cast<std::uint32_t>(row.uid_done);
    co_return folder;
}

asio::awaitable<void> Intake::select_or_create(Session& session, std::string name)
{
    bool refused = false;
    try {
        co_await session.select(name);
    } catch (const imap::Refused&) {
        refused = true;  // missing? Servers need not say so, hence LIST
    }
    if (!refused) co_return;
    const auto found = co_await session.list(name);
    if (found.empty()) {
        co_await session.create(name);
        log::notice("folder-created", {{"inbox", inbox_.name}, {"folder", name}});
    }
    co_await session.select(name);
}

/// The selected folder: what an earlier connection left, then what is new, then the clearing away.
asio::awaitable<void> Intake::visit(Session& session, OpenFolder& folder)
{
    const bool first = recovered_.insert(folder.name).second;
    if (first) co_await forget_gone(session, store_, folder);
    const bool sorts = inbox_.unknown.kind == FolderAction::Kind::move && folder.junk == store::Junk::no;
    if (first && sorts) co_await move_leftovers(session, folder);
    co_await read_backlog(session, folder);
    while (session.take_news() && !stop_.requested()) co_await read_news(session, folder);
    co_await file(session, folder);
}

/// Mail for no list of ours that was passed over, and not yet moved when an earlier run ended.
asio::awaitable<void> Intake::move_leftovers(Session& session, OpenFolder& folder)
{
    if (folder.uid_done == 0) co_return;
    auto there = co_await session.search(1, folder.uid_done);
    auto work = [id = folder.id](store::Database& db) { return store::to_file(db, id, SIZE_MAX / 4); };
    const auto ours = co_await run_patiently(store_, work);
    std::erase_if(there, [&](std::uint32_t uid) { return std::binary_search(ours.begin(), ours.end(), uid); });
    Reader reader{reader_context(), session, folder};
    co_await reader.sort_out(std::move(there));
}

/// Moves or deletes what was taken. That the server refuses it does not stop the taking in.
asio::awaitable<void> Intake::file(Session& session, OpenFolder& folder)
{
    if (!folder.unfiled || std::chrono::steady_clock::now() < folder.no_filing_until) co_return;
    std::string refusal;
    try {
        co_await file_taken(session, store_, inbox_, folder);
    } catch (const imap::Refused& error) {
        refusal = error.what();
    }
    if (refusal.empty()) co_return;
    folder.no_filing_until = std::chrono::steady_clock::now() + longest_delay;
    log::error("filing-refused", {{"inbox", inbox_.name}, {"folder", folder.name}, {"error", refusal}});
    co_await note_state("filing refused", Contact::made, refusal);
}

/// Once a day: what has lain in the folder of `after` for longer than `done_keep`. IMAP counts by days.
asio::awaitable<void> Intake::purge_done(Session& session)
{
    purged_at_ = unix_now();
    std::string name = imap::server_name(inbox_.after.folder, session.name_space());
    const auto found = co_await session.list(name);
    if (found.empty()) co_return;
    std::string refusal;
    std::size_t removed = 0;
    try {
        co_await session.select(name);
        const std::string criteria = "BEFORE " + imap::search_date(purged_at_ - inbox_.done_keep.count());
        auto old = co_await session.search(1, 0, criteria);
        removed = old.size();
        co_await session.remove(std::move(old));
    } catch (const imap::Refused& error) {
        refusal = error.what();
    }
    if (!refusal.empty()) log::warning("done-not-purged", {{"inbox", inbox_.name}, {"error", refusal}});
    if (refusal.empty() && removed > 0) log::info("done-purged", {{"inbox", inbox_.name}, {"messages", removed}});
}

}  // namespace majlis::intake
