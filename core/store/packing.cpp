#include "core/store/packing.hpp"

#include <zstd.h>

#include <stdexcept>

#include "core/store/content.hpp"
#include "core/store/packing_dictionary.hpp"

namespace majlis::store {
namespace {

constexpr int level = 9;

struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
    void operator()(ZSTD_CDict* dictionary) const { ZSTD_freeCDict(dictionary); }
};

template <class T>
std::unique_ptr<T, FreeContext> owned(T* made)
{
    if (made == nullptr) throw std::bad_alloc{};
    return std::unique_ptr<T, FreeContext>{made};
}

void check(std::size_t result)
{
    if (ZSTD_isError(result) != 0) throw std::runtime_error{std::string{"zstd: "} + ZSTD_getErrorName(result)};
}

std::string unpack_with(ZSTD_DCtx* context, std::string_view frame, std::int64_t size)
{
    if (size < 0 || size > static_cast<std::int64_t>(chunk_bytes)) throw std::runtime_error{"a packed chunk is damaged"};
    std::string bytes(static_cast<std::size_t>(size), '\0');
    const auto got = ZSTD_decompress_usingDict(context, bytes.data(), bytes.size(), frame.data(), frame.size(),
                                               packing_dictionary.data(), packing_dictionary.size());
    if (ZSTD_isError(got) != 0 || got != bytes.size())
        throw std::runtime_error{"a packed chunk is damaged; run 'majlis db check'"};
    return bytes;
}

}  // namespace

struct Packer::Contexts {
    std::unique_ptr<ZSTD_CCtx, FreeContext> pack = owned(ZSTD_createCCtx());
    std::unique_ptr<ZSTD_DCtx, FreeContext> unpack = owned(ZSTD_createDCtx());
    std::unique_ptr<ZSTD_CDict, FreeContext> dictionary =
        owned(ZSTD_createCDict(packing_dictionary.data(), packing_dictionary.size(), level));
};

Packer::Packer() : contexts_{std::make_unique<Contexts>()}
{
    auto* pack = contexts_->pack.get();
    check(ZSTD_CCtx_setParameter(pack, ZSTD_c_compressionLevel, level));
    check(ZSTD_CCtx_setParameter(pack, ZSTD_c_checksumFlag, 1));
    check(ZSTD_CCtx_refCDict(pack, contexts_->dictionary.get()));
}

Packer::~Packer() = default;
Packer::Packer(Packer&&) noexcept = default;
Packer& Packer::operator=(Packer&&) noexcept = default;

Packed Packer::pack(std::string_view chunk)
{
    if (chunk.size() > chunk_bytes) throw std::length_error{"a chunk of " + std::to_string(chunk.size()) + " bytes"};
    Packed packed;
    packed.bytes.resize(ZSTD_compressBound(chunk.size()));
    const auto size = ZSTD_compress2(contexts_->pack.get(), packed.bytes.data(), packed.bytes.size(), chunk.data(), chunk.size());
    check(size);
    packed.bytes.resize(size);
    packed.size = static_cast<std::int64_t>(chunk.size());
    if (size >= chunk.size() || unpack_with(contexts_->unpack.get(), packed.bytes, *packed.size) != chunk)
        return {std::string{chunk}, std::nullopt};
    packed.bytes.shrink_to_fit();
    return packed;
}

std::vector<Packed> Packer::pack_all(std::string_view bytes)
{
    std::vector<Packed> chunks;
    for (std::size_t at = 0; at < bytes.size(); at += chunk_bytes) chunks.push_back(pack(bytes.substr(at, chunk_bytes)));
    return chunks;
}

std::string unpack(std::string_view frame, std::int64_t size)
{
    const auto context = owned(ZSTD_createDCtx());
    return unpack_with(context.get(), frame, size);
}

}  // namespace majlis::store
