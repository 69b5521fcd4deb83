#include <algorithm>

#include "daemon/intake/folder.hpp"
#include "daemon/patience.hpp"

namespace majlis::intake {

namespace asio = boost::asio;

namespace {

constexpr std::size_t batch_size = 500;  // a MOVE costs the server 100 ms, however few it moves

std::vector<std::uint32_t> to_uids(const std::vector<std::int64_t>& wide)
{
    std::vector<std::uint32_t> uids;
    uids.reserve(wide.size());
    for (const auto uid : wide) uids.push_back(static_cast<std::uint32_t>(uid));
    return uids;
}

asio::awaitable<std::vector<std::uint32_t>> waiting(StoreThread& store, std::int64_t folder_id, std::size_t limit)
{
    auto work = [folder_id, limit](store::Database& db) { return store::to_file(db, folder_id, limit); };
    const auto wide = co_await run_patiently(store, work);
    co_return to_uids(wide);
}

asio::awaitable<void> mark(StoreThread& store, std::int64_t folder_id, std::vector<std::uint32_t> uids)
{
    auto work = [folder_id, wide = std::vector<std::int64_t>(uids.begin(), uids.end())](store::Database& db) {
        store::mark_filed(db, folder_id, wide);
    };
    co_await run_patiently(store, work);
}

}  // namespace

asio::awaitable<void> file_taken(imap::Session& session, StoreThread& store, const InboxConfig& inbox, OpenFolder& folder)
{
    for (;;) {
        const auto uids = co_await waiting(store, folder.id, batch_size);
        if (uids.empty()) break;
        if (inbox.after.kind == FolderAction::Kind::move) {
            std::string target = imap::server_name(inbox.after.folder, session.name_space());
            co_await session.move(uids, std::move(target));
        } else {
            co_await session.remove(uids);
        }
        co_await mark(store, folder.id, uids);
        if (uids.size() < batch_size) break;
    }
    folder.unfiled = false;
    folder.exists = session.mailbox().exists;
}

asio::awaitable<void> forget_gone(imap::Session& session, StoreThread& store, OpenFolder& folder)
{
    const auto uids = co_await waiting(store, folder.id, SIZE_MAX / 4);
    folder.unfiled = !uids.empty();
    if (uids.empty()) co_return;
    const auto there = co_await session.search(uids.front(), uids.back());
    std::vector<std::uint32_t> gone;
    std::set_difference(uids.begin(), uids.end(), there.begin(), there.end(), std::back_inserter(gone));
    if (gone.empty()) co_return;
    folder.unfiled = gone.size() < uids.size();
    co_await mark(store, folder.id, std::move(gone));
}

}  // namespace majlis::intake
