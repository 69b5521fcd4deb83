#include <algorithm>

#include "core/store/aliases.hpp"
#include "core/store/check.hpp"
#include "core/store/person.hpp"
#include "core/store/requests.hpp"
#include "core/store/tokens.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

/// How many cells of all tables hold this text.
std::int64_t places(Site& site, const std::string& text)
{
    std::vector<std::string> queries;
    {
        auto columns = site.db.prepared(
            "SELECT m.name, p.name FROM sqlite_schema m JOIN pragma_table_info(m.name) p WHERE m.type = 'table' AND m.name NOT "
            "LIKE "
            "'archive_word%'");
        while (columns.step())
            queries.push_back("SELECT count(*) FROM " + columns.text(0) + " WHERE instr(CAST(\"" + columns.text(1) +
                              "\" AS TEXT), '" + text + "') > 0");
    }
    std::int64_t found = 0;
    for (const auto& query : queries) {
        SQLite::Statement row{site.db.connection(), query};
        if (row.executeStep()) found += row.getColumn(0).getInt64();
    }
    return found;
}

}  // namespace

TEST_CASE("after an erasure nothing names the person, and everybody else is untouched")
{
    Site site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.join(site.maroc, "anna@example.org", Mode::daily);
    site.join(site.rabat, "omar@example.org");
    REQUIRE(add_role(site.db, site.rabat, address("anna@example.org"), Role::moderator, admin));
    REQUIRE(add_alias(site.db, anna, address("anna@work.example"), admin));
    const auto request =
        open_request(site.db, {RequestKind::set, site.rabat, "anna@example.org", "anna@example.org", "x=1", 1}, admin);
    issue_token(site.db,
                {.purpose = TokenPurpose::confirm, .request_id = request, .post_list_id = {}, .member_id = {}, .expires_at = 9},
                admin.at);
    const ListVerdict accepted{site.rabat, Verdict::accepted, "default", ""}, held{site.maroc, Verdict::held, "stranger", "why"};
    record_verdicts(site.db, site.post("1@example.org"), std::vector{accepted}, admin.at);
    record_verdicts(site.db, site.post("2@example.org"), std::vector{held}, admin.at);
    CHECK(places(site, "anna") > 10);
    const auto erased = erase_person(site.db, "anna@example.org", {"cli:root", admin.at});
    CHECK(erased.subscriptions == 2);
    CHECK(erased.posts == 2);
    CHECK(places(site, "anna") == 0);
    CHECK(site.number("SELECT count(*) FROM journal WHERE event = 'person-erased' AND address = ''") == 1);
    CHECK(site.number("SELECT count(*) FROM post_list WHERE verdict = 'held'") == 0);
    CHECK(site.number("SELECT count(*) FROM delivery WHERE state = 'active'") == 0);
    CHECK(site.number("SELECT count(*) FROM subscription") == 1);
    CHECK(site.number("SELECT count(*) FROM request") + site.number("SELECT count(*) FROM token") == 0);
    CHECK(check_database(site.db).empty());
    const auto nothing = person_record(site.db, "anna@example.org");
    CHECK(std::ranges::all_of(nothing, [](const PersonPart& part) { return part.rows.empty(); }));
}

TEST_CASE("an export tells preferences, other addresses and requests too")
{
    Site site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    REQUIRE(add_alias(site.db, anna, address("anna@work.example"), admin));
    open_request(site.db, {RequestKind::leave, site.rabat, "anna@example.org", "anna@example.org", "", 1}, admin);
    const auto record = person_record(site.db, "anna@example.org");
    for (const auto* name : {"member", "subscriptions", "other_addresses", "requests", "journal"}) {
        const auto part = std::ranges::find(record, name, &PersonPart::name);
        REQUIRE(part != record.end());
        CHECK_MESSAGE(!part->rows.empty(), name);
    }
}
