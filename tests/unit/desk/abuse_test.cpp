#include "tests/unit/desk/desk_site.hpp"

using namespace majlis;

TEST_CASE("automatic mail is neither run nor answered")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    for (const char* header : {"Auto-Submitted: auto-replied\r\n", "Auto-Submitted: auto-generated\r\n", "Precedence: bulk\r\n",
                               "Precedence: list\r\n", "Precedence: junk\r\n", "List-Id: <x.example.org>\r\n",
                               "List-Unsubscribe: <mailto:x@y>\r\n", "Return-Path: <>\r\n", "X-Auto-Response-Suppress: All\r\n",
                               "X-Ack: no\r\n", "X-Autoreply: yes\r\n", "X-Loop: rabat@maimc.org\r\n"}) {
        desk.write("a@example.org", "rabat+request@maimc.org", "", "leave\r\nhelp", header);
        desk.write("new@example.org", "rabat+subscribe@maimc.org", "", "", header);
        CHECK_MESSAGE(desk.mails().empty(), header);
    }
    for (const char* from :
         {"MAILER-DAEMON@example.org", "postmaster@example.org", "no-reply@example.org", "noreply+1@example.org",
          "list-request@example.org", "owner-list@example.org", "", "nobody", "a@example.org, b@example.org"}) {
        desk.write(from, "rabat+subscribe@maimc.org");
        CHECK_MESSAGE(desk.mails().empty(), from);
    }
    CHECK(desk.open() == 0);
    desk.write("a@example.org", "rabat+help@maimc.org", "", "", "Precedence: bulk\r\nX-Ack: yes\r\n");
    CHECK(desk.mails().size() == 1);  // asked for
}

TEST_CASE("a vacation reply to a question confirms nothing")
{
    Desk desk;
    desk.write("a@example.org", "rabat+subscribe@maimc.org");
    const auto question = desk.mail();
    desk.reply(question, "a@example.org", "I am away", "Auto-Submitted: auto-replied\r\n");
    desk.reply(question, "a@example.org", "I am away", "X-Autoreply: yes\r\n");
    desk.take("From: a@example.org\r\nTo: " + question.from +
              "\r\nSubject: Out of office\r\nMessage-ID: <v@x>\r\n\r\nI am away\r\n");
    CHECK(!desk.on(desk.rabat, "a@example.org"));
    CHECK(desk.mails().empty());
}

TEST_CASE("a reply that may mean no does nothing, and asks again")
{
    Desk desk;
    desk.write("a@example.org", "rabat+subscribe@maimc.org");
    const auto question = desk.mail();
    desk.reply(question, "a@example.org", "Who are you? I did not ask for this.");
    CHECK(!desk.on(desk.rabat, "a@example.org"));
    const auto again = desk.mail();
    CHECK(holds(again.text, "Nothing was done"));
    CHECK(!holds(again.text, "\"help\""));  // a reply to this one confirms
    CHECK(again.token() == question.token());
    desk.reply(again, "a@example.org", "help");
    CHECK(!desk.on(desk.rabat, "a@example.org"));
    desk.mails();
    desk.reply(question, "a@example.org", "Amina\r\n-- \r\nThis message is not for everybody\r\n\r\nSent from my iPhone");
    CHECK(desk.on(desk.rabat, "a@example.org"));
}

TEST_CASE("who denies that a forged post is his does not approve it")
{
    Desk desk;
    desk.context.authentication.unproven = AuthenticationConfig::Unproven::challenge;
    desk.join(desk.rabat, "amina@example.org");
    desk.write("amina@example.org", "rabat@maimc.org", "Send me money", "Now");
    const auto question = desk.mail();
    desk.reply(question, "amina@example.org", "Bonjour, je n'ai jamais écrit cela !");
    CHECK(desk.number("SELECT count(*) FROM post_list WHERE verdict = 'held'") == 1);
    CHECK(desk.number("SELECT count(*) FROM delivery WHERE kind = 'post'") == 0);
    desk.mails();
    desk.reply(question, "amina@example.org", "Non");
    CHECK(desk.open() == 0);
    CHECK(desk.number("SELECT count(*) FROM delivery WHERE kind = 'post'") == 0);
}

