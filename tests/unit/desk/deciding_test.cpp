#include "tests/unit/desk/desk_site.hpp"

using namespace majlis;

namespace {

/// A list on which a moderator decides; karim is moderator above, the member of the question.
struct Moderated : Desk {
    explicit Moderated(std::string_view policy)
    {
        set(rabat, "subscribe", policy);
        REQUIRE(store::add_role(db, maroc, store::address("karim@example.org"), store::Role::moderator, store::admin));
    }
    /// Asks, confirms; the moderator's letter.
    Sent requested()
    {
        write("Amina <amina@example.org>", "rabat+subscribe@maimc.org");
        const auto question = mail();
        reply(question, "amina@example.org");
        return mail();
    }
};

}  // namespace

TEST_CASE("a moderated list waits for the person first, then for a moderator, each with his own token")
{
    for (const char* policy : {"moderate", "confirm+moderate"}) {
        CAPTURE(policy);
        Moderated desk{policy};
        desk.write("Amina <amina@example.org>", "rabat+subscribe@maimc.org");
        const auto question = desk.mail();
        CHECK(question.to == "amina@example.org");
        desk.reply(question, "amina@example.org");
        const auto letter = desk.mail();
        CHECK(letter.to == "karim@example.org");
        CHECK(holds(letter.from, "rabat+mod-"));
        CHECK(holds(letter.text, "Amina"));
        CHECK(!desk.on(desk.rabat, "amina@example.org"));
        CHECK(letter.token() != question.token());
        desk.write("amina@example.org", "rabat+mod-" + question.token() + "@maimc.org");  // her token again: no replay
        desk.write("amina@example.org", "rabat+mod-" + letter.token() + "@maimc.org");    // his token, not from him
        desk.write("amina@example.org", "rabat+confirm-" + letter.token() + "@maimc.org");
        CHECK(!desk.on(desk.rabat, "amina@example.org"));
        desk.mails();
        desk.reply(letter, "karim@example.org");
        CHECK(desk.on(desk.rabat, "amina@example.org"));
        CHECK(holds(desk.mail().subject, "Welcome"));
        CHECK(desk.open() == 0);
    }
}

TEST_CASE("asking again while a moderator decides says so")
{
    Moderated desk{"moderate"};
    desk.requested();
    desk.now += 86'400;
    desk.write("amina@example.org", "rabat+subscribe@maimc.org");
    CHECK(holds(desk.mail().text, "waits for the people who run rabat"));
    CHECK(desk.open() == 1);
}

TEST_CASE("a moderator refuses with a reason, which the person reads")
{
    Moderated desk{"moderate"};
    const auto letter = desk.requested();
    desk.reply(letter, "karim@example.org", "reject Please use your own name.");
    CHECK(!desk.on(desk.rabat, "amina@example.org"));
    const auto told = desk.mail();
    CHECK(told.to == "amina@example.org");
    CHECK(holds(told.text, "Please use your own name."));
    desk.now += 86'400;
    desk.reply(letter, "karim@example.org");
    CHECK(!desk.on(desk.rabat, "amina@example.org"));
    CHECK(holds(desk.mail().text, "decided already"));
}

TEST_CASE("discard says nothing, ban says it for ever")
{
    {
        Moderated desk{"moderate"};
        desk.reply(desk.requested(), "karim@example.org", "discard");
        CHECK(desk.mails().empty());
        CHECK(desk.open() == 0);
    }
    Moderated desk{"moderate"};
    desk.reply(desk.requested(), "karim@example.org", "ban");
    CHECK(desk.mails().empty());
    desk.now += 86'400;
    desk.write("amina@example.org", "rabat+subscribe@maimc.org");
    CHECK(holds(desk.mail().text, "do not accept"));
}

TEST_CASE("prose, a vacation program and a forged answer decide nothing")
{
    Moderated desk{"moderate"};
    desk.trust_provider();
    const auto letter = desk.requested();
    desk.reply(letter, "karim@example.org", "Who is this?");
    CHECK(holds(desk.mail().text, "Nothing was decided"));
    desk.reply(letter, "karim@example.org", "", "Auto-Submitted: auto-replied\r\n");
    desk.reply(letter, "karim@example.org", "", Desk::forged("example.org"));
    CHECK(desk.mails().empty());
    CHECK(desk.open() == 1);
    CHECK(!desk.on(desk.rabat, "amina@example.org"));
}

