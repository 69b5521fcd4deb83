#include "core/trust/trust.hpp"

#include <doctest/doctest.h>

using namespace majlis;

namespace {

const PublicSuffixes suffixes;
const std::vector<std::string> ours{"mx.provider.example"};

/// LF in the tests, CRLF in the mail.
std::string crlf(const std::string& text)
{
    std::string out;
    for (const char c : text) out += c == '\n' ? "\r\n" : std::string{c};
    return out;
}

Trust trust(const std::string& header, const std::vector<std::string>& servers = ours)
{
    const std::string raw = crlf(header + "\nbody\n");
    return trust_of(scan_message(raw), servers, suffixes);
}

/// How a mail of Amina's is judged with this Authentication-Results on top.
Trust reported(const std::string& results, const std::string& from = "Amina <amina@example.org>")
{
    return trust("Authentication-Results: mx.provider.example; " + results +
                 "\nReceived: from a by mx.provider.example; date\nFrom: " + from + "\n");
}

const std::string own =
    "Received: from a.example (a.example [192.0.2.1])\n by mx.provider.example (Postfix) with ESMTPS id 1;\n date\n";
const std::string foreign = "Received: from b.example by relay.elsewhere.example with ESMTP id 2; date\n";
const std::string pass = "Authentication-Results: mx.provider.example; dkim=pass header.d=example.org\n";
const std::string from = "From: amina@example.org\n";

}  // namespace

TEST_CASE("aligned DKIM, aligned SPF or DMARC proves a sender")
{
    for (const char* results : {
             "dkim=pass header.d=example.org",
             "dkim=pass header.i=@example.org",
             "dkim=pass header.i=amina@mail.example.org header.s=x",
             "dkim=fail header.d=example.org; dkim=pass header.d=EXAMPLE.org",
             "dkim=pass header.d=other.example; spf=pass smtp.mailfrom=amina@example.org",
             "spf=pass smtp.mailfrom=bounces.example.org; dkim=none",
             "dmarc=pass header.from=example.org",
             "dmarc=pass (p=none) header.from=Example.org.; spf=fail smtp.mailfrom=x.example",
             "arc=pass; dkim=pass header.d=example.org; dmarc=permerror header.from=example.org",
         }) {
        CAPTURE(results);
        CHECK(reported(results).proof == Proof::passed);
    }
    CHECK(reported("spf=pass smtp.mailfrom=a@example.org; dmarc=pass header.from=example.org").method == "dmarc");
    CHECK(reported("dkim=pass header.d=example.org").method == "dkim");
    CHECK(reported("dkim=pass header.d=example.org").why == "mx.provider.example: dkim=pass (example.org)");
}

TEST_CASE("a sender whom what was reported does not prove has failed, and the reason says so")
{
    for (const char* results : {
             "dkim=fail header.d=example.org",
             "dkim=pass header.d=evil.example",
             "dkim=pass",
             "dkim=pass header.d=org",
             "dkim=pass header.d=example.org.evil.example",
             "dkim=neutral (body hash did not verify) header.i=@example.org",
             "spf=pass smtp.mailfrom=evil.example",
             "spf=softfail smtp.mailfrom=example.org; dkim=none",
             "spf=pass smtp.helo=example.org",
             "dmarc=fail header.from=example.org",
             "dkim=pass header.d=example.org; dmarc=fail (p=reject) header.from=example.org",
             "dmarc=fail; spf=pass smtp.mailfrom=example.org",
             "dmarc=pass; spf=fail smtp.mailfrom=example.org",
             "dmarc=pass header.from=evil.example; dkim=pass header.d=evil.example",
         }) {
        CAPTURE(results);
        CHECK(reported(results).proof == Proof::failed);
    }
    CHECK(reported("dkim=pass header.d=evil.example; spf=softfail smtp.mailfrom=evil.example").why ==
          "mx.provider.example: dkim=pass (evil.example), spf=softfail (evil.example)");
    CHECK(reported("dmarc=fail header.from=example.org").why == "mx.provider.example: dmarc=fail (example.org)");
}

