#include "core/classify/classify.hpp"

#include <doctest/doctest.h>

using namespace majlis;

namespace {

Classification judged(std::string_view header, std::string_view body = "Hello\n")
{
    const auto raw = std::string{header} + "\n" + std::string{body};
    return classify(scan_message(raw));
}

const std::string person = "From: Ann <ann@example.org>\nTo: rabat@maimc.org\n";

}  // namespace

TEST_CASE("what a person writes is a post")
{
    const std::string_view headers[] = {
        "Subject: minutes\n",
        "Subject: Re: Automatic reply: minutes\n",
        "Subject: Out of office policy for the council\n",
        "Subject: delivery failed at the town hall\n",
        "Subject: [rabat] failure notice of the water works\n",
        "Subject: How do I unsubscribe my colleague?\n",
        "Auto-Submitted: no\nSubject: x\n",
        "Precedence: bulk\nSubject: x\n",
        "Precedence: list\nList-Id: <other.example.org>\nSubject: x\n",
        "X-Auto-Response-Suppress: OOF\nSubject: x\n",
        "Return-Path: <ann@example.org>\nSubject: x\n",
        "Cc: other-request@example.org\nSubject: x\n",
        "Subject: Absence de demain\n",
        "Subject: Absence : demain\n",
    };
    for (const auto header : headers) {
        CAPTURE(header);
        CHECK(judged(person + std::string{header}).kind == Kind::post);
    }
    CHECK(judged("").kind == Kind::post);
    CHECK(judged("From: Postmaster <postmaster@example.org>\nSubject: the new mail server\n").kind == Kind::post);
}

TEST_CASE("automatic answers are told by their marks, and doubt is told too")
{
    const struct {
        std::string_view header;
        bool certain;
    } table[] = {
        {"Auto-Submitted: auto-replied\n", true},
        {"Auto-Submitted: Auto-Replied (vacation)\n", true},
        {"Auto-Submitted: auto-generated\n", false},
        {"Precedence: auto_reply\n", true},
        {"X-Autoreply: yes\n", true},
        {"X-Autorespond: out\n", true},
        {"Return-Path: <>\nSubject: minutes\n", true},
        {"Subject: Automatic reply: minutes\n", false},
        {"Subject: Out of office\n", false},
        {"Subject: [rabat] =?utf-8?Q?R=C3=A9ponse_automatique_=3A?= minutes\n", false},
        {"Subject: Auto: Re: minutes\n", false},
        {"X-Auto-Response-Suppress: All\n", false},
    };
    for (const auto& row : table) {
        CAPTURE(row.header);
        const auto answer = judged(person + std::string{row.header});
        CHECK(answer.kind == Kind::autoreply);
        CHECK(answer.certain == row.certain);
        CHECK_FALSE(answer.reason.empty());
    }
}

TEST_CASE("a mail to a command address alone is a command")
{
    for (const auto* to : {"rabat-request@maimc.org", "rabat+subscribe@maimc.org", "RABAT+Subscribe-Digest@maimc.org",
                           "rabat-confirm-abcdefgh@maimc.org", "rabat-confirm+abcdefgh@maimc.org", "me+rabat-leave@gmail.com"}) {
        CAPTURE(to);
        CHECK(judged("From: a@b.org\nTo: " + std::string{to} + "\n").kind == Kind::command);
    }
    for (const auto* to : {"rabat@maimc.org", "request@maimc.org", "a-b@maimc.org", "rabat-requests@maimc.org",
                           "rabat@maimc.org, rabat-request@maimc.org"}) {
        CAPTURE(to);
        CHECK(judged("From: a@b.org\nTo: " + std::string{to} + "\n").kind == Kind::post);
    }
}

TEST_CASE("reports that are no bounces")
{
    CHECK(judged("From: fbl@example.org\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n",
                 "--b\n\nx\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--\n")
              .kind == Kind::feedback);
    CHECK(judged("From: a@b.org\nContent-Type: multipart/report; report-type=disposition-notification; boundary=b\n",
                 "--b\n\nx\n--b\nContent-Type: message/disposition-notification\n\nDisposition: manual-action/MDN-sent-manually; "
                 "displayed\n--b--\n")
              .kind == Kind::other);
    CHECK(judged("From: a@b.org\nSubject: Report Domain: maimc.org Submitter: example.org Report-ID: <1>\n").kind == Kind::other);
    CHECK(judged("From: a@b.org\nSubject: Report domain changes\n").kind == Kind::post);
}

