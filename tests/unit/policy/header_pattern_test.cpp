#include "core/policy/header_pattern.hpp"

#include <doctest/doctest.h>

#include <chrono>

using namespace majlis;

namespace {

bool matches(std::string_view field, std::string_view pattern, std::string_view mail)
{
    const auto compiled = HeaderPattern::compile(field, pattern);
    REQUIRE(compiled.has_value());
    return compiled->matches(scan_message(mail));
}

}  // namespace

TEST_CASE("a pattern finds the decoded value of a field, in any case")  // B-051, B-052
{
    CHECK(matches("subject", "^win ", "Subject: WIN a car\n\n"));
    CHECK_FALSE(matches("subject", "^win ", "Subject: You win a car\n\n"));
    CHECK(matches("Subject", "d\u00e9sabonn", "Subject: =?utf-8?q?Se_d=C3=A9sabonner?=\n\n"));
    CHECK(matches("Subject", "\u0625\u0639\u0644\u0627\u0646", "Subject: =?utf-8?b?2KXYudmE2KfZhg==?=\n\n"));
    CHECK(matches("X-Mailer", "bulk.*mailer", "X-Mailer: Bulk\n  Super\n  Mailer\n\n"));
    CHECK(matches("Received", "evil", "Received: by a\nReceived: from evil.example\n\n"));
    CHECK_FALSE(matches("X-Nothing", ".*", "Subject: x\n\n"));
    CHECK(matches("Subject", "^$", "Subject:\n\n"));
}

TEST_CASE("a pattern also finds what stands in the header of a part")  // B-052
{
    constexpr std::string_view mail =
        "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nHello\n--b\nContent-Type: application/zip; "
        "name=\"invoice.scr\"\nX-Part: yes\n\nx\n--b--\n";
    CHECK(matches("Content-Type", "\\.scr\"?$", mail));
    CHECK(matches("x-part", "yes", mail));
}

TEST_CASE("what cannot be a field or a pattern is refused with the reason")  // B-053
{
    const struct {
        std::string_view field, pattern;
    } table[] = {{"", "x"},         {"Sub ject", "x"},    {"Subject:", "x"},      {"Subject", ""},     {"Subject", "("},
                 {"Subject", "[a"}, {"Subject", "(?P<x"}, {"Subject", "a{1001}"}, {"Subject", "\xff"}, {"Subject", "(a)\\1"}};
    for (const auto& row : table) {
        CAPTURE(row.pattern);
        const auto compiled = HeaderPattern::compile(row.field, row.pattern);
        REQUIRE_FALSE(compiled.has_value());
        CHECK(compiled.error().message.size() > 10);
    }
    CHECK_FALSE(HeaderPattern::compile("Subject", std::string(max_pattern_bytes + 1, 'a')).has_value());
    CHECK_FALSE(HeaderPattern::compile("Subject", "((a{100}){100}){100}").has_value());
    CHECK(HeaderPattern::compile("Subject", std::string(max_pattern_bytes, 'a')).has_value());
}

TEST_CASE("a pattern that would explode elsewhere takes linear time")
{
    std::string mail;
    for (int i = 0; i < 40; ++i) mail += "Subject: " + std::string(60'000, 'a') + "!\n";
    mail += "\n";
    const auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(matches("Subject", "^(a+)+$", mail));
    CHECK_FALSE(matches("Subject", "(a|a)*(a|a)*(a|a)*b", mail));
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds{20});
}

TEST_CASE("values beyond the limit are not read")
{
    std::string mail;
    for (int i = 0; i < 5; ++i) mail += "Subject: " + std::string(60'000, 'a') + "\n";
    CHECK_FALSE(matches("Subject", "needle", mail + "Subject: needle\n\n"));
    CHECK(matches("Subject", "needle", "Subject: needle\n" + mail + "\n"));
}
