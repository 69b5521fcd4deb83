#include "core/store/preferences.hpp"
#include "tests/unit/desk/desk_site.hpp"

using namespace majlis;

TEST_CASE("joining asks the address to confirm, and a reply is enough")
{
    Desk desk;
    desk.write("Amina B. <amina@example.org>", "rabat+subscribe@maimc.org");
    CHECK(!desk.on(desk.rabat, "amina@example.org"));
    const auto question = desk.mail();
    CHECK(question.to == "amina@example.org");
    CHECK(question.from == "rabat+confirm-" + question.token() + "@maimc.org");
    CHECK(question.token().size() == 26);
    CHECK(holds(question.text, question.from));
    CHECK(holds(question.text, "2027-01-18"));  // three days
    desk.reply(question, "amina@example.org");
    CHECK(desk.on(desk.rabat, "amina@example.org"));
    CHECK(!desk.on(desk.maroc, "amina@example.org"));  // one subscription, on that list
    const auto welcome = desk.mail();
    CHECK(welcome.to == "amina@example.org");
    CHECK(holds(welcome.subject, "Welcome to rabat"));
    CHECK(holds(welcome.text, "maroc: maroc@maimc.org"));  // what comes through it
    CHECK(store::find_member(desk.db, "amina@example.org")->name == "Amina B.");
    CHECK(desk.open() == 0);
}

TEST_CASE("the confirm address, a command line and a token in Subject or References confirm as well, each once")
{
    for (int way = 0; way < 5; ++way) {
        CAPTURE(way);
        Desk desk;
        desk.write("amina@example.org", "rabat+subscribe@maimc.org");
        const auto question = desk.mail();
        const auto token = question.token();
        if (way == 0) desk.write("amina@example.org", "rabat+confirm-" + token + "@maimc.org");
        if (way == 1) desk.write("amina@example.org", "rabat+request@maimc.org", "", "confirm " + text::lowered(token));
        if (way == 2) desk.write("amina@example.org", "rabat@maimc.org", "AW: =?utf-8?Q?r=C3=A9ponse?= : confirm " + token);
        if (way == 3)
            desk.write("amina@example.org", "rabat@maimc.org", "Re: x", "", "In-Reply-To: <" + question.message_id + ">\r\n");
        if (way == 4)  // the token in To and in Subject: once
            desk.write("amina@example.org", "rabat-confirm+" + token + "@maimc.org", "confirm " + token, "confirm " + token);
        CHECK(desk.on(desk.rabat, "amina@example.org"));
        const auto letters = desk.mails();
        CHECK(letters.size() == 1);
        CHECK(holds(letters.front().subject, "Welcome"));
        CHECK(desk.number("SELECT count(*) FROM post") == 0);
    }
}

TEST_CASE("an expired, unknown or used token is refused politely and changes nothing")
{
    Desk desk;
    desk.write("amina@example.org", "rabat+subscribe@maimc.org");
    const auto question = desk.mail();
    desk.now += 3 * 86'400;
    desk.reply(question, "amina@example.org");
    CHECK(!desk.on(desk.rabat, "amina@example.org"));
    CHECK(holds(desk.mail().text, "expired"));
    desk.now += 86'400;
    desk.write("amina@example.org", "rabat+confirm-abcdefghijklmnopqrstuvwxyz@maimc.org");
    CHECK(holds(desk.mail().text, "not one of ours"));
    desk.now += 86'400;
    desk.write("amina@example.org", "rabat+subscribe@maimc.org");
    const auto again = desk.mail();
    desk.reply(again, "amina@example.org");
    CHECK(desk.on(desk.rabat, "amina@example.org"));
    desk.mails();
    desk.write("amina@example.org", "rabat+unsubscribe@maimc.org");
    desk.mails();
    desk.reply(again, "amina@example.org");  // a replay
    CHECK(holds(desk.mail().text, "used already"));
    CHECK(desk.on(desk.rabat, "amina@example.org"));
    desk.now += 86'400;
    desk.write("eve@example.org", "casablanca+confirm-" + again.token() + "@maimc.org");  // on another list
    CHECK(holds(desk.mail().text, "not one of ours"));
}

TEST_CASE("tokens are kept as hashes alone")
{
    Desk desk;
    desk.write("amina@example.org", "rabat+subscribe@maimc.org");
    const auto token = desk.mail().token();
    CHECK(desk.number("SELECT count(*) FROM token WHERE length(hash) = 32") == 1);
    CHECK(desk.number("SELECT count(*) FROM request WHERE detail LIKE '%"
                      "confirm"
                      "%'") == 0);
    auto row = desk.db.prepared("SELECT count(*) FROM token WHERE hash = CAST(:token AS BLOB)");
    row.bind(":token", token).step();
    CHECK(row.integer(0) == 0);
}

