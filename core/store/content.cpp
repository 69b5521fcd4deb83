#include "core/store/content.hpp"

#include <stdexcept>

namespace majlis::store {
namespace {

std::string_view view(const token::Digest& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

void insert_chunk(Database& db, std::int64_t content_id, std::int64_t n, std::string_view bytes)
{
    auto insert = db.prepared("INSERT INTO content_chunk (content_id, n, bytes) VALUES (:content, :n, :bytes)");
    insert.bind(":content", content_id).bind(":n", n).bind_blob(":bytes", bytes).run();
}

std::string_view blob_of(Prepared& row, int column)
{
    const auto blob = row->getColumn(column);
    return {static_cast<const char*>(blob.getBlob()), static_cast<std::size_t>(blob.getBytes())};
}

/// Unpacked, in their order, until `take` says no.
template <class Take>
void each_chunk(Database& db, std::int64_t content_id, const Take& take)
{
    auto rows = db.prepared("SELECT bytes, size FROM content_chunk WHERE content_id = :id ORDER BY n");
    rows.bind(":id", content_id);
    while (rows.step()) {
        const auto bytes = blob_of(rows, 0);
        const bool more = rows.null(1) ? take(bytes) : take(std::string_view{unpack(bytes, rows.integer(1))});
        if (!more) return;
    }
}

}  // namespace

std::int64_t insert_content(Database& db, std::string_view bytes, std::int64_t now)
{
    return insert_content(db, bytes, token::sha256(bytes), now);
}

std::int64_t insert_content(Database& db, std::string_view bytes, const token::Digest& sha256, std::int64_t now)
{
    Transaction transaction{db};
    auto insert = db.prepared("INSERT INTO content (sha256, size, created_at) VALUES (:sha256, :size, :now)");
    insert.bind_blob(":sha256", view(sha256)).bind(":size", static_cast<std::int64_t>(bytes.size())).bind(":now", now).run();
    const auto id = db.last_id();
    std::int64_t n = 0;
    for (std::size_t at = 0; at < bytes.size(); at += chunk_bytes) insert_chunk(db, id, n++, bytes.substr(at, chunk_bytes));
    transaction.commit();
    return id;
}

std::int64_t insert_packed(Database& db, std::span<const Packed> chunks, const token::Digest& sha256, std::int64_t size,
                           std::int64_t now)
{
    Transaction transaction{db};
    auto insert = db.prepared("INSERT INTO content (sha256, size, keep, created_at) VALUES (:sha256, :size, 'for ever', :now)");
    insert.bind_blob(":sha256", view(sha256)).bind(":size", size).bind(":now", now).run();
    const auto id = db.last_id();
    auto chunk = db.prepared("INSERT INTO content_chunk (content_id, n, bytes, size) VALUES (:content, :n, :bytes, :size)");
    std::int64_t n = 0;
    for (const auto& packed : chunks)
        chunk.bind(":content", id).bind(":n", n++).bind_blob(":bytes", packed.bytes).bind(":size", packed.size).run();
    transaction.commit();
    return id;
}

bool pack_chunk(Database& db, std::int64_t content_id, std::int64_t n, Packer& packer)
{
    Packed packed;
    {
        auto row = db.prepared("SELECT bytes, size FROM content_chunk WHERE content_id = :id AND n = :n");
        if (!row.bind(":id", content_id).bind(":n", n).step()) return false;
        if (!row.null(1)) return true;
        packed = packer.pack(blob_of(row, 0));
    }
    if (!packed.size) return true;
    auto update = db.prepared("UPDATE content_chunk SET bytes = :bytes, size = :size WHERE content_id = :id AND n = :n");
    update.bind_blob(":bytes", packed.bytes).bind(":size", packed.size).bind(":id", content_id).bind(":n", n).run();
    return true;
}

ContentWriter::ContentWriter(Database& db, std::int64_t now) : db_{db}
{
    auto insert = db_.prepared("INSERT INTO content (sha256, size, created_at) VALUES (NULL, 0, :now)");
    insert.bind(":now", now).run();
    id_ = db_.last_id();
}

void ContentWriter::append(std::string_view bytes)
{
    sha256_.update(bytes);
    size_ += static_cast<std::int64_t>(bytes.size());
    while (!bytes.empty()) {
        const auto part = bytes.substr(0, chunk_bytes - pending_.size());
        pending_ += part;
        bytes.remove_prefix(part.size());
        if (pending_.size() == chunk_bytes) flush();
    }
}

void ContentWriter::flush()
{
    if (pending_.empty()) return;
    insert_chunk(db_, id_, chunks_++, pending_);
    pending_.clear();
}

std::int64_t ContentWriter::finish()
{
    Transaction transaction{db_};
    flush();
    auto update = db_.prepared("UPDATE content SET sha256 = :sha256, size = :size WHERE id = :id");
    const auto digest = sha256_.finish();
    update.bind_blob(":sha256", view(digest)).bind(":size", size_).bind(":id", id_).run();
    transaction.commit();
    return id_;
}

std::int64_t drop_incomplete_content(Database& db) { return db.prepared("DELETE FROM content WHERE sha256 IS NULL").run(); }

std::int64_t content_size(Database& db, std::int64_t content_id)
{
    auto row = db.prepared("SELECT size, keep = 'gone' FROM content WHERE id = :id AND sha256 IS NOT NULL");
    row.bind(":id", content_id);
    if (!row.step()) throw std::runtime_error{"there is no content " + std::to_string(content_id)};
    if (row.integer(1) != 0)
        throw std::runtime_error{"content " + std::to_string(content_id) + " is no longer kept: it was needed for nothing"};
    return row.integer(0);
}

void read_content(Database& db, std::int64_t content_id, const std::function<void(std::string_view)>& take)
{
    const auto size = content_size(db, content_id);
    std::int64_t read = 0;
    each_chunk(db, content_id, [&](std::string_view bytes) {
        take(bytes);
        read += static_cast<std::int64_t>(bytes.size());
        return true;
    });
    if (read != size)
        throw std::runtime_error{"content " + std::to_string(content_id) + " is damaged: " + std::to_string(read) + " of " +
                                 std::to_string(size) + " bytes are there; run 'majlis db check'"};
}

std::string load_head(Database& db, std::int64_t content_id, std::size_t bytes)
{
    content_size(db, content_id);
    std::string head;
    each_chunk(db, content_id, [&](std::string_view chunk) {
        head += chunk;
        return head.size() < bytes;
    });
    return head;
}

std::string load_chunk(Database& db, std::int64_t content_id, std::int64_t n)
{
    auto row = db.prepared("SELECT bytes, size FROM content_chunk WHERE content_id = :id AND n = :n");
    if (!row.bind(":id", content_id).bind(":n", n).step()) return {};
    return row.null(1) ? row.blob(0) : unpack(blob_of(row, 0), row.integer(1));
}

std::string load_content(Database& db, std::int64_t content_id)
{
    std::string bytes;
    bytes.reserve(static_cast<std::size_t>(content_size(db, content_id)));
    read_content(db, content_id, [&](std::string_view chunk) { bytes += chunk; });
    return bytes;
}

}  // namespace majlis::store
