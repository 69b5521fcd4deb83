#pragma once

#include "core/token/sha256.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Tokens in addresses and links: base32, lower case, read without regard to case.
namespace majlis::token {

/// From the operating system's generator; throws std::runtime_error if it fails.
std::string random_bytes(std::size_t count);

/// RFC 4648 base32, lower case, no padding.
std::string base32(std::string_view bytes);
void append_base32(std::string& out, std::string_view bytes);
/// Reads any case; nothing for a foreign character, an impossible length or bits left over.
std::optional<std::string> unbase32(std::string_view text);

/// 128 random bits, 26 characters: what is looked up in the database (confirmation, moderation).
std::string random_token();

/// What a copy's bounce address says.
struct BounceToken {
    std::int64_t delivery = 0;
    std::int64_t member = 0;  ///< 0: a copy for many
    friend bool operator==(const BounceToken&, const BounceToken&) = default;
};
constexpr std::size_t max_bounce_token = 36;  ///< characters

/// Ids and an 80-bit MAC under `key`. Throws std::out_of_range for negative ids, or ids together beyond 84 bits.
std::string seal_bounce(std::string_view key, BounceToken ids);

/// The same for many: appends tokens to what they stand in. Not for two threads at a time.
class Sealer {
public:
    explicit Sealer(std::string_view key) : mac_{key} {}
    void bounce(std::string& out, BounceToken ids);
    void unsubscribe(std::string& out, std::int64_t list, std::int64_t member);

private:
    void seal(std::string& out, std::string_view purpose, std::int64_t first, std::int64_t second);
    HmacSha256 mac_;
    std::string text_;
};

/// Nothing if it was not sealed by this key for this purpose.
std::optional<BounceToken> open_bounce(std::string_view key, std::string_view token);

struct UnsubscribeToken {
    std::int64_t list = 0;
    std::int64_t member = 0;
    friend bool operator==(const UnsubscribeToken&, const UnsubscribeToken&) = default;
};
std::string seal_unsubscribe(std::string_view key, std::int64_t list, std::int64_t member);
std::optional<UnsubscribeToken> open_unsubscribe(std::string_view key, std::string_view token);

}  // namespace majlis::token
