#include <doctest/doctest.h>

#include "tests/unit/compose/copy.hpp"

using namespace majlis;
using dmarc::Policy;

namespace {

std::string signed_post(const std::string& names, const std::string& more = "", const std::string& domain = "example.org")
{
    return "DKIM-Signature: v=1; a=rsa-sha256; d=" + domain + "; s=x;\n h=" + names +
           ";\n bh=x=; b=y=\nFrom: Amina <amina@example.org>\nTo: rabat@maimc.org\nSubject: x\nDate: Mon, 2 Mar 2026 10:00:00 "
           "+0000\n" +
           more + "\nHello\n";
}
const std::string unsigned_post = "From: Amina <amina@example.org>\nTo: rabat@maimc.org\nSubject: x\n\nHello\n";

ListFace if_needed()
{
    ListFace face = rabat();
    face.from = ListFace::From::rewrite_if_needed;
    return face;
}

CopyOptions asked(std::optional<Policy> policy = Policy::reject)
{
    CopyOptions options;
    options.author_policy = policy;
    return options;
}

PostCopy copy_of(const std::string& mail, const ListFace& face, const CopyOptions& options = asked())
{
    return composed(crlf(mail), face, options);
}

bool kept(const PostCopy& copy)
{
    CHECK((copy.from == PostCopy::From::kept) == (copy.head.find("via MAIMC Rabat <rabat@maimc.org>") == std::string::npos));
    return copy.from == PostCopy::From::kept;
}

}  // namespace

TEST_CASE("an author whose signature covers nothing that the list changes is kept, whatever his domain asks")
{
    const PostCopy copy = copy_of(signed_post("From:To:Subject:Date"), if_needed(), asked(std::nullopt));
    CHECK(kept(copy));
    CHECK(copy.policy_wanted == "");
    CHECK(copy.from_why == "the signature of example.org covers nothing that the list changes");
    CHECK(kept(copy_of(signed_post("from : to:\n subject", "", "mail.EXAMPLE.org"), if_needed())));
    ListFace tagged = if_needed();
    tagged.subject_tag = "[rabat]";
    CHECK(kept(copy_of(signed_post("From:To:Date"), tagged)));
}

TEST_CASE("what breaks a signature is told")
{
    ListFace tagged = if_needed();
    tagged.subject_tag = "[rabat]";
    CHECK(copy_of(signed_post("From:Subject"), tagged).from_why ==
          "Subject is changed, which example.org has signed, and its DMARC policy is reject");
    ListFace footed = if_needed();
    footed.footer = "The end";
    CHECK(copy_of(signed_post("From"), footed).from_why ==
          "the body is changed, which example.org has signed, and its DMARC policy is reject");
    CopyOptions filtered = asked(Policy::quarantine);
    filtered.content = CopyOptions::Content::filtered;
    CHECK_FALSE(kept(copy_of(signed_post("From"), if_needed(), filtered)));
    CHECK_FALSE(kept(copy_of(signed_post("From:List-Id"), if_needed())));
    CHECK_FALSE(kept(copy_of(signed_post("From:List-Unsubscribe"), if_needed())));
    CHECK_FALSE(kept(copy_of(signed_post("From:Sender"), if_needed())));
    CHECK_FALSE(kept(copy_of(signed_post("From:Return-Receipt-To", "Return-Receipt-To: a@b.example\n"), if_needed())));
    ListFace munged = if_needed();
    munged.reply_to = ListFace::ReplyTo::list;
    CHECK_FALSE(kept(copy_of(signed_post("From:Reply-To"), munged)));
    CHECK(kept(copy_of(signed_post("From:X-Other"), munged)));
}

TEST_CASE("one signature of several that stands is enough, and another organisation's is none")
{
    ListFace tagged = if_needed();
    tagged.subject_tag = "[rabat]";
    CHECK(kept(copy_of("DKIM-Signature: d=example.org; h=From:Subject; b=x\n" + signed_post("From"), tagged)));
    CHECK_FALSE(kept(copy_of(signed_post("From", "", "relay.example"), if_needed())));
    CHECK_FALSE(kept(copy_of(signed_post("To:Subject"), if_needed())));
    CHECK_FALSE(kept(copy_of("DKIM-Signature: nonsense\n" + unsigned_post, if_needed())));
    CHECK(copy_of(unsigned_post, if_needed()).from_why == "example.org has not signed it, and its DMARC policy is reject");
}

