#include "core/token/sha256.hpp"

#define OPENSSL_API_COMPAT 0x10100000L  // SHA256_CTX, which 3.0 keeps and advises against
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace majlis::token {

namespace {

void require(int success, const char* what)
{
    if (success != 1) throw std::runtime_error{std::string{"OpenSSL: "} + what + " failed"};
}

}  // namespace

struct Sha256::Context {
    struct Free {
        void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
    };
    std::unique_ptr<EVP_MD_CTX, Free> md{EVP_MD_CTX_new()};
};

Sha256::Sha256() : context_{std::make_unique<Context>()}
{
    if (!context_->md) throw std::bad_alloc{};
    require(EVP_DigestInit_ex(context_->md.get(), EVP_sha256(), nullptr), "SHA-256");
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes)
{
    require(EVP_DigestUpdate(context_->md.get(), bytes.data(), bytes.size()), "SHA-256");
}

Digest Sha256::finish()
{
    Digest digest{};
    unsigned size = 0;
    require(EVP_DigestFinal_ex(context_->md.get(), digest.data(), &size), "SHA-256");
    return digest;
}

Digest sha256(std::string_view bytes)
{
    Digest digest{};
    unsigned size = 0;
    require(EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, EVP_sha256(), nullptr), "SHA-256");
    return digest;
}

// RFC 2104. What the key does to the first block of either pass is kept, and copied for each text: by OpenSSL's plain structures,
// as its newer interface allocates at each copy and takes three times as long, twice for each copy of a post.
struct HmacSha256::Context {
    SHA256_CTX inner, outer;
};

namespace {

void begin(SHA256_CTX& pass, std::array<unsigned char, SHA256_CBLOCK> block, unsigned char pad)
{
    for (auto& byte : block) byte ^= pad;
    require(SHA256_Init(&pass), "HMAC");
    require(SHA256_Update(&pass, block.data(), block.size()), "HMAC");
}

Digest end(SHA256_CTX pass, const void* bytes, std::size_t size)
{
    Digest digest{};
    require(SHA256_Update(&pass, bytes, size), "HMAC");
    require(SHA256_Final(digest.data(), &pass), "HMAC");
    return digest;
}

}  // namespace

HmacSha256::HmacSha256(std::string_view key) : context_{std::make_unique<Context>()}
{
    std::array<unsigned char, SHA256_CBLOCK> block{};
    const auto longer = key.size() > block.size() ? sha256(key) : Digest{};
    if (key.size() > block.size())
        std::ranges::copy(longer, block.begin());
    else
        std::ranges::copy(key, block.begin());
    begin(context_->inner, block, 0x36);
    begin(context_->outer, block, 0x5c);
    OPENSSL_cleanse(block.data(), block.size());
}

HmacSha256::~HmacSha256()
{
    if (context_) OPENSSL_cleanse(context_.get(), sizeof *context_);
}
HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;

Digest HmacSha256::of(std::string_view bytes) const
{
    const auto inner = end(context_->inner, bytes.data(), bytes.size());
    return end(context_->outer, inner.data(), inner.size());
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) { return HmacSha256{key}.of(bytes); }

}  // namespace majlis::token
