#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/compose/notice.hpp"
#include "core/config/config.hpp"
#include "core/judge/judge.hpp"
#include "core/store/arrivals.hpp"
#include "daemon/event.hpp"
#include "daemon/store_thread.hpp"
#include "net/imap/session.hpp"

namespace majlis::intake {

/// A folder of the mailbox that is selected now, and how far we have come in it.
struct OpenFolder {
    std::string name;         ///< logical, as configured
    std::string server_name;  ///< as the server has it
    std::int64_t id = 0;      ///< row in the database
    std::uint32_t uid_done = 0;
    store::Junk junk = store::Junk::no;
    std::uint32_t exists = 0;                               ///< when it was last read
    bool unfiled = false;                                   ///< something was taken that is still to be moved or deleted
    std::chrono::steady_clock::time_point no_filing_until;  ///< the server refused it: not at once again
};

/// What readers of folders share.
struct ReaderContext {
    boost::asio::any_io_executor executor;
    StoreThread& store;
    const InboxConfig& inbox;
    std::int64_t max_size_bytes;
    const JudgeContext& judge;
    Stop& stop;
    const std::function<void()>& on_arrivals;
    const std::function<void(store::Database&, const NoticeValues&)>& too_large;
};

/// Moves or deletes what is durable here: in batches of 500, or fewer at the end. Throws imap::Refused.
boost::asio::awaitable<void> file_taken(imap::Session& session, StoreThread& store, const InboxConfig& inbox, OpenFolder& folder);
/// After a connection: what is durable here and gone there is filed already.
boost::asio::awaitable<void> forget_gone(imap::Session& session, StoreThread& store, OpenFolder& folder);

}  // namespace majlis::intake
