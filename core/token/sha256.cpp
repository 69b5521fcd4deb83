#include "core/token/sha256.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <limits>
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

Digest hmac_sha256(std::string_view key, std::string_view bytes)
{
    Digest digest{};
    unsigned size = 0;
    if (key.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) throw std::length_error{"a key of gigabytes"};
    const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
    // An empty key is no key for OpenSSL unless its pointer says otherwise.
    const char* key_data = key.empty() ? "" : key.data();
    const unsigned char* mac =
        HMAC(EVP_sha256(), key_data, static_cast<int>(key.size()), data, bytes.size(), digest.data(), &size);
    require(mac != nullptr ? 1 : 0, "HMAC");
    return digest;
}

}  // namespace majlis::token
