#include "core/classify/classify.hpp"

#include <doctest/doctest.h>

#include <chrono>

#include "core/text/charset.hpp"

using namespace majlis;

namespace {

Classification report(std::string_view status)
{
    const auto raw =
        "From: MAILER-DAEMON@example.org\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\n\nIt failed.\n--b\nContent-Type: message/delivery-status\n\n" +
        std::string{status} + "\n--b--\n";
    return classify(scan_message(raw));
}

Classification words(std::string_view header, std::string_view body)
{
    const auto raw = std::string{header} + "\n" + std::string{body};
    return classify(scan_message(raw));
}

/// "a@b 5.1.1 gone; c@d 4.2.2 later"
std::string shown(const Classification& answer)
{
    std::string out;
    for (const auto& failure : answer.failures)
        out += (out.empty() ? "" : "; ") + failure.recipient + " " + failure.status + (failure.permanent ? " gone" : " later");
    return out;
}

}  // namespace

TEST_CASE("delivery reports name who failed and how hard")
{
    const struct {
        std::string_view status, failures;
    } table[] = {
        {"Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; a@b.org\nAction: failed\nStatus: 5.1.1\n", "a@b.org 5.1.1 gone"},
        {"Final-Recipient: RFC822;<a@b.org>\nAction: Failed\nStatus: 5.1.1 (no such user)\n", "a@b.org 5.1.1 gone"},
        {"Original-Recipient: rfc822;member@b.org\nFinal-Recipient: rfc822; mailbox@c.org\nAction: failed\nStatus: 5.2.2\n",
         "member@b.org 5.2.2 gone"},
        {"Final-Recipient: rfc822; a@b.org\nAction: delayed\nStatus: 4.4.1\n", "a@b.org 4.4.1 later"},
        {"Final-Recipient: rfc822; a@b.org\nAction: failed\nStatus: 4.4.7\n", "a@b.org 4.4.7 later"},
        {"Final-Recipient: rfc822; a@b.org\nAction: failed\nDiagnostic-Code: smtp; 550 5.7.1 refused\n", "a@b.org 5.7.1 gone"},
        {"Final-Recipient: rfc822; a@b.org\nAction: failed\nDiagnostic-Code: smtp; 552 mailbox full\n", "a@b.org 5.0.0 gone"},
        {"Final-Recipient: rfc822; a@b.org\nAction: failed\nStatus: 5.1.1\nFinal-Recipient: rfc822; c@d.org\nAction: "
         "failed\nStatus: 5.1.2\n",
         "a@b.org 5.1.1 gone; c@d.org 5.1.2 gone"},
        {"Reporting-MTA: dns; x\n\n\n\nFinal-Recipient: rfc822; a@b.org\nAction: failed\nStatus: 5.1.1\n\n\n"
         "Final-Recipient: rfc822; c@d.org\nAction: relayed\nStatus: 2.0.0\n",
         "a@b.org 5.1.1 gone"},
        {"Final-Recipient: x-local; somebody\nAction: failed\n", ""},
    };
    for (const auto& row : table) {
        CAPTURE(row.status);
        const auto answer = report(row.status);
        CHECK(answer.kind == Kind::bounce);
        CHECK(shown(answer) == row.failures);
    }
}

TEST_CASE("a report of success is no bounce")
{
    CHECK(report("Final-Recipient: rfc822; a@b.org\nAction: delivered\nStatus: 2.0.0\n").kind == Kind::other);
    CHECK(report("Final-Recipient: rfc822; a@b.org\nAction: relayed\n").kind == Kind::other);
}

TEST_CASE("failures told in words are read by their shape")
{
    const struct {
        std::string_view header, body, failures;
    } table[] = {
        {"From: MAILER-DAEMON@mx.example.org\nTo: rabat+bounce@maimc.org\nSubject: failure notice\n",
         "Hi. This is the program.\n\n<a@b.org>:\n192.0.2.1 does not like recipient.\nRemote host said: 550 5.1.1 unknown\n\n"
         "--- Below this line is a copy of the message.\n\n<other@b.org>:\n",
         "a@b.org 5.1.1 gone"},
        {"From: Mail Delivery System <Mailer-Daemon@mx.example.org>\nX-Failed-Recipients: a@b.org, c@d.org\nSubject: Mail "
         "delivery failed\n",
         "A message could not be delivered:\n\n  a@b.org\n    SMTP error: 550 no such user\n  c@d.org\n    mailbox full\n",
         "a@b.org 5.0.0 gone; c@d.org 5.0.0 gone"},
        {"From: mailer-daemon@example.org\nSubject: Delivery Status Notification (Delay)\n",
         "Delivery to the following recipient has been delayed:\n\n     a@b.org\n", "a@b.org 4.0.0 later"},
        {"From: Postmaster <postmaster@example.org>\nReturn-Path: <>\nSubject: Undeliverable: minutes\n",
         "The user a@b.org is unknown. Ask postmaster@example.org.\n", "a@b.org 5.0.0 gone"},
        {"From: mailer-daemon@example.org\nTo: rabat@maimc.org\nSubject: failure notice\n", "Mail from rabat@maimc.org failed.\n",
         ""},
    };
    for (const auto& row : table) {
        CAPTURE(row.body);
        const auto answer = words(row.header, row.body);
        CHECK(answer.kind == Kind::bounce);
        CHECK(shown(answer) == row.failures);
    }
}

TEST_CASE("a filter's refusal by disposition notification is a bounce")
{
    const auto answer = words(
        "From: filter@b.org\nTo: rabat+bounce@maimc.org\nContent-Type: multipart/report; report-type=disposition-notification; "
        "boundary=b\n",
        "--b\n\nYour message to <a@b.org> was rejected: quota\n--b\nContent-Type: message/disposition-notification\n\n"
        "Disposition: automatic-action/MDN-sent-automatically; deleted\n--b--\n");
    CHECK(answer.kind == Kind::bounce);
    CHECK(shown(answer) == "a@b.org 5.0.0 gone");
}

TEST_CASE("a report of nothing but blank and folded lines is read once")
{
    for (const char* line : {" \n", " x\n", "\t\r\n", "\n", " \r"}) {
        std::string status;
        while (status.size() < 400'000) status += line;
        const auto begin = std::chrono::steady_clock::now();
        CHECK(shown(report(status + "\nFinal-Recipient: rfc822; a@b.org\nAction: failed\nStatus: 5.1.1\n")) ==
              "a@b.org 5.1.1 gone");
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        CHECK(seconds.count() < 5);  // squared it would be minutes
    }
}

TEST_CASE("a diagnostic in no charset is read as a guess, and stays as short as any other")
{
    for (const char byte : {'\xe9', '\xc3', '\x80', '\xff'}) {
        const auto answer = report("Final-Recipient: rfc822; a@b.org\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; " +
                                   std::string(700, byte));
        REQUIRE(answer.failures.size() == 1);
        CHECK(answer.failures.front().diagnostic.size() <= 500);
        CHECK(answer.failures.front().diagnostic.size() >= 490);
        CHECK(text::valid_utf8(answer.failures.front().diagnostic));
    }
}
