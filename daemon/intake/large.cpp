#include <algorithm>

#include "core/log/log.hpp"
#include "core/message/message.hpp"
#include "core/store/content.hpp"
#include "core/text/printable.hpp"
#include "core/text/units.hpp"
#include "daemon/clock.hpp"
#include "daemon/intake/reader.hpp"
#include "daemon/patience.hpp"

/// A large mail is read and written in parts, so that neither we nor the database need memory of its size.
namespace majlis::intake {

namespace asio = boost::asio;

namespace {

constexpr std::uint64_t part_bytes = 256U << 10U;

std::string part_fetch(std::uint32_t uid, std::uint64_t offset)
{
    return "UID FETCH " + std::to_string(uid) + " (UID BODY.PEEK[]<" + std::to_string(offset) + "." + std::to_string(part_bytes) +
           ">)";
}

/// Lives on the store thread; parts become durable as they come, and count for nothing until finish().
struct Writing {
    std::optional<store::ContentWriter> writer;
    std::uint64_t upto = 0;  ///< bytes that were handed to it

    /// May be called again for the same bytes when the database was busy: the writer then has them, and writes them next time.
    void append(store::Database& db, std::string_view bytes, std::uint64_t end)
    {
        if (!writer) writer.emplace(db, unix_now());
        if (end <= upto) return;
        upto = end;
        writer->append(bytes);
    }
};

}  // namespace

/// Waits for the part at `offset`; nothing: the mail is gone.
asio::awaitable<std::optional<std::string>> Reader::fetch_part(Tag tag, std::uint32_t uid, std::uint64_t offset)
{
    const auto reply = co_await session_.finish(tag);
    if (!reply.ok()) throw imap::Refused("reading a large mail is refused: " + text::printable(reply.text), reply.code);
    auto found = parts_.extract(offset);
    if (found.empty()) co_return std::nullopt;
    auto& section = found.mapped();
    pending_bytes_ -= std::min(pending_bytes_, section.bytes.size());
    if (section.drained || section.bytes.size() > part_bytes) {
        throw imap::ProtocolError("the IMAP server sends more of message " + std::to_string(uid) + " than it was asked for");
    }
    co_return std::move(section.bytes);
}

asio::awaitable<void> Reader::leave_too_large(Mail mail)
{
    const auto size = static_cast<std::int64_t>(std::min<std::uint64_t>(mail.size, INT64_MAX));
    NoticeValues values;
    const auto fields = scan_header(mail.header);
    values.text = {{"inbox", context_.inbox.name},       {"folder", folder_.name},
                   {"from", field_text(fields, "From")}, {"subject", field_text(fields, "Subject")},
                   {"size", text::readable_size(size)},  {"limit", text::readable_size(context_.max_size_bytes)},
                   {"uid", std::to_string(mail.uid)}};
    auto work = [id = folder_.id, uid = mail.uid, size, values, tell = context_.too_large](store::Database& db) {
        store::Transaction transaction{db};
        const bool first = store::record_too_large(db, id, uid, size, unix_now());
        if (first && tell) tell(db, values);
        transaction.commit();
        return first;
    };
    const bool first = co_await run_patiently(context_.store, work);
    if (!first) co_return;
    log::notice("too-large", {{"inbox", context_.inbox.name}, {"folder", folder_.name}, {"uid", mail.uid}, {"size", size}});
}

/// Reads a mail in parts, two in flight, and writes each. The id of its content; 0 when it is gone, or larger than allowed
/// (mail.size then says how large it is at least).
asio::awaitable<std::int64_t> Reader::stream_in(Mail& mail)
{
    const auto limit = static_cast<std::uint64_t>(context_.max_size_bytes);
    auto writing = std::make_shared<Writing>();
    std::uint64_t offset = 0;
    Tag tag = session_.queue(part_fetch(mail.uid, 0));
    for (bool more = true; more;) {
        const Tag next = session_.queue(part_fetch(mail.uid, offset + part_bytes));
        auto part = co_await fetch_part(tag, mail.uid, offset);
        tag = next;
        if (!part || part->empty()) break;
        offset += part->size();
        more = part->size() == part_bytes && offset <= limit;
        auto write = [writing, offset, bytes = std::make_shared<std::string>(std::move(*part))](store::Database& db) {
            writing->append(db, *bytes, offset);
        };
        co_await run_patiently(context_.store, write);
    }
    co_await session_.finish(tag);  // the part behind the last one: empty, or of a mail that is too large
    if (offset > limit) mail.size = offset;
    if (offset > limit || offset == 0) co_return 0;
    auto finish = [writing](store::Database&) { return writing->writer->finish(); };
    co_return co_await run_patiently(context_.store, finish);
}

asio::awaitable<void> Reader::take_large(Mail mail)
{
    co_await commits_.wait();
    const auto limit = static_cast<std::uint64_t>(context_.max_size_bytes);
    const std::uint32_t uid = mail.uid;
    const auto received = mail.received;
    std::int64_t content = 0;
    if (mail.size == UINT64_MAX || mail.size <= limit) {
        part_of_ = uid;
        parts_.clear();
        mail.size = 0;
        content = co_await stream_in(mail);
        part_of_ = 0;
        for (const auto& [at, section] : parts_) pending_bytes_ -= std::min(pending_bytes_, section.bytes.size());
        parts_.clear();
    }
    if (mail.size > limit) co_await leave_too_large(std::move(mail));
    auto batch = std::make_shared<Batch>();
    if (content != 0) {
        batch->uids.push_back(uid);
        batch->received.push_back(received);
        batch->content_id = content;
    }
    co_await commit(std::move(batch), uid);
}

}  // namespace majlis::intake