TEST_CASE("where nothing is said, nothing is known")
{
    for (const char* results : {"none", "dkim=none; spf=none", "dkim=temperror header.d=example.org",
                                "spf=neutral smtp.mailfrom=example.org", "dmarc=none header.from=example.org", "dmarc=temperror",
                                "iprev=pass policy.iprev=192.0.2.1", "arc=pass", "dmarc=bestguesspass header.from=example.org"}) {
        CAPTURE(results);
        CHECK(reported(results).proof == Proof::unknown);
    }
    CHECK(trust(own + from).proof == Proof::unknown);
    CHECK(trust(pass + own + from, {}).proof == Proof::unknown);
    CHECK(trust(pass + own + from, {}).why == "no trusted server is named");
}

TEST_CASE("the field counts above the provider's last Received, and below it")
{
    CHECK(trust(pass + own + foreign + from).proof == Proof::passed);
    CHECK(trust(own + pass + foreign + from).proof == Proof::passed);
    CHECK(trust(own + own + pass + from).proof == Proof::passed);
    CHECK(trust(pass + from).proof == Proof::passed);
}

TEST_CASE("a field of the server that cannot be read hides what stands below it")
{
    for (const char* spoilt :
         {"spf=fail smtp.helo=x( smtp.mailfrom=evil.example", "spf=fail smtp.mailfrom=\"x@evil.example", "dkim=none (a (b)"}) {
        CAPTURE(spoilt);
        const std::string top = std::string{"Authentication-Results: mx.provider.example; "} + spoilt + "\n";
        CHECK(trust(top + own + pass + from).proof == Proof::unknown);
        CHECK(trust(top + pass + own + from).proof == Proof::unknown);
    }
    CHECK(trust("Authentication-Results: mx.provider.example 2; dkim=none\n" + pass + own + from).proof == Proof::unknown);
    CHECK(trust("Authentication-Results: evil.example; x(\n" + pass + own + from).proof == Proof::passed);
}

TEST_CASE("a field below the Received of another host was carried in, and is not believed")
{
    const Trust carried = trust(own + foreign + pass + from);
    CHECK(carried.proof == Proof::unknown);
    CHECK(carried.why ==
          "there is no Authentication-Results of mx.provider.example above the Received by relay.elsewhere.example");
    CHECK(trust(foreign + pass + own + from).proof == Proof::unknown);
    CHECK(trust("Received: from x.example with SMTP; date\n" + pass + from).proof == Proof::unknown);
    const std::string raw = crlf(own + foreign + pass + from + "\n");
    CHECK(host_in_the_way(scan_message(raw), ours, suffixes) == "relay.elsewhere.example");
    const std::string good = crlf(own + pass + foreign + from + "\n");
    CHECK(host_in_the_way(scan_message(good), ours, suffixes) == "");
}

TEST_CASE("the hosts of a provider are those of its organisation, and its internal ones")
{
    for (const std::string by :
         {"mx.provider.example", "MAIL7.Provider.Example.", "localhost", "[127.0.0.1]", "10.1.2.3", "store7", "0",
          "2002:a05:6358:9211:b0:1d4:95:1bb1", "[IPv6:fd00::1]", "lmtp.nyi.internal", "mail.local"}) {
        CAPTURE(by);
        CHECK(trust("Received: by " + by + " with LMTP id 1; date\n" + pass + from).proof == Proof::passed);
    }
    for (const std::string by : {"mx.other.example", "provider.example.evil.example", "notprovider.example", "192.0.2.1",
                                 "2001:db8::1", "2002:c000:201::1"}) {
        CAPTURE(by);
        CHECK(trust("Received: by " + by + " with LMTP id 1; date\n" + pass + from).proof == Proof::unknown);
    }
    CHECK(trust("Received: (qmail 12 invoked by uid 89); date\n" + pass + from).proof == Proof::passed);
    CHECK(trust("Received: from (by mx.provider.example) x by (y) elsewhere.example; by mx.provider.example\n" + pass + from)
              .proof == Proof::unknown);
}

TEST_CASE("only the topmost field of a server is believed, whatever stands below")
{
    const std::string fail = "Authentication-Results: mx.provider.example; dkim=fail header.d=example.org\n";
    CHECK(trust(fail + own + pass + from).proof == Proof::failed);
    CHECK(trust(fail + pass + own + from).proof == Proof::failed);
    CHECK(trust("Authentication-Results: mx.provider.example; none\n" + own + pass + from).proof == Proof::unknown);
    CHECK(trust("Authentication-Results: mx.other.example; dkim=fail header.d=example.org\n" + pass + own + from).proof ==
          Proof::passed);
    CHECK(trust("ARC-Authentication-Results: i=1; mx.provider.example; dkim=pass header.d=example.org\n" + own + from).proof ==
          Proof::unknown);
    CHECK(trust("X-Authentication-Results: mx.provider.example; dkim=pass header.d=example.org\n" + own + from).proof ==
          Proof::unknown);
}

