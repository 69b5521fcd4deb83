#include <algorithm>
#include <utility>

#include "net/imap/session.hpp"

namespace majlis::imap {

namespace {

constexpr std::size_t uids_per_command = 500;  // keeps the command line below 8 KB (RFC 7162, 4)

}  // namespace

asio::awaitable<std::vector<std::uint32_t>> Session::search(std::uint32_t first, std::uint32_t last, std::string_view criteria)
{
    numbers_.clear();
    std::string command = "UID SEARCH UID " + std::to_string(first) + ":" + (last == 0 ? "*" : std::to_string(last));
    if (!criteria.empty()) command.append(" ").append(criteria);
    const auto reply = co_await run(std::move(command));
    require(reply, "UID SEARCH");
    auto found = std::exchange(numbers_, {});
    std::erase_if(found,
                  [=](std::uint32_t uid) { return uid < first || (last != 0 && uid > last); });  // "9:*" names the last one too
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    co_return found;
}

asio::awaitable<void> Session::remove(std::vector<std::uint32_t> uids)
{
    for (std::size_t at = 0; at < uids.size(); at += uids_per_command) {
        const auto piece = std::span(uids).subspan(at, std::min(uids_per_command, uids.size() - at));
        const std::string set = sequence_set(piece);
        const auto marked = queue("UID STORE " + set + " +FLAGS.SILENT (\\Deleted)");
        if (!offers("UIDPLUS")) {
            const auto reply = co_await finish(marked);
            require(reply, "marking messages as deleted");
            std::vector<std::uint32_t> ours(piece.begin(), piece.end());
            co_await remove_without_uidplus(std::move(ours));
            continue;
        }
        const auto expunged = queue("UID EXPUNGE " + set);
        const auto marking = co_await finish(marked);
        const auto expunging = co_await finish(expunged);
        require(marking, "marking messages as deleted");
        if (expunging.ok()) continue;
        forget_capability("UIDPLUS");
        std::vector<std::uint32_t> ours(piece.begin(), piece.end());
        co_await remove_without_uidplus(std::move(ours));
    }
}

/// EXPUNGE takes every message that is marked \Deleted, also those that a person marked. So it is only sent when all of them
/// are ours; otherwise ours stay, marked, until that person's mail program expunges.
asio::awaitable<void> Session::remove_without_uidplus(std::vector<std::uint32_t> uids)
{
    std::vector<std::uint32_t> marked = co_await search(1, 0, "DELETED");
    if (!std::includes(uids.begin(), uids.end(), marked.begin(), marked.end())) co_return;
    std::string command = "EXPUNGE";
    const auto reply = co_await run(std::move(command));
    require(reply, "EXPUNGE");
}

asio::awaitable<void> Session::move(std::vector<std::uint32_t> uids, std::string target)
{
    for (std::size_t at = 0; at < uids.size(); at += uids_per_command) {
        const auto piece = std::span(uids).subspan(at, std::min(uids_per_command, uids.size() - at));
        const std::string set = sequence_set(piece);
        const std::string where = " " + set + " " + quoted_string(target);
        if (offers("MOVE")) {
            auto reply = co_await run("UID MOVE" + where);
            if (reply.has_code("TRYCREATE")) {
                co_await create(target);
                reply = co_await run("UID MOVE" + where);
            }
            if (reply.ok()) continue;
            forget_capability("MOVE");  // it lied, or can not do it here: what follows also works after half a MOVE
        }
        auto reply = co_await run("UID COPY" + where);
        if (reply.has_code("TRYCREATE")) {
            co_await create(target);
            reply = co_await run("UID COPY" + where);
        }
        require(reply, "copying to the folder " + target);
        std::vector<std::uint32_t> copied(piece.begin(), piece.end());
        co_await remove(std::move(copied));
    }
}

asio::awaitable<Reply> Session::append(std::string name, std::string_view message)
{
    continued_ = false;
    const auto tag = queue("APPEND " + quoted_string(name) + " {" + std::to_string(message.size()) + "}");
    co_await flush();
    while (!continued_ && !replies_.contains(tag)) {
        auto response = co_await next();
        note(std::move(response));
    }
    if (continued_) {
        co_await connection_.write(message);
        out_ = "\r\n" + out_;
    }
    co_return co_await finish(tag);
}

}  // namespace majlis::imap
