#include "daemon/intake/reader.hpp"

#include <algorithm>
#include <utility>

#include "core/log/log.hpp"
#include "core/message/message.hpp"
#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"

namespace majlis::intake {

namespace {

namespace asio = boost::asio;

constexpr std::size_t range_size = 50;                 // messages a command
constexpr std::size_t in_flight = 2;                   // commands of a kind
constexpr std::size_t filing_batch = 500;              // a MOVE costs the server 100 ms, however few it moves
constexpr std::uint64_t small_bytes = 512U << 10U;     // larger ones come in parts
constexpr std::uint64_t chunk_bytes = 4U << 20U;       // of bodies that are in memory together
constexpr std::size_t max_pending_bytes = 32U << 20U;  // of what a server may send unasked

std::string header_fetch(const std::string& set)
{
    return "UID FETCH " + set + " (UID FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[HEADER])";
}

}  // namespace

Reader::Reader(ReaderContext context, imap::Session& session, OpenFolder& folder)
    : context_(context), session_(session), folder_(folder), commits_(context.executor)
{
    session_.on_fetch([this](imap::FetchItem&& item) { hear(std::move(item)); });
}

Reader::~Reader() { session_.on_fetch({}); }

void Reader::hear(imap::FetchItem&& item)
{
    if (auto* header = item.section("HEADER")) {
        Head head;
        head.uid = item.uid;
        head.size = item.size;
        head.received = item.internal_date;
        head.drained = header->drained;
        head.deleted = std::any_of(item.flags.begin(), item.flags.end(),
                                   [](const std::string& flag) { return text::equal_nocase(flag, "\\Deleted"); });
        head.bytes = std::move(header->bytes);
        pending_bytes_ += head.bytes.size();
        if (const auto old = heads_.find(item.uid); old != heads_.end()) {
            if (!head.size) head.size = old->second.size;
            if (!head.received) head.received = old->second.received;
        }
        heads_.insert_or_assign(item.uid, std::move(head));
    } else if (auto* body = item.section("")) {
        hear_body(item.uid, std::move(*body));
    }
    if (pending_bytes_ > max_pending_bytes) throw imap::ProtocolError("the IMAP server sends mail that was not asked for");
}

void Reader::hear_body(std::uint32_t uid, imap::Section&& section)
{
    pending_bytes_ += section.bytes.size();
    if (section.partial || uid == part_of_) {
        if (uid == part_of_) parts_.insert_or_assign(section.offset, std::move(section));
    } else {
        bodies_.insert_or_assign(uid, std::move(section));
    }
}

asio::awaitable<void> Reader::read(std::vector<std::uint32_t> uids)
{
    std::deque<std::uint32_t> left(uids.begin(), uids.end());
    co_await pump(std::move(left));
}

asio::awaitable<void> Reader::read_news()
{
    if (folder_.uid_done == UINT32_MAX) co_return;
    Range range;
    range.tag = session_.queue(header_fetch(std::to_string(folder_.uid_done + 1) + ":*"));
    ranges_.push_back(std::move(range));
    std::deque<std::uint32_t> none;
    co_await pump(std::move(none));
}

void Reader::ask_headers(std::deque<std::uint32_t>& left)
{
    while (ranges_.size() < in_flight && chunks_.size() <= in_flight && !left.empty()) {
        const auto count = static_cast<std::ptrdiff_t>(std::min(range_size, left.size()));
        Range range;
        range.uids.assign(left.begin(), left.begin() + count);
        left.erase(left.begin(), left.begin() + count);
        range.tag = session_.queue(header_fetch(imap::sequence_set(range.uids)));
        ranges_.push_back(std::move(range));
    }
}

void Reader::ask_bodies()
{
    std::size_t asked = 0;
    for (auto& chunk : chunks_) {
        if (chunk.large || asked == in_flight) return;  // a large one is read alone, when its turn comes
        if (chunk.mails.empty()) continue;
        ++asked;
        if (chunk.tag != 0) continue;
        std::vector<std::uint32_t> uids;
        for (const auto& mail : chunk.mails) uids.push_back(mail.uid);
        chunk.tag = session_.queue("UID FETCH " + imap::sequence_set(uids) + " (UID BODY.PEEK[])");
    }
}

asio::awaitable<void> Reader::pump(std::deque<std::uint32_t> left)
{
    std::exception_ptr failure;
    try {
        co_await work_off(std::move(left));
    } catch (...) {
        failure = std::current_exception();
    }
    co_await commits_.wait();  // refers to this; its own failure, which comes first in UID order, counts before the other
    if (failure) std::rethrow_exception(failure);
    co_await move_unknown(1);
}

/// Keeps commands in flight, and works on whichever was asked for first.
asio::awaitable<void> Reader::work_off(std::deque<std::uint32_t> left)
{
    for (;;) {
        if (context_.stop.requested()) left.clear();
        ask_bodies();
        ask_headers(left);
        co_await session_.flush();
        const bool chunk_first =
            !chunks_.empty() && (ranges_.empty() || chunks_.front().tag == 0 || chunks_.front().tag < ranges_.front().tag);
        if (chunk_first) {
            co_await finish_chunk();
        } else if (!ranges_.empty()) {
            co_await finish_range();
        } else {
            break;
        }
    }
}

asio::awaitable<void> Reader::finish_range()
{
    Range range = std::move(ranges_.front());
    ranges_.pop_front();
    const std::uint32_t asked_upto = range.uids.empty() ? 0 : range.uids.back();
    auto heads = std::make_shared<std::vector<Head>>();
    *heads = co_await collect_heads(std::move(range));
    const std::uint32_t upto = heads->empty() ? asked_upto : std::max(asked_upto, heads->back().uid);
    if (upto == 0) co_return;  // nothing new after all
    const auto ours = co_await which_are_ours(heads);
    cut(*heads, ours, upto);
}

/// Waits for the headers of a range, in UID order.
asio::awaitable<std::vector<Reader::Head>> Reader::collect_heads(Range range)
{
    const auto reply = co_await session_.finish(range.tag);
    if (!reply.ok())
        throw imap::Refused("reading headers in " + folder_.name + " is refused: " + text::printable(reply.text), reply.code);
    if (range.uids.empty()) {
        for (const auto& [uid, head] : heads_) {
            if (uid > folder_.uid_done) range.uids.push_back(uid);  // "9:*" also names the last one
        }
    }
    std::vector<Head> found;
    std::vector<std::uint32_t> missing;
    for (const auto uid : range.uids) {
        auto head = heads_.find(uid);
        if (head == heads_.end()) {
            missing.push_back(uid);
            continue;
        }
        if (head->second.drained) {  // more than a megabyte of header: what matters stands at its beginning
            const auto tag = session_.queue("UID FETCH " + std::to_string(uid) + " (UID FLAGS BODY.PEEK[HEADER]<0.262144>)");
            const auto again = co_await session_.finish(tag);
            head = heads_.find(uid);
            if (!again.ok() || head == heads_.end()) continue;
        }
        pending_bytes_ -= std::min(pending_bytes_, head->second.bytes.size());
        found.push_back(std::move(head->second));
        heads_.erase(head);
    }
    if (!range.uids.empty()) forget_stray(range.uids.back());
    co_await require_gone(std::move(missing));
    co_return found;
}

/// What was not given may have gone meanwhile. If it is there all the same, passing it over would lose it.
asio::awaitable<void> Reader::require_gone(std::vector<std::uint32_t> missing)
{
    if (missing.empty()) co_return;
    const auto there = co_await session_.search(missing.front(), missing.back());
    for (const auto uid : missing) {
        if (std::find(there.begin(), there.end(), uid) != there.end())
            throw imap::ProtocolError("the IMAP server did not give the message with UID " + std::to_string(uid) + " in " +
                                      folder_.name + " although it is there");
    }
}

/// Drops what the server has sent unasked.
void Reader::forget_stray(std::uint32_t upto)
{
    const auto end = heads_.upper_bound(upto);
    for (auto stray = heads_.begin(); stray != end; ++stray) {
        pending_bytes_ -= std::min(pending_bytes_, stray->second.bytes.size());
    }
    heads_.erase(heads_.begin(), end);
}

asio::awaitable<std::vector<char>> Reader::which_are_ours(std::shared_ptr<std::vector<Head>> heads)
{
    auto work = [heads, judge = &context_.judge](store::Database& db) {
        std::vector<char> ours;
        for (const auto& head : *heads) {
            const Message header = scan_message(head.bytes);
            const auto targets = route_mail(db, header, *judge);
            ours.push_back(!head.deleted && !targets.empty() ? 1 : 0);
        }
        return ours;
    };
    co_return co_await run_patiently(context_.store, work);
}

/// Makes chunks of what is ours; the last one carries the progress over those of other people.
void Reader::cut(std::vector<Head>& heads, const std::vector<char>& ours, std::uint32_t upto)
{
    Chunk chunk;
    std::uint64_t bytes = 0;
    const auto close = [&](std::uint32_t at) {
        chunk.upto = at;
        chunks_.push_back(std::exchange(chunk, {}));
        bytes = 0;
    };
    const bool moves_unknown = context_.inbox.unknown.kind == FolderAction::Kind::move && folder_.junk == store::Junk::no;
    for (std::size_t i = 0; i < heads.size(); ++i) {
        auto& head = heads[i];
        if (ours[i] == 0) {
            if (moves_unknown && !head.deleted) unknown_.push_back(head.uid);
            continue;
        }
        const std::uint64_t size = head.size.value_or(UINT64_MAX);
        // Over the limit, it is looked at alone as well: it stays where it is.
        const bool large = size > std::min(small_bytes, static_cast<std::uint64_t>(context_.max_size_bytes));
        if (!chunk.mails.empty() && (large || bytes + size > chunk_bytes)) close(chunk.mails.back().uid);
        chunk.mails.push_back({head.uid, size, head.received, large ? std::move(head.bytes) : std::string()});
        bytes += large ? 0 : size;
        chunk.large = large;
        if (large) close(head.uid);
    }
    if (!chunk.mails.empty() || chunks_.empty() || chunks_.back().upto < upto) close(upto);
}

asio::awaitable<void> Reader::finish_chunk()
{
    Chunk chunk = std::move(chunks_.front());
    chunks_.pop_front();
    if (chunk.large) {
        co_await take_large(std::move(chunk.mails.front()));
    } else {
        co_await take_small(std::move(chunk));
    }
    co_await file_if_many();
}

asio::awaitable<void> Reader::take_small(Chunk chunk)
{
    std::vector<Mail> lied;  // told a small size, and were large
    auto batch = std::make_shared<Batch>();
    if (chunk.tag != 0) {
        const auto reply = co_await session_.finish(chunk.tag);
        if (!reply.ok())
            throw imap::Refused("reading mail in " + folder_.name + " is refused: " + text::printable(reply.text), reply.code);
    }
    std::vector<std::uint32_t> missing;
    for (const auto& mail : chunk.mails) {
        auto found = bodies_.extract(mail.uid);
        if (found.empty()) {
            missing.push_back(mail.uid);
            continue;
        }
        auto& section = found.mapped();
        pending_bytes_ -= std::min(pending_bytes_, section.bytes.size());
        if (section.drained) {
            lied.push_back({mail.uid, section.size, mail.received, {}});
            continue;
        }
        batch->uids.push_back(mail.uid);
        batch->received.push_back(mail.received);
        batch->bytes.push_back(std::move(section.bytes));
    }
    co_await require_gone(std::move(missing));
    // A large one's commit passes over all below it: they are durable before.
    const std::uint32_t upto = lied.empty() ? chunk.upto : lied.front().uid - 1;
    co_await commits_.start(commit(std::move(batch), upto));
    if (lied.empty()) co_return;
    for (auto& mail : lied) co_await take_large(std::move(mail));
    auto nothing = std::make_shared<Batch>();
    co_await commits_.start(commit(std::move(nothing), chunk.upto));
}

asio::awaitable<void> Reader::commit(std::shared_ptr<Batch> batch, std::uint32_t upto)
{
    auto work = [batch, upto, id = folder_.id, junk = folder_.junk](store::Database& db) {
        std::vector<store::NewArrival> mails;
        for (std::size_t i = 0; i < batch->uids.size(); ++i) {
            const std::string_view bytes = batch->content_id ? std::string_view() : batch->bytes[i];
            mails.push_back({batch->uids[i], bytes, batch->content_id, junk, batch->received[i]});
        }
        return store::record_arrivals(db, id, mails, upto, unix_now());
    };
    const auto taken = co_await run_patiently(context_.store, work);
    folder_.uid_done = std::max(folder_.uid_done, upto);
    taken_ += taken.size();
    folder_.unfiled = folder_.unfiled || !taken.empty();
    const bool fresh = std::any_of(taken.begin(), taken.end(),
                                   [](const store::Taken& each) { return each.kind == store::Taken::Kind::new_mail; });
    if (fresh && context_.on_arrivals) context_.on_arrivals();
}

asio::awaitable<void> Reader::file_if_many()
{
    if (taken_ >= filing_batch && std::chrono::steady_clock::now() >= folder_.no_filing_until) {
        taken_ = 0;
        co_await file_taken(session_, context_.store, context_.inbox, folder_);
    }
    co_await move_unknown(filing_batch);
}

/// A crash before this leaves them where they are: sort_out() finds them at the next connection.
asio::awaitable<void> Reader::move_unknown(std::size_t at_least)
{
    if (unknown_.size() < at_least) co_return;
    auto uids = std::exchange(unknown_, {});
    std::string target = imap::server_name(context_.inbox.unknown.folder, session_.name_space());
    log::info("unknown-moved",
              {{"inbox", context_.inbox.name}, {"folder", context_.inbox.unknown.folder}, {"messages", uids.size()}});
    co_await session_.move(std::move(uids), std::move(target));
}

asio::awaitable<void> Reader::sort_out(std::vector<std::uint32_t> uids)
{
    for (std::size_t at = 0; at < uids.size() && !context_.stop.requested(); at += range_size) {
        const auto end = std::min(uids.size(), at + range_size);
        Range range;
        range.uids.assign(uids.begin() + static_cast<std::ptrdiff_t>(at), uids.begin() + static_cast<std::ptrdiff_t>(end));
        range.tag = session_.queue(header_fetch(imap::sequence_set(range.uids)));
        auto heads = std::make_shared<std::vector<Head>>();
        *heads = co_await collect_heads(std::move(range));
        const auto ours = co_await which_are_ours(heads);
        for (std::size_t i = 0; i < heads->size(); ++i) {
            if (ours[i] == 0 && !(*heads)[i].deleted) unknown_.push_back((*heads)[i].uid);
        }
    }
    co_await move_unknown(1);
}

}  // namespace majlis::intake
