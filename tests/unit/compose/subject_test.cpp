#include <doctest/doctest.h>

#include "core/compose/post_copy.hpp"
#include "core/text/words.hpp"
#include "tests/unit/compose/copy.hpp"

using namespace majlis;

namespace {

std::string tagged(std::string_view raw, std::string_view tag = "[rabat]", std::string_view language = "en")
{
    return text::decode_words(tag_subject(raw, tag, language));
}

}  // namespace

TEST_CASE("the tag stands in front once, also in replies")
{
    struct Case {
        const char *subject, *expected;
    };
    const Case cases[] = {
        {"Meeting", "[rabat] Meeting"},
        {"[rabat] Meeting", "[rabat] Meeting"},
        {"[Rabat] Meeting", "[rabat] Meeting"},
        {"Re: [rabat] Meeting", "[rabat] Re: Meeting"},
        {"[rabat] Re: Meeting", "[rabat] Re: Meeting"},
        {"[rabat] Re: [rabat] Meeting", "[rabat] Re: Meeting"},
        {"Re: RE: Re: [rabat] Meeting", "[rabat] Re: Meeting"},
        {"RE : [rabat] Meeting", "[rabat] Re: Meeting"},
        {"AW: [rabat] Meeting", "[rabat] Re: Meeting"},
        {"SV: [rabat] Meeting", "[rabat] Re: Meeting"},
        {"TR: [rabat] Meeting", "[rabat] Re: Meeting"},
        {"Re[2]: [rabat] Meeting", "[rabat] Re: Meeting"},
        {"R\xc3\xa9 : Meeting", "[rabat] Re: Meeting"},
        {"Fwd: [rabat] Meeting", "[rabat] Fwd: Meeting"},
        {"[maroc] Meeting", "[rabat] [maroc] Meeting"},
        {"Re: [maroc] Meeting", "[rabat] Re: [maroc] Meeting"},
        {"[maroc] [rabat] Meeting", "[rabat] [maroc] Meeting"},
        {"Re: [maroc] [rabat] Meeting", "[rabat] Re: [maroc] Meeting"},
        {"Re: [maroc] Re: [rabat] Meeting", "[rabat] Re: [maroc] Meeting"},
        {"Re: [maroc] Re: [maimc] Re: [rabat] Re: Meeting", "[rabat] Re: [maroc] [maimc] Meeting"},
        {"[maroc] Re: [rabat] Meeting", "[rabat] Re: [maroc] Meeting"},
        {"[maroc] Re: Meeting", "[rabat] [maroc] Re: Meeting"},
        {"[maroc] about [rabat]", "[rabat] [maroc] about [rabat]"},
        {"Regarding: lunch", "[rabat] Regarding: lunch"},
        {"re-opening", "[rabat] re-opening"},
        {"", "[rabat] (no subject)"},
        {"   ", "[rabat] (no subject)"},
        {"[rabat]", "[rabat] (no subject)"},
        {"Re:", "[rabat] Re:"},
        {"Re: [rabat]", "[rabat] Re:"},
    };
    for (const Case& one : cases) {
        CHECK_MESSAGE(tagged(one.subject) == one.expected, one.subject);
        CHECK_MESSAGE(tagged(tag_subject(one.subject, "[rabat]", "en")) == one.expected,
                      one.subject);  // a second time changes nothing
    }
}

TEST_CASE("no subject is said in the list's language")
{
    CHECK(tagged("", "[rabat]", "fr") == "[rabat] (sans objet)");
    CHECK(tagged("", "[rabat]", "ar") == "\u2068[rabat]\u2069 (\u0628\u062f\u0648\u0646 \u0645\u0648\u0636\u0648\u0639)");
}

TEST_CASE("a subject that has its tag keeps its bytes")
{
    CHECK(tag_subject("[rabat] Meeting", "[rabat]", "en") == "[rabat] Meeting");
    CHECK(tag_subject("[rabat]\r\n  Meeting", "", "en") == "[rabat]\r\n  Meeting");
    CHECK(tag_subject("[rabat] =?utf-8?q?Caf=C3=A9?=", "[rabat]", "en") == "[rabat] =?utf-8?q?Caf=C3=A9?=");
}