TEST_CASE("who is no moderator any more decides nothing with an old letter")
{
    Moderated desk{"moderate"};
    const auto letter = desk.requested();
    const auto karim = store::find_member(desk.db, "karim@example.org")->id;
    REQUIRE(store::remove_role(desk.db, desk.maroc, karim, store::Role::moderator, store::admin));
    desk.reply(letter, "karim@example.org");
    CHECK(!desk.on(desk.rabat, "amina@example.org"));
    CHECK(desk.mails().empty());
    CHECK(desk.open() == 1);
    REQUIRE(store::add_role(desk.db, desk.maimc, store::address("karim@example.org"), store::Role::owner, store::admin));
    desk.reply(letter, "karim@example.org");
    CHECK(desk.on(desk.rabat, "amina@example.org"));
}

TEST_CASE("moderators are told only where the list says so; the journal has a line in any case")
{
    Moderated desk{"moderate"};
    desk.set(desk.rabat, "held_notice", "none");
    desk.write("amina@example.org", "rabat+subscribe@maimc.org");
    desk.reply(desk.mail(), "amina@example.org");
    CHECK(desk.mails().empty());
    CHECK(desk.number("SELECT count(*) FROM journal WHERE event = 'request-waits'") == 1);
    const auto waiting = store::open_requests(desk.db, store::Step::moderator, desk.maimc, 10);
    REQUIRE(waiting.size() == 1);
    CHECK(majlis::desk::decide(desk.db, desk.context.site, waiting.front().id, majlis::desk::Wish::approve, "",
                               {"cli:root", desk.now}));
    CHECK(desk.on(desk.rabat, "amina@example.org"));
    CHECK(!majlis::desk::decide(desk.db, desk.context.site, waiting.front().id, majlis::desk::Wish::refuse, "",
                                {"cli:root", desk.now}));
}

TEST_CASE("a list without moderators asks the site's owner, and a request that nobody answers ends with a word")
{
    Desk desk;
    desk.set(desk.rabat, "subscribe", "moderate");
    desk.write("amina@example.org", "rabat+subscribe@maimc.org");
    desk.reply(desk.mail(), "amina@example.org");
    const auto letter = desk.mail();
    CHECK(letter.to == "admin@maimc.org");
    CHECK(holds(letter.text, "majlis member add rabat amina@example.org"));
    desk.now += 15 * 86'400;
    CHECK(majlis::desk::expire(desk.db, desk.context.site, desk.now, 10) == 1);
    CHECK(desk.mail().to == "amina@example.org");
}

TEST_CASE("an unproven post is approved by its author's own confirmation")
{
    Desk desk;
    desk.context.authentication.unproven = AuthenticationConfig::Unproven::challenge;
    desk.join(desk.rabat, "amina@example.org");
    desk.write("amina@example.org", "rabat@maimc.org", "Meeting", "Tomorrow");
    CHECK(desk.number("SELECT count(*) FROM post_list WHERE verdict = 'held' AND rule = 'unproven'") == 1);
    const auto question = desk.mail();
    CHECK(question.to == "amina@example.org");
    CHECK(holds(question.text, "Meeting"));
    desk.reply(question, "amina@example.org");
    CHECK(desk.number("SELECT count(*) FROM post_list WHERE verdict = 'accepted'") == 1);
    CHECK(desk.number("SELECT count(*) FROM delivery WHERE kind = 'post'") == 1);
    CHECK(holds(desk.mail().text, "goes out"));
    desk.reply(question, "amina@example.org");
    CHECK(desk.number("SELECT count(*) FROM delivery WHERE kind = 'post'") == 1);
}

TEST_CASE("a post that other rules hold as well stays with the moderators")
{
    Desk desk;
    desk.context.authentication.unproven = AuthenticationConfig::Unproven::challenge;
    desk.join(desk.rabat, "amina@example.org");
    desk.set(desk.rabat, "max_recipients", "1");
    desk.write("amina@example.org", "rabat@maimc.org, x@example.org, y@example.org", "Meeting", "Tomorrow");
    for (const auto& question : desk.mails()) desk.reply(question, "amina@example.org");
    CHECK(desk.number("SELECT count(*) FROM post_list WHERE verdict = 'held'") == 1);
    CHECK(desk.number("SELECT count(*) FROM delivery WHERE kind = 'post'") == 0);
}
