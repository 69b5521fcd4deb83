#pragma once

#include <array>
#include <memory>
#include <string_view>

namespace majlis::token {

using Digest = std::array<unsigned char, 32>;

Digest sha256(std::string_view bytes);
Digest hmac_sha256(std::string_view key, std::string_view bytes);

/// HMAC-SHA-256 (RFC 2104) under one key, for many texts: the key's own work is done once.
class HmacSha256 {
public:
    explicit HmacSha256(std::string_view key);
    ~HmacSha256();
    HmacSha256(HmacSha256&&) noexcept;
    HmacSha256& operator=(HmacSha256&&) noexcept;

    Digest of(std::string_view bytes) const;

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

/// SHA-256 of what comes in pieces.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;

    void update(std::string_view bytes);
    /// Call once; afterwards the object only waits to be destroyed.
    Digest finish();

private:
    struct Context;
    std::unique_ptr<Context> context_;
};

}  // namespace majlis::token
