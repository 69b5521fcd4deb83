#include "tests/unit/bounces/returns.hpp"

using namespace majlis;

TEST_CASE("a day counts once, hard before soft, and quiet days forget")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    const auto delivery = site.post_to(site.rabat);
    site.bounce(delivery, anna, "anna@example.org", "5.2.2");  // full: half a point
    site.step();
    CHECK(site.points(anna) == 1);
    for (int i = 0; i < 5; ++i) site.bounce(site.post_to(site.rabat), anna, "anna@example.org");
    site.step();
    CHECK(site.points(anna) == 2);
    site.days(1, anna, "anna@example.org");
    CHECK(site.points(anna) == 4);
    site.now += 8 * one_day;
    site.step();
    CHECK(site.stage(anna).empty());
    site.days(1, anna, "anna@example.org");
    CHECK(site.points(anna) == 2);
}

TEST_CASE("a dead address is probed, suspended, warned and removed, over simulated weeks")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.join(site.casablanca, "anna@example.org");
    const auto boss = site.join(site.rabat, "boss@example.org");
    REQUIRE(store::add_role(site.db, site.maroc, store::address("boss@example.org"), store::Role::owner, store::admin));
    site.days(4, anna, "anna@example.org");
    CHECK(site.stage(anna) == "counting");
    CHECK(site.mails().empty());
    site.days(1, anna, "anna@example.org");
    CHECK(site.stage(anna) == "probing");
    const auto probe = site.mail();
    CHECK(probe.to == "anna@example.org");
    CHECK(site.reached(anna, site.post_to(site.rabat)));  // his mail goes on until it is sure

    const auto state = store::bounce_state(site.db, anna).value();
    site.bounce(*state.probe_delivery, 0, "anna@example.org");
    site.step();
    CHECK(site.stage(anna) == "suspended");
    CHECK(site.readers() == std::vector<std::string>{"boss@example.org", "anna@example.org"});
    site.now += 3'600;
    const auto missed = site.post_to(site.rabat);
    CHECK_FALSE(site.reached(anna, missed));
    CHECK(site.reached(boss, missed));

    for (int warning = 2; warning <= 3; ++warning) {
        site.now += 7 * one_day + 1;
        site.step();
        const auto letter = site.mail();
        CHECK(holds(letter.text, "Post "));
        CHECK_FALSE(letter.token().empty());
    }
    CHECK(site.on(site.rabat, "anna@example.org"));
    site.now += 7 * one_day + 1;
    site.step();
    CHECK_FALSE(site.on(site.rabat, "anna@example.org"));
    CHECK_FALSE(site.on(site.casablanca, "anna@example.org"));
    CHECK(site.readers() == std::vector<std::string>{"anna@example.org", "boss@example.org"});
    CHECK(site.stage(anna).empty());
    CHECK(site.step().done == 0);
}

TEST_CASE("a probe that comes back with its own header suspends, though it could be answered as a confirmation")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.days(5, anna, "anna@example.org");
    const auto probe = site.mail();
    REQUIRE_FALSE(probe.token().empty());
    CHECK(holds(site.bounce_letter(*store::bounce_state(site.db, anna)->probe_delivery, probe), "no_such_user"));
    site.step();
    CHECK(site.stage(anna) == "suspended");
    CHECK(site.open() == 1);  // the way back stands open
}

TEST_CASE("a probe that the relay refuses suspends as one that comes back")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.days(5, anna, "anna@example.org");
    store::RecipientOutcome refused;
    refused.delivery_id = *store::bounce_state(site.db, anna)->probe_delivery;
    refused.address = "Anna@example.org";
    refused.kind = store::RecipientOutcome::Kind::failed;
    refused.code = 550;
    refused.status = "5.1.1";
    refused.text = "no";
    store::record_outcomes(site.db, {}, {&refused, 1}, 5 * one_day, site.now);
    site.step();
    CHECK(site.stage(anna) == "suspended");
}

TEST_CASE("a probe that does not come back clears the member")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.days(5, anna, "anna@example.org");
    REQUIRE(site.stage(anna) == "probing");
    site.mails();
    site.now += 3 * one_day + 1;
    site.step();
    CHECK(site.stage(anna).empty());
    CHECK(site.mails().empty());
}

