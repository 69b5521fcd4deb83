#include "core/archive/fold.hpp"

#include <doctest/doctest.h>

using namespace majlis::archive;

TEST_CASE("what people write differently is found as one word")
{
    const std::pair<const char*, const char*> same[] = {
        {"Réunion", "reunion"},
        {"CŒUR", "coeur"},
        {"Straße", "STRASSE"},
        {"e\xcc\x81t\xc3\xa9", "ete"},  // a combining accent
        {"أحمد", "احمد"},               // hamza above
        {"إدارة", "ادارة"},             // hamza below
        {"آمال", "امال"},               // madda
        {"مُحَمَّد", "محمد"},               // tashkeel
        {"محـــمد", "محمد"},            // tatweel
        {"مدرسة", "مدرسه"},             // ta marbuta
        {"على", "علي"},                 // alef maksura
        {"مسؤول", "مسوول"},             // hamza on waw
        {"شيء", "شئ"},                  // hamza alone, hamza on ya
        {"الكتاب", "كتاب"},             // the article
        {"والكتاب", "كتاب"},
        {"ﻣﺤﻤﺪ", "محمد"},  // presentation forms
        {"٢٠٢٦", "2026"},  // Arabic digits
        {"۲۰۲۶", "2026"},  // and those of the east
        {"3LACH", "3lach"},
        {"٣lach", "3lach"},
        {"co\xc2\xadop\xc3\xa9rative", "cooperative"},  // a soft hyphen
        {"ﬁnance", "finance"},                          // a ligature
    };
    for (const auto& [a, b] : same) {
        CAPTURE(a);
        CHECK(fold_words(a) == fold_words(b));
        CHECK(fold_words(a).size() == 1);
    }
}

TEST_CASE("Darija's digits stay within their words")
{
    CHECK(fold_words("3lach m7md 9rib, wa5a!") == std::vector<std::string>{"3lach", "m7md", "9rib", "wa5a"});
}

TEST_CASE("words end at everything that is neither letter nor digit")
{
    CHECK(fold_words("l'assemblée: rabat@maimc.org «ok»") ==
          std::vector<std::string>{"l", "assemblee", "rabat", "maimc", "org", "ok"});
    CHECK(fold_words("") == std::vector<std::string>{});
    CHECK(fold_words(" ... ") == std::vector<std::string>{});
    CHECK(fold_words("a\xff\x62") == std::vector<std::string>{"a", "b"});
}

TEST_CASE("a short word keeps what looks like an article")
{
    CHECK(fold_words("الله") == std::vector<std::string>{"الله"});
    CHECK(fold_words("ال") == std::vector<std::string>{"ال"});
}

TEST_CASE("a word without end is cut at a character")
{
    std::string long_word;
    for (int i = 0; i < 100'000; ++i) long_word += "\xd8\xa8";
    const auto words = fold_words(long_word);
    REQUIRE(words.size() == 1);
    CHECK(words[0].size() == longest_word);
    CHECK(fold_text("un deux trois", 5) == "un deux");
}

TEST_CASE("the place of a word is that of its bytes in the text")
{
    const std::string text = "le Café";
    const auto word = next_word(text, 2);
    CHECK(word.folded == "cafe");
    CHECK(text.substr(word.begin, word.end - word.begin) == "Café");
    CHECK(next_word(text, word.end).folded.empty());
}
