#include <doctest/doctest.h>

#include <string>

#include "core/commands/commands.hpp"
#include "core/commands/fold.hpp"

using namespace majlis::commands;

namespace {

std::string read(std::string_view text)
{
    const auto line = parse_line(text);
    if (!line.verb) return "?";
    return line.canonical() + (line.list.empty() ? "" : " @" + line.list) + (line.wrong == Line::Wrong::argument ? " !" : "");
}

}  // namespace

TEST_CASE("a command is understood in any letter case, with accents or without, in three languages")
{
    for (const char* text :
         {"join", "JOIN", "Subscribe", " subscribe. ", "inscription", "INSCRIPTION", "S'inscrire", "s\u2019inscrire", "adherer",
          "Adhérer", "اشتراك", "إشتراك", "ٱشتراك", "اشتـــراك", "اِشْتِراك", "subscribe me please"})
        CHECK_MESSAGE(read(text) == "join", text);
    for (const char* text : {"leave", "Unsubscribe", "désinscription", "DESINSCRIPTION", "se désabonner", "إلغاء الاشتراك",
                             "الغاء الإشتراك", "unsubscribe me"})
        CHECK_MESSAGE(read(text) == "leave", text);
    CHECK(read("set language ar") == "set language ar");
    CHECK(read("langue arabe") == "set language ar");
    CHECK(read("SET LANGUAGE Français") == "set language fr");
    CHECK(read("اللغة العربية") == "set language ar");
    CHECK(read("ضبط اللغة الفرنسية") == "set language fr");
    CHECK(read("set digest weekly") == "set digest weekly");
    CHECK(read("résumé hebdomadaire") == "set digest weekly");
    CHECK(read("ملخص يومي") == "set digest daily");
    CHECK(read("set mail off") == "set mail off");
    CHECK(read("courrier non") == "set mail off");
    CHECK(read("set own off") == "set own off");
    CHECK(read("doublons: non") == "set duplicates off");
    CHECK(read("Aide") == "help");
    CHECK(read("مساعدة") == "help");
    CHECK(read("?") == "help");
    CHECK(read("؟") == "help");
    CHECK(read("Qui suis-je ?") == "whoami");
    CHECK(read("من أنا") == "whoami");
    CHECK(read("القوائم") == "lists");
    CHECK(read("END") == "end");
    CHECK(read("stop") == "end");
    CHECK(parse_line("اشتراك").language == "ar");
    CHECK(parse_line("inscription").language == "fr");
    CHECK(parse_line("join").language.empty());
}