TEST_CASE("a digest is asked for by address or by words, and a wrong word subscribes nobody")
{
    Desk desk;
    desk.write("a@example.org", "rabat+subscribe-digest@maimc.org");
    desk.reply(desk.mail(), "a@example.org");
    CHECK(desk.mode(desk.rabat, "a@example.org") == "daily");
    desk.mails();
    desk.write("b@example.org", "rabat+request@maimc.org", "subscribe digest=mime");
    desk.reply(desk.mail(), "b@example.org");
    CHECK(desk.mode(desk.rabat, "b@example.org") == "daily");
    desk.mails();
    desk.write("c@example.org", "rabat+request@maimc.org", "", "join weekly");
    desk.reply(desk.mail(), "c@example.org");
    CHECK(desk.mode(desk.rabat, "c@example.org") == "weekly");
    desk.mails();
    desk.write("e@example.org", "rabat+request@maimc.org", "", "join digest=plain");
    desk.reply(desk.mail(), "e@example.org");
    CHECK(desk.mode(desk.rabat, "e@example.org") == "daily");
    const auto plain = store::find_member(desk.db, "e@example.org");
    REQUIRE(plain);
    CHECK(store::preferences_of(desk.db, plain->id).digest_format == store::DigestFormat::plain);
    desk.mails();
    desk.write("d@example.org", "rabat+request@maimc.org", "", "subscribe digest=purple");
    CHECK(holds(desk.mail().text, "wrong or missing"));
    CHECK(desk.open() == 0);
}

TEST_CASE("a join for another address is asked there, and the asker learns nothing")
{
    Desk desk;
    desk.join(desk.rabat, "member@example.org");
    desk.write("eve@example.org", "rabat+request@maimc.org", "", "subscribe address=other@example.org");
    auto letters = desk.mails();
    CHECK(letters.size() == 2);
    const auto to = [&](std::string_view who) { return *std::ranges::find(letters, who, &Sent::to); };
    CHECK(holds(to("other@example.org").text, "eve@example.org"));
    const auto first = to("eve@example.org").text;
    desk.now += 86'400;
    desk.write("eve@example.org", "rabat+request@maimc.org", "", "subscribe address=member@example.org");
    letters = desk.mails();
    CHECK(letters.size() == 1);
    auto second = letters.front().text;
    for (auto at = second.find("member@"); at != std::string::npos; at = second.find("member@")) second.replace(at, 7, "other@");
    const auto result = [](const std::string& text) {
        return text.substr(text.find("> "), text.find("For help") - text.find("> "));
    };
    CHECK(result(first) == result(second));
}

TEST_CASE("who may not join hears why: member already, banned, closed, by invitation, waiting")
{
    Desk desk;
    desk.join(desk.rabat, "Member@Example.org");
    desk.write("member@example.org", "rabat+subscribe@maimc.org");
    CHECK(holds(desk.mail().text, "member of rabat already"));
    CHECK(store::find_member(desk.db, "member@example.org")->address == "Member@Example.org");  // as first given
    REQUIRE(
        store::add_rule(desk.db, {.list_id = desk.maroc, .kind = store::RuleKind::ban, .pattern = "@bad.example"}, store::admin));
    desk.write("x@bad.example", "rabat+subscribe@maimc.org");
    CHECK(holds(desk.mail().text, "do not accept"));
    desk.set(desk.casablanca, "subscribe", "closed");
    desk.write("c@example.org", "casablanca+subscribe@maimc.org");
    CHECK(holds(desk.mail().text, "Nobody can join"));
    desk.set(desk.casablanca, "subscribe", "invite");
    desk.write("d@example.org", "casablanca+subscribe@maimc.org");
    CHECK(holds(desk.mail().text, "by invitation"));
    CHECK(desk.open() == 0);
}

TEST_CASE("banned, closed or a member already between question and confirmation: an error, nothing twice")
{
    Desk desk;
    desk.write("a@example.org", "rabat+subscribe@maimc.org");
    const auto banned = desk.mail();
    desk.write("b@example.org", "rabat+subscribe@maimc.org");
    const auto already = desk.mail();
    REQUIRE(store::add_rule(desk.db, {.list_id = desk.rabat, .kind = store::RuleKind::ban, .pattern = "a@example.org"},
                            store::admin));
    desk.join(desk.rabat, "b@example.org");
    desk.reply(banned, "a@example.org");
    CHECK(holds(desk.mail().text, "do not accept"));
    CHECK(!desk.on(desk.rabat, "a@example.org"));
    desk.reply(already, "b@example.org");
    CHECK(holds(desk.mail().text, "already"));
    CHECK(desk.number("SELECT count(*) FROM subscription") == 1);
    CHECK(desk.open() == 0);
}

TEST_CASE("a list's own address never joins, and nobody answers it")
{
    Desk desk;
    desk.write("maroc@maimc.org", "rabat+subscribe@maimc.org");
    desk.write("maroc+owner@maimc.org", "rabat+subscribe@maimc.org");
    desk.write("listes@maimc.org", "rabat+subscribe@maimc.org");
    CHECK(desk.mails().empty());
    desk.write("eve@example.org", "rabat+request@maimc.org", "", "join address=maroc@maimc.org");
    const auto letters = desk.mails();
    CHECK(letters.size() == 1);
    CHECK(letters.front().to == "eve@example.org");
    CHECK(desk.open() == 0);
}

