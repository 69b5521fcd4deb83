#include "core/bounces/owners.hpp"

#include "core/letters/in_charge.hpp"
#include "tests/unit/bounces/returns.hpp"

using namespace majlis;

namespace {

using Readers = std::vector<std::string>;

/// anna on two sections, boss owns the list above both.
struct Owned : Returns {
    std::int64_t anna = join(rabat, "anna@example.org");
    Owned()
    {
        join(casablanca, "anna@example.org");
        REQUIRE(store::add_role(db, maroc, store::address("boss@example.org"), store::Role::owner, store::admin));
    }
    /// The weeks of warnings; letters are thrown away.
    void let_go()
    {
        for (int week = 0; week < 3; ++week) {
            now += 7 * one_day + 1;
            mails();
            step();
        }
    }
};

const std::string challenge_text =
    "\r\nX-TMDA-Fingerprint: abc\r\n\r\nTo complete this verification, simply reply to this message. "
    "This message was created automatically by a challenge/response system.\r\n";

std::string challenge(const std::string& to, const std::string& subject = "Please confirm your message")
{
    return "From: Anna <anna@example.org>\r\nTo: " + to + "\r\nMessage-ID: <c@example.org>\r\nSubject: " + subject +
           challenge_text;
}

}  // namespace

TEST_CASE("owners hear of a suspension and of a removal, each once over all sections")
{
    Owned site;
    site.suspend(site.anna, "anna@example.org");
    const auto letters = site.mails();
    REQUIRE(letters.size() == 2);
    CHECK(letters[0].to == "boss@example.org");
    CHECK(holds(letters[0].subject, "anna@example.org"));
    CHECK(holds(letters[0].text, "5.1.1"));
    CHECK(letters[1].to == "anna@example.org");
    site.let_go();
    CHECK(site.readers() == Readers{"anna@example.org", "boss@example.org"});
}

TEST_CASE("bounce_notice none is silence, inherited down the tree, and a section may choose otherwise")
{
    Owned site;
    site.set(site.maimc, "bounce_notice", "none");
    site.suspend(site.anna, "anna@example.org");
    CHECK(site.readers() == Readers{"anna@example.org"});
    site.set(site.casablanca, "bounce_notice", "each");
    site.let_go();
    CHECK(site.readers() == Readers{"anna@example.org", "boss@example.org"});
}

TEST_CASE("bounce_notice daily is one letter a day for all that happened, and none on quiet days")
{
    Owned site;
    site.set(site.maroc, "bounce_notice", "daily");
    const auto omar = site.join(site.rabat, "omar@example.org");
    site.step();
    site.suspend(site.anna, "anna@example.org");
    site.bounce(site.post_to(site.rabat), omar, "omar@example.org");
    CHECK(site.readers() == Readers{"anna@example.org"});
    site.now += one_day;
    site.step();
    const auto summary = site.mail();
    CHECK(summary.to == "boss@example.org");
    CHECK(holds(summary.text, "anna@example.org ("));
    CHECK(summary.text.find("anna@example.org") == summary.text.rfind("anna@example.org"));
    site.now += one_day;
    site.step();
    CHECK(site.mails().empty());
    site.let_go();
    CHECK(site.readers() == Readers{"anna@example.org"});
    site.now += one_day;
    site.step();
    CHECK(holds(site.mail().text, "Taken off the lists"));
}

TEST_CASE("where a list has no owner the site's owner hears")
{
    Returns site;
    site.suspend(site.join(site.france, "anna@example.org"), "anna@example.org");
    CHECK(site.readers() == Readers{"admin@maimc.org", "anna@example.org"});
}

