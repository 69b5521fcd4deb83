#include "tests/unit/desk/desk_site.hpp"

using namespace majlis;

namespace {

/// What is answered to these lines from this address.
std::string ask(Desk& desk, const std::string& who, const std::string& lines)
{
    desk.mails();
    desk.write(who, "rabat+request@maimc.org", "", lines);
    const auto all = desk.mails();
    return all.size() == 1 ? all.front().text : "(" + std::to_string(all.size()) + " letters)";
}

}  // namespace

TEST_CASE("the answer names the mail, its results and what was not processed")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    desk.write("=?utf-8?Q?Am=C3=A9lie?= <a@example.org>", "rabat+request@maimc.org",
               "=?utf-8?Q?Question_=C3=A9t=C3=A9?=", "whoami\r\nfrobnicate\r\nend\r\nleave\r\n-- \r\nlists");
    const auto answer = desk.mail();
    CHECK(answer.from == "rabat+request@maimc.org");
    CHECK(holds(answer.text, "Amélie <a@example.org>"));
    CHECK(holds(answer.text, "Question été"));
    CHECK(holds(answer.text, "Mon, 02 Mar 2026 10:00:00 +0000"));
    CHECK(holds(answer.text, "@example.org"));
    CHECK(holds(answer.text, "> whoami"));
    CHECK(holds(answer.text, "On the list rabat: every post."));
    CHECK(holds(answer.text, "> frobnicate"));
    CHECK(holds(answer.text, "not understood"));
    CHECK(holds(answer.text, "not read as commands:"));
    CHECK(holds(answer.text, "  leave"));
    CHECK(holds(answer.bytes, "Auto-Submitted: auto-replied"));
    CHECK(holds(answer.bytes, "In-Reply-To: <m"));
    CHECK(desk.open() == 0);
    desk.take(answer.bytes);  // our own robot ignores it
    CHECK(desk.mails().empty());
}

TEST_CASE("help is given for the list and for one command, in the reader's language")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    desk.write("a@example.org", "rabat+help@maimc.org");
    CHECK(holds(desk.mail().text, "rabat+subscribe@maimc.org"));
    CHECK(holds(ask(desk, "a@example.org", "help set digest"), "daily|weekly|off"));
    CHECK(holds(ask(desk, "a@example.org", "help a b"), "wrong or missing"));
    CHECK(holds(ask(desk, "a@example.org", "something else"), "How to use") == false);
    CHECK(holds(ask(desk, "b@example.org", "aide"), "Mode d'emploi") == false);  // the Subject says so
    desk.now += 86'400;
    desk.write("c@example.org", "rabat+request@maimc.org", "مساعدة");
    CHECK(desk.mail().language == "ar");
}

TEST_CASE("lists shows what one may know of: public ones to all, others to members, by the setting")
{
    Desk desk;
    desk.set(desk.france, "visibility", "public");
    CHECK(holds(ask(desk, "stranger@example.org", "lists"), "france: france@maimc.org"));
    desk.now += 86'400;
    CHECK(!holds(ask(desk, "stranger@example.org", "lists"), "rabat@maimc.org\n"));
    desk.join(desk.rabat, "a@example.org");
    auto text = ask(desk, "a@example.org", "lists");
    CHECK(holds(text, "rabat: rabat@maimc.org"));
    CHECK(holds(text, "maroc: maroc@maimc.org"));
    CHECK(!holds(text, "casablanca"));
    desk.set(desk.casablanca, "visibility", "tree");
    CHECK(holds(ask(desk, "a@example.org", "lists"), "casablanca"));
    desk.set(desk.casablanca, "visibility", "moderators");
    CHECK(!holds(ask(desk, "a@example.org", "lists"), "casablanca"));
}

TEST_CASE("whoami tells a person all that is kept, and a stranger nothing")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org", store::Mode::daily);
    REQUIRE(store::add_role(desk.db, desk.maroc, store::address("a@example.org"), store::Role::moderator, store::admin));
    const auto text = ask(desk, "a@example.org", "whoami");
    CHECK(holds(text, "On the list rabat: once a day."));
    CHECK(holds(text, "Through your lists also maroc: once a day."));
    CHECK(holds(text, "Moderator of maroc."));
    CHECK(holds(ask(desk, "stranger@example.org", "whoami"), "on none of our lists"));
}