TEST_CASE("several servers that each write one method speak together")
{
    const std::vector<std::string> three{"dkim.cloud.example", "dmarc.cloud.example", "*.spf.cloud.example"};
    const std::string head = "Authentication-Results: dkim.cloud.example; dkim=pass header.d=example.org\n";
    CHECK(trust("Authentication-Results: dmarc.cloud.example; dmarc=none\n" + head + from, three).proof == Proof::passed);
    CHECK(trust(head + "Authentication-Results: dmarc.cloud.example; dmarc=fail header.from=example.org\n" + from, three).proof ==
          Proof::failed);
    CHECK(trust("Authentication-Results: mx3.spf.cloud.example; spf=pass smtp.mailfrom=example.org\n" + from, three).proof ==
          Proof::passed);
}

TEST_CASE("several authors are believed when each of them is proven")
{
    const std::string two = "Amina <amina@example.org>, Bob <bob@bank.example>";
    CHECK(reported("dkim=pass header.d=example.org", two).proof == Proof::failed);
    CHECK(reported("dmarc=pass header.from=example.org", two).proof == Proof::failed);
    CHECK(reported("none", two).proof == Proof::failed);
    CHECK(reported("dkim=pass header.d=example.org; dkim=pass header.d=bank.example", two).proof == Proof::passed);
    CHECK(reported("dkim=pass header.d=example.org", "a@example.org, b@mail.example.org").proof == Proof::passed);
    CHECK(trust(pass + own + from + "From: bob@bank.example\n").proof == Proof::failed);
}

TEST_CASE("a From without an author, or of what is no domain, has failed")
{
    for (const std::string author :
         {"", "Amina", "amina", "amina@[192.0.2.1]", "amina@192.0.2.1", "undisclosed-recipients:;", "a@exa mple..org"}) {
        CAPTURE(author);
        CHECK(reported("dkim=pass header.d=example.org; dmarc=pass", author).proof == Proof::failed);
    }
    CHECK(trust(pass + own + "To: x@example.org\n").proof == Proof::failed);
    std::string many = "a@example.org";
    for (int i = 0; i < 1'000; ++i) many += ", a@x" + std::to_string(i) + ".example";
    CHECK(reported("dkim=pass header.d=example.org", many).proof == Proof::failed);
}

TEST_CASE("an internationalised domain is the same in both its forms")
{
    CHECK(reported("dkim=pass header.d=xn--caf-dma.example", "amina@caf\u00e9.example").proof == Proof::passed);
    CHECK(reported("dkim=pass header.d=caf\u00e9.example", "amina@xn--caf-dma.example").proof == Proof::passed);
}

TEST_CASE("a public suffix is nobody's organisation")
{
    CHECK(reported("dkim=pass header.d=evil.co.uk", "a@bank.co.uk").proof == Proof::failed);
    CHECK(reported("dkim=pass header.d=co.uk", "a@bank.co.uk").proof == Proof::failed);
    CHECK(reported("dkim=pass header.d=evil.github.io", "a@bank.github.io").proof == Proof::failed);
}

TEST_CASE("what a reason quotes is printable and short")
{
    const Trust odd = reported("dkim=fail header.d=\"\x1b[31m\xff\"; spf=fail smtp.mailfrom=" + std::string(5'000, 'x'));
    CHECK(odd.proof == Proof::failed);
    CHECK(odd.why.find('\x1b') == std::string::npos);
    CHECK(odd.why.size() < 400);
}

TEST_CASE("the server of a mail's topmost field is told, to be proposed")
{
    const std::string raw = crlf("Authentication-Results: Mx9.Provider.example (x) 1; none\n" + own + from + "\n");
    CHECK(topmost_server(scan_message(raw)) == "mx9.provider.example");
    CHECK(topmost_server(scan_message("From: a@b\r\n\r\n")) == "");
}
