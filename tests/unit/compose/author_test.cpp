#include <doctest/doctest.h>

#include "tests/unit/compose/copy.hpp"

using namespace majlis;

namespace {

std::string post(const std::string& fields) { return fields + "To: rabat@maimc.org\nSubject: x\n\nHello\n"; }
const std::string amina = "From: Amina Alaoui <amina@example.org>\n";

}  // namespace

TEST_CASE("Reply-To follows the list's policy")
{
    ListFace face = rabat();
    CHECK(field_of(copied(post(amina), face), "Reply-To") == "(none)");
    CHECK(field_of(copied(post(amina + "Reply-To:  Own <own@example.org>\n"), face), "Reply-To") == "Own <own@example.org>");
    face.reply_to = ListFace::ReplyTo::list;
    CHECK(field_of(copied(post(amina), face), "Reply-To") == "rabat@maimc.org");
    CHECK(field_of(copied(post(amina + "Reply-To: own@example.org\n"), face), "Reply-To") == "rabat@maimc.org, own@example.org");
    CHECK(field_of(copied(post(amina + "Reply-To: RABAT@maimc.org\n"), face), "Reply-To") == "rabat@maimc.org");
    face.reply_to = ListFace::ReplyTo::both;
    CHECK(field_of(copied(post(amina), face), "Reply-To") == "Amina Alaoui <amina@example.org>, rabat@maimc.org");
    CHECK(field_of(copied(post(amina + "Reply-To: own@example.org\n"), face), "Reply-To") == "own@example.org, rabat@maimc.org");
}

TEST_CASE("a rewritten From shows the author's name and keeps him within reach")
{
    ListFace face = rabat();
    face.from = ListFace::From::rewrite;
    const std::string mail = copied(post(amina), face);
    CHECK(field_of(mail, "From") == "Amina Alaoui via MAIMC Rabat <rabat@maimc.org>");
    CHECK(field_of(mail, "Reply-To") == "Amina Alaoui <amina@example.org>");
    CHECK(count_of(mail, "From:") == 1);
    CHECK(field_of(copied(post(amina + "Reply-To: own@example.org\n"), face), "Reply-To") ==
          "own@example.org, Amina Alaoui <amina@example.org>");
    face.reply_to = ListFace::ReplyTo::list;
    const std::string list = copied(post(amina), face);
    CHECK(field_of(list, "Reply-To") == "rabat@maimc.org");
    CHECK(field_of(list, "Cc") == "Amina Alaoui <amina@example.org>");
    CHECK(field_of(copied(post(amina + "Cc: Bob <bob@example.org>\n"), face), "Cc") ==
          "Bob <bob@example.org>, Amina Alaoui <amina@example.org>");
    CHECK(field_of(copied(post(amina + "Cc: AMINA@example.org\n"), face), "Cc") == "AMINA@example.org");
    face.reply_to = ListFace::ReplyTo::both;
    CHECK(field_of(copied(post(amina), face), "Reply-To") == "Amina Alaoui <amina@example.org>, rabat@maimc.org");
}

TEST_CASE("a rewritten name shows no address of another domain")
{
    ListFace face = rabat();
    face.from = ListFace::From::rewrite;
    CHECK(field_of(copied(post("From: amina@example.org\n"), face), "From") == "amina via MAIMC Rabat <rabat@maimc.org>");
    CHECK(field_of(copied(post("From: \"ceo@bank.example\" <amina@example.org>\n"), face), "From") ==
          "amina via MAIMC Rabat <rabat@maimc.org>");
    CHECK(field_of(copied(post("From: \"a@b\"@example.org\n"), face), "From") == "a via MAIMC Rabat <rabat@maimc.org>");
    CopyOptions options;
    options.sender_name = "Amina A.";
    CHECK(field_of(copied(post("From: amina@example.org\n"), face, options), "From") ==
          "\"Amina A. via MAIMC Rabat\" <rabat@maimc.org>");
    const std::string mail = copied(post("From: =?utf-8?Q?Ren=C3=A9?= <rene@example.org>\n"), face);
    CHECK(field_text(scan_header(mail), "From") == "Ren\u00e9 via MAIMC Rabat <rabat@maimc.org>");
}

