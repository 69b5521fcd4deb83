#include <doctest/doctest.h>

#include "core/address/public_suffixes.hpp"

using majlis::PublicSuffixes;

TEST_CASE("an organisation's domain is found in any case, with a trailing dot, and in both forms of its letters")
{
    const PublicSuffixes suffixes;
    CHECK(suffixes.organisational_domain("Mail.Example.CO.UK.") == "example.co.uk");
    CHECK(suffixes.organisational_domain("example.org") == "example.org");
    CHECK(suffixes.organisational_domain("a.b.c.example.org") == "example.org");
    CHECK(suffixes.organisational_domain("www.caf\u00e9.example") == "xn--caf-dma.example");
    for (const char* none : {"org", "co.uk", "github.io", "192.0.2.1", "[192.0.2.1]", "[IPv6:2001:db8::1]", "", ".", "a..org"}) {
        CAPTURE(none);
        CHECK_FALSE(suffixes.organisational_domain(none));
    }
}

TEST_CASE("two domains of one organisation are told from two of two")
{
    const PublicSuffixes suffixes;
    CHECK(suffixes.same_organisation("a.example.org", "b.Example.ORG."));
    CHECK(suffixes.same_organisation("co.uk", "co.uk"));
    CHECK_FALSE(suffixes.same_organisation("a.co.uk", "b.co.uk"));
    CHECK_FALSE(suffixes.same_organisation("co.uk", "a.co.uk"));
    CHECK_FALSE(suffixes.same_organisation("", ""));
    CHECK_FALSE(suffixes.same_organisation("192.0.2.1", "192.0.2.1"));
}
