#include <doctest/doctest.h>

#include "core/trust/trust.hpp"

using namespace majlis;

namespace {

const PublicSuffixes suffixes;
const std::string own = "Received: from a by mx.provider.example; date\r\n";
const std::string foreign = "Received: from b by elsewhere.example; date\r\n";

std::string flag(const std::string& header, const std::vector<std::string>& servers = {"mx.provider.example"})
{
    const std::string raw = header + "From: a@example.org\r\n\r\nbody\r\n";
    return spam_flag(scan_message(raw), servers, suffixes);
}

}  // namespace

TEST_CASE("a provider's filter is understood in its dialects")
{
    for (const char* field : {"X-Spam-Flag: YES", "X-Spam-Flag: yes", "X-Spam-Status: Yes, score=7.1 required=5.0", "X-Spam: Yes",
                              "X-MS-Exchange-Organization-SCL: 5", "X-MS-Exchange-Organization-SCL: 9",
                              "X-Forefront-Antispam-Report: CIP:192.0.2.1;CTRY:;LANG:en;SCL:6;SRV:;", "X-VR-SPAMSTATE: SPAM"}) {
        CAPTURE(field);
        CHECK(flag(std::string{field} + "\r\n" + own) == field);
    }
    for (const char* field :
         {"X-Spam-Flag: NO", "X-Spam-Status: No, score=-1 yes", "X-MS-Exchange-Organization-SCL: -1",
          "X-MS-Exchange-Organization-SCL: 1", "X-MS-Exchange-Organization-SCL: ", "X-VR-SPAMSTATE: OK",
          "X-Forefront-Antispam-Report: CIP:192.0.2.1;XSCL:6;SCL:-1;", "X-Spam-Level: ******", "Subject: YES"}) {
        CAPTURE(field);
        CHECK(flag(std::string{field} + "\r\n" + own) == "");
    }
}

TEST_CASE("only the provider's own block counts")
{
    CHECK(flag(own + "X-Spam-Flag: YES\r\n" + foreign) != "");
    CHECK(flag(own + foreign + "X-Spam-Flag: YES\r\n") == "");
    CHECK(flag("X-Spam-Flag: YES\r\n" + foreign) != "");
    CHECK(flag(foreign + "X-Spam-Flag: YES\r\n" + own, {}) != "");
    CHECK(flag(foreign + own + "X-Spam-Flag: YES\r\n", {}) == "");
}
