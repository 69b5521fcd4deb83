#include "core/store/preferences.hpp"
#include "core/store/aliases.hpp"
#include "core/store/recipients.hpp"
#include "tests/unit/desk/desk_site.hpp"

using namespace majlis;

namespace {

/// Sends commands and confirms them.
void command(Desk& desk, const std::string& who, const std::string& lines)
{
    desk.mails();
    desk.write(who, "rabat+request@maimc.org", "", lines);
    for (const auto& letter : desk.mails())
        if (!letter.token().empty()) desk.reply(letter, letter.to);
    desk.now += 86'400;
}

/// Who gets a copy of the newest post, apart by spaces.
std::string recipients(Desk& desk)
{
    const auto id = desk.number("SELECT max(id) FROM delivery WHERE kind = 'post'");
    const auto scope = store::load_scope(desk.db, id);
    store::RecipientWalk walk{desk.db};
    std::string all;
    for (const auto& one : walk.step(scope, 0, scope.last_member_id, 100).recipients)
        all += (all.empty() ? "" : " ") + one.address.substr(0, one.address.find('@'));
    return all;
}

}  // namespace

TEST_CASE("a member sets mode, language and preferences by mail, after one question for all of it")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    desk.write("a@example.org", "rabat+request@maimc.org", "", "set digest weekly\r\nset language fr\r\nset own off");
    const auto question = desk.mail();
    CHECK(holds(question.text, "set digest weekly"));
    CHECK(holds(question.text, "set own off"));
    desk.reply(question, "a@example.org");
    CHECK(desk.mode(desk.rabat, "a@example.org") == "weekly");
    CHECK(store::find_member(desk.db, "a@example.org")->language == "fr");
    CHECK(desk.mail().language == "fr");
    const auto format = [&] {
        return store::preferences_of(desk.db, store::find_member(desk.db, "a@example.org")->id).digest_format;
    };
    command(desk, "a@example.org", "set digest plain");
    CHECK(format() == store::DigestFormat::plain);
    CHECK(desk.mode(desk.rabat, "a@example.org") == "weekly");
    command(desk, "a@example.org", "résumé mime");
    CHECK(format() == store::DigestFormat::mime);
    command(desk, "a@example.org", "set digest off");
    command(desk, "a@example.org", "set digest plain");
    CHECK(desk.mode(desk.rabat, "a@example.org") == "daily");
    command(desk, "a@example.org", "set digest off");
    CHECK(desk.mode(desk.rabat, "a@example.org") == "each");
    command(desk, "a@example.org", "set mail off");
    CHECK(desk.mode(desk.rabat, "a@example.org") == "none");
    command(desk, "a@example.org", "set mail on");
    CHECK(desk.mode(desk.rabat, "a@example.org") == "each");
}

TEST_CASE("a proven member's settings change at once")
{
    Desk desk;
    desk.trust_provider();
    desk.join(desk.rabat, "a@example.org");
    desk.write("a@example.org", "rabat+request@maimc.org", "اللغة العربية", "", Desk::proven("example.org"));
    CHECK(store::find_member(desk.db, "a@example.org")->language == "ar");
    const auto answer = desk.mail();
    CHECK(answer.language == "ar");
    CHECK(holds(answer.text, "\u2068a@example.org\u2069"));
}

TEST_CASE("own posts, posts that name one, and posts of a vacation are not sent to whoever wants none")
{
    Desk desk;
    for (const char* who : {"a@example.org", "b@example.org", "c@example.org"}) desk.join(desk.rabat, who);
    desk.write("a@example.org", "rabat@maimc.org, b@example.org", "One", "1");
    CHECK(recipients(desk) == "a b c");
    command(desk, "a@example.org", "set own off");
    command(desk, "b@example.org", "set duplicates off");
    desk.write("a@example.org", "rabat@maimc.org", "Two", "2");
    CHECK(recipients(desk) == "b c");
    desk.write("c@example.org", "rabat@maimc.org", "Three", "3", "Cc: B <B@Example.org>\r\n");
    CHECK(recipients(desk) == "a c");
    command(desk, "c@example.org", "set vacation 8d");
    desk.write("a@example.org", "rabat@maimc.org", "Four", "4");
    CHECK(recipients(desk) == "b");
    desk.now += 30 * 86'400;
    desk.write("a@example.org", "rabat@maimc.org", "Five", "5");
    CHECK(recipients(desk) == "b c");
    command(desk, "a@example.org", "set own on");
    command(desk, "b@example.org", "set duplicates on");
    desk.write("a@example.org", "rabat@maimc.org, b@example.org", "Six", "6");
    CHECK(recipients(desk) == "a b c");
}

TEST_CASE("a vacation that is over, or too far, is refused")
{
    Desk desk;
    desk.trust_provider();
    const auto member = desk.join(desk.rabat, "a@example.org");
    desk.write("a@example.org", "rabat+request@maimc.org", "", "set vacation 2020-01-01", Desk::proven("example.org"));
    CHECK(holds(desk.mail().text, "not to come"));
    desk.write("a@example.org", "rabat+request@maimc.org", "", "set vacation 2027-01-31", Desk::proven("example.org"));
    CHECK(holds(desk.mail().text, "2027-01-31"));
    CHECK(store::preferences_of(desk.db, member).away_until.has_value());
    desk.write("a@example.org", "rabat+request@maimc.org", "", "set vacation off", Desk::proven("example.org"));
    CHECK(!store::preferences_of(desk.db, member).away_until);
}

TEST_CASE("another address of a member posts once it has confirmed for itself")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    desk.set(desk.rabat, "nonmembers", "discard");
    command(desk, "a@example.org", "alias add work@example.net");
    const auto letters = desk.mails();
    const auto letter = *std::ranges::find(letters, "work@example.net", &Sent::to);
    CHECK(desk.number("SELECT count(*) FROM member_alias") == 0);
    desk.reply(letter, "work@example.net");
    CHECK(store::find_person(desk.db, "work@example.net")->address == "a@example.org");
    desk.mails();
    desk.write("Work@Example.net", "rabat@maimc.org", "Hi", "there");
    CHECK(desk.number("SELECT count(*) FROM post_list WHERE verdict = 'accepted'") == 1);
    CHECK(recipients(desk) == "a");
    command(desk, "a@example.org", "alias remove work@example.net");
    CHECK(!store::find_person(desk.db, "work@example.net"));
}

TEST_CASE("an alias that is somebody else's is refused to its owner alone")
{
    Desk desk;
    desk.trust_provider();
    desk.join(desk.rabat, "a@example.org");
    desk.join(desk.rabat, "b@example.net");
    desk.write("a@example.org", "rabat+request@maimc.org", "", "alias add b@example.net", Desk::proven("example.org"));
    auto letters = desk.mails();
    const auto to = [&](std::string_view who) { return *std::ranges::find(letters, who, &Sent::to); };
    REQUIRE(letters.size() == 2);
    CHECK(!holds(to("a@example.org").text, "member"));
    desk.reply(to("b@example.net"), "b@example.net");
    CHECK(holds(desk.mail().text, "cannot be another address"));
    CHECK(store::find_person(desk.db, "b@example.net")->address == "b@example.net");
}

TEST_CASE("a stranger has nothing to set")
{
    Desk desk;
    desk.write("x@example.org", "rabat+request@maimc.org", "", "set language ar");
    CHECK(holds(desk.mail().text, "on none of our lists"));
    CHECK(!store::find_member(desk.db, "x@example.org"));
}