TEST_CASE("encoded words are kept where only the tag is added")
{
    CHECK(tag_subject("=?iso-8859-1?Q?Caf=E9?= =?utf-8?B?w6k=?=", "[rabat]", "en") ==
          "[rabat] =?iso-8859-1?Q?Caf=E9?= =?utf-8?B?w6k=?=");
    CHECK(tag_subject("=?x-klingon?Q?=A0=A1?=", "[rabat]", "en") == "[rabat] =?x-klingon?Q?=A0=A1?=");
    CHECK(tag_subject("Re: =?x-klingon?Q?=A0=A1?=", "[rabat]", "en") == "[rabat] Re: =?x-klingon?Q?=A0=A1?=");
    CHECK(tagged("=?utf-8?Q?caf=C3=A9?=", "[caf\xc3\xa9]") == "[caf\xc3\xa9] caf\xc3\xa9");
}

TEST_CASE("a tag inside encoded words is found")
{
    CHECK(tagged("=?utf-8?B?W3JhYmF0XSBSw6l1bmlvbg==?=") == "[rabat] R\xc3\xa9union");
    CHECK(tagged("=?utf-8?Q?Re=3A_=5Brabat=5D_R=C3=A9union?=") == "[rabat] Re: R\xc3\xa9union");
    CHECK(tagged("=?utf-8?Q?Re=3A_=5Bra?= =?iso-8859-1?Q?bat=5D_R=E9union?=") == "[rabat] Re: R\xc3\xa9union");
}

TEST_CASE("raw bytes and folds come out sound")
{
    CHECK(tagged("R\xe9union") == "[rabat] R\xc3\xa9union");
    CHECK(tagged("R\xc3\xa9union") == "[rabat] R\xc3\xa9union");
    CHECK(tagged("a long\r\n subject\r\n\tin lines") == "[rabat] a long subject\tin lines");
    const std::string out = tag_subject(std::string(60, 'x') + " " + std::string(900, 'y'), "[rabat]", "en");
    CHECK(out.find("\r\n ") != std::string::npos);
}

TEST_CASE("a tag and a text of different direction do not disturb each other")
{
    const std::string arabic = "\u0627\u062c\u062a\u0645\u0627\u0639";
    CHECK(tagged(arabic) == "\u2068[rabat]\u2069 " + arabic);
    CHECK(tagged("\u0631\u062f: [rabat] " + arabic) == "\u2068[rabat] Re:\u2069 " + arabic);
    CHECK(tagged("Re: \u2068[rabat]\u2069 " + arabic) == "\u2068[rabat] Re:\u2069 " + arabic);
    CHECK(tagged("\u2068[rabat] Re:\u2069 " + arabic) == "\u2068[rabat] Re:\u2069 " + arabic);
    CHECK(tagged(arabic, "[\u0627\u0644\u0631\u0628\u0627\u0637]") == "[\u0627\u0644\u0631\u0628\u0627\u0637] " + arabic);
    CHECK(tagged("Hello", "[\u0627\u0644\u0631\u0628\u0627\u0637]") ==
          "\u2068[\u0627\u0644\u0631\u0628\u0627\u0637]\u2069 Hello");
    CHECK(tagged("2026") == "[rabat] 2026");
}

TEST_CASE("a blank tag changes nothing, and a bare word is no part of another")
{
    CHECK(tag_subject("Re: x", "  ", "en") == "Re: x");
    CHECK(tagged("rabat news", "rabat") == "rabat news");
    CHECK(tagged("rabatat news", "rabat") == "rabat rabatat news");
}

TEST_CASE("a subject of a million reply words is one reply, soon")
{
    std::string subject;
    for (int i = 0; i < 15'000; ++i) subject += "Re: [rabat] ";
    CHECK(tagged(subject + "x") == "[rabat] Re: x");
}
