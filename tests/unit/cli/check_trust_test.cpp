#include "cli/check_trust.hpp"

#include <doctest/doctest.h>

#include <sstream>

using namespace majlis::cli;

namespace {

const std::string own = "Received: from a by mx.provider.example; date\r\n";
const std::string real = "Authentication-Results: mx.provider.example; dkim=none; spf=pass smtp.mailfrom=example.org\r\n";
const std::string rest = "From: admin@example.org\r\n\r\n";
const std::vector<std::string> trusted{"mx.provider.example"};

template <class Tell>
std::string told(const Tell& tell)
{
    std::ostringstream out;
    Findings findings{out, Format::text};
    tell(findings);
    return out.str();
}
std::string servers(const std::string& header, const std::vector<std::string>& named = trusted)
{
    return told([&](Findings& findings) { tell_servers(named, header, findings); });
}
std::string forged(const std::string& header)
{
    return told([&](Findings& findings) { tell_forged(trusted, header, "mark123", findings); });
}
bool has(const std::string& text, const std::string& words) { return text.find(words) != std::string::npos; }

}  // namespace

TEST_CASE("the provider's field on our own mail is proven, missed, or in the wrong place")
{
    CHECK(has(servers(real + own + rest), "mx.provider.example writes Authentication-Results where it is believed"));
    CHECK(has(servers(own + real + rest), "where it is believed"));
    CHECK(has(servers(own + rest), "arrived without an Authentication-Results of \"mx.provider.example\""));
    CHECK(has(servers("Received: from x by store.elsewhere.example; d\r\n" + real + own + rest), "add it to trusted_servers"));
}

TEST_CASE("where no server is named, the one that is seen is proposed")
{
    CHECK(has(servers(real + own + rest, {}), "set trusted_servers = [\"mx.provider.example\"]"));
    CHECK(has(servers(own + rest, {}), "set [authentication] unproven to hold or challenge"));
    CHECK(servers_to_prove({}, real + own + rest) == trusted);
    CHECK(servers_to_prove({"a"}, real + own + rest) == std::vector<std::string>{"a"});
    CHECK(servers_to_prove({}, own + rest).empty());
}

TEST_CASE("a forged field is stripped, left below, or believed; and how to mend it is said")
{
    const std::string field = forged_fields(trusted, "example.org", "mark123");
    CHECK(has(field, "header.d=example.org"));
    CHECK(has(forged(real + own + rest), "is stripped"));
    CHECK(has(forged(real + own + field + rest), "came through below the provider's own"));
    const std::string believed = forged(own + field + real + rest);
    CHECK(has(believed, "would be believed"));
    CHECK(has(believed, "/^Authentication-Results:.*mx\\.provider\\.example/ IGNORE"));
}

TEST_CASE("a pattern of servers is forged by one host of them")
{
    CHECK(forged_fields({"*.provider.example"}, "example.org", "m")
              .starts_with("Authentication-Results: majlis-check.provider.example;"));
}
