#include "core/dmarc/dmarc.hpp"

#include <doctest/doctest.h>

using namespace majlis;
using namespace majlis::dmarc;
using namespace std::chrono_literals;

namespace {

Answer texts(std::vector<std::string> records, std::chrono::seconds ttl = 1h)
{
    return {Answer::Kind::found, std::move(records), ttl};
}
const Answer nothing{Answer::Kind::none, {}, 0s};
const Answer failure{Answer::Kind::failed, {}, 0s};

Policy decided(const std::vector<Answer>& answers, std::size_t names = 2)
{
    const auto outcome = decide(answers, names);
    REQUIRE(outcome);
    return outcome->policy;
}

std::string read(std::string_view txt)
{
    const auto record = parse_record(txt);
    if (!record) return "no record";
    return std::string{policy_name(record->policy)} +
           (record->subdomains ? "/" + std::string{policy_name(*record->subdomains)} : "");
}

}  // namespace

TEST_CASE("a record's policy is read, however it is spaced and written")
{
    CHECK(read("v=DMARC1; p=reject") == "reject");
    CHECK(read("v=DMARC1;p=quarantine;sp=none;pct=0;rua=mailto:a@b") == "quarantine/none");
    CHECK(read(" v = DMARC1 ; P = Reject ; SP=QUARANTINE ; ") == "reject/quarantine");
    CHECK(read("v=DMARC1; rua=mailto:x@example.org!10m; p=none; adkim=s; unknown=x; ; =; x") == "none");
    CHECK(read("v=DMARC1; p=reject; p=none") == "reject");
    CHECK(read("v=DMARC1; p=reject; sp=nonsense") == "reject");
}

TEST_CASE("what is no DMARC record has no policy (B-056)")
{
    for (const char* txt : {"", "v=DMARC1", "v=DMARC1;", "v=DMARC1; sp=reject", "v=DMARC2; p=reject", "v=dmarc1; p=reject",
                            "p=reject; v=DMARC1", "v=DMARC1 p=reject", "v=DMARC1; p=", "v=DMARC1; p=unknown",
                            "v=DMARC1; p=rejected", "v=spf1 -all", "v=DMARC10; p=reject", "; v=DMARC1; p=reject"}) {
        CAPTURE(txt);
        CHECK(read(txt) == "no record");
    }
    CHECK(read("v=DMARC1; " + std::string(10'000, ';') + "p=reject") == "no record");
}

TEST_CASE("the author's domain is asked first, then its organisation (B-057)")
{
    const PublicSuffixes suffixes;
    using Names = std::vector<std::string>;
    CHECK(names_to_ask("example.org", suffixes) == Names{"_dmarc.example.org"});
    CHECK(names_to_ask("A.B.Example.CO.UK.", suffixes) == Names{"_dmarc.a.b.example.co.uk", "_dmarc.example.co.uk"});
    CHECK(names_to_ask("me.github.io", suffixes) == Names{"_dmarc.me.github.io"});
    CHECK(names_to_ask("co.uk", suffixes) == Names{"_dmarc.co.uk"});
    CHECK(names_to_ask("www.city.kobe.jp", suffixes) == Names{"_dmarc.www.city.kobe.jp", "_dmarc.city.kobe.jp"});
    CHECK(names_to_ask("caf\u00e9.example", suffixes) == Names{"_dmarc.xn--caf-dma.example"});
    for (const char* no_domain : {"", "[192.0.2.1]", "192.0.2.1", "[IPv6:::1]", "a..b", "exa mple.org", "."}) {
        CAPTURE(no_domain);
        CHECK(names_to_ask(no_domain, suffixes).empty());
    }
    CHECK(names_to_ask(std::string(64, 'a') + ".org", suffixes).empty());
    std::string longest = "org";
    while (longest.size() < 245) longest = "a." + longest;
    CHECK(names_to_ask(longest, suffixes).size() == 2);
    CHECK(names_to_ask("a." + longest, suffixes).empty());
}

TEST_CASE("the author's own record decides, else the organisation's sp, else its p")
{
    CHECK_FALSE(decide({}, 1));
    CHECK_FALSE(decide(std::vector{nothing}, 2));
    CHECK(decided({texts({"v=DMARC1; p=none; sp=reject"})}) == Policy::none);
    CHECK(decided({nothing, texts({"v=DMARC1; p=none; sp=reject"})}) == Policy::reject);
    CHECK(decided({nothing, texts({"v=DMARC1; p=quarantine"})}) == Policy::quarantine);
    CHECK(decided({texts({"v=spf1 -all", "v=DMARC1; p=reject", "other"})}) == Policy::reject);
    CHECK(decided({nothing, nothing}) == Policy::none);
    CHECK(decided({texts({"something else"}), texts({"v=DMARC1; p=reject"})}) == Policy::reject);
    CHECK(decided({}, 0) == Policy::none);
}

TEST_CASE("two records at one name are none, a failure is unknown and forbids (B-056)")
{
    CHECK(decided({texts({"v=DMARC1; p=reject", "v=DMARC1; p=reject"})}, 1) == Policy::none);
    CHECK(decided({failure}) == Policy::unknown);
    CHECK(decided({nothing, failure}) == Policy::unknown);
    CHECK(forbids(Policy::unknown));
    CHECK(forbids(Policy::quarantine));
    CHECK_FALSE(forbids(Policy::none));
}

TEST_CASE("what is remembered is remembered for a stated time")
{
    const auto life = [](const Answer& answer) { return decide(std::vector{answer}, 1)->keep; };
    CHECK(life(texts({"v=DMARC1; p=reject"}, 7200s)) == 7200s);
    CHECK(life(texts({"v=DMARC1; p=reject"}, 1s)) == shortest_life);
    CHECK(life(texts({"v=DMARC1; p=reject"}, 365 * 24h)) == longest_life);
    CHECK(life(nothing) == life_of_none);
    CHECK(life(failure) == life_of_failure);
}

TEST_CASE("a policy's name is read as it is written")
{
    for (const Policy policy : {Policy::none, Policy::quarantine, Policy::reject, Policy::unknown})
        CHECK(policy_named(policy_name(policy)) == policy);
    CHECK_FALSE(policy_named("Reject"));
}
