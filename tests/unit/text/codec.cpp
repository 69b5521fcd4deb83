#include "core/text/codec.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace majlis::text;

namespace {
std::string every_byte()
{
    std::string all;
    for (int i = 0; i < 1000; ++i) all += static_cast<char>(static_cast<unsigned char>(i * 7 + i / 256));
    return all;
}
}  // namespace

TEST_CASE("base64 is decoded over junk, missing padding and pasted parts")
{
    CHECK(decode_base64("aGVsbG8=") == "hello");
    CHECK(decode_base64("aGVs\r\n bG8") == "hello");
    CHECK(decode_base64("aG|Vs\xff!bG8=") == "hello");
    CHECK(decode_base64("aGk=aGk=") == "hihi");
    CHECK(decode_base64("a") == "");
    CHECK(decode_base64("====") == "");
    CHECK(decode_base64("") == "");
}

TEST_CASE("base64 comes back as it went, in lines of 76")
{
    const std::string all = every_byte();
    const std::string encoded = encode_base64(all);
    CHECK(decode_base64(encoded) == all);
    CHECK(encoded.find("\r\n") == 76);
    CHECK(encoded.ends_with("\r\n"));
    CHECK(encode_base64("") == "");
    CHECK(encode_base64_line("f") == "Zg==");
    CHECK(encode_base64_line("fo") == "Zm8=");
    CHECK(encode_base64_line("foo") == "Zm9v");
}

TEST_CASE("quoted-printable is decoded as found in the wild")
{
    CHECK(decode_quoted_printable("caf=C3=A9") == "café");
    CHECK(decode_quoted_printable("caf=c3=a9") == "café");
    CHECK(decode_quoted_printable("a=\r\nb") == "ab");
    CHECK(decode_quoted_printable("a=\nb") == "ab");
    CHECK(decode_quoted_printable("a= \t\r\nb") == "ab");
    CHECK(decode_quoted_printable("a  \r\nb \n") == "a\r\nb\n");
    CHECK(decode_quoted_printable("a=20\r\nb") == "a \r\nb");
    CHECK(decode_quoted_printable("1+1=2, =ZZ, =") == "1+1=2, =ZZ, ");
    CHECK(decode_quoted_printable("a=3") == "a=3");
}

TEST_CASE("quoted-printable comes back as it went, in lines of 76")
{
    const std::string text =
        "From me\r\n.\r\nend \r\nédition = " + std::string(200, 'x') + "\t\r\n" + std::string(100, ' ') + "é";
    const std::string encoded = encode_quoted_printable(text);
    CHECK(decode_quoted_printable(encoded) == text);
    std::size_t begin = 0;
    while (begin < encoded.size()) {
        const std::size_t end = std::min(encoded.find("\r\n", begin), encoded.size());
        CHECK(end - begin <= 76);
        CHECK(encoded.substr(begin, end - begin) != ".");
        CHECK(encoded.compare(begin, 5, "From ") != 0);
        begin = end + 2;
    }
    CHECK(encode_quoted_printable("a\nb\rc") == "a\r\nb\r\nc");
}

TEST_CASE("no soft break of quoted-printable makes a boundary")
{
    for (std::size_t length = 70; length < 80; ++length) {
        const std::string coded = encode_quoted_printable(std::string(length, 'x') + "--b\r\n");
        CHECK(coded.find("\n--b") == std::string::npos);
        CHECK(decode_quoted_printable(coded) == std::string(length, 'x') + "--b\r\n");
    }
}
