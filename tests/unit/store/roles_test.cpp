#include "core/store/roles.hpp"

#include <array>

#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

TEST_CASE("a role holds for every list below")
{
    Site site;
    CHECK(add_role(site.db, site.maroc, address("mona@example.org"), Role::moderator, admin).value());
    CHECK_FALSE(add_role(site.db, site.maroc, address("mona@example.org"), Role::moderator, admin).value());
    CHECK(add_role(site.db, site.maroc, address("mona@example.org"), Role::owner, admin).value());
    const auto mona = find_member(site.db, "mona@example.org")->id;
    CHECK(remove_role(site.db, site.maroc, mona, Role::owner, admin));
    CHECK_FALSE(remove_role(site.db, site.maroc, mona, Role::owner, admin));
    CHECK(is_moderator(site.db, site.maroc, mona));
    CHECK(is_moderator(site.db, site.rabat, mona));
    CHECK_FALSE(is_moderator(site.db, site.maimc, mona));
    CHECK_FALSE(is_moderator(site.db, site.france, mona));
    CHECK_FALSE(is_owner(site.db, site.rabat, mona));
    CHECK(role_holders(site.db, site.rabat, Reckon::own).empty());
    const auto effective = role_holders(site.db, site.rabat, Reckon::effective);
    REQUIRE(effective.size() == 1);
    CHECK(effective[0].list == "maroc");
}

TEST_CASE("an owner may do what a moderator may")
{
    Site site;
    add_role(site.db, site.maimc, address("olga@example.org"), Role::owner, admin).value();
    const auto olga = find_member(site.db, "olga@example.org")->id;
    CHECK(is_moderator(site.db, site.rabat, olga));
    CHECK(is_owner(site.db, site.rabat, olga));
}

TEST_CASE("a list's own address has no role")
{
    Site site;
    CHECK_FALSE(add_role(site.db, site.rabat, address("rabat@maimc.org"), Role::owner, admin));
}

TEST_CASE("who receives a list may post to it")
{
    Site site;
    site.join(site.rabat, "anna@example.org", Mode::none);  // muted, still a member
    const std::array<std::int64_t, 4> lists{site.rabat, site.maroc, site.maimc, site.france};
    const auto anna = standing(site.db, lists, "anna@example.org");
    REQUIRE(anna.size() == 4);
    CHECK(anna[0].on_list);
    CHECK(anna[0].receiver);
    CHECK_FALSE(anna[1].on_list);
    CHECK(anna[1].receiver);
    CHECK(anna[2].receiver);
    CHECK_FALSE(anna[3].receiver);
    CHECK_FALSE(anna[0].moderator);
    for (const auto& stranger : standing(site.db, lists, "nobody@example.org")) {
        CHECK_FALSE(stranger.member_id);
        CHECK_FALSE(stranger.receiver);
    }
    CHECK_FALSE(standing(site.db, lists, "")[0].member_id);
}

TEST_CASE("a list that reaches its own subscribers alone hears them alone")
{
    Site site;
    site.join(site.rabat, "anna@example.org");
    REQUIRE(set_setting(site.db, site.maroc, "reach", "list", Fixed::no, admin));
    const auto anna = standing(site.db, std::array{site.maroc}, "anna@example.org");
    CHECK(anna[0].below);
    CHECK_FALSE(anna[0].receiver);
}
