#include "core/token/token.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <stdexcept>
#include <string>

using namespace majlis::token;

namespace {
std::string hex(const Digest& digest)
{
    std::string out;
    for (const unsigned char byte : digest) {
        out += "0123456789abcdef"[byte >> 4];
        out += "0123456789abcdef"[byte & 15];
    }
    return out;
}

std::string upper(std::string text)
{
    for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return text;
}
}  // namespace

TEST_CASE("digests are those of the standards")
{
    CHECK(hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    // RFC 4231, section 4.7: a key longer than a block
    CHECK(hex(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK(hex(hmac_sha256("", "")) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
    HmacSha256 keyed{"Jefe"};
    for (int i = 0; i < 3; ++i) {
        CHECK(hex(keyed.of("what do ya want for nothing?")) ==
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        CHECK(keyed.of("") == hmac_sha256("Jefe", ""));
    }
    Sha256 pieces;
    pieces.update("a");
    pieces.update("");
    pieces.update("bc");
    CHECK(pieces.finish() == sha256("abc"));
}

TEST_CASE("base32 is RFC 4648's, lower case, read in any case, with one spelling for each value")
{
    CHECK(base32("") == "");
    CHECK(base32("f") == "my");
    CHECK(base32("fo") == "mzxq");
    CHECK(base32("foo") == "mzxw6");
    CHECK(base32("foobar") == "mzxw6ytboi");
    CHECK(unbase32("MZXW6YTBOI") == "foobar");
    for (std::size_t n = 0; n < 50; ++n) {
        const std::string bytes = random_bytes(n);
        CHECK(unbase32(base32(bytes)) == bytes);
    }
    for (const char* bad : {"m", "mz=", "mzx", "m1", "m y", "mz", "mzxw6y"}) {
        CAPTURE(bad);
        CHECK(unbase32(bad) == std::nullopt);
    }
}

TEST_CASE("a bounce token comes back, whatever its letters' case, and fits beside a list's name")
{
    for (const BounceToken ids :
         {BounceToken{0, 0}, BounceToken{1, 0}, BounceToken{17, 1'000'000}, BounceToken{1LL << 41, 1LL << 41}}) {
        const std::string token = seal_bounce("secret", ids);
        CHECK(token.size() <= max_bounce_token);
        CHECK(open_bounce("secret", token) == ids);
        CHECK(open_bounce("secret", upper(token)) == ids);
    }
    CHECK_THROWS_AS(seal_bounce("secret", {-1, 0}), std::out_of_range);
    CHECK_THROWS_AS(seal_bounce("secret", {1LL << 62, 1LL << 62}), std::out_of_range);
}

TEST_CASE("a sealer for many writes the same tokens, behind what is there")
{
    Sealer sealer{"secret"};
    for (std::int64_t member = 0; member < 300; ++member) {
        std::string out = "rabat+bounce-";
        sealer.bounce(out, {17, member});
        CHECK(out == "rabat+bounce-" + seal_bounce("secret", {17, member}));
        std::string other;
        sealer.unsubscribe(other, 3, member);
        CHECK(open_unsubscribe("secret", other) == UnsubscribeToken{3, member});
    }
    std::string out = "kept";
    CHECK_THROWS_AS(sealer.bounce(out, {-1, 0}), std::out_of_range);
    CHECK(out == "kept");
    sealer.bounce(out, {1, 2});
    CHECK(open_bounce("secret", out.substr(4)) == BounceToken{1, 2});
}

TEST_CASE("a token opens under its own key, for its own purpose, and unchanged")
{
    const std::string token = seal_bounce("secret", {5, 7});
    CHECK_FALSE(open_bounce("other", token));
    CHECK_FALSE(open_unsubscribe("secret", token));
    CHECK_FALSE(open_bounce("secret", seal_unsubscribe("secret", 5, 7)));
    CHECK(open_unsubscribe("secret", seal_unsubscribe("secret", 5, 7)) == UnsubscribeToken{5, 7});
    for (std::size_t i = 0; i < token.size(); ++i) {
        std::string changed = token;
        changed[i] = changed[i] == 'a' ? 'b' : 'a';
        CHECK_FALSE(open_bounce("secret", changed));
        CHECK_FALSE(open_bounce("secret", token.substr(0, i)));
    }
    CHECK_FALSE(open_bounce("secret", token + "a"));
    CHECK_FALSE(open_bounce("secret", ""));
    CHECK_FALSE(open_bounce("secret", std::string(1'000'000, 'a')));
}

TEST_CASE("random tokens have 128 bits and do not repeat")
{
    std::set<std::string> seen;
    for (int i = 0; i < 1000; ++i) {
        const std::string token = random_token();
        CHECK(token.size() == 26);
        seen.insert(token);
    }
    CHECK(seen.size() == 1000);
}
