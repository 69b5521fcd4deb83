#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/store/database.hpp"
#include "core/store/packing.hpp"
#include "core/token/sha256.hpp"

/// The bytes of mails, in chunks, so that neither a large one nor its reader needs memory of its size.
namespace majlis::store {

constexpr std::size_t chunk_bytes = 256 * 1024;

/// Inside the caller's transaction, if any.
std::int64_t insert_content(Database& db, std::string_view bytes, std::int64_t now);
std::int64_t insert_content(Database& db, std::string_view bytes, const token::Digest& sha256, std::int64_t now);
/// The same for bytes that are packed already and are kept for ever; `size` is that of all of them unpacked.
std::int64_t insert_packed(Database& db, std::span<const Packed> chunks, const token::Digest& sha256, std::int64_t size,
                           std::int64_t now);

/// Packs chunk `n` where it lies; false when there is no such chunk. Inside the caller's transaction.
bool pack_chunk(Database& db, std::int64_t content_id, std::int64_t n, Packer& packer);

/// Writes one content in parts. Parts become durable as they come; until finish() nobody sees it, and what was never finished
/// is removed at the next start.
class ContentWriter {
public:
    ContentWriter(Database& db, std::int64_t now);
    void append(std::string_view bytes);
    /// The id of the complete content.
    std::int64_t finish();
    std::int64_t size() const noexcept { return size_; }

private:
    void flush();
    Database& db_;
    std::int64_t id_ = 0;
    std::int64_t size_ = 0;
    std::int64_t chunks_ = 0;
    std::string pending_;
    token::Sha256 sha256_;
};

/// How many were never finished; they are gone.
std::int64_t drop_incomplete_content(Database& db);

/// Throws std::runtime_error for an unknown or incomplete id.
std::string load_content(Database& db, std::int64_t content_id);
/// The same, chunk by chunk.
void read_content(Database& db, std::int64_t content_id, const std::function<void(std::string_view)>& take);
/// No more than its first chunks, until at least `bytes` are read.
std::string load_head(Database& db, std::int64_t content_id, std::size_t bytes);
/// Chunk `n` unpacked, from 0; "" behind the last one, and where the content is no longer kept.
std::string load_chunk(Database& db, std::int64_t content_id, std::int64_t n);
std::int64_t content_size(Database& db, std::int64_t content_id);

}  // namespace majlis::store