TEST_CASE("of a field that is signed twice, both must stay, and a later one must not come (RFC 6376, 5.4.2)")
{
    const std::string two = "X-Note: one\nX-Note: two\n";
    CHECK(kept(copy_of(signed_post("From:From:X-Note:X-Note:X-Note", two), if_needed())));
    CHECK_FALSE(kept(copy_of(signed_post("From:Approved:Approved", "Approved: secret\n"), if_needed())));
}

TEST_CASE("where the signature breaks, the policy of the author's domain decides (B-138)")
{
    CHECK_FALSE(kept(copy_of(unsigned_post, if_needed(), asked(Policy::reject))));
    CHECK_FALSE(kept(copy_of(unsigned_post, if_needed(), asked(Policy::quarantine))));
    CHECK_FALSE(kept(copy_of(unsigned_post, if_needed(), asked(Policy::unknown))));
    const PostCopy none = copy_of(unsigned_post, if_needed(), asked(Policy::none));
    CHECK(kept(none));
    CHECK(none.policy_wanted == "");
    CHECK(none.from_why == "example.org has not signed it, but its DMARC policy is none");
}

TEST_CASE("a policy that nobody has asked is wanted, and From is kept so far")
{
    const PostCopy copy = copy_of(unsigned_post, if_needed(), asked(std::nullopt));
    CHECK(kept(copy));
    CHECK(copy.policy_wanted == "example.org");
    CHECK(copy_of("From: a@[192.0.2.1]\nTo: b@c.example\n\nx\n", if_needed(), asked(std::nullopt)).policy_wanted == "");
    ListFace keep = rabat();
    CHECK(copy_of(unsigned_post, keep, asked(std::nullopt)).policy_wanted == "");
}

TEST_CASE("recoding for a relay without 8BITMIME breaks a signature of the body")
{
    CopyOptions narrow = asked();
    narrow.transport = CopyOptions::Transport::seven_bit;
    const std::string mail = signed_post("From:Subject", "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n");
    CHECK(kept(copy_of(mail, if_needed(), narrow)));
    CHECK_FALSE(kept(copy_of(mail + "caf\u00e9\n", if_needed(), narrow)));
    CHECK(kept(copy_of(mail + "caf\u00e9\n", if_needed())));
    CHECK(kept(copy_of(mail + "\n\n\n", if_needed())));
}

TEST_CASE("keep keeps, rewrite rewrites, whatever the domain asks; an account speaks as itself")
{
    ListFace face = rabat();
    face.subject_tag = "[rabat]";
    CHECK(kept(copy_of(unsigned_post, face)));
    face.from = ListFace::From::rewrite;
    CHECK_FALSE(kept(copy_of(signed_post("From"), face, asked(Policy::none))));
    CopyOptions account = asked(Policy::none);
    account.account_from = "box@gmail.com";
    const PostCopy copy = composed(crlf(signed_post("From")), if_needed(), account);
    CHECK(copy.from == PostCopy::From::rewritten);
    CHECK(copy.from_why == "the relay allows only its own address in From");
    CHECK(copy.head.find("From: Amina via MAIMC Rabat <box@gmail.com>") != std::string::npos);
}

TEST_CASE("a rewritten From changes From and Reply-To, and nothing else (B-132)")
{
    const PostCopy kept_copy = copy_of(unsigned_post, rabat());
    const PostCopy copy = copy_of(unsigned_post, if_needed());
    std::string head = copy.head;
    const auto replace = [&](const std::string& was, const std::string& with) {
        const auto at = head.find(was);
        REQUIRE(at != std::string::npos);
        head.replace(at, was.size(), with);
    };
    replace("From: Amina via MAIMC Rabat <rabat@maimc.org>\r\n", "From: Amina <amina@example.org>\r\n");
    replace("Reply-To: Amina <amina@example.org>\r\n", "");
    CHECK(head == kept_copy.head);
    CHECK(copy.tail == kept_copy.tail);
}

