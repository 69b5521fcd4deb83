#include <doctest/doctest.h>

#include "tests/unit/compose/copy.hpp"

using namespace majlis;

namespace {
const std::string plain =
    "Received: from a by b; Mon, 2 Mar 2026 10:00:00 +0000\nDKIM-Signature: v=1; a=x;\n\tb=abc\n"
    "From: Amina <amina@example.org>\nTo: rabat@maimc.org\nSubject: Meeting\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n"
    "Message-ID: <1@example.org>\nX-Odd:   two  spaces \n\nHello\n";
}

TEST_CASE("a plain post gains the list's fields and loses nothing")
{
    CHECK(
        copied(plain) ==
        "Received: from a by b; Mon, 2 Mar 2026 10:00:00 +0000\nDKIM-Signature: v=1; a=x;\n\tb=abc\n"
        "From: Amina <amina@example.org>\nTo: rabat@maimc.org\nSubject: Meeting\nDate: Mon, 2 Mar 2026 10:00:00 +0000\n"
        "Message-ID: <1@example.org>\nX-Odd:   two  spaces \n"
        "Sender: rabat+bounce@maimc.org\nPrecedence: list\nX-Loop: rabat@maimc.org\n"
        "List-Id: MAIMC Rabat <rabat.maimc.org>\nList-Post: <mailto:rabat@maimc.org>\nList-Help: <mailto:rabat+help@maimc.org>\n"
        "List-Subscribe: <mailto:rabat+subscribe@maimc.org>\nList-Owner: <mailto:rabat+owner@maimc.org>\n\nHello\n");
}

TEST_CASE("the same post gives the same copy")
{
    const auto first = composed(crlf(plain), rabat());
    const auto second = composed(crlf(plain), rabat());
    CHECK(first.head == second.head);
    CHECK(first.tail == second.tail);
}

TEST_CASE("a copy has one List-Unsubscribe: the list's in a shared one, the member's own in a personal one")
{
    CopyOptions shared;
    shared.audience = CopyOptions::Audience::shared;
    CHECK(field_of(copied(plain, rabat(), shared), "List-Unsubscribe") == "<mailto:rabat+unsubscribe@maimc.org>");
    CHECK(field_of(copied(plain), "List-Unsubscribe") == "(none)");
    CHECK(personal_fields(rabat(), "abc234") == "List-Unsubscribe: <mailto:rabat+unsubscribe-abc234@maimc.org>\r\n");
}

TEST_CASE("what must not pass is removed, in any case and folded")
{
    const std::string mail = copied(
        "Return-Path: <x@y>\nDelivered-To: majlis@maimc.org\nX-Original-To: x\nEnvelope-To: x\n"
        "RETURN-RECEIPT-TO: a@b\nDisposition-Notification-To:\n a@b\nX-Confirm-Reading-To: a@b\nX-PMRQC: 1\n"
        "Generate-Delivery-Report: x\nRead-Receipt-To: a@b\nApproved: secret\nApprove: secret\nX-Approved: secret\n"
        "X-Approve: secret\nUrgent: secret\nBcc: hidden@example.org\nResent-Bcc: hidden@example.org\n"
        "Errors-To: a@b\nList-Id: Other <other.example>\nList-Foo: x\nList-Unsubscribe-Post: x\nArchived-At: <http://x>\n"
        "Bcc : hidden@example.org\nSender: somebody@example.org\nFrom: a@example.org\nSubject: x\n\nHello\n");
    CHECK(mail.substr(0, mail.find("X-Loop")) ==
          "Sender: rabat+bounce@maimc.org\nFrom: a@example.org\nSubject: x\nPrecedence: list\n");
    CHECK(count_of(mail, "List-Id:") == 1);
    CHECK(mail.find("secret") == std::string::npos);
    CHECK(mail.find("hidden") == std::string::npos);
}

TEST_CASE("more fields than the scanner lists are still cleaned")
{
    std::string mail;
    for (int i = 0; i < 5000; ++i) mail += "X-Filler: y\n";
    const std::string out = copied(mail + "Approved: secret\nFrom: a@example.org\n\nHello\n");
    CHECK(out.find("secret") == std::string::npos);
    CHECK(count_of(out, "X-Filler") == 5000);
}

TEST_CASE("a foreign field of raw bytes passes as it is, and one that is too long for a line is folded")  // B-087
{
    const std::string words = std::string(900, 'a') + " " + std::string(900, 'b');
    const std::string mail = copied("From: a@example.org\nX-Raw: caf\u00e9 \xff\nX-Long: " + words + "\n\nHello\n");
    CHECK(field_of(mail, "X-Raw") == "caf\u00e9 \xff");
    CHECK(field_of(mail, "X-Long") == words);
}

TEST_CASE("a post that came without a Message-ID gets ours in each copy, one that has any keeps it")  // B-194
{
    CopyOptions options;
    options.message_id = "made@maimc.org";
    for (const auto audience : {CopyOptions::Audience::shared, CopyOptions::Audience::personal}) {
        options.audience = audience;
        CHECK(field_of(copied("From: a@example.org\nSubject: x\n\nHello\n", rabat(), options), "Message-ID") ==
              "<made@maimc.org>");
        const auto kept = copied("From: a@example.org\nMessage-ID: [odd] one\nSubject: x\n\nHello\n", rabat(), options);
        CHECK(field_of(kept, "Message-ID") == "[odd] one");
        CHECK(count_of(kept, "Message-ID:") == 1);
    }
}

