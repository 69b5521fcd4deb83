#include "core/store/members.hpp"

#include "core/store/recipients.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

std::int64_t tick(Site& site) { return site.number("SELECT tick FROM membership_clock"); }

std::int64_t post_to(Site& site, std::int64_t list, std::string id)
{
    const ListVerdict verdict{list, Verdict::accepted, "default", ""};
    return *record_verdicts(site.db, site.post(std::move(id)), {&verdict, 1}, admin.at).delivery_id;
}

std::int64_t skips(Site& site) { return site.number("SELECT count(*) FROM delivery_skip"); }

}  // namespace

TEST_CASE("somebody joins once, however the address is written")
{
    Site site;
    const auto first = add_member(site.db, site.rabat, {address("Bob@Example.com"), "Bob", "fr", Mode::daily}, admin);
    REQUIRE(first);
    CHECK(first->kind == Added::Kind::added);
    const auto again = add_member(site.db, site.rabat, {address("bob@example.com"), "", "", Mode::each}, admin);
    REQUIRE(again);
    CHECK(again->kind == Added::Kind::already);
    CHECK(again->mode == Mode::daily);
    CHECK(again->member_id == first->member_id);
    const auto member = find_member(site.db, "bob@example.com");
    REQUIRE(member);
    CHECK(member->address == "Bob@Example.com");
    CHECK(member->name == "Bob");
    CHECK(member->language == "fr");
}

TEST_CASE("an address of ours can be no member")
{
    Site site;
    for (const auto* own : {"rabat@maimc.org", "Maroc@Maimc.org", "rabat+subscribe@maimc.org", "rabat-bounce-abcdef@maimc.org"}) {
        CAPTURE(own);
        CHECK_FALSE(add_member(site.db, site.rabat, {address(own), "", "", Mode::each}, admin));
    }
    const auto anna = site.join(site.rabat, "anna@example.org");
    CHECK_FALSE(change_address(site.db, anna, address("rabat@maimc.org"), admin));
    CHECK_FALSE(add_member(site.db, site.rabat, {address("x@example.org"), "", "de", Mode::each}, admin));
    CHECK_FALSE(find_member(site.db, "x@example.org").has_value());
}

TEST_CASE("each change of membership takes a tick and leaves what was")
{
    Site site;
    const auto start = tick(site);
    const auto anna = site.join(site.rabat, "anna@example.org");
    CHECK(tick(site) == start + 1);
    CHECK(set_mode(site.db, site.rabat, anna, Mode::none, admin));
    CHECK(set_mode(site.db, site.rabat, anna, Mode::none, admin));  // no change, no tick
    CHECK(tick(site) == start + 2);
    CHECK(remove_member(site.db, site.rabat, anna, admin));
    CHECK_FALSE(remove_member(site.db, site.rabat, anna, admin));
    CHECK_FALSE(set_mode(site.db, site.rabat, anna, Mode::each, admin));
    CHECK(tick(site) == start + 3);
    auto past = site.db.prepared("SELECT mode, since, until FROM subscription_past ORDER BY since");
    REQUIRE(past.step());
    CHECK(past.text(0) == "each");
    CHECK(past.integer(1) == start + 1);
    CHECK(past.integer(2) == start + 2);
    REQUIRE(past.step());
    CHECK(past.text(0) == "none");
    CHECK(past.integer(2) == start + 3);
    CHECK_FALSE(past.step());
}

TEST_CASE("the day of joining stays over a change of mode")
{
    Site site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    const auto joined = site.number("SELECT joined FROM subscription");
    set_mode(site.db, site.rabat, anna, Mode::weekly, admin);
    CHECK(site.number("SELECT joined FROM subscription") == joined);
    CHECK(site.number("SELECT since FROM subscription") == joined + 1);
}