TEST_CASE("where From is missing or names several, the known sender stands in")
{
    CopyOptions options;
    options.sender = "amina@example.org";
    CHECK(field_of(copied(post(""), rabat(), options), "From") == "amina@example.org");
    CHECK(field_of(copied(post(""), rabat()), "From") == "(none)");
    ListFace face = rabat();
    face.from = ListFace::From::rewrite;
    const std::string several = copied(post("From: Bob <bob@example.org>, Amina <amina@example.org>\n"), face, options);
    CHECK(field_of(several, "From") == "Amina via MAIMC Rabat <rabat@maimc.org>");
    CHECK(field_of(several, "Reply-To") == "Amina <amina@example.org>");
    const std::string none = copied(post(""), face);
    CHECK(field_of(none, "From") == "MAIMC Rabat <rabat@maimc.org>");
}

TEST_CASE("an account that may only send as itself does")
{
    CopyOptions options;
    options.account_from = "section.rabat@gmail.com";
    const std::string mail = copied(post(amina + "Sender: x@example.org\n"), rabat(), options);
    CHECK(field_of(mail, "From") == "Amina Alaoui via MAIMC Rabat <section.rabat@gmail.com>");
    CHECK(field_of(mail, "Reply-To") == "Amina Alaoui <amina@example.org>");
    CHECK(field_of(mail, "Sender") == "(none)");
    ListFace face = rabat();
    face.reply_to = ListFace::ReplyTo::list;
    const std::string list = copied(post(amina), face, options);
    CHECK(field_of(list, "Reply-To") == "rabat@maimc.org");
    CHECK(field_of(list, "Cc") == "Amina Alaoui <amina@example.org>");
}

TEST_CASE("a wrapped post is whole inside a mail of the list's own")
{
    ListFace face = rabat();
    face.from = ListFace::From::wrap;
    face.subject_tag = "[rabat]";
    const std::string inner =
        amina +
        "To: rabat@maimc.org\nSubject: x\nDate: Mon, 2 Mar 2026 10:00:00 +0000\nMessage-ID: <1@example.org>\n"
        "X-Own: kept\nMIME-Version: 1.0\nContent-Type: text/html\n\n<p>Hello\n";
    const std::string mail = copied("Bcc: hidden@example.org\n" + inner, face);
    CHECK(field_of(mail, "From") == "Amina Alaoui via MAIMC Rabat <rabat@maimc.org>");
    CHECK(field_of(mail, "Subject") == "[rabat] x");
    CHECK(field_of(mail, "Date") == "Mon, 2 Mar 2026 10:00:00 +0000");
    CHECK(field_of(mail, "Message-ID") != "<1@example.org>");
    CHECK(field_of(mail, "Content-Type") == "message/rfc822");
    CHECK(field_of(mail, "MIME-Version") == "1.0");
    CHECK(mail.find("hidden") == std::string::npos);
    CHECK(mail.substr(mail.find("\n\n") + 2) == inner);
    CHECK(mail == copied("Bcc: hidden@example.org\n" + inner, face));
    CopyOptions options;
    options.account_from = "box@gmail.com";
    const std::string account = copied(inner, face, options);
    CHECK(field_of(account, "From") == "Amina Alaoui via MAIMC Rabat <box@gmail.com>");
    CHECK(field_of(account, "Sender") == "(none)");
    face.footer = "The end";
    const std::string footed = copied(inner, face);
    const Message scanned = scan_message(footed);
    CHECK(scanned.root().is("multipart", "mixed"));
    CHECK(footed.find(inner) != std::string::npos);
}

TEST_CASE("a thousand addresses to answer are not answered")
{
    std::string many = "Reply-To: a0@example.org";
    for (int i = 1; i < 20'000; ++i) many += ",\n a" + std::to_string(i) + "@example.org";
    ListFace face = rabat();
    face.reply_to = ListFace::ReplyTo::list;
    CHECK(count_of(field_of(copied(post(amina + many + "\n"), face), "Reply-To"), "@") <= 50);
}