TEST_CASE("an owner whose own mail is switched off is passed over, and the site's owner hears where he was the only one")
{
    Owned site;
    const auto boss = store::find_member(site.db, std::string_view{"boss@example.org"});
    REQUIRE(boss);
    store::BounceState state;
    state.member_id = boss->id;
    state.list_id = site.maroc;
    state.stage = store::BounceStage::suspended;
    store::put_bounce_state(site.db, state);
    const auto owners = [&] { return in_charge(site.db, site.context.site, site.rabat, store::Holding::owners); };
    CHECK(owners() == Readers{"admin@maimc.org"});
    CHECK(in_charge(site.db, site.context.site, site.rabat, store::Holding::owners_and_moderators) == Readers{"admin@maimc.org"});
    site.readers();
    site.write("x@example.org", "rabat+owner@maimc.org", "Hello");  // B-198
    CHECK(site.readers() == Readers{"admin@maimc.org"});
    REQUIRE(store::add_role(site.db, site.rabat, store::address("mod@example.org"), store::Role::moderator, store::admin));
    CHECK(owners() == Readers{"admin@maimc.org"});
    CHECK(in_charge(site.db, site.context.site, site.rabat, store::Holding::owners_and_moderators) == Readers{"mod@example.org"});
    REQUIRE(store::forget_bounces(site.db, boss->id, store::admin));
    CHECK(owners() == Readers{"boss@example.org"});
}

TEST_CASE("challenges in a hundred names fill nobody's mailbox")
{
    Owned site;
    std::size_t shown = 0;
    for (int i = 0; i < 100; ++i) {
        const auto name = "p" + std::to_string(i) + "@example.org";
        auto mail = challenge("rabat+owner@maimc.org");
        mail.replace(mail.find("anna@example.org"), 16, name);
        mail.replace(mail.find("<c@example.org>"), 15, "<" + name + ">");
        site.take(mail);
        shown += site.mails().size();
    }
    CHECK(shown == 5);
}

TEST_CASE("a post that came back from many after it had gone out is told to the site's owner once")
{
    Returns site;
    std::vector<std::int64_t> members;
    for (int i = 0; i < 40; ++i) members.push_back(site.join(site.rabat, "m" + std::to_string(i) + "@example.org"));
    const auto delivery = site.post_to(site.rabat);
    site.db.execute("UPDATE delivery SET state = 'done', accepted = 40");
    for (std::size_t i = 0; i < 20; ++i) {
        site.bounce(delivery, members[i], "x@example.org", "5.7.1", "failed", "550 5.7.1 rejected by policy");
        if (i % 5 == 4) site.step();
    }
    const auto told = site.mail();
    CHECK(told.to == "admin@maimc.org");
    CHECK(holds(told.text, "5.7.1"));
    for (const auto member : members) CHECK(site.points(member) == 0);
}

TEST_CASE("a challenge is shown to the owners, once a week for each sender, and never answered")
{
    Owned site;
    const auto delivery = site.post_to(site.rabat);
    for (const auto& to : {"rabat+bounce-" + site.token(delivery, site.anna) + "@maimc.org", std::string{"rabat+owner@maimc.org"},
                           std::string{"rabat+request@maimc.org"}}) {
        site.now += 8 * one_day;
        CHECK(holds(site.take(challenge(to)), "shown to its owners, not answered"));
        const auto shown = site.mail();
        CHECK(shown.to == "boss@example.org");
        CHECK(holds(shown.bytes, "Please confirm your message"));
        CHECK(holds(shown.bytes, "message/rfc822"));
        site.take(challenge(to, "Please confirm your message again"));
        CHECK(site.mails().empty());
    }
    site.step();
    CHECK(site.stage(site.anna).empty());
    CHECK(site.on(site.rabat, "anna@example.org"));
}

TEST_CASE("a challenge that comes to the list waits for a moderator, and its author hears nothing")
{
    Owned site;
    site.take(challenge("rabat@maimc.org"));
    CHECK(site.number("SELECT count(*) FROM post_list WHERE verdict = 'held'") == 1);
    CHECK(site.readers().empty());
}

TEST_CASE("who missed more posts than a letter shows is told how many more there are")
{
    Returns site;
    site.set(site.maimc, "bounce_notice", "none");
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.suspend(anna, "anna@example.org");
    const auto warning = site.mail();
    site.now += one_day;
    for (int i = 0; i < 60; ++i) site.post_to(site.rabat);
    site.reply(warning, "anna@example.org");
    CHECK(holds(site.mail().text, "and 10 more"));
}
