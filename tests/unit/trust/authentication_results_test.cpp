#include "core/trust/authentication_results.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace majlis;

namespace {

/// "dkim=pass header.d=example.org; spf=none"
std::string flat(const std::optional<AuthenticationResults>& results)
{
    if (!results) return "(not believed)";
    std::string out = results->server + ":";
    for (const AuthResult& result : results->results) {
        out += " " + result.method + "=" + result.result;
        if (!result.reason.empty()) out += " reason=" + result.reason;
        for (const AuthProperty& one : result.properties) out += " " + one.type + "." + one.name + "=" + one.value;
        out += ";";
    }
    return out;
}
std::string flat(std::string_view body) { return flat(parse_authentication_results(body)); }

}  // namespace

TEST_CASE("the examples of RFC 8601 are understood")
{
    CHECK(flat("example.org 1; none") == "example.org:");
    CHECK(flat("example.com;\r\n spf=pass smtp.mailfrom=example.net") == "example.com: spf=pass smtp.mailfrom=example.net;");
    CHECK(flat("example.com; auth=pass (cram-md5) smtp.auth=sender@example.net;\r\n spf=fail smtp.mailfrom=example.net") ==
          "example.com: auth=pass smtp.auth=sender@example.net; spf=fail smtp.mailfrom=example.net;");
    CHECK(flat("foo.example.net (foobar) 1 (baz);\r\n dkim (Because I like it) / 1 (One yay) = (wait for it) fail\r\n"
               "  policy (A dot can go here) . (like that) expired\r\n  (this surprised me) = (as I wasn't expecting it) "
               "1362471462") == "foo.example.net: dkim=fail policy.expired=1362471462;");
    CHECK(flat("example.com; dkim=fail reason=\"bad signature\" header.i=@mail-router.example.net") ==
          "example.com: dkim=fail reason=bad signature header.i=@mail-router.example.net;");
}

TEST_CASE("what the large providers write is understood")
{
    CHECK(flat("mx.google.com;\r\n       dkim=pass header.i=@example.org header.s=s1 header.b=\"a/b=c\";\r\n"
               "       spf=pass (google.com: domain of a@example.org designates 192.0.2.1 as permitted sender) "
               "smtp.mailfrom=a@example.org;\r\n       dmarc=pass (p=REJECT sp=REJECT dis=NONE) header.from=example.org") ==
          "mx.google.com: dkim=pass header.i=@example.org header.s=s1 header.b=a/b=c; spf=pass smtp.mailfrom=a@example.org; "
          "dmarc=pass header.from=example.org;");
    CHECK(flat("mx.zohomail.com; dkim=pass; dmarc=pass(p=none dis=none)  header.from=example.org") ==
          "mx.zohomail.com: dkim=pass; dmarc=pass header.from=example.org;");
    CHECK(flat("mail.example.org;\r\n\tdkim=pass (2048-bit key; unprotected) header.d=example.org header.a=rsa-sha256;\r\n"
               "\tdkim-atps=neutral") ==
          "mail.example.org: dkim=pass header.d=example.org header.a=rsa-sha256; dkim-atps=neutral;");
    CHECK(flat("mx.example.org; dmarc=pass action=none header.from=example.org;compauth=pass reason=100") ==
          "mx.example.org: dmarc=pass .action=none header.from=example.org; compauth=pass reason=100;");
}

TEST_CASE("a quoted string or a comment hides what stands in it")
{
    CHECK(flat("mx; spf=pass smtp.mailfrom=\"a; dkim=pass header.d=bank.example\"@evil.example") ==
          "mx: spf=pass smtp.mailfrom=a; dkim=pass header.d=bank.example@evil.example;");
    CHECK(flat("mx; spf=none (x; dkim=pass (\\) y) header.d=bank.example)") == "mx: spf=none;");
    CHECK(flat("\"mx.example.org\"; spf=none") == "mx.example.org: spf=none;");
}

TEST_CASE("a field that is not whole, or not of our time, is not believed")
{
    for (const char* body : {"", " ", "(mx)", "mx; dkim=pass (", "mx; dkim=pass reason=\"x", "mx (; dkim=pass", "mx 2; dkim=pass",
                             "mx x; dkim=pass", "spf=pass smtp.mailfrom=a@b; dkim=pass", "; dkim=pass", "mx; a=b \"\\"}) {
        CAPTURE(body);
        CHECK(flat(std::string_view{body}) == "(not believed)");
    }
}

TEST_CASE("a result that breaks the grammar is left out, and the others stay")
{
    CHECK(flat("mx; dkim; spf=none") == "mx: spf=none;");
    CHECK(flat("mx; dkim=pass header.d; spf=none") == "mx: spf=none;");
    CHECK(flat("mx; dkim=pass header.d=a b; spf=none") == "mx: spf=none;");
    CHECK(flat("mx; dkim/2=pass; spf=none") == "mx: spf=none;");
    CHECK(flat("mx;; ;=pass; d kim=pass; spf=none;") == "mx: spf=none;");
    CHECK(flat("mx; dkim=\"pa ss\"; spf=none") == "mx: spf=none;");
}

TEST_CASE("a server is known in any case, by its pattern, and behind comments")
{
    const std::vector<std::string> servers{"mx.example.org", "*.mail.example"};
    CHECK(claims_server("(x) MX.Example.ORG; none", servers));
    CHECK(claims_server("mx.example.org 1; (broken", servers));
    CHECK(claims_server("a.b.mail.example; none", servers));
    for (const char* other :
         {"mail.example; none", "notmail.example; none", "mx.example.org.evil; none", "x; mx.example.org", ""})
        CHECK_FALSE(claims_server(other, servers));
}

TEST_CASE("reading is bounded and linear")
{
    std::string many = "mx";
    for (int i = 0; i < 100'000; ++i) many += "; dkim=pass header.d=a";
    CHECK(parse_authentication_results(many)->results.size() == 100);
    const auto began = std::chrono::steady_clock::now();
    for (const std::string& one : {std::string(1'000'000, '('), "mx; " + std::string(1'000'000, '"'), std::string(1'000'000, ';'),
                                   "mx; a=b" + std::string(500'000, ' ') + std::string(500'000, '.')})
        parse_authentication_results(one);
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{5});
}
