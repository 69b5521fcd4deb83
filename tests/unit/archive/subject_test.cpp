#include "core/archive/subject.hpp"

#include <doctest/doctest.h>

#include "core/archive/permalink.hpp"

using namespace majlis::archive;

TEST_CASE("a reply is about what its subject is about without reply words and tags")
{
    const auto first = subject_key("[rabat] Réunion de mars");
    CHECK(first.words == "reunion de mars");
    CHECK(first.kind == SubjectKey::Kind::first);
    for (const auto* reply :
         {"Re: Réunion de mars", "RE : [rabat] réunion de mars", "[rabat] Re[2]: Re: Reunion de mars", "Rép : Réunion de mars",
          "AW: SV: Réunion  de mars", "رد: Réunion de mars", "RE\uff1aRéunion de mars"}) {
        CAPTURE(reply);
        CHECK(subject_key(reply).words == first.words);
        CHECK(subject_key(reply).kind == SubjectKey::Kind::reply);
    }
}

TEST_CASE("what only looks like a reply word or a tag stays")
{
    CHECK(subject_key("Rendez-vous: mardi").kind == SubjectKey::Kind::first);
    CHECK(subject_key("Re Mida, une histoire").kind == SubjectKey::Kind::first);
    CHECK(subject_key("[important]").words == "important");
    CHECK(subject_key("TR: Budget").words == "tr budget");
    CHECK(subject_key("").words.empty());
    CHECK(subject_key("Re:").words.empty());
}

TEST_CASE("a subject of many reply words takes no more time than its length")
{
    std::string subject;
    for (int i = 0; i < 100'000; ++i) subject += "Re: ";
    CHECK(subject_key(subject).kind == SubjectKey::Kind::reply);
}

TEST_CASE("a permanent address is one segment of a path, whatever the Message-ID holds")
{
    CHECK(permalink("https://maimc.org/archive/", "a/b?c#d%<e>\n@x.org") ==
          "https://maimc.org/archive/a%2Fb%3Fc%23d%25%3Ce%3E%0A@x.org");
    CHECK(permalink("", "a@b").empty());
    CHECK(permalink("https://maimc.org", "").empty());
}
