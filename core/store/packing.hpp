#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// Bytes made smaller (zstd, RFC 8878) and given back whole.
namespace majlis::store {

/// A chunk of a content as it is kept: with a size, one frame that holds this many bytes; without, the bytes themselves.
struct Packed {
    std::string bytes;
    std::optional<std::int64_t> size;
};

/// For one thread at a time; keep it for many chunks.
class Packer {
public:
    Packer();
    ~Packer();
    Packer(Packer&&) noexcept;
    Packer& operator=(Packer&&) noexcept;

    /// Each frame is opened again and compared before it is given out; what gains nothing stays as it is.
    Packed pack(std::string_view chunk);
    /// A whole content, in chunks of chunk_bytes.
    std::vector<Packed> pack_all(std::string_view bytes);

private:
    struct Contexts;
    std::unique_ptr<Contexts> contexts_;
};

/// Throws std::runtime_error for a frame that is damaged or does not hold `size` bytes.
std::string unpack(std::string_view frame, std::int64_t size);

}  // namespace majlis::store
