#include "tests/unit/bounces/returns.hpp"

using namespace majlis;

TEST_CASE("the token of his own copy blames a member, whatever the report calls him")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    const auto delivery = site.post_to(site.rabat);
    CHECK(holds(site.bounce(delivery, anna, "somebody.else@forwarded.example"), "anna@example.org 5.1.1 no_such_user"));
    site.step();
    CHECK(site.points(anna) == 2);
}

TEST_CASE("a forged token counts for nothing, nor does what else its report says")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    auto token = site.token(site.post_to(site.rabat), anna);
    token.back() = token.back() == 'a' ? 'b' : 'a';
    const auto note = site.take(site.report("rabat+bounce-" + token + "@maimc.org", "anna@example.org", "5.1.1"));
    CHECK(holds(note, "not ours"));
    site.step();
    CHECK(site.stage(anna).empty());
}

TEST_CASE("what comes to a bounce address and cannot be read is shown to nobody, and counts half with a member's own token")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    const auto token = site.token(site.post_to(site.rabat), anna);
    site.mails();
    const auto odd = [&](const std::string& address) {
        return site.take("From: MAILER-DAEMON@mx.example.net\r\nTo: " + address +
                         "\r\nSubject: Hm\r\n\r\nWe could not, sorry.\r\n");
    };
    CHECK(!odd("rabat+bounce@maimc.org").empty());  // B-189
    site.step();
    CHECK(site.points(anna) == 0);
    CHECK(!odd("rabat+bounce-" + token + "@maimc.org").empty());
    site.step();
    CHECK(site.points(anna) == 1);
    CHECK(site.mails().empty());
}

TEST_CASE("of a copy for many the report's addresses tell, and only who was sent it")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    const auto late_delivery = site.post_to(site.rabat);
    const auto omar = site.join(site.rabat, "omar@example.org");
    site.bounce(late_delivery, 0, "anna@example.org");
    CHECK(holds(site.bounce(late_delivery, 0, "omar@example.org"), "names no member"));
    CHECK(holds(site.bounce(late_delivery, 0, "stranger@example.org"), "names no member"));
    site.step();
    CHECK(site.points(anna) == 2);
    CHECK(site.stage(omar).empty());
}

TEST_CASE("what only words say weighs half: any reader of the list could write them")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.post_to(site.rabat);
    const auto id = site.number("SELECT max(id) FROM post");
    auto row = site.db.prepared("SELECT message_id FROM post WHERE id = :id");
    row.bind(":id", id);
    REQUIRE(row.step());
    auto mail = site.report("listes@maimc.org", "anna@example.org", "5.1.1");
    const std::string before = "Subject: x\r\n";
    mail.replace(mail.rfind(before), before.size(), "Message-ID: <" + row.text(0) + ">\r\nSubject: x\r\n");
    site.take(mail);
    site.step();
    CHECK(site.points(anna) == 1);
}

TEST_CASE("a delay, a vacation answer, and the fault of somebody else's mail count for nothing")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    const auto delivery = site.post_to(site.rabat);
    site.bounce(delivery, anna, "anna@example.org", "4.4.1", "delayed");
    site.bounce(delivery, anna, "anna@example.org", "5.7.1", "failed", "550 5.7.1 rejected as spam");
    site.bounce(delivery, anna, "anna@example.org", "5.7.26", "failed",
                "550 5.7.26 unauthenticated mail, DMARC policy of the author's domain");
    site.take("From: anna@example.org\r\nTo: rabat+bounce-" + site.token(delivery, anna) +
              "@maimc.org\r\nSubject: Out of office\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.\r\n");
    site.step();
    CHECK(site.points(anna) == 0);
    CHECK(site.mails().empty());
}

TEST_CASE("a complaint takes the complainer off the list without a word, and only he who holds the copy's token")
{
    Returns site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    const auto delivery = site.post_to(site.rabat);
    const auto complaint = [&](const std::string& to) {
        return "From: fbl@provider.example\r\nTo: " + to +
               "\r\nSubject: complaint\r\nMIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; "
               "boundary=b\r\n\r\n"
               "--b\r\nContent-Type: text/plain\r\n\r\nAn abuse report.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
               "Feedback-Type: abuse\r\nUser-Agent: x/1\r\nVersion: 1\r\nOriginal-Rcpt-To: anna@example.org\r\n\r\n"
               "--b\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@example.org\r\nSubject: x\r\n\r\nx\r\n--b--\r\n";
    };
    site.take(complaint("rabat+bounce-aaaaaaaaaaaaaaaaaaaaaaaa@maimc.org"));
    CHECK(site.on(site.rabat, "anna@example.org"));
    CHECK(holds(site.take(complaint("rabat+bounce-" + site.token(delivery, anna) + "@maimc.org")), "was unsubscribed"));
    CHECK_FALSE(site.on(site.rabat, "anna@example.org"));
    CHECK(site.mails().empty());
}
