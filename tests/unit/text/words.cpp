#include "core/text/words.hpp"

#include "core/text/charset.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <string>
#include <vector>

using namespace majlis::text;

TEST_CASE("encoded-words are decoded as they are found in the wild")
{
    struct Sample {
        std::string body, text;
    };
    const Sample samples[] = {
        {"plain", "plain"},
        {"=?utf-8?Q?caf=C3=A9?=", "café"},
        {"=?UTF-8?b?Y2Fmw6k=?=", "café"},
        {"=?iso-8859-1?q?caf=E9_cr=E8me?= au lait", "café crème au lait"},
        {"=?utf-8*en?Q?caf=C3=A9?=", "café"},
        {"=?utf-8?Q?a?= =?utf-8?Q?b?=", "ab"},
        {"=?utf-8?Q?a?=\r\n =?utf-8?Q?b?=", "ab"},
        {"=?utf-8?Q?a?==?utf-8?Q?b?=", "ab"},
        {"=?utf-8?Q?a?= x =?utf-8?Q?b?=", "a x b"},
        {"=?utf-8?Q?caf=C3?= =?utf-8?Q?=A9?=", "café"},
        {"=?utf-8?B?w6nD?= =?utf-8?B?qQ==?=", "éé"},
        {"=?utf-8?B?w6nDq?= =?utf-8?B?Q==?=", "éé"},
        {"=?utf-8?B?w6k?=", "é"},
        {"=?utf-8?Q?a?= =?iso-8859-1?Q?=E9?=", "aé"},
        {"=?utf-8?Q?a b c?=", "a b c"},
        {"=?utf-8?Q?a_=20?= x", "a   x"},
        {"\"=?utf-8?Q?quoted?=\" <a@b>", "\"quoted\" <a@b>"},
        {"Re:=?utf-8?Q?x?=y", "Re:xy"},
        {"=?utf-8?Q?pourquoi?=20pas?=", "pourquoi? pas"},
        {"=?utf-8?Q?\?= x", " x"},
        {"=?x-no-such?Q?a=20b?= c", "=?x-no-such?Q?a=20b?= c"},
        {"=?utf-8?X?a?=", "=?utf-8?X?a?="},
        {"=?utf-8?Q?never ends", "=?utf-8?Q?never ends"},
        {"=?=?utf-8?Q?a?=", "=?a"},
        {"=??Q?a?=", "=??Q?a?="},
        {"caf\xe9", "café"},
        {"caf\xc3\xa9 =?iso-8859-1?Q?=E9?=", "café é"},
        {"=?unknown-8bit?Q?caf=E9?=", "café"},
        {"=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=", "日本"},
        {"=?us-ascii?Q?caf=C3=A9?=", "café"},
        {"=?utf-8?Q?a=0D=0ABcc:_x?=", "a  Bcc: x"},
        {"folded\r\n text\r\n\tmore", "folded text\tmore"},
        {"=?gb2312?B?1tDOxA==?=", "中文"},
        {"=?windows-1256?B?49HNyMc=?=", "مرحبا"},
        {"1 =? 2 ?= 3", "1 =? 2 ?= 3"},
    };
    for (const Sample& s : samples) {
        CAPTURE(s.body);
        CHECK(decode_words(s.body) == s.text);
    }
}

TEST_CASE("whatever stands in a field comes out as valid UTF-8, in linear time")
{
    for (const std::string piece :
         {"=?", "?=", "=?a?q?", "=?utf-8?Q?x?=", "=?utf-8?B?w6?= ", "=?utf-8?q?a?=20", "\xff", " ", "=?x?q?y?= "}) {
        std::string body;
        while (body.size() < 1'000'000) body += piece;
        CAPTURE(piece);
        CHECK(valid_utf8(decode_words(body)));
    }
}

namespace {
/// Checks the shape of an encoded body that follows `column` bytes on its line.
void check_lines(const std::string& encoded, std::size_t column, std::size_t limit)
{
    std::size_t begin = 0;
    while (begin <= encoded.size()) {
        const std::size_t end = std::min(encoded.find("\r\n", begin), encoded.size());
        const std::string line = encoded.substr(begin, end - begin);
        CHECK(line.size() + (begin == 0 ? column : 0) <= limit);
        if (begin != 0) {
            CHECK(line[0] == ' ');
            CHECK(line.find_first_not_of(' ') != std::string::npos);
        }
        begin = end + 2;
    }
    for (const char c : encoded) CHECK(static_cast<unsigned char>(c) < 0x80);
}
}  // namespace

TEST_CASE("encoded text is folded, ASCII, and comes back as it was")
{
    std::vector<std::string> texts{
        "",
        "plain",
        "Réunion du conseil",
        "مرحبا بكم في الاجتماع القادم للمجلس، نلتقي يوم الخميس في الرباط إن شاء الله",
        "a =?utf-8?Q?b?= c",
        "Re: [rabat] été 2024 and then a long plain tail that has to be folded somewhere before it ends",
        "two  spaces é  and  more",
        " é leading and trailing é ",
        "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
        "plain words only, but so many of them that the line must be folded at one of the spaces between them, twice at least, "
        "or it is long",
        std::string(300, ' ') + "x",
        "x" + std::string(300, ' '),
    };
    for (std::size_t i = 0; i < 90; ++i) texts.push_back(std::string(i, 'a') + " é " + std::string(i, 'b') + "é");
    for (const std::string& text : texts) {
        for (const std::size_t column : std::initializer_list<std::size_t>{0, 9, 60, 75, 90}) {
            CAPTURE(text);
            CAPTURE(column);
            const std::string encoded = encode_words(text, column);
            CHECK(decode_words(encoded) == text);
            if (column < 10 && text.find(std::string(60, 'a')) == std::string::npos &&
                text.find(std::string(60, 'b')) == std::string::npos) {
                check_lines(encoded, column, 76);
            }
        }
    }
}

TEST_CASE("plain ASCII stays as it is, and nothing can end the field")
{
    CHECK(encode_words("Hello, world", 9) == "Hello, world");
    CHECK(encode_words("a\r\nBcc: victim@example.org", 9) == "a  Bcc: victim@example.org");
    CHECK(encode_words(std::string_view{"a\0b", 3}, 0) == "a b");
    check_lines(encode_words(std::string(5000, 'x'), 9), 9, 76);
    CHECK(decode_words(encode_words("caf\xe9", 0)) == "café");
}

TEST_CASE("a display name is an atom, a quoted string or encoded words")
{
    CHECK(encode_phrase("") == "");
    CHECK(encode_phrase("Anne Dubois") == "Anne Dubois");
    CHECK(encode_phrase("D. O'Brien") == "\"D. O'Brien\"");
    CHECK(encode_phrase("Farid, Jr.") == "\"Farid, Jr.\"");
    CHECK(encode_phrase("H \"Hal\" \\ Hart") == "\"H \\\"Hal\\\" \\\\ Hart\"");
    CHECK(encode_phrase("Chloé") == "=?UTF-8?Q?Chlo=C3=A9?=");
    CHECK(encode_phrase("a\r\nb") == "\"a  b\"");
    CHECK(encode_phrase("=?utf-8?Q?x?=").find("=?UTF-8?") == 0);
    CHECK(decode_words(encode_phrase("بلال حداد")) == "بلال حداد");
}