TEST_CASE("a stranger gets one answer a day, whatever he asks")
{
    Desk desk;
    for (int i = 0; i < 50; ++i)
        desk.write("stranger@example.org", "rabat+request@maimc.org", "", i % 2 == 0 ? "help" : "whoami");
    CHECK(desk.mails().size() == 1);
    desk.now += 86'400;
    desk.write("stranger@example.org", "rabat+help@maimc.org");
    CHECK(desk.mails().size() == 1);
}

TEST_CASE("a victim's address is asked once a day for a list, three times in all")
{
    Desk desk;
    for (int i = 0; i < 100; ++i)
        for (const char* list : {"rabat", "maroc", "casablanca", "france", "maimc"})
            desk.write("victim@example.org", std::string{list} + "+subscribe@maimc.org");
    CHECK(desk.mails().size() == 3);
    for (int i = 0; i < 20; ++i) desk.write("eve@example.org", "rabat+request@maimc.org", "", "join address=other@example.org");
    const auto letters = desk.mails();
    CHECK(std::ranges::count(letters, "other@example.org", &Sent::to) == 1);
    CHECK(std::ranges::count(letters, "eve@example.org", &Sent::to) == 1);
}

TEST_CASE("bombing a domain or a list with requests ends by the hour, but not for who is proven")
{
    Desk desk;
    desk.trust_provider();
    for (int i = 0; i < 100; ++i) desk.write("v" + std::to_string(i) + "@example.org", "rabat+subscribe@maimc.org");
    CHECK(desk.mails().size() == 60);
    for (int i = 0; i < 300; ++i) desk.write("v@d" + std::to_string(i) + ".example", "rabat+subscribe@maimc.org");
    CHECK(desk.mails().size() == 140);
    desk.write("real@example.org", "rabat+subscribe@maimc.org", "", "", Desk::proven("example.org"));
    CHECK(desk.mails().size() == 1);
    desk.now += 3'600;
    desk.write("later@example.org", "rabat+subscribe@maimc.org");
    CHECK(desk.mails().size() == 1);
}

TEST_CASE("bombing the members of a list in their own names ends by the hour")
{
    Desk desk;
    for (int i = 0; i < 400; ++i) desk.join(desk.rabat, "m@d" + std::to_string(i) + ".example");
    for (int round = 0; round < 2; ++round)
        for (int i = 0; i < 400; ++i) desk.write("m@d" + std::to_string(i) + ".example", "rabat+unsubscribe@maimc.org");
    CHECK(desk.mails().size() == 300);
    for (int i = 0; i < 300; ++i) desk.join(desk.maroc, "m" + std::to_string(i) + "@example.org");
    for (int i = 0; i < 300; ++i) desk.write("m" + std::to_string(i) + "@example.org", "maroc+unsubscribe@maimc.org");
    CHECK(desk.mails().size() == 200);
    desk.write("stranger@elsewhere.example", "rabat+subscribe@maimc.org");  // has an allowance of his own
    CHECK(desk.mails().size() == 1);
}

TEST_CASE("a mail with several From fields, authors, or a group of them asks for nothing")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    for (const char* from : {"a@example.org\r\nFrom: eve@evil.example", "eve@evil.example\r\nFrom: a@example.org",
                             "a@example.org, eve@evil.example", "Team: a@example.org, eve@evil.example;", "Team:;",
                             "<a@example.org> <eve@evil.example>", "a@example.org\r\nfrom : eve@evil.example"}) {
        desk.write(from, "rabat+unsubscribe@maimc.org");
        CHECK_MESSAGE(desk.mails().empty(), from);
    }
    CHECK(desk.on(desk.rabat, "a@example.org"));
}

TEST_CASE("the answer goes to From as the member gave it, wherever else the mail points")
{
    Desk desk;
    desk.join(desk.rabat, "Amina@Example.org");
    desk.write("aMINA@example.ORG", "rabat+request@maimc.org", "", "whoami",
               "Reply-To: eve@evil.example\r\nSender: eve@evil.example\r\nReturn-Path: <eve@evil.example>\r\n"
               "Errors-To: eve@evil.example\r\nResent-From: eve@evil.example\r\n");
    CHECK(desk.mail().to == "Amina@Example.org");
    desk.write("=?utf-8?Q?amina=40example.org=0D=0A?= <eve@evil.example>", "rabat+request@maimc.org", "", "whoami");
    CHECK(!holds(desk.mail().text, "rabat:"));
}