TEST_CASE("an own Precedence is kept")
{
    const std::string mail = copied("From: a@example.org\nPrecedence: bulk\n\nHello\n");
    CHECK(field_of(mail, "Precedence") == "bulk");
    CHECK(count_of(mail, "Precedence") == 1);
}

TEST_CASE("the list's face shows in its fields")
{
    ListFace face = rabat();
    face.title = "\u0645\u062c\u0644\u0633 \u0627\u0644\u0631\u0628\u0627\u0637\nsecond line";
    face.posting = ListFace::Posting::moderators;
    face.archive_url = "https://lists.maimc.org/rabat/";
    CopyOptions options;
    options.archived_at = "https://lists.maimc.org/rabat/1";
    const std::string mail = copied(plain, face, options);
    CHECK(field_text(scan_header(mail), "List-Id") ==
          "\u0645\u062c\u0644\u0633 \u0627\u0644\u0631\u0628\u0627\u0637 <rabat.maimc.org>");
    CHECK(field_of(mail, "List-Id").starts_with("=?"));
    CHECK(field_of(mail, "List-Post") == "NO");
    CHECK(field_of(mail, "List-Archive") == "<https://lists.maimc.org/rabat/>");
    CHECK(field_of(mail, "Archived-At") == "<https://lists.maimc.org/rabat/1>");
    face.archive_url = "javascript:alert(1)>";
    CHECK(field_of(copied(plain, face, options), "List-Archive") == "(none)");
    face.title.clear();
    CHECK(field_of(copied(plain, face), "List-Id") == "rabat <rabat.maimc.org>");
}

TEST_CASE("a plus-addressed list has its commands behind a minus")
{
    ListFace face = rabat();
    face.address = "me+rabat@gmail.com";
    CHECK(command_address(face.address, "help") == "me+rabat-help@gmail.com");
    CHECK(field_of(copied(plain, face), "List-Help") == "<mailto:me+rabat-help@gmail.com>");
    CHECK(field_of(copied(plain, face), "Sender") == "me+rabat-bounce@gmail.com");
}

TEST_CASE("mailto URLs are percent-encoded")
{
    CHECK(mailto_url("a?b&c=d@example.org", "h\u00e9 l&o\r\nBcc: x") ==
          "mailto:a%3Fb%26c%3Dd@example.org?subject=h%C3%A9%20l%26o%0D%0ABcc%3A%20x");
    CHECK(mailto_url("\u0631\u0628\u0627\u0637@b\u00fccher.example") == "mailto:%D8%B1%D8%A8%D8%A7%D8%B7@xn--bcher-kva.example");
}

TEST_CASE("lines that are no field leave the header")
{
    const std::string mail = copied("From x@y Mon Mar 2 2026\nFrom: a@example.org\nthis is no field\nSubject: x\n\nHello\n");
    CHECK(mail.starts_with("From: a@example.org\nSubject: x\nSender:"));
}

TEST_CASE("the tag is set in the header, once")
{
    ListFace face = rabat();
    face.subject_tag = "[rabat]";
    CHECK(field_of(copied(plain, face), "Subject") == "[rabat] Meeting");
    const std::string none = copied("From: a@example.org\n\nHello\n", face);
    CHECK(field_of(none, "Subject") == "[rabat] (no subject)");
    const std::string two = copied("Subject: a\nFrom: a@example.org\nSubject: b\n\nHello\n", face);
    CHECK(count_of(two, "Subject:") == 1);
    CHECK(field_of(two, "Subject") == "[rabat] a");
}

TEST_CASE("an empty mail, a header alone and a body alone come out whole")
{
    for (const char* mail : {"", "\n", "Subject: x", "Subject: x\n", "\n\nbody", ":\n", " \n"}) {
        const PostCopy copy = composed(mail, rabat());
        CHECK(copy.head.ends_with("\r\n"));
        CHECK(copy.tail.ends_with("\r\n"));
        CHECK(field_of(copy.head, "List-Id") == "MAIMC Rabat <rabat.maimc.org>");
    }
}

TEST_CASE("a title or an address cannot smuggle fields in")
{
    ListFace face = rabat();
    face.title = "x\r\nBcc: evil@example.org";
    face.list_id = "a>\r\nBcc: evil@example.org";
    face.subject_tag = "[x]\r\nBcc: evil@example.org";
    face.archive_url = "https://x\r\nBcc: evil@example.org";
    CHECK(field_of(copied(plain, face), "Bcc") == "(none)");
    CHECK(count_of(personal_fields(face, "x\r\nBcc: y"), "\r\n") == 1);
}

TEST_CASE("what stands around a member's token, with the token between, is what is written for him alone")
{
    for (const std::string_view address : {"rabat@maimc.org", "me+rabat@maimc.org", "rabat@\u0645\u062b\u0627\u0644.example"}) {
        auto face = rabat();
        face.address = address;
        const auto around = around_token(personal_fields(face, token_stand_in));
        CHECK(around.before + "abc234" + around.after == personal_fields(face, "abc234"));
        const auto bounce = around_token(command_address(address, "bounce-" + std::string{token_stand_in}));
        CHECK(bounce.before + "abc234" + bounce.after == command_address(address, "bounce-abc234"));
    }
    CHECK_THROWS_AS(around_token("no token"), std::out_of_range);
}
