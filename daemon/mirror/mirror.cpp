#include "daemon/mirror/mirror.hpp"

#include <algorithm>

#include "core/log/log.hpp"
#include "core/store/arrivals.hpp"
#include "daemon/patience.hpp"
#include "net/within.hpp"

namespace majlis::mirror {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr auto connect_limit = 60s;
constexpr auto longest_delay = 300s;
constexpr auto delay_for_a_person = 60s;  // as the intake, which has the same password
constexpr auto linger = 60s;              // a connection with nothing to show stays so long
constexpr auto look_again = 300s;         // without a connection, although nobody called
constexpr auto longest_poll = 60s;        // of the folders beside Held: IDLE tells of Held alone

using Clock = std::chrono::steady_clock;

}  // namespace

Mirror::Mirror(asio::any_io_executor executor, Wiring wiring)
    : wiring_{std::move(wiring)}, login_{wiring_.driver, wiring_.helper, wiring_.inbox.credentials}, changed_{executor}
{
}

asio::awaitable<void> Mirror::run()
{
    while (!wiring_.stop.requested()) {
        const auto seen = changed_.generation();
        std::string failure;
        bool lasting = false;
        try {
            const bool needed = co_await anything();
            if (needed) co_await converse(Stay::yes);
            failures_ = 0;
        } catch (const net::ConnectError& error) {
            failure = error.what();
            lasting = error.lasting() == net::ConnectError::Lasting::permanent;
        } catch (const net::OAuth2Error& error) {
            failure = error.what();
            lasting = error.lasting() == net::OAuth2Error::Lasting::permanent;
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (wiring_.stop.requested()) break;
        if (failure.empty()) {
            co_await changed_.wait(seen, look_again);
            continue;
        }
        auto delay = std::min<std::chrono::seconds>(longest_delay, 1s * (1 << std::min(failures_++, 9)));
        if (lasting) delay = std::max<std::chrono::seconds>(delay, delay_for_a_person);
        log::warning("mirror-failed", {{"inbox", wiring_.inbox.name}, {"error", failure}, {"again_in_s", delay.count()}});
        co_await wiring_.stop.pause(delay);
    }
}

asio::awaitable<void> Mirror::once()
{
    const bool needed = co_await anything();
    if (needed) co_await converse(Stay::no);
}

/// Whether there is anything to show or to take back.
asio::awaitable<bool> Mirror::anything()
{
    auto look = [this, id = inbox_id_](store::Database& db) {
        const auto inbox = id != 0 ? id : store::ensure_inbox(db, wiring_.inbox.name);
        return std::pair{inbox, store::mirrors_anything(db, inbox, wiring_.share)};
    };
    const auto found = co_await run_patiently(wiring_.store, std::move(look));
    inbox_id_ = found.first;
    co_return found.second;
}

asio::awaitable<std::unique_ptr<imap::Session>> Mirror::open_session(net::Login login)
{
    auto endpoint = endpoint_of(wiring_.inbox.server, net::Scheme::imap);
    auto connection = co_await net::connect(wiring_.driver, std::move(endpoint), std::move(login), connect_limit);
    auto session = co_await Session::open(std::move(connection));
    co_return session;
}

asio::awaitable<void> Mirror::converse(Stay stay)
{
    // A stop does not wait for a server that does not answer. (For a token it does: a new refresh token may come with it.)
    auto attempt = [this](net::Login login) { return net::until(wiring_.stop.pause(24h), open_session(std::move(login))); };
    auto opened = co_await login_.open(attempt);
    if (!opened) co_return;
    const auto session = std::move(*opened);
    session->watch_changes();
    looked_.clear();
    co_await reconcile(*session);
    auto busy_until = Clock::now() + linger;
    while (!wiring_.stop.requested()) {
        const auto seen = changed_.generation();
        co_await round(*session);
        failures_ = 0;
        if (stay == Stay::no) break;
        const bool more = co_await anything();
        if (more) busy_until = Clock::now() + linger;
        if (Clock::now() >= busy_until) break;
        co_await wait(*session, seen);
    }
    co_await session->logout();
}

/// What was decided by moving, before anything is shown or cleared away: a person's word comes first.
asio::awaitable<void> Mirror::round(Session& session)
{
    co_await take_decisions(session, beside("Approve"), store::Verdict::accepted);
    co_await take_decisions(session, beside("Reject"), store::Verdict::rejected);
    co_await take_decisions(session, beside("Discard"), store::Verdict::discarded);
    co_await show_new(session);
    co_await clear_settled(session);
}

/// A message that leaves Held, or a held post that comes or is settled, ends the wait; else the folders are looked at again.
asio::awaitable<void> Mirror::wait(Session& session, std::uint64_t seen)
{
    const auto limit = std::min<std::chrono::milliseconds>(wiring_.inbox.poll, longest_poll);
    co_await open(session, wiring_.inbox.held_folder);
    bool idles = session.offers("IDLE");
    if (idles) idles = co_await session.begin_idle();
    if (!idles) {
        co_await changed_.wait(seen, limit);
        co_return;
    }
    const Session::Bell bell = [this, seen, limit] { return changed_.wait(seen, limit); };
    co_await session.wait_idle(bell);
    const auto idle = session.end_idle();
    co_await session.finish(idle);
}

/// "Majlis/Held" -> "Majlis/Approve".
std::string Mirror::beside(std::string_view name) const
{
    const auto slash = wiring_.inbox.held_folder.rfind('/');
    if (slash == std::string::npos) return std::string{name};
    return wiring_.inbox.held_folder.substr(0, slash + 1) + std::string{name};
}

}  // namespace majlis::mirror
