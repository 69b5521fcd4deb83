#include "core/token/sha256.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

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

struct HmacSha256::Context {
    struct Free {
        void operator()(EVP_MAC* held) const { EVP_MAC_free(held); }
        void operator()(EVP_MAC_CTX* held) const { EVP_MAC_CTX_free(held); }
    };
    std::unique_ptr<EVP_MAC, Free> mac{EVP_MAC_fetch(nullptr, "HMAC", nullptr)};
    std::unique_ptr<EVP_MAC_CTX, Free> keyed{mac ? EVP_MAC_CTX_new(mac.get()) : nullptr};
};

HmacSha256::HmacSha256(std::string_view key) : context_{std::make_unique<Context>()}
{
    if (!context_->keyed) throw std::runtime_error{"OpenSSL: no HMAC"};
    char name[] = "SHA256";
    const std::array parameters{OSSL_PARAM_construct_utf8_string("digest", name, 0), OSSL_PARAM_construct_end()};
    // An empty key is no key for OpenSSL unless its pointer says otherwise.
    const auto* bytes = reinterpret_cast<const unsigned char*>(key.empty() ? "" : key.data());
    require(EVP_MAC_init(context_->keyed.get(), bytes, key.size(), parameters.data()), "HMAC");
}

HmacSha256::~HmacSha256() = default;
HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;

Digest HmacSha256::of(std::string_view bytes)
{
    Digest digest{};
    std::size_t size = 0;
    auto* keyed = context_->keyed.get();
    require(EVP_MAC_init(keyed, nullptr, 0, nullptr), "HMAC");  // begins anew, under the same key
    require(EVP_MAC_update(keyed, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()), "HMAC");
    require(EVP_MAC_final(keyed, digest.data(), &size, digest.size()), "HMAC");
    return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view bytes) { return HmacSha256{key}.of(bytes); }

}  // namespace majlis::token