TEST_CASE("a person who changes his address stays the same person")
{
    Site site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.join(site.rabat, "bert@example.org");
    CHECK(change_address(site.db, anna, address("anna@new.example.org"), admin));
    CHECK(find_member(site.db, "anna@new.example.org")->id == anna);
    CHECK_FALSE(find_member(site.db, "anna@example.org").has_value());
    CHECK(change_address(site.db, anna, address("Anna@new.example.org"), admin));  // only the case
    CHECK_FALSE(change_address(site.db, anna, address("bert@example.org"), admin));
    CHECK(subscriptions_of(site.db, anna).size() == 1);
}

TEST_CASE("who leaves or mutes before his copy is not covered by that delivery")
{
    Site site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    const auto bert = site.join(site.rabat, "bert@example.org");
    const auto carl = site.join(site.france, "carl@example.org");
    post_to(site, site.maroc, "1@x");
    remove_member(site.db, site.france, carl, admin);  // was never in it
    CHECK(skips(site) == 0);
    remove_member(site.db, site.rabat, anna, admin);
    CHECK(skips(site) == 1);
    set_mode(site.db, site.rabat, bert, Mode::daily, admin);
    CHECK(skips(site) == 2);
}

TEST_CASE("who still gets it by another list is covered")
{
    Site site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.join(site.casablanca, "anna@example.org");
    post_to(site, site.maroc, "1@x");
    remove_member(site.db, site.rabat, anna, admin);
    CHECK(skips(site) == 0);
}

TEST_CASE("who has got his copy is covered though he leaves")
{
    Site site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    const auto delivery = post_to(site, site.maroc, "1@x");
    auto range = site.db.prepared(
        "INSERT INTO delivery_range (delivery_id, first_id, last_id, done_id, updated_at) VALUES (:delivery, 0, 10, :done, 0)");
    range.bind(":delivery", delivery).bind(":done", anna).run();
    remove_member(site.db, site.rabat, anna, admin);
    CHECK(skips(site) == 0);
}

TEST_CASE("members are found by the beginning of the address first, then anywhere")
{
    Site site;
    site.join(site.rabat, "zann@example.org");
    site.join(site.rabat, "anna@example.org");
    add_member(site.db, site.rabat, {address("b@example.org"), "Hannah", "", Mode::each}, admin).value();
    site.join(site.rabat, "carl@example.org");
    const auto found = search_members(site.db, "ANN", 10);
    REQUIRE(found.size() == 3);
    CHECK(found[0].address == "anna@example.org");
    CHECK(search_members(site.db, "ann", 1).size() == 1);
    CHECK(search_members(site.db, "ann", 2).size() == 2);
    CHECK(search_members(site.db, "%", 10).empty());
    CHECK(search_members(site.db, "example.org", 3).size() == 3);
}

TEST_CASE("everybody below a list is told once, with all his subscriptions")
{
    Site site;
    const auto many = 1'200;  // more than two pages
    {
        Transaction together{site.db};
        for (int i = 0; i < many; ++i) {
            const auto who = "m" + std::to_string(i) + "@example.org";
            site.join(i % 2 == 0 ? site.rabat : site.casablanca, who);
            if (i % 3 == 0) site.join(site.maroc, who, Mode::daily);
        }
        together.commit();
    }
    std::int64_t last = 0, persons = 0, subscriptions = 0;
    each_member(site.db, site.maroc, Below::yes, [&](const ListedMember& one) {
        CHECK(one.member.id > last);
        last = one.member.id;
        ++persons;
        subscriptions += static_cast<std::int64_t>(one.subscriptions.size());
        return true;
    });
    CHECK(persons == many);
    CHECK(subscriptions == many + many / 3);
    CHECK(count_persons(site.db, site.maroc) == many);
    CHECK(count_members(site.db, site.maroc).daily == many / 3);
    CHECK(count_members(site.db, site.maroc).each == 0);
    std::int64_t seen = 0;
    each_member(site.db, site.rabat, Below::no, [&](const ListedMember&) { return ++seen < 7; });
    CHECK(seen == 7);
}
