#include "samples.hpp"

using namespace majlis;
using samples::classified;

namespace {

const std::string report_head =
    "From: MAILER-DAEMON@mx.example\nTo: list+bounce-abc@lists.example\nSubject: Undelivered Mail Returned to Sender\n"
    "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\nIt failed.\n--b\n"
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example\nOriginal-Envelope-Id: D42\n\n"
    "Final-Recipient: rfc822; eve@mx.example\nAction: failed\nStatus: 5.1.1\n\n--b\n";

const std::string returned =
    "Return-Path: <list+bounce-xyz@lists.example>\nReceived: from a by b\n for <eve@mx.example>; Mon, 5 May 2025 10:00:00 +0000\n"
    "From: Ann <ann@people.example>\nTo: list@lists.example, eve@mx.example\nCc: Bob <bob@people.example>\n"
    "Subject: =?utf-8?Q?proc=C3=A8s-verbal?=\nMessage-ID: <1@people.example>\nList-Id: The list <list.lists.example>\n\ntext\n";

void check_returned(const Classification& answer)
{
    CHECK(answer.original.message_id == "1@people.example");
    CHECK(answer.original.return_path == "list+bounce-xyz@lists.example");
    CHECK(answer.original.from == "ann@people.example");
    CHECK(answer.original.subject == "procès-verbal");
    CHECK(answer.original.list_id == "list.lists.example");
    CHECK(answer.original.sent_to == "eve@mx.example");
    REQUIRE(answer.original.recipients.size() == 3);
    CHECK(answer.original.recipients[2] == "bob@people.example");
}

}  // namespace

TEST_CASE("the returned mail is read from an attachment, its header alone, or the words below a rule")
{
    const auto whole = classified(report_head + "Content-Type: message/rfc822\n\n" + returned + "--b--\n");
    check_returned(whole);
    CHECK(whole.original.envelope_id == "D42");
    check_returned(classified(report_head + "Content-Type: text/rfc822-headers\n\n" + returned + "--b--\n"));
    check_returned(
        classified("From: MAILER-DAEMON@mx.example\nSubject: failure notice\n\n<eve@mx.example>:\nno such user\n\n"
                   "--- Below this line is a copy of the message.\n\n" +
                   returned));
}

TEST_CASE("where nothing came back, the report's own fields tell which mail it was")
{
    CHECK(classified(
              "From: MAILER-DAEMON@mx.example\nIn-Reply-To: <7@lists.example>\nSubject: failure notice\n\n<a@b.example>:\nno\n")
              .original.message_id == "7@lists.example");
    const auto named =
        classified("From: MAILER-DAEMON@mx.example\nX-Failed-Recipients: a@b.example\nSubject: failure notice\n\nno\n");
    REQUIRE(named.original.recipients.size() == 1);
    CHECK(named.original.recipients.front() == "a@b.example");
    CHECK(classified("From: a@b.example\nSubject: minutes\n\ntext\n").original.message_id.empty());
}

TEST_CASE("a complaint says of what kind it is, and who complains where the provider tells")
{
    const std::string head =
        "From: fbl@provider.example\nSubject: complaint\nContent-Type: multipart/report; report-type=feedback-report; "
        "boundary=b\n\n"
        "--b\n\nA complaint.\n--b\nContent-Type: message/feedback-report\n\n";
    const std::string tail = "\n--b\nContent-Type: message/rfc822\n\n" + returned + "--b--\n";
    const auto full = classified(head +
                                 "Feedback-Type: Abuse\nUser-Agent: x/1\nVersion: 1\nOriginal-Rcpt-To: <eve@mx.example>\n"
                                 "Original-Rcpt-To: <bob@people.example>\nSource-IP: 192.0.2.80\n" +
                                 tail);
    CHECK(full.kind == Kind::feedback);
    CHECK(full.feedback.type == "abuse");
    CHECK(full.feedback.source_ip == "192.0.2.80");
    REQUIRE(full.feedback.recipients.size() == 2);
    CHECK(full.feedback.recipients[0] == "eve@mx.example");
    CHECK(full.original.message_id == "1@people.example");

    const auto hidden = classified(head + "Feedback-Type: not-spam\nUser-Agent: x/1\nVersion: 1\n" + tail);
    CHECK(hidden.feedback.type == "not-spam");
    CHECK(hidden.feedback.recipients.empty());
}

TEST_CASE("complaints that know no RFC 5965 are complaints too")
{
    const auto bare = classified(
        "From: staff@mail.example\nSubject: complaint about message from 192.0.2.80\nContent-Type: multipart/mixed; "
        "boundary=b\n\n"
        "--b\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: eve@mail.example\nSubject: minutes\n\nx\n--b--\n");
    CHECK(bare.kind == Kind::feedback);
    CHECK(bare.feedback.type == "abuse");
    REQUIRE(bare.feedback.recipients.size() == 1);
    CHECK(bare.feedback.recipients[0] == "eve@mail.example");

    const auto pasted = classified(
        "From: fbl@provider.example\nSubject: FW: minutes\n\nThis is a report.\n\nFeedback-Type: fraud\nUser-Agent: x/1\n"
        "Version: 0.1\nOriginal-Rcpt-To: eve@mx.example\nArrival-Date: today\n\nrest\n");
    CHECK(pasted.kind == Kind::feedback);
    CHECK(pasted.feedback.type == "fraud");

    const auto json = classified(
        "From: AWS <no-reply@sns.cloud.example>\nSubject: AWS Notification Message\n\n"
        R"({"notificationType":"Complaint","complaint":{"complainedRecipients":[{"emailAddress":"eve@mx.example"}]}})"
        "\n");
    CHECK(json.kind == Kind::feedback);
    REQUIRE(json.feedback.recipients.size() == 1);
    CHECK(json.feedback.recipients[0] == "eve@mx.example");
    CHECK(classified("From: ann@people.example\nSubject: reports\n\nDo you know Feedback-Type: abuse?\n").kind == Kind::post);
}

TEST_CASE("addresses beyond ASCII are read from reports as RFC 6533 writes them")
{
    const auto answer = classified(
        "From: MAILER-DAEMON@mx.example\nContent-Type: multipart/report; report-type=delivery-status; "
        "boundary=b\n\n--b\n\nx\n--b\n"
        "Content-Type: message/global-delivery-status\n\nReporting-MTA: dns; mx\n\n"
        "Final-Recipient: utf-8; \\x{E9}lodie@mx.example\nAction: failed\nStatus: 5.1.1\n--b--\n");
    CHECK(samples::shown(answer) == "élodie@mx.example 5.1.1 no_such_user gone");
}