TEST_CASE("a plain reply to a warning switches the mail on, and tells what was missed")
{
    Returns site;
    site.set(site.maimc, "bounce_notice", "none");
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.days(5, anna, "anna@example.org");
    site.mails();
    site.bounce(*store::bounce_state(site.db, anna)->probe_delivery, 0, "anna@example.org");
    site.step();
    const auto warning = site.mail();
    site.now += one_day;
    site.post_to(site.rabat);
    site.reply(warning, "anna@example.org");
    CHECK(site.stage(anna).empty());
    const auto back = site.mail();
    CHECK(back.to == "anna@example.org");
    CHECK(holds(back.text, "Post "));
    CHECK(site.reached(anna, site.post_to(site.rabat)));
}

TEST_CASE("without warnings he is removed at once, and the settings are the list's")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.set(site.rabat, "bounce_warnings", "0x7d");
    site.set(site.rabat, "bounce_threshold", "2");
    site.days(2, anna, "anna@example.org");
    REQUIRE(site.stage(anna) == "probing");
    site.bounce(*store::bounce_state(site.db, anna)->probe_delivery, 0, "anna@example.org");
    site.step();
    CHECK_FALSE(site.on(site.rabat, "anna@example.org"));
}

TEST_CASE("what comes back from many holds the post and blames nobody")
{
    Returns site;
    std::vector<std::int64_t> members;
    for (int i = 0; i < 40; ++i) members.push_back(site.join(site.rabat, "m" + std::to_string(i) + "@example.org"));
    const auto delivery = site.post_to(site.rabat);
    for (int i = 0; i < 5; ++i) site.bounce(delivery, members[static_cast<std::size_t>(i)], "x@example.org");
    site.step();
    CHECK(site.points(members[0]) == 2);
    for (int i = 5; i < 12; ++i) site.bounce(delivery, members[static_cast<std::size_t>(i)], "x@example.org");
    site.step();
    for (int i = 0; i < 12; ++i) CHECK(site.points(members[static_cast<std::size_t>(i)]) == 0);
    CHECK(store::find_delivery(site.db, delivery)->state == "held");
}

TEST_CASE("a relay that refuses all for policy removes nobody, a refusal of one address counts")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org"), omar = site.join(site.rabat, "omar@example.org");
    const auto delivery = site.post_to(site.rabat);
    const auto outcome = [&](std::int64_t member, const char* who, store::RecipientOutcome::Kind kind, int code,
                             const char* status) {
        store::RecipientOutcome one;
        one.delivery_id = delivery;
        one.member_id = member;
        one.address = who;
        one.list_id = site.rabat;
        one.kind = kind;
        one.code = code;
        one.status = status;
        one.text = "no";
        store::record_outcomes(site.db, {}, {&one, 1}, 5 * one_day, site.now);
    };
    outcome(anna, "anna@example.org", store::RecipientOutcome::Kind::failed, 550, "5.1.1");
    outcome(omar, "omar@example.org", store::RecipientOutcome::Kind::refused, 550, "5.7.1");
    site.step();
    CHECK(site.points(anna) == 2);
    CHECK(site.stage(omar).empty());
    // The same refusal came from everybody: the mark is withdrawn before it counts.
    outcome(omar, "omar@example.org", store::RecipientOutcome::Kind::failed, 550, "5.1.1");
    outcome(omar, "omar@example.org", store::RecipientOutcome::Kind::set_aside, 550, "5.1.1");
    site.step();
    CHECK(site.stage(omar).empty());
}

TEST_CASE("an operator forgets what is held against a member")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.days(5, anna, "anna@example.org");
    CHECK(store::bouncing_members(site.db, site.maroc, 10).size() == 1);
    CHECK(store::bouncing_members(site.db, site.france, 10).empty());
    CHECK(store::forget_bounces(site.db, anna, store::admin));
    CHECK_FALSE(store::forget_bounces(site.db, anna, store::admin));
    CHECK(store::bouncing_members(site.db, {}, 10).empty());
}

TEST_CASE("a bounce of a member whose mail is off already changes nothing")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.suspend(anna, "anna@example.org");
    site.mails();
    const auto points = site.points(anna);
    site.bounce(site.post_to(site.rabat), anna, "anna@example.org");
    site.step();
    CHECK(site.stage(anna) == "suspended");
    CHECK(site.points(anna) == points);
    CHECK(site.mails().empty());
}