TEST_CASE("a report forwarded as an attachment is a post")
{
    CHECK(judged(person + "Subject: look what I got\nContent-Type: multipart/mixed; boundary=b\n",
                 "--b\n\nsee below\n--b\nContent-Type: message/rfc822\n\nFrom: MAILER-DAEMON@example.org\n"
                 "Content-Type: multipart/report; report-type=delivery-status; boundary=i\n\n--i\nContent-Type: "
                 "message/delivery-status\n\n"
                 "Final-Recipient: rfc822; x@y.org\nAction: failed\n--i--\n--b--\n")
              .kind == Kind::post);
}

TEST_CASE("vacation programs are known in many languages")
{
    const std::string_view subjects[] = {
        "Automatic reply: minutes",
        "Autoreply: minutes",
        "Out of Office: minutes",
        "Auto-Reply: minutes",
        "Out of Office AutoReply: minutes",
        "R\xc3\xa9ponse automatique : compte rendu",
        "Abwesenheitsnotiz: Protokoll",
        "Automatische Antwort: Protokoll",
        "Respuesta autom\xc3\xa1tica: acta",
        "Risposta automatica: verbale",
        "Resposta autom\xc3\xa1tica: ata",
        "Automatisch antwoord: notulen",
        "Autosvar: referat",
        "Automatiskt svar: protokoll",
        "\xd8\xb1\xd8\xaf \xd8\xaa\xd9\x84\xd9\x82\xd8\xa7\xd8\xa6\xd9\x8a: \xd9\x85\xd8\xad\xd8\xb6\xd8\xb1",
        "\xe8\x87\xaa\xe5\x8a\xa8\xe5\x9b\x9e\xe5\xa4\x8d: minutes",
        "\xe8\x87\xaa\xe5\x8b\x95\xe8\xbf\x94\xe4\xbf\xa1",
        "\xd0\x90\xd0\xb2\xd1\x82\xd0\xbe\xd0\xbe\xd1\x82\xd0\xb2\xd0\xb5\xd1\x82: minutes",
        "I am out of the office: minutes",
        "Auto: minutes",
        "Vacation reply",
        "[rabat] Automatic reply: minutes",
        "Absence: Re: minutes",
        "Absent(e) du bureau : réunion",
        "Je suis en congés Re: [rabat] réunion",
        "Accusé de réception automatique : réunion",
        "Abwesenheitsbenachrichtigung: Treffen",
        "Automatische Eingangsbestätigung: Treffen",
        "Odpowiedź automatyczna: spotkanie",
        "Jane Ray is out of the office (returning 05/03/2029)",
    };
    for (const auto subject : subjects) {
        CAPTURE(subject);
        CHECK(judged(person + "Subject: " + std::string{subject} + "\n").kind == Kind::autoreply);
    }
}

TEST_CASE("marks of programs tell an automatic answer without a word of it")
{
    for (const auto* mark :
         {"X-Autogenerated: Reply", "X-Apple-Action: VACATION/1", "X-Auto-Reply: yes", "X-FC-MachineGenerated: true",
          "Precedence: auto_reply", "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "X-Mailer: vacation 1.2",
          "Delivered-To: Autoresponder"}) {
        CAPTURE(mark);
        const auto answer = judged(person + mark + "\nSubject: Re: minutes\n");
        CHECK(answer.kind == Kind::autoreply);
        CHECK(answer.certain);
        CHECK(judged("Delivered-To: rabat@maimc.org\n" + person + mark + "\nSubject: Re: minutes\n").kind == Kind::autoreply);
    }
}

