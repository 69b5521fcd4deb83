#include "cli/provider.hpp"

#include <doctest/doctest.h>

using namespace majlis::cli;

TEST_CASE("a provider is known by the domain of its addresses")
{
    REQUIRE(provider_of_domain("GMail.com") != nullptr);
    CHECK(provider_of_domain("GMail.com")->name == "gmail");
    CHECK(provider_of_domain("hotmail.fr")->name == "outlook");
    CHECK(provider_of_domain("maimc.org") == nullptr);
    CHECK(provider_of_domain("") == nullptr);
    CHECK(provider_of_domain("notgmail.com") == nullptr);
}

TEST_CASE("a provider is known by the hosts that take its customers' mail")
{
    CHECK(provider_of_exchange("ASPMX.L.GOOGLE.COM.")->name == "google-workspace");
    CHECK(provider_of_exchange("maimc-org.mail.protection.outlook.com")->name == "office365");
    CHECK(provider_of_exchange("in1-smtp.messagingengine.com")->name == "fastmail");
    CHECK(provider_of_exchange("mx1.mail.ovh.net")->name == "ovh");
    CHECK(provider_of_exchange("evilgoogle.com") == nullptr);
    CHECK(provider_of_exchange("mx.example.org") == nullptr);
}