TEST_CASE("why tells when one's copy left and how, and which rule held a post, to those it concerns")
{
    Desk desk;
    const auto amina = desk.join(desk.rabat, "amina@example.org");
    desk.join(desk.casablanca, "omar@example.org");
    desk.write("amina@example.org", "rabat@maimc.org", "Hello", "Hi");
    const auto id = [&] {
        auto row = desk.db.prepared("SELECT message_id FROM post ORDER BY id DESC LIMIT 1");
        row.step();
        return row.text(0);
    };
    const auto post = id();
    CHECK(holds(ask(desk, "amina@example.org", "why <" + post + ">"), "on its way"));
    desk.db
        .prepared(
            "INSERT INTO delivery_range (delivery_id, first_id, last_id, done_id, relay, updated_at) "
            "SELECT max(id), 0, 1000, 1000, 'smtp.example.org', 1800000000 FROM delivery WHERE kind = 'post'")
        .run();
    auto text = ask(desk, "amina@example.org", "why <" + post + ">");
    CHECK(holds(text, "smtp.example.org"));
    CHECK(holds(text, "2027"));
    auto failed = desk.db.prepared(
        "INSERT INTO delivery_recipient (delivery_id, member_id, address, priority, state, next_attempt_at, relay, code, status, "
        "text, "
        "updated_at) SELECT max(id), :member, 'amina@example.org', 2, 'failed', 0, 'smtp.example.org', 550, '5.1.1', 'no such "
        "user', "
        "1800000000 FROM delivery WHERE kind = 'post'");
    failed.bind(":member", amina).run();
    CHECK(holds(ask(desk, "amina@example.org", "why " + post), "550 5.1.1 no such user"));
    CHECK(holds(ask(desk, "omar@example.org", "why " + post), "No post with this Message-ID was for you"));
    desk.set(desk.rabat, "emergency", "on");
    desk.write("amina@example.org", "rabat@maimc.org", "Held", "Hi");
    CHECK(holds(ask(desk, "amina@example.org", "why " + id()), "emergency"));
    CHECK(holds(ask(desk, "omar@example.org", "why " + id()), "No post with this Message-ID"));
    CHECK(holds(ask(desk, "amina@example.org", "why x@y"), "No post with this Message-ID"));
}

TEST_CASE("what is for the owners goes to owners and moderators, and to the site's where there are none")
{
    Desk desk;
    desk.write("a@example.org", "rabat+owner@maimc.org", "Hello", "You there");
    CHECK(desk.mail().to == "admin@maimc.org");
    REQUIRE(store::add_role(desk.db, desk.maroc, store::address("karim@example.org"), store::Role::owner, store::admin));
    desk.write("a@example.org", "rabat+owner@maimc.org", "Hello", "You there");
    const auto shown = desk.mail();
    CHECK(shown.to == "karim@example.org");
    CHECK(shown.subject == "Hello");
    desk.set(desk.rabat, "footer", "The list's footer");
    desk.set(desk.rabat, "subject_tag", "[rabat]");
    desk.write("a@example.org", "rabat+owner@maimc.org", "Hello", "You there");
    const auto plain = desk.mail();
    CHECK(plain.subject == "Hello");
    CHECK(!holds(plain.bytes, "footer"));  // B-123
}

TEST_CASE("what is for the owners is shown once, however it comes back, and no flood passes")
{
    Desk desk;
    desk.write("a@example.org", "rabat+owner@maimc.org", "Hello", "You there");
    const auto shown = desk.mail();
    desk.take("Received: from a by b; date\r\n" + shown.bytes);
    CHECK(desk.mails().empty());
    desk.write("b@example.org", "rabat+owner@maimc.org", "Hello", "", "X-Loop: rabat@maimc.org\r\n");  // redirected by a reader
    CHECK(desk.mails().size() == 1);
    std::string way;
    for (int i = 0; i < 150; ++i) way += "Received: from a by b; date\r\n";
    desk.write("b@example.org", "rabat+owner@maimc.org", "Hello", "", way);
    CHECK(desk.mails().empty());
    for (int i = 0; i < 50; ++i) desk.write("c@example.org", "rabat+owner@maimc.org", "Hello", "Again");
    CHECK(desk.mails().size() == 20);
    for (int i = 0; i < 200; ++i) desk.write("d" + std::to_string(i) + "@example.org", "rabat+owner@maimc.org", "Hello", "You");
    CHECK(desk.mails().size() == 78);  // a hundred in an hour
    desk.now += 3'600;
    desk.write("e@example.org", "rabat+owner@maimc.org", "Hello", "You");
    CHECK(desk.mails().size() == 1);
}

TEST_CASE("commands in base64, HTML alone and parts are run")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    const std::string head = "From: a@example.org\r\nTo: rabat+request@maimc.org\r\nMessage-ID: <1@example.org>\r\n";
    desk.take(head + "Content-Type: text/html\r\n\r\n<p>whoami</p>");
    CHECK(holds(desk.mail().text, "On the list rabat"));
    desk.take(head + "Content-Transfer-Encoding: base64\r\n\r\nd2hvYW1pCg==");
    CHECK(holds(desk.mail().text, "On the list rabat"));
}