TEST_CASE("a challenge is shown to somebody, and known as one")
{
    const struct {
        std::string_view header, body;
    } table[] = {
        {"Return-Path: <>\nSubject: Re: minutes (verification required)\n", "Hello\n"},
        {"X-TMDA-Fingerprint: abc\nSubject: Please confirm your message\n", "Reply to this message.\n"},
        {"Precedence: bulk\nSubject: Re: minutes\n", "Just this once, click the link below to verify\nthat you sent this.\n"},
        {"Precedence: bulk\nSubject: Your email requires verification verify#abCdEf123456\n", "Simply reply to this message.\n"},
        {"Precedence: bulk\nSubject: Re: minutes\n", "You must verify that you\r\n  are a real live human being.\n"},
        {"Precedence: junk\nSubject: Re: minutes (verification)\n",
         "I'm protecting myself\nfrom receiving junk mail. Just this once, click the link below so\nI can receive your mail.\n"},
        {"Auto-Submitted: auto-replied\nSubject: Votre message\n", "Merci de prouver que vous n'\xc3\xaates pas un automate.\n"},
    };
    for (const auto& row : table) {
        CAPTURE(row.header);
        const auto answer = judged(person + std::string{row.header}, row.body);
        CHECK(answer.kind == Kind::autoreply);
        CHECK(answer.challenge);
        CHECK_FALSE(answer.certain);
    }
    CHECK(judged(person + "Subject: captchas\n", "They ask you to prove you are human.\n").kind == Kind::post);
}

TEST_CASE("who writes about failures writes a post")
{
    const struct {
        std::string_view header, body;
    } table[] = {
        {"Subject: Re: Undelivered Mail Returned to Sender\nIn-Reply-To: <1@x.org>\n",
         "Does anybody know what this means?\n\n> <a@b.org>: user unknown\n"},
        {"Subject: Fwd: Delivery failure\n", "I got this:\n\nYour message could not be delivered to:\n  bob@example.org\n"},
        {"Subject: delivery failed again\n", "The parcel could not be delivered to the town hall, ask bob@example.org.\n"},
        {"Subject: minutes\n",
         "Mail to bob@example.org bounces: 550 5.1.1 user unknown. The following address(es) failed:\n  bob@example.org\n"},
        {"Subject: Mailbox full\nReferences: <1@x.org>\n", "My mailbox is full, please write to ann2@example.org.\n"},
        {"Subject: AW: Unzustellbar: Protokoll\n", "Bitte an bob@example.org senden.\n"},
        {"Subject: Jane is out of the office next week\n", "So let us meet without her.\n"},
        {"Subject: Absent(e)s samedi\n", "Karim et Leila.\n"},
        {"Subject: minutes\n", "Your message to: bob@example.org has not been delivered, he says.\n"},
        {"Subject: Message you sent blocked the door\n", "Your message to: bob@example.org\nhas not been delivered.\n"},
    };
    for (const auto& row : table) {
        CAPTURE(row.header);
        CHECK(judged(person + std::string{row.header}, row.body).kind == Kind::post);
    }
}

TEST_CASE("programs that speak of deliveries and failures carry no mail")
{
    for (const auto* header :
         {"From: Shop <noreply@shop.example>\nSubject: Delivery notification: your parcel could not be delivered\n",
          "From: builds <noreply@ci.example>\nSubject: Run failed: minutes of main\n",
          "From: Parcels <info@parcels.example>\nSubject: Delivery failed\n",
          "From: Ann <admin@people.example>\nSubject: Mailbox full\n"}) {
        CAPTURE(header);
        CHECK(judged(std::string{header} + "To: rabat@maimc.org\n", "It could not be delivered. Write to help@shop.example.\n")
                  .kind == Kind::post);
    }
}

TEST_CASE("a receipt of a deletion is no refusal")
{
    const std::string head =
        "From: eve@b.org\nTo: ann@example.org\nContent-Type: multipart/report; report-type=disposition-notification; "
        "boundary=b\n";
    const std::string tail =
        "\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; eve@b.org\n"
        "Disposition: automatic-action/MDN-sent-automatically; deleted\n--b--\n";
    CHECK(judged(head + "Subject: Not read: minutes\n", "--b\n\nYour message was deleted without being read." + tail).kind ==
          Kind::other);
    CHECK(judged(head + "Subject: Automatically rejected mail\n",
                 "--b\n\nYour message to <eve@b.org> was automatically rejected:\nno lists" + tail)
              .kind == Kind::bounce);
}