TEST_CASE("a strange token address in Cc takes no post away from the list")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    const auto posts = [&] { return desk.number("SELECT count(*) FROM post_list WHERE verdict = 'accepted'"); };
    for (const char* strange : {"mod-aaaaaaaaaaaaaaaaaaaaaaaaaa", "confirm-aaaaaaaaaaaaaaaaaaaaaaaaaa",
                                "bounce-aaaaaaaaaaaaaaaaaaaaaaaaaa", "bounce", "unsubscribe", "owner", "subscribe"}) {
        const auto before = posts();
        desk.write("a@example.org", "rabat@maimc.org", "Re: Hello", "To all",
                   "Cc: rabat+" + std::string{strange} + "@maimc.org\r\n");
        CHECK_MESSAGE(posts() == before + 1, strange);
    }
    CHECK(desk.on(desk.rabat, "a@example.org"));
    CHECK(desk.open() == 0);
}

TEST_CASE("forged commands change nothing: each waits for the owner of the address")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    const auto before = desk.number("SELECT tick FROM membership_clock");
    desk.write(
        "a@example.org", "rabat+request@maimc.org", "",
        "set mail off\r\nset language ar\r\nset vacation 8d\r\nset own off\r\nset duplicates off\r\nalias add eve@example.org\r\n"
        "leave\r\njoin digest");
    CHECK(desk.number("SELECT tick FROM membership_clock") == before);
    CHECK(store::find_member(desk.db, "a@example.org")->language.empty());
    CHECK(desk.number("SELECT count(*) FROM member_alias") == 0);
    for (const auto& letter : desk.mails()) CHECK(letter.to == "a@example.org");
}

TEST_CASE("a question asked again with other content is another question")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    desk.write("a@example.org", "rabat+request@maimc.org", "", "set language ar");
    const auto first = desk.mail();
    desk.write("a@example.org", "rabat+request@maimc.org", "", "set mail off");
    desk.mails();
    desk.reply(first, "a@example.org");
    CHECK(store::find_member(desk.db, "a@example.org")->language == "ar");
    CHECK(desk.mode(desk.rabat, "a@example.org") == "each");
}

TEST_CASE("where a provider's verdict is a failure, nobody is written to")
{
    Desk desk;
    desk.trust_provider();
    desk.write("victim@example.org", "rabat+subscribe@maimc.org", "", "", Desk::forged("example.org"));
    desk.write("victim@example.org", "rabat+help@maimc.org", "", "", Desk::forged("example.org"));
    CHECK(desk.mails().empty());
    CHECK(desk.number("SELECT count(*) FROM journal WHERE event = 'command-ignored'") == 2);
}

TEST_CASE("hostile names and subjects stay one line of text in what is answered")
{
    Desk desk;
    desk.write("=?utf-8?Q?x=0D=0ABcc:_evil@example.org?= <a@example.org>", "rabat+request@maimc.org",
               "=?utf-8?Q?x=0D=0A=0D=0ABcc:_evil@example.org_=7B=7Bsite=7D=7D?=", "why {{site}}@x\r\n\x1b[31m\r\n");
    const auto answer = desk.mail();
    CHECK(!holds(answer.bytes, "\nBcc:"));
    CHECK(!holds(answer.text, "\x1b"));
    CHECK(scan_message(answer.bytes).defects.empty());
}

TEST_CASE("a hundred mails of one sender a day are read, and no more")
{
    Desk desk;
    desk.join(desk.rabat, "a@example.org");
    for (int i = 0; i < 150; ++i) desk.write("a@example.org", "rabat+request@maimc.org", "", "whoami");
    CHECK(desk.mails().size() == 20);
    CHECK(desk.number("SELECT count(*) FROM journal WHERE event = 'command-ignored'") == 50);
}

TEST_CASE("a mail that names many command addresses is heard for some of them")
{
    Desk desk;
    std::string to;
    for (const char* list : {"rabat", "maroc", "casablanca", "france", "maimc"})
        for (const char* command : {"help", "request", "subscribe", "unsubscribe"})
            to += std::string{to.empty() ? "" : ", "} + list + "+" + command + "@maimc.org";
    desk.write("a@example.org", to);
    CHECK(desk.mails().size() <= 5);
}
