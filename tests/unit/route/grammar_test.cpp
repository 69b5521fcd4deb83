#include "tests/unit/route/lists.hpp"

#include <doctest/doctest.h>

using namespace majlis;

TEST_CASE("addresses name a list and what is asked of it")
{
    const struct {
        std::string_view address, target;
    } table[] = {
        {"rabat@maimc.org", "1 post"},
        {"rabat+subscribe@maimc.org", "1 subscribe"},
        {"rabat-subscribe@maimc.org", "1 subscribe"},
        {"rabat-join@maimc.org", "1 subscribe"},
        {"rabat+subscribe-digest@maimc.org", "1 subscribe-digest"},
        {"rabat+unsubscribe@maimc.org", "1 unsubscribe"},
        {"rabat+unsubscribe-abcdefghijklmnop@maimc.org", "1 unsubscribe abcdefghijklmnop"},
        {"rabat-leave@maimc.org", "1 unsubscribe"},
        {"rabat+confirm-abcdefghijklmnop@maimc.org", "1 confirm abcdefghijklmnop"},
        {"rabat-confirm+abcdefghijklmnop@maimc.org", "1 confirm abcdefghijklmnop"},
        {"rabat+mod-abcdefghijklmnop@maimc.org", "1 mod abcdefghijklmnop"},
        {"rabat+bounce-abcdefghijklmnop@maimc.org", "1 bounce abcdefghijklmnop"},
        {"rabat+bounce@maimc.org", "1 bounce"},
        {"rabat-bounces@maimc.org", "1 bounce"},
        {"rabat+owner@maimc.org", "1 owner"},
        {"rabat+request@maimc.org", "1 request"},
        {"rabat+help@maimc.org", "1 help"},
        {"rabat-help@maimc.org", "3 post"},
        {"rabat-help-help@maimc.org", "3 help"},
        {"agdal-rabat-owner@maimc.org", "5 owner"},
        {"me+rabat@gmail.com", "4 post"},
        {"me+rabat-subscribe@gmail.com", "4 subscribe"},
        {"me+rabat+subscribe@gmail.com", "4 subscribe"},
        {"me+rabat-bounce-abcdefghijklmnop@gmail.com", "4 bounce abcdefghijklmnop"},
        {"rabat+mod@maimc.org", ""},
        {"rabat+party@maimc.org", ""},
        {"rabat+subscribe@elsewhere.org", ""},
        {"rabatsubscribe@maimc.org", ""},
        {"+subscribe@maimc.org", ""},
        {"rabat", ""},
        {"@maimc.org", ""},
        {"", ""},
    };
    for (const auto& row : table) {
        CAPTURE(row.address);
        const auto target = route_address(row.address, find_test_list);
        CHECK((target ? shown({*target}) : "") == row.target);
    }
}

TEST_CASE("an endless address asks no endless questions")
{
    int asked = 0;
    const auto count = [&asked](std::string_view) -> std::optional<std::int64_t> {
        ++asked;
        return std::nullopt;
    };
    std::string local;
    while (local.size() < 100'000) local += "-help";
    CHECK_FALSE(route_address(local + "@maimc.org", count));
    CHECK_FALSE(route_address(local.substr(0, 250) + "@maimc.org", count));
    CHECK(asked <= 60);
}
