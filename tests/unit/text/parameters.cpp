#include "core/text/parameters.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace majlis::text;

TEST_CASE("the value and its parameters are told apart")
{
    const auto p = parse_parameters(" Text/Plain (a comment) ; Charset=\"UTF-8\"; format=flowed ; delsp = yes;");
    CHECK(p.value == "text/plain");
    CHECK(p.get("charset") == "UTF-8");
    CHECK(p.get("format") == "flowed");
    CHECK(p.get("delsp") == "yes");
    CHECK(p.parameters.size() == 3);
    CHECK(p.find("name") == nullptr);
}

TEST_CASE("a parameter is read however it is written")
{
    struct Sample {
        std::string body, name, value;
    };
    const Sample samples[] = {
        {"text/plain; charset=utf-8 format=flowed", "format", "flowed"},
        {"text/plain; charset=utf-8 format=flowed", "charset", "utf-8"},
        {"text/plain; charset=\"utf-8\" format=flowed", "format", "flowed"},
        {"text/plain charset=utf-8", "charset", "utf-8"},
        {"text/plain; charset=us-ascii (Plain text)", "charset", "us-ascii"},
        {"attachment; filename=my holiday photo.jpg", "filename", "my holiday photo.jpg"},
        {"attachment; filename=report (1).pdf", "filename", "report (1).pdf"},
        {"attachment; filename=\"a;b.pdf\"", "filename", "a;b.pdf"},
        {"attachment; filename=\"a \\\"b\\\" \\\\c.pdf\"", "filename", "a \"b\" \\c.pdf"},
        {"attachment; filename=\"C:\\Temp\\x.doc\"", "filename", "C:\\Temp\\x.doc"},
        {"attachment; filename=\"a \"quoted\" name.pdf\"", "filename", "a \"quoted\" name.pdf"},
        {"attachment; filename=\"no end.pdf; size=3", "filename", "no end.pdf"},
        {"attachment; filename=\"no end.pdf; size=3", "size", "3"},
        {"attachment; filename*=utf-8''caf%C3%A9.txt", "filename", "café.txt"},
        {"attachment; filename*=iso-8859-1'fr'caf%E9.txt", "filename", "café.txt"},
        {"attachment; filename=plain.txt; filename*=utf-8''caf%C3%A9.txt", "filename", "café.txt"},
        {"attachment; filename*0*=utf-8''caf%C3; filename*1*=%A9; filename*2=\".txt\"", "filename", "café.txt"},
        {"attachment; filename*1=\"b.txt\"; filename*0=\"a\"", "filename", "ab.txt"},
        {"attachment; filename*0=a; filename*1=b; filename*2=c; filename*3=d; filename*4=e; filename*5=f; filename*6=g; "
         "filename*7=h; "
         "filename*8=i; filename*9=j; filename*10=k",
         "filename", "abcdefghijk"},
        {"attachment; filename=\"=?utf-8?B?Y2Fmw6kudHh0?=\"", "filename", "café.txt"},
        {"attachment; filename==?iso-8859-1?Q?caf=E9.txt?=", "filename", "café.txt"},
        {"attachment; filename=\"caf\xe9.txt\"", "filename", "café.txt"},
        {"attachment; filename*=caf%C3%A9.txt", "filename", "café.txt"},
        {"attachment;\r\n filename=\"folded.txt\"", "filename", "folded.txt"},
        {"attachment; filename=\"a\r\n b.txt\"", "filename", "a b.txt"},
        {"multipart/mixed; boundary=\"=_a b?\"", "boundary", "=_a b?"},
        {"multipart/mixed; boundary=----=_x_1", "boundary", "----=_x_1"},
        {"multipart/mixed; boundary=\"=?x?q?y?=\"", "boundary", "=?x?q?y?="},
        {"text/plain; (c) charset (d) = utf-8", "charset", "utf-8"},
        {"text/plain;;; charset=utf-8", "charset", "utf-8"},
        {"text/plain; charset=", "charset", ""},
        {"text/plain; charset=a; charset=b", "charset", "a"},
    };
    for (const Sample& s : samples) {
        CAPTURE(s.body);
        CHECK(parse_parameters(s.body).get(s.name) == s.value);
    }
}

TEST_CASE("no control character comes out of a file name")
{
    CHECK(parse_parameters("a; filename*=utf-8''a%0D%0Ab%00c").get("filename") == "a  b c");
}

TEST_CASE("garbage is read in linear time and bounded")
{
    for (const std::string piece :
         {";", "a=\"", "\\\"", "(", " ", " a", "( ", "a*0=b;", "=", "\";", " x=y", "\"\\\";", "a=\\\";"}) {
        std::string body = "text/plain; name=\"";
        while (body.size() < 1'000'000) body += piece;
        CAPTURE(piece);
        CHECK(parse_parameters(body).parameters.size() <= 200);
        CHECK(parse_parameters(body.substr(0, 18) + body.substr(19)).parameters.size() <= 200);
    }
}