TEST_CASE("arguments are read, and wrong ones told from none")
{
    CHECK(read("join digest") == "join daily");
    CHECK(read("join digest=no") == "join");
    CHECK(read("subscribe digest=mime") == "join daily digest=mime");
    CHECK(parse_line("subscribe digest=mime").format == "mime");
    CHECK(parse_line("join weekly digest=plain").format == "plain");
    CHECK(parse_line(parse_line("join weekly digest=plain").canonical()).argument == "weekly");
    CHECK(parse_line(parse_line("join weekly digest=plain").canonical()).format == "plain");
    CHECK(read("set digest plain") == "set digest plain");
    CHECK(read("résumé texte") == "set digest plain");
    CHECK(read("join weekly") == "join weekly");
    CHECK(read("subscribe address=Other@Example.org") == "join address=Other@Example.org");
    CHECK(read("subscribe rabat") == "join @rabat");
    CHECK(read("subscribe digest=purple") == "join !");
    CHECK(read("subscribe address=nobody").ends_with("!"));
    CHECK(read("unsubscribe other@example.org") == "leave @other@example.org");
    CHECK(read("unsubscribe x y").ends_with("!"));
    CHECK(read("set language klingon") == "set language !");
    CHECK(read("set language") == "set language !");
    CHECK(read("set digest daily weekly") == "set digest !");
    CHECK(read("confirm abcdefghijklmnop234567") == "confirm abcdefghijklmnop234567");
    CHECK(read("confirm ABCDEFGHIJKLMNOP234567") == "confirm abcdefghijklmnop234567");
    CHECK(read("confirm") == "confirm !");
    CHECK(read("confirm 12") == "confirm !");
    CHECK(read("alias add <Second@Example.org>") == "alias add Second@Example.org");
    CHECK(read("alias add second") == "alias add !");
    CHECK(read("why <AbC.1@Example.org>") == "why AbC.1@Example.org");
    CHECK(read("why not") != "?");
    CHECK(read("help set digest") == "help set digest");
    CHECK(read("help with my account") == "help !");
    CHECK(read("list of things that I would like") == "?");
    CHECK(read("end of the year party") == "?");
    CHECK(read("Bonjour, je voudrais m'inscrire") == "?");
    CHECK(read("joinery") == "?");
    CHECK(read("set vacation 2026-12-31") == "set vacation 2026-12-31");
    CHECK(read("set vacation until 31/12/2026") == "set vacation 31/12/2026");
    CHECK(read("vacances jusqu'au 31.12.2026") == "set vacation 31.12.2026");
    CHECK(read("إجازة حتى ٣١/١٢/٢٠٢٦") == "set vacation 31/12/2026");
    CHECK(read("set vacation off") == "set vacation off");
    CHECK(read("set vacation maybe") == "set vacation maybe !");
    CHECK(read(std::string(100'000, 'x')) == "?");
    CHECK(read("") == "?");
}

TEST_CASE("what is kept until it is confirmed is read again as it was")
{
    for (const char* text : {"join weekly address=a@b.example", "set language ar", "set vacation 31/12/2026",
                             "alias add x@y.example", "set duplicates off", "alias remove x@y.example", "set notices daily"}) {
        const auto line = parse_line(text);
        CHECK(line.runs());
        CHECK(parse_line(line.canonical()).canonical() == line.canonical());
    }
}

TEST_CASE("a vacation ends with a day that comes within a year")
{
    const std::int64_t now = 1'798'000'000;  // 2026-12-23
    CHECK(until_of("2026-12-31", now) == 1'798'761'599);
    CHECK(until_of("31/12/2026", now) == 1'798'761'599);
    CHECK(until_of("31.12.2026", now) == 1'798'761'599);
    CHECK(until_of("٣١/١٢/٢٠٢٦", now) == 1'798'761'599);
    CHECK(until_of("8d", now) == 1'798'761'599);
    for (const char* bad : {"2026-12-01", "2029-01-01", "31/02/2027", "0000-00-00", "1/1/1", "99999999999999999999d", "", "soon",
                            "-1d", "2027-1-1-1"})
        CHECK_MESSAGE(!until_of(bad, now), bad);
}

TEST_CASE("a subject is bared of prefixes and tags in any language")
{
    for (const char* text : {"join", "Re: join", "RE : join", "AW: join", "رد: join", "Re[2]: join", "Fwd: Re: [rabat] join",
                             "[rabat] Re: join", "答复: join"})
        CHECK_MESSAGE(bare_subject(text) == "join", text);
    CHECK(bare_subject("") == "");
    CHECK(bare_subject("[open") == "[open");
    CHECK(bare_subject("a meeting: join") == "a meeting: join");
}

TEST_CASE("folding is safe on anything")
{
    CHECK(folded("É\u00a0À") == "e a");
    CHECK(folded("\xff\xfe") != "x");
    CHECK(folded("\u202ejoin\u202c") == "join");
    CHECK(folded(std::string(10'000, ' ')) == "");
}

TEST_CASE("the short way round for ASCII folds as the long one does")
{
    for (int c = 0; c < 0x80; ++c) {
        const std::string text = std::string{"a "} + static_cast<char>(c) + static_cast<char>(c) + "B ";
        CHECK_MESSAGE(folded(text) == folded(text + "\u200b"), c);  // a character that is left out, and is not ASCII
    }
}

TEST_CASE("the archive is asked in the words as written, and an id as it was copied out of a letter")
{
    CHECK(read("archive Statuts \"assemblée générale\"") == "archive Statuts \"assemblée générale\"");
    CHECK(read("Recherche : from:Anna budget") == "archive from:Anna budget");
    CHECK(read("بحث الميزانية") == "archive الميزانية");
    CHECK(read("archive") == "archive !");
    for (const char* text : {"get <1.A@example.org>", "GET 1.A@example.org", "obtenir <1.A@example.org>", "جلب <1.A@example.org>",
                             "get \u2068<1.A@example.org>\u2069", "get <\u20681.A@example.org\u2069>"})
        CHECK_MESSAGE(read(text) == "get 1.A@example.org", text);
    CHECK(read("thread <1.A@example.org>") == "thread 1.A@example.org");
    CHECK(read("fil <1.A@example.org>") == "thread 1.A@example.org");
    CHECK(read("get") == "get !");
    CHECK(read("get two words").ends_with(" !"));
}
