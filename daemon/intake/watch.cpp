#include <algorithm>

#include "daemon/intake/intake.hpp"
#include "daemon/intake/reader.hpp"

/// How new mail is found: what is there when we come, and what is announced while we wait.
namespace majlis::intake {

namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

constexpr std::uint32_t search_window = 10'000;  // uids; doubled while nothing is found
constexpr std::uint32_t widest_window = 1U << 20U;
constexpr std::uint32_t few = 50;  // so many new ones are asked for without looking up their uids

using Clock = std::chrono::steady_clock;

std::chrono::milliseconds left_until(Clock::time_point end)
{
    return std::max(0ms, std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()));
}

}  // namespace

/// Everything above uid_done, looked up in windows, so that neither a large mailbox nor sparse uids make a long answer.
asio::awaitable<void> Intake::read_backlog(Session& session, OpenFolder& folder)
{
    folder.exists = session.mailbox().exists;
    if (folder.exists == 0 || folder.uid_done == UINT32_MAX) co_return;
    const std::uint32_t end = session.mailbox().uidnext == 0 ? UINT32_MAX : session.mailbox().uidnext - 1;
    Reader reader{reader_context(), session, folder};
    std::uint32_t window = search_window;
    std::uint64_t first = std::uint64_t{folder.uid_done} + 1;
    while (first <= end && !stop_.requested()) {
        const auto last = static_cast<std::uint32_t>(std::min<std::uint64_t>(end, first + window - 1));
        const bool open_end = session.mailbox().uidnext == 0;
        auto uids = co_await session.search(static_cast<std::uint32_t>(first), open_end ? 0 : last);
        window = uids.empty() ? std::min(window * 2, widest_window) : search_window;
        if (!uids.empty()) co_await read_many(reader, std::move(uids));
        if (open_end) break;
        first = std::uint64_t{last} + 1;
    }
}

asio::awaitable<void> Intake::read_news(Session& session, OpenFolder& folder)
{
    const std::uint32_t exists = session.mailbox().exists;
    const bool many = exists > folder.exists && exists - folder.exists > few;
    folder.exists = exists;
    if (folder.uid_done == UINT32_MAX) co_return;
    Reader reader{reader_context(), session, folder};
    if (!many) {
        co_await reader.read_news();
        co_return;
    }
    auto uids = co_await session.search(folder.uid_done + 1, 0);
    co_await read_many(reader, std::move(uids));
}

asio::awaitable<void> Intake::read_many(Reader& reader, std::vector<std::uint32_t> uids)
{
    struct While {
        bool& flag;
        ~While() { flag = false; }
    } const reading{reads_backlog_};
    reads_backlog_ = uids.size() > few;
    co_await reader.read(std::move(uids));
}

/// Waits in the selected folder, reads what comes, and clears it away when it has been quiet for a moment; until the other
/// folders are due.
asio::awaitable<void> Intake::watch(Session& session, OpenFolder& folder)
{
    const bool others = inbox_.folders.size() > 1;
    const auto end = Clock::now() + (others ? std::chrono::milliseconds(inbox_.poll) : std::chrono::milliseconds(24h));
    while (!stop_.requested() && Clock::now() < end) {
        const bool files = folder.unfiled && Clock::now() >= folder.no_filing_until;
        const auto limit = files ? quiet : std::min(times.idle, left_until(end));
        const bool news = co_await wait_for_news(session, folder, limit);
        if (!news && !stop_.requested()) co_await file(session, folder);
        co_await note_state(state_, store::Contact::made);
    }
}

/// True when something new was announced; it is read then.
asio::awaitable<bool> Intake::wait_for_news(Session& session, OpenFolder& folder, std::chrono::milliseconds limit)
{
    if (session.take_news()) {
        co_await read_news(session, folder);
        co_return true;
    }
    bool idles = session.offers("IDLE");
    if (idles) idles = co_await session.begin_idle();
    if (!idles) {
        co_await stop_.pause(std::min(limit, std::chrono::milliseconds(inbox_.poll)));
        if (stop_.requested()) co_return false;
        std::string command = "NOOP";
        co_await session.run(std::move(command));
        const bool news = session.take_news();
        if (news) co_await read_news(session, folder);
        co_return news;
    }
    const auto end = Clock::now() + limit;
    const Session::Bell bell = [this, end] { return stop_.pause(left_until(end)); };
    co_await session.wait_idle(bell);
    const auto idle = session.end_idle();
    const bool news = session.take_news();
    if (news && !stop_.requested()) co_await read_news(session, folder);  // DONE goes out in one write with its FETCH
    co_await session.finish(idle);
    co_return news;
}

}  // namespace majlis::intake
