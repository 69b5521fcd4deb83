#include "core/token/token.hpp"

#include <array>
#include <cstdint>

namespace majlis::token {

namespace {

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";

int value_of(char c)
{
    if (c >= 'a' && c <= 'z') return c - 'a';
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= '2' && c <= '7') return c - '2' + 26;
    return -1;
}

}  // namespace

std::string base32(std::string_view bytes)
{
    std::string out;
    out.reserve((bytes.size() * 8 + 4) / 5);
    append_base32(out, bytes);
    return out;
}

void append_base32(std::string& out, std::string_view bytes)
{
    std::array<char, 8> letters;
    for (; bytes.size() >= 5; bytes.remove_prefix(5)) {
        std::uint64_t group = 0;
        for (std::size_t i = 0; i < 5; ++i) group = group << 8 | static_cast<unsigned char>(bytes[i]);
        for (std::size_t i = 0; i < letters.size(); ++i) letters[i] = alphabet[group >> (35 - 5 * i) & 31];
        out.append(letters.data(), letters.size());
    }
    std::uint32_t buffer = 0;
    int bits = 0;
    for (const char c : bytes) {
        buffer = (buffer << 8 | static_cast<unsigned char>(c)) & 0xffff;
        bits += 8;
        for (; bits >= 5; bits -= 5) out += alphabet[buffer >> (bits - 5) & 31];
    }
    if (bits > 0) out += alphabet[buffer << (5 - bits) & 31];
}

std::optional<std::string> unbase32(std::string_view text)
{
    std::string out;
    out.reserve(text.size() * 5 / 8);
    std::uint32_t buffer = 0;
    int bits = 0;
    for (const char c : text) {
        const int value = value_of(c);
        if (value < 0) return {};
        buffer = (buffer << 5 | static_cast<std::uint32_t>(value)) & 0xffff;
        bits += 5;
        if (bits < 8) continue;
        bits -= 8;
        out += static_cast<char>(static_cast<unsigned char>(buffer >> bits & 0xff));
    }
    // One spelling for one value: no whole character too many, no bits set that stand for nothing.
    if (bits >= 5 || (buffer & ((1U << bits) - 1)) != 0) return {};
    return out;
}

}  // namespace majlis::token
