#include "core/lists/pickle.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace majlis;

TEST_CASE("both protocols that Mailman 2 wrote give the same dict")
{
    const std::string protocol0 =
        "(dp0\nS'members'\np1\n(dp2\nS'a@b.c'\np3\nI0\nsS'd@e.f'\np4\nS'D@e.f'\np5\nssS'names'\np6\n(dp7\ng3\nVCaf\\u00e9 "
        "\\ud83d\\ude00\np8\nss.";
    const auto read = pickle::read(protocol0);
    REQUIRE(read.has_value());
    const pickle::Value* members = read->find(read->at(read->top), "members");
    REQUIRE(members != nullptr);
    CHECK(members->items.size() == 4);
    CHECK(read->find(*members, "d@e.f")->text == "D@e.f");
    const pickle::Value* names = read->find(read->at(read->top), "names");
    CHECK(read->find(*names, "a@b.c")->text == "Café 😀");
    using namespace std::string_literals;
    const std::string protocol1 =
        "}q\x00(U\x07membersq\x01}q\x02(U\x05"
        "a@b.cq\x03K\x00U\x05"
        "d@e.fU\x05"
        "D@e.fuu."s;
    const auto second = pickle::read(protocol1);
    REQUIRE(second.has_value());
    CHECK(second->find(second->at(second->top), "members")->items.size() == 4);
}

TEST_CASE("what a pickle names is never made, and what follows is still read")
{
    // os.system('echo') called, an instance with state, and then the dict that counts
    const auto read = pickle::read(
        "(dS'x'\ncos\nsystem\n(S'echo'\ntRsS'y'\n(iMailman.Bouncer\n_BounceInfo\n(dS's'\nI1\nsbsS'members'\n(dS'a@b.c'\nI0\nss.");
    REQUIRE(read.has_value());
    CHECK(read->find(read->at(read->top), "x")->kind == pickle::Value::Kind::opaque);
    CHECK(read->find(read->at(read->top), "members")->items.size() == 2);
}

TEST_CASE("a broken pickle is refused at its byte")
{
    using namespace std::string_literals;
    for (const std::string& bad : {""s,      "."s,      "("s,         "}"s,           "u."s,
                                   "a."s,    "s."s,     "N0."s,       "h\x05."s,      "T\xff\xff\xff\xff"s,
                                   "U\x05"s, "S'x\n."s, "S'\\x'\n."s, "V\\uZZZZ\n."s, "\x80\x04."s,
                                   "\xff"s,  "t."s,     "0"s,         "R."s,          "g99\n."s,
                                   "(1."s}) {
        CAPTURE(bad);
        const auto read = pickle::read(bad);
        REQUIRE_FALSE(read.has_value());
        CHECK(read.error().message.find("at byte") != std::string::npos);
    }
}

TEST_CASE("a pickle that holds itself, or marks without end, is bounded")
{
    CHECK(pickle::read(std::string{"]q\x00h\x00"
                                   "a.",
                                   7})
              .has_value());
    CHECK_FALSE(pickle::read(std::string(6'000'000, '(')).has_value());
    CHECK_FALSE(pickle::read(std::string(6'000'000, 'N')).has_value());
    CHECK_FALSE(pickle::read("N" + std::string(6'000'000, '2')).has_value());
}
