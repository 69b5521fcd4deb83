#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>

#include "daemon/beside.hpp"
#include "daemon/intake/folder.hpp"

namespace majlis::intake {

/// Takes new mail out of the selected folder, in UID order: headers in ranges of 50, two ranges in flight; which are ours is
/// decided by the header; then the bodies of those, in chunks of at most 4 MB, pipelined with the next headers; large ones in
/// parts. Each chunk is one commit together with the folder's progress; the next chunk is received while it is written.
class Reader {
public:
    Reader(ReaderContext context, imap::Session& session, OpenFolder& folder);
    ~Reader();
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    /// These, which exist, in ascending order and above folder.uid_done. Stops between two chunks when the daemon stops.
    boost::asio::awaitable<void> read(std::vector<std::uint32_t> uids);
    /// Whatever is above folder.uid_done, asked for without knowing it: a few new messages at most.
    boost::asio::awaitable<void> read_news();
    /// Of these, already passed over, what is for no list of ours goes to the folder of `unknown`.
    boost::asio::awaitable<void> sort_out(std::vector<std::uint32_t> uids);

private:
    using Tag = imap::Session::Tag;

    struct Head {
        std::uint32_t uid = 0;
        std::optional<std::uint64_t> size;     ///< bytes; nothing: the server does not tell
        std::optional<std::int64_t> received;  ///< when the server took it, Unix time (INTERNALDATE)
        std::string bytes;
        bool drained = false;
        bool deleted = false;  ///< a person has marked it \Deleted
    };
    /// Headers that were asked for.
    struct Range {
        Tag tag = 0;
        std::vector<std::uint32_t> uids;  ///< empty: all above uid_done
    };
    struct Mail {
        std::uint32_t uid = 0;
        std::uint64_t size = 0;  ///< bytes; UINT64_MAX: not told
        std::optional<std::int64_t> received;
        std::string header;  ///< of a large one, for the notice
    };
    /// Bodies that are fetched and committed together.
    struct Chunk {
        std::vector<Mail> mails;
        std::uint32_t upto = 0;  ///< after the commit, every uid up to this one is behind us
        bool large = false;      ///< one mail, in parts
        Tag tag = 0;             ///< 0: nothing is to be fetched
    };
    /// What goes to the store thread: bytes and their uids, or one mail whose content is there already.
    struct Batch {
        std::vector<std::uint32_t> uids;
        std::vector<std::optional<std::int64_t>> received;  ///< of each
        std::vector<std::string> bytes;
        std::optional<std::int64_t> content_id;
    };

    void hear(imap::FetchItem&& item);
    void hear_body(std::uint32_t uid, imap::Section&& section);
    void ask_headers(std::deque<std::uint32_t>& left);
    void ask_bodies();
    boost::asio::awaitable<void> pump(std::deque<std::uint32_t> left);
    boost::asio::awaitable<void> work_off(std::deque<std::uint32_t> left);
    boost::asio::awaitable<void> finish_range();
    boost::asio::awaitable<std::vector<Head>> collect_heads(Range range);
    boost::asio::awaitable<std::vector<char>> which_are_ours(std::shared_ptr<std::vector<Head>> heads);
    boost::asio::awaitable<void> finish_chunk();
    boost::asio::awaitable<void> take_small(Chunk chunk);
    boost::asio::awaitable<void> take_large(Mail mail);
    boost::asio::awaitable<std::int64_t> stream_in(Mail& mail);
    boost::asio::awaitable<std::optional<std::string>> fetch_part(Tag tag, std::uint32_t uid, std::uint64_t offset);
    boost::asio::awaitable<void> leave_too_large(Mail mail);
    boost::asio::awaitable<void> commit(std::shared_ptr<Batch> batch, std::uint32_t upto);
    boost::asio::awaitable<void> file_if_many();
    boost::asio::awaitable<void> move_unknown(std::size_t at_least);
    void cut(std::vector<Head>& heads, const std::vector<char>& ours, std::uint32_t upto);
    boost::asio::awaitable<void> require_gone(std::vector<std::uint32_t> missing);
    void forget_stray(std::uint32_t upto);

    ReaderContext context_;
    imap::Session& session_;
    OpenFolder& folder_;
    std::deque<Range> ranges_;  // in flight
    std::deque<Chunk> chunks_;  // those with a tag are in flight
    std::map<std::uint32_t, Head> heads_;
    std::map<std::uint32_t, imap::Section> bodies_;
    std::map<std::uint64_t, imap::Section> parts_;  // of the large mail that is read now
    std::uint32_t part_of_ = 0;
    std::size_t pending_bytes_ = 0;
    std::size_t taken_ = 0;  // since the last filing
    std::vector<std::uint32_t> unknown_;
    Beside commits_;  // in UID order: uid_done says that all below it is durable
};

}  // namespace majlis::intake
