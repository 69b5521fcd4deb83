#include "core/text/charset.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace majlis::text;

TEST_CASE("a declared charset is decoded, under the names that mail uses")
{
    struct Sample {
        std::string charset, bytes, utf8;
    };
    const Sample samples[] = {
        {"iso-8859-1", "caf\xe9", "café"},
        {"ISO-8859-15", "\xa4", "€"},
        {"iso8859-15", "\xa4", "€"},
        {"iso_8859-15", "\xa4", "€"},
        {"iso-885915", "\xa4", "€"},
        {"latin1", "\xe9", "é"},
        {"windows-1252", "\x93x\x94", "“x”"},
        {"iso-8859-1", "\x93x\x94", "“x”"},
        {"windows-1256", "\xe3\xd1\xcd\xc8\xc7", "مرحبا"},
        {"cp1256", "\xe3\xd1\xcd\xc8\xc7", "مرحبا"},
        {"iso-8859-6", "\xe5\xd1\xcd\xc8\xc7", "مرحبا"},
        {"iso-8859-6-i", "\xe5\xd1\xcd\xc8\xc7", "مرحبا"},
        {"iso-8859-8-i", "\xf9\xec\xe5\xed", "שלום"},
        {"ks_c_5601-1987", "\xc7\xd1\xb1\xdb", "한글"},
        {"euc-kr", "\xc7\xd1\xb1\xdb", "한글"},
        {"gb2312", "\xd6\xd0\xce\xc4", "中文"},
        {"big5", "\xa4\xa4\xa4\xe5", "中文"},
        {"x-big5", "\xa4\xa4\xa4\xe5", "中文"},
        {"shift_jis", "\x93\xfa\x96\x7b", "日本"},
        {"x-sjis", "\x93\xfa\x96\x7b", "日本"},
        {"iso-2022-jp", "\x1b$BF|K\\\x1b(B", "日本"},
        {"unicode-1-1-utf-7", "+AOk-", "é"},
        {"utf-7", "Hi Mom +Jjo--!", "Hi Mom ☺-!"},
        {"cp-850", "\x82", "é"},
        {"ibm850", "\x82", "é"},
        {"koi8-r", "\xf0\xd2\xc9\xd7\xc5\xd4", "Привет"},
        {"x-cp1251", "\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"},
        {"win-1251", "\xcf\xf0\xe8\xe2\xe5\xf2", "Привет"},
        {"'utf-8'", "é", "é"},
        {"\"UTF8\"", "é", "é"},
        {"utf8", "é", "é"},
        {"ansi_x3.110-1983", "\xe9", "é"},
        {"ANSI_X3.4-1968", "abc", "abc"},
        {"macintosh", "\x8e", "é"},
        {"x-mac-roman", "\x8e", "é"},
        {"utf-16le", "\xe9", "\xef\xbf\xbd"},
        {"windows-874", "\xca", "ส"},
        {"iso-8859-1http-equivcontent-type", "\xe9", "é"},
    };
    for (const Sample& s : samples) {
        CAPTURE(s.charset);
        CHECK(to_utf8(s.bytes, s.charset) == s.utf8);
    }
}

TEST_CASE("undeclared bytes are guessed by what they look like")
{
    for (const std::string charset : {"", "unknown-8bit", "x-no-such-thing", "us-ascii", "x-unknown"}) {
        CAPTURE(charset);
        CHECK(to_utf8("déjà", charset) == "déjà");
        CHECK(to_utf8("d\xe9j\xe0 vu, \xe0 l'\xe9t\xe9", charset) == "déjà vu, à l'été");
        CHECK(to_utf8("\xc7\xe1\xd3\xe1\xc7\xe3 \xda\xe1\xed\xdf\xe3", charset) == "السلام عليكم");
        CHECK(to_utf8("\xc4\xee\xe1\xf0\xfb\xe9 \xe4\xe5\xed\xfc, \xf2\xee\xe2\xe0\xf0\xe8\xf9\xe8", charset) ==
              "Добрый день, товарищи");
    }
    CHECK(to_utf8("\x1b$BF|K\\\x1b(B", "") == "日本");
}

TEST_CASE("what cannot be decoded becomes the replacement character, never an error")
{
    CHECK(to_utf8("a\xff"
                  "b",
                  "utf-8") ==
          "a\xef\xbf\xbd"
          "b");
    CHECK(to_utf8("\xe2\x82", "utf-8") == "\xef\xbf\xbd");
    CHECK(to_utf8("\xed\xa0\x80", "utf-8").find("\xed\xa0") == std::string::npos);
    CHECK(valid_utf8(to_utf8("\x93", "shift_jis")));
    CHECK(to_utf8("\x93", "shift_jis").find('\x1a') == std::string::npos);
    for (const std::string charset : {"utf-7", "utf-16", "utf-32", "iso-2022-kr", "hz", "gb18030", "euc-jp", "imap-mailbox-name",
                                      "scsu", "../../etc/passwd"}) {
        std::string all;
        for (int i = 0; i < 256; ++i) all += static_cast<char>(static_cast<unsigned char>(i));
        CAPTURE(charset);
        CHECK(valid_utf8(to_utf8(all, charset)));
    }
}

TEST_CASE("text goes back into a charset only where it fits")
{
    CHECK(from_utf8("café", "iso-8859-1") == "caf\xe9");
    CHECK(from_utf8("€", "iso-8859-1") == std::nullopt);
    CHECK(from_utf8("“", "iso-8859-1") == std::nullopt);
    CHECK(from_utf8("é", "us-ascii") == std::nullopt);
    CHECK(from_utf8("مرحبا", "windows-1256") == "\xe3\xd1\xcd\xc8\xc7");
    CHECK(from_utf8("日本", "iso-2022-jp") == "\x1b$BF|K\\\x1b(B");
    CHECK(from_utf8("x", "no-such-charset") == std::nullopt);
    CHECK(from_utf8("\xff", "utf-8") == std::nullopt);
    const std::string long_text(100'000, 'x');
    CHECK(from_utf8(long_text + "é", "iso-8859-1") == long_text + "\xe9");
}

TEST_CASE("UTF-8 is checked strictly")
{
    CHECK(valid_utf8("plain, then é € 😀"));
    for (const std::string bad :
         {"\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\x80", "abcdefgh\xe2\x82"}) {
        CHECK_FALSE(valid_utf8(bad));
    }
}