TEST_CASE("the member's recorded name stands in for a name that shows an address (B-133)")
{
    ListFace face = rabat();
    face.from = ListFace::From::rewrite;
    CopyOptions options;
    options.sender_name = "Amina Alaoui";
    for (const std::string name : {"", "\"ceo@bank.example\"", "=?utf-8?Q?ceo=EF=BC=A0bank=2Eexample?=", "\"x\uff20y\""}) {
        CAPTURE(name);
        const std::string mail = copied("From: " + name + " <amina@example.org>\nTo: x@y.example\n\nHello\n", face, options);
        CHECK(field_of(mail, "From") == "Amina Alaoui via MAIMC Rabat <rabat@maimc.org>");
    }
    const std::string bare = copied("From: \"x\uff20y\" <amina@example.org>\nTo: x@y.example\n\nHello\n", face);
    CHECK(field_of(bare, "From") == "amina via MAIMC Rabat <rabat@maimc.org>");
}

TEST_CASE("a name in encoded words is decoded, gets its via, and is encoded again (B-135)")
{
    ListFace face = rabat();
    face.from = ListFace::From::rewrite;
    face.title = "\u0627\u0644\u0631\u0628\u0627\u0637";
    const std::string mail = copied("From: =?iso-8859-1?Q?Andr=E9_=C9t=E9?= <a@example.org>\nTo: x@y.example\n\nHello\n", face);
    CHECK(field_of(mail, "From").find("=?") != std::string::npos);
    CHECK(field_text(scan_header(mail), "From") ==
          "Andr\u00e9 \u00c9t\u00e9 via \u0627\u0644\u0631\u0628\u0627\u0637 <rabat@maimc.org>");
}

TEST_CASE("a rewritten mail no longer bears its author's Autocrypt key, a kept one does")
{
    const std::string mail = "Autocrypt: addr=amina@example.org; keydata=AAAA\n" + unsigned_post;
    CHECK(copy_of(mail, if_needed()).head.find("Autocrypt") == std::string::npos);
    CHECK(copy_of(mail, if_needed(), asked(Policy::none)).head.find("Autocrypt") != std::string::npos);
}

TEST_CASE("Authentication-Results of our own servers never leave, others do")
{
    CopyOptions options;
    options.own_servers = {"mx.provider.example"};
    const std::string mail = copied(
        "Authentication-Results: (x) MX.Provider.Example 1; dkim=pass header.d=example.org\n"
        "Authentication-Results: mx.other.example; none\n"
        "Authentication-Results: mx.provider.example; (broken\n" +
            unsigned_post,
        rabat(), options);
    CHECK(count_of(mail, "Authentication-Results:") == 1);
    CHECK(field_of(mail, "Authentication-Results") == "mx.other.example; none");
}

TEST_CASE("a wrapped post needs no policy, and has a Message-ID of its own (B-137)")
{
    ListFace face = rabat();
    face.from = ListFace::From::wrap;
    const PostCopy copy =
        copy_of("Message-ID: <1@example.org>\nCc: Bob <bob@example.org>\n" + unsigned_post, face, asked(std::nullopt));
    CHECK(copy.from == PostCopy::From::wrapped);
    CHECK(copy.policy_wanted == "");
    CHECK(field_of(copy.head, "To") == "rabat@maimc.org");
    CHECK(field_of(copy.head, "Subject") == "x");
    CHECK(field_of(copy.head, "Cc") == "Bob <bob@example.org>");
    CHECK(field_of(copy.head, "Message-ID") != "<1@example.org>");
    CHECK(copy.tail.find("\r\n\r\nMessage-ID: <1@example.org>\r\n") == std::string::npos);
    CHECK(copy.tail.find("Message-ID: <1@example.org>\r\nCc: Bob <bob@example.org>\r\nFrom: Amina <amina@example.org>\r\n") !=
          std::string::npos);
}

TEST_CASE("ten thousand signatures cost no more than ten")
{
    std::string many;
    for (int i = 0; i < 10'000; ++i) many += "DKIM-Signature: d=example.org; h=from:subject:" + std::string(100, ':') + "\n";
    ListFace tagged = if_needed();
    tagged.subject_tag = "[rabat]";
    CHECK_FALSE(kept(copy_of(many + unsigned_post, tagged)));
}