TEST_CASE("a reply that says no takes the question back")
{
    Desk desk;
    desk.write("amina@example.org", "rabat+subscribe@maimc.org");
    const auto question = desk.mail();
    desk.reply(question, "amina@example.org", "No, I never asked for this.");
    CHECK(!desk.on(desk.rabat, "amina@example.org"));
    desk.reply(question, "amina@example.org");
    CHECK(!desk.on(desk.rabat, "amina@example.org"));
}

TEST_CASE("an open list takes a proven sender at once and asks an unproven one; a confirm list asks both")
{
    Desk desk;
    desk.trust_provider();
    desk.set(desk.rabat, "subscribe", "open");
    desk.write("a@example.org", "rabat+subscribe@maimc.org", "", "", Desk::proven("example.org"));
    CHECK(desk.on(desk.rabat, "a@example.org"));
    CHECK(holds(desk.mail().subject, "Welcome"));
    desk.write("b@example.org", "rabat+subscribe@maimc.org");
    CHECK(!desk.on(desk.rabat, "b@example.org"));
    CHECK(holds(desk.mail().subject, "confirm"));
    desk.write("c@example.org", "casablanca+subscribe@maimc.org", "", "", Desk::proven("example.org"));
    CHECK(!desk.on(desk.casablanca, "c@example.org"));
    CHECK(holds(desk.mail().subject, "confirm"));
}

TEST_CASE("an invitation is accepted by a reply, without another question")
{
    Desk desk;
    const auto list = store::find_list(desk.db, desk.rabat).value();
    REQUIRE(
        majlis::desk::invite(desk.db, desk.context.site, list, store::address("zoe@example.org"), "Zoe", {"cli:root", desk.now}));
    const auto letter = desk.mail();
    CHECK(letter.to == "zoe@example.org");
    CHECK(!desk.on(desk.rabat, "zoe@example.org"));
    desk.now += 10 * 86'400;
    desk.reply(letter, "zoe@example.org");
    CHECK(desk.on(desk.rabat, "zoe@example.org"));
    CHECK(holds(desk.mail().subject, "Welcome"));
    CHECK(!majlis::desk::invite(desk.db, desk.context.site, list, store::address("zoe@example.org"), "", {"cli:root", desk.now}));
    CHECK(!majlis::desk::invite(desk.db, desk.context.site, list, store::address("maroc@maimc.org"), "", {"cli:root", desk.now}));
}

TEST_CASE("a confirmation that comes back drops its request")
{
    Desk desk;
    desk.write("nobody@example.org", "rabat+subscribe@maimc.org");
    const auto question = desk.mail();
    CHECK(desk.open() == 1);
    CHECK(!majlis::desk::confirmation_bounced(desk.db, "something-else@example.org", {"majlisd", desk.now}));
    CHECK(!majlis::desk::confirmation_bounced(desk.db, "confirm-abc", {"majlisd", desk.now}));
    CHECK(majlis::desk::confirmation_bounced(desk.db, question.message_id, {"majlisd", desk.now}));
    CHECK(desk.open() == 0);
    desk.reply(question, "nobody@example.org");
    CHECK(!desk.on(desk.rabat, "nobody@example.org"));
}

TEST_CASE("requests whose time is over end, and their tokens with them")
{
    Desk desk;
    desk.write("a@example.org", "rabat+subscribe@maimc.org");
    const auto question = desk.mail();
    CHECK(majlis::desk::expire(desk.db, desk.context.site, desk.now, 100) == 0);
    desk.now += 4 * 86'400;
    CHECK(majlis::desk::expire(desk.db, desk.context.site, desk.now, 100) == 1);
    CHECK(desk.open() == 0);
    CHECK(desk.mails().empty());
    desk.reply(question, "a@example.org");
    CHECK(!desk.on(desk.rabat, "a@example.org"));
}

TEST_CASE("words of a language bring that language, and it is kept")
{
    Desk desk;
    desk.write("a@example.org", "rabat+request@maimc.org", "اشتراك");
    const auto question = desk.mail();
    CHECK(question.language == "ar");
    desk.reply(question, "a@example.org");
    CHECK(store::find_member(desk.db, "a@example.org")->language == "ar");
    CHECK(desk.mail().language == "ar");
    desk.write("b@example.org", "rabat+request@maimc.org", "inscription");
    CHECK(desk.mail().language == "fr");
}

TEST_CASE("welcome off greets with one line, goodbye off says it in one")
{
    Desk desk;
    desk.set(desk.rabat, "welcome", "off");
    desk.set(desk.rabat, "goodbye", "off");
    desk.write("a@example.org", "rabat+subscribe@maimc.org");
    desk.reply(desk.mail(), "a@example.org");
    CHECK(holds(desk.mail().text, "now a member of rabat"));
    desk.write("a@example.org", "rabat+unsubscribe@maimc.org");
    desk.reply(desk.mail(), "a@example.org");
    CHECK(holds(desk.mail().text, "off the list rabat"));
}
