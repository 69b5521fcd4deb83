#include "core/token/token.hpp"
#include "tests/unit/desk/desk_site.hpp"

using namespace majlis;

TEST_CASE("leaving is confirmed, and the goodbye tells how to come back")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    desk.write("a@example.org", "rabat+unsubscribe@maimc.org");
    CHECK(desk.on(desk.rabat, "a@example.org"));
    const auto question = desk.mail();
    CHECK(holds(question.subject, "confirm: leave rabat"));
    desk.reply(question, "a@example.org");
    CHECK(!desk.on(desk.rabat, "a@example.org"));
    const auto goodbye = desk.mail();
    CHECK(goodbye.to == "a@example.org");
    CHECK(holds(goodbye.text, "rabat+subscribe@maimc.org"));
    CHECK(!holds(goodbye.text, "still"));
    CHECK(desk.open() == 0);
}

TEST_CASE("a proven sender leaves at once; a forged one changes nothing and hears nothing")
{
    Desk desk;
    desk.trust_provider();
    desk.join(desk.rabat, "a@example.org");
    desk.write("a@example.org", "rabat+unsubscribe@maimc.org", "", "", Desk::forged("example.org"));
    CHECK(desk.on(desk.rabat, "a@example.org"));
    CHECK(desk.mails().empty());
    desk.write("a@example.org", "rabat+unsubscribe@maimc.org", "", "", Desk::proven("example.org"));
    CHECK(!desk.on(desk.rabat, "a@example.org"));
    CHECK(holds(desk.mail().subject, "You have left"));
}

TEST_CASE("the sealed address of List-Unsubscribe needs no word more, and works again")
{
    Desk desk;
    const auto member = desk.join(desk.rabat, "a@example.org");
    const auto token = token::seal_unsubscribe(store::site_secret(desk.db), desk.rabat, member);
    desk.write("whoever@elsewhere.example", "rabat+unsubscribe-" + token + "@maimc.org");
    CHECK(!desk.on(desk.rabat, "a@example.org"));
    CHECK(desk.mail().to == "a@example.org");
    CHECK(holds(desk.write("a@example.org", "rabat+unsubscribe-" + token + "@maimc.org"), "not on the list any more"));
    CHECK(desk.mails().empty());
    CHECK(holds(desk.write("a@example.org", "rabat+unsubscribe-abcdefghijklmnopqrstuvwxyz@maimc.org"), "not ours"));
    CHECK(desk.mails().empty());
}

TEST_CASE("who belongs to a list below is muted, and told what still comes and how to end it")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    desk.join(desk.maroc, "a@example.org");
    desk.write("a@example.org", "maroc+unsubscribe@maimc.org");
    desk.reply(desk.mail(), "a@example.org");
    CHECK(desk.mode(desk.maroc, "a@example.org") == "none");
    CHECK(desk.mode(desk.rabat, "a@example.org") == "each");
    const auto goodbye = desk.mail();
    CHECK(holds(goodbye.text, "muted"));
    CHECK(holds(goodbye.text, "rabat: rabat+unsubscribe@maimc.org"));
}

TEST_CASE("who leaves a city hears that the country's posts still come through another one")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    desk.join(desk.casablanca, "a@example.org");
    desk.write("a@example.org", "rabat+unsubscribe@maimc.org");
    desk.reply(desk.mail(), "a@example.org");
    const auto goodbye = desk.mail();
    CHECK(holds(goodbye.text, "casablanca: casablanca+unsubscribe@maimc.org"));
    CHECK(holds(goodbye.text, "maroc: maroc+request@maimc.org"));
    CHECK(holds(goodbye.text, "maimc: maimc+request@maimc.org"));
}

TEST_CASE("a member of a section may mute the list above by leaving it")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    desk.write("a@example.org", "maimc+unsubscribe@maimc.org");
    desk.reply(desk.mail(), "a@example.org");
    CHECK(desk.mode(desk.maimc, "a@example.org") == "none");
    CHECK(desk.on(desk.rabat, "a@example.org"));
}

TEST_CASE("leaving by a stranger, or for somebody else, is an error and no more")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    desk.write("stranger@example.org", "rabat+unsubscribe@maimc.org");
    CHECK(holds(desk.mail().text, "does not receive"));
    desk.write("eve@example.org", "rabat+request@maimc.org", "", "unsubscribe a@example.org");
    const auto letters = desk.mails();
    CHECK(letters.size() == 1);
    CHECK(letters.front().to == "eve@example.org");
    CHECK(desk.on(desk.rabat, "a@example.org"));
    CHECK(desk.open() == 0);
}
