#include "core/token/token.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <limits>
#include <stdexcept>
#include <utility>

namespace majlis::token {

namespace {

constexpr std::size_t mac_bytes = 10;
constexpr std::size_t ids_bytes = 12;  ///< 22 bytes in all are 36 characters
constexpr std::size_t max_token = 64;  ///< longest local part there is

/// Seven bits a byte, the lowest first; the last byte has its high bit clear.
void append_varint(std::string& out, std::int64_t id)
{
    if (id < 0) throw std::out_of_range{"a negative id in a token"};
    auto rest = static_cast<std::uint64_t>(id);
    for (; rest >= 0x80; rest >>= 7) out += static_cast<char>(static_cast<unsigned char>(rest | 0x80));
    out += static_cast<char>(static_cast<unsigned char>(rest));
}

std::optional<std::int64_t> take_varint(std::string_view& bytes)
{
    std::uint64_t id = 0;
    for (unsigned i = 0; i < bytes.size() && i < 9; ++i) {
        const auto byte = static_cast<unsigned char>(bytes[i]);
        id |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
        if ((byte & 0x80) != 0) continue;
        bytes.remove_prefix(i + 1);
        return static_cast<std::int64_t>(id);
    }
    return {};
}

/// What the MAC is of.
std::string sealed_text(std::string_view purpose, std::string_view payload)
{
    std::string text{purpose};
    text += '\0';
    text += payload;
    return text;
}

using Ids = std::pair<std::int64_t, std::int64_t>;

std::optional<Ids> open(std::string_view key, std::string_view purpose, std::string_view token)
{
    if (token.size() > max_token) return {};
    const auto bytes = unbase32(token);
    if (!bytes || bytes->size() <= mac_bytes || bytes->size() > ids_bytes + mac_bytes) return {};
    std::string_view payload = std::string_view{*bytes}.substr(0, bytes->size() - mac_bytes);
    const Digest mac = hmac_sha256(key, sealed_text(purpose, payload));
    if (CRYPTO_memcmp(mac.data(), bytes->data() + payload.size(), mac_bytes) != 0) return {};
    const auto first = take_varint(payload);
    const auto second = take_varint(payload);
    if (!first || !second || !payload.empty()) return {};
    return Ids{*first, *second};
}

}  // namespace

std::string random_bytes(std::size_t count)
{
    std::string out(count, '\0');
    if (count > static_cast<std::size_t>(std::numeric_limits<int>::max())) throw std::length_error{"too many random bytes"};
    if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
        throw std::runtime_error{"OpenSSL: no random bytes"};
    }
    return out;
}

std::string random_token() { return base32(random_bytes(16)); }

void Sealer::seal(std::string& out, std::string_view purpose, std::int64_t first, std::int64_t second)
{
    text_ = sealed_text(purpose, {});
    const auto begin = text_.size();
    append_varint(text_, first);
    append_varint(text_, second);
    if (text_.size() - begin > ids_bytes) throw std::out_of_range{"ids too large for a token"};
    const Digest mac = mac_.of(text_);
    text_.append(reinterpret_cast<const char*>(mac.data()), mac_bytes);
    append_base32(out, std::string_view{text_}.substr(begin));
}

void Sealer::bounce(std::string& out, BounceToken ids) { seal(out, "bounce", ids.delivery, ids.member); }

void Sealer::unsubscribe(std::string& out, std::int64_t list, std::int64_t member) { seal(out, "unsubscribe", list, member); }

std::string seal_bounce(std::string_view key, BounceToken ids)
{
    std::string token;
    Sealer{key}.bounce(token, ids);
    return token;
}

std::optional<BounceToken> open_bounce(std::string_view key, std::string_view token)
{
    const auto ids = open(key, "bounce", token);
    if (!ids) return {};
    return BounceToken{ids->first, ids->second};
}

std::string seal_unsubscribe(std::string_view key, std::int64_t list, std::int64_t member)
{
    std::string token;
    Sealer{key}.unsubscribe(token, list, member);
    return token;
}

std::optional<UnsubscribeToken> open_unsubscribe(std::string_view key, std::string_view token)
{
    const auto ids = open(key, "unsubscribe", token);
    if (!ids) return {};
    return UnsubscribeToken{ids->first, ids->second};
}

}  // namespace majlis::token
