#include "core/store/importing.hpp"

#include "core/store/deliveries.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

RosterRow row(std::size_t line, std::string who, std::string mode = "", std::string name = "", std::string language = "")
{
    const auto read = address(who);
    return {line, read.text(), read.key(), std::move(name), std::move(mode), std::move(language), ""};
}

RosterRow bad(std::size_t line) { return {line, "nonsense", "", "", "", "", "it has no @"}; }

ImportReport import(Site& site, std::int64_t list, const std::vector<RosterRow>& rows, const ImportOptions& options = {})
{
    Import run{site.db, list, options};
    for (const auto& one : rows)
        if (!run.add(one)) break;
    return run.finish(admin);
}

}  // namespace

TEST_CASE("an import adds who is new and leaves who is there")
{
    Site site;
    site.join(site.rabat, "anna@example.org", Mode::daily);
    site.join(site.france, "bert@example.org");
    const auto report =
        import(site, site.rabat,
               {row(2, "carl@example.org", "weekly", "Carl", "ar"), row(3, "anna@example.org", "each"),
                row(4, "bert@example.org"), row(5, "Carl@example.org", "each"), row(6, "carl@example.org", "daily")});
    CHECK(report.rows == 5);
    CHECK(report.added == 2);
    CHECK(report.already == 1);
    CHECK(report.updated == 0);
    CHECK(report.repeated == 2);
    CHECK(report.new_members == 1);
    CHECK_FALSE(report.stopped);
    const auto carl = find_member(site.db, "carl@example.org");
    REQUIRE(carl);
    CHECK(carl->name == "Carl");
    CHECK(carl->language == "ar");
    CHECK(subscriptions_of(site.db, carl->id).at(0).mode == Mode::weekly);
    CHECK(subscriptions_of(site.db, find_member(site.db, "anna@example.org")->id).at(0).mode == Mode::daily);
    CHECK(site.number("SELECT count(*) FROM journal WHERE event = 'members-imported'") == 1);
}

TEST_CASE("an import that stops changes nothing")
{
    Site site;
    const auto report = import(site, site.rabat, {row(1, "anna@example.org"), bad(2), row(3, "bert@example.org")});
    CHECK(report.stopped);
    REQUIRE(report.problems.size() == 1);
    CHECK(report.problems[0].line == 2);
    CHECK(site.number("SELECT count(*) FROM member") == 0);
    CHECK_FALSE(site.db.in_transaction());
}

TEST_CASE("an import that skips takes the rest and counts what it left")
{
    Site site;
    ImportOptions options;
    options.on_error = ImportOptions::OnError::skip;
    options.mode = Mode::daily;
    std::vector<RosterRow> rows{row(1, "anna@example.org"), row(2, "rabat@maimc.org"), row(3, "maroc+subscribe@maimc.org")};
    for (std::size_t i = 0; i < 200; ++i) rows.push_back(bad(i + 4));
    const auto report = import(site, site.rabat, rows, options);
    CHECK(report.added == 1);
    CHECK(report.bad == 202);
    CHECK(report.problems.size() == 100);
    CHECK(report.problems[0].line == 2);
    CHECK(report.repeated == 0);
    CHECK(count_members(site.db, site.rabat).daily == 1);
}

TEST_CASE("a dry run counts the same and changes nothing")
{
    Site site;
    site.join(site.rabat, "anna@example.org");
    ImportOptions options;
    options.run = ImportOptions::Run::dry;
    options.known = ImportOptions::Known::update;
    const std::vector<RosterRow> rows{row(1, "anna@example.org", "none"), row(2, "bert@example.org")};
    const auto before = site.number("SELECT max(id) FROM journal");
    const auto dry = import(site, site.rabat, rows, options);
    CHECK(site.number("SELECT max(id) FROM journal") == before);
    CHECK(site.number("SELECT count(*) FROM member") == 1);
    options.run = ImportOptions::Run::real;
    const auto real = import(site, site.rabat, rows, options);
    CHECK(dry.added == real.added);
    CHECK(dry.updated == real.updated);
    CHECK(dry.already == real.already);
    CHECK(dry.new_members == real.new_members);
    CHECK(real.updated == 1);
}

TEST_CASE("an update changes what the file says and nothing else, and keeps what was")
{
    Site site;
    const auto anna = add_member(site.db, site.rabat, {address("anna@example.org"), "Anna", "fr", Mode::each}, admin)->member_id;
    const auto bert = add_member(site.db, site.rabat, {address("bert@example.org"), "Bert", "fr", Mode::each}, admin)->member_id;
    ImportOptions options;
    options.known = ImportOptions::Known::update;
    options.mode = Mode::weekly;  // for new rows alone
    const auto report =
        import(site, site.rabat, {row(1, "anna@example.org", "none", "", "ar"), row(2, "bert@example.org")}, options);
    CHECK(report.updated == 1);
    CHECK(report.already == 1);
    CHECK(find_member(site.db, anna)->name == "Anna");
    CHECK(find_member(site.db, anna)->language == "ar");
    CHECK(subscriptions_of(site.db, anna).at(0).mode == Mode::none);
    CHECK(subscriptions_of(site.db, bert).at(0).mode == Mode::each);
    CHECK(site.number("SELECT count(*) FROM subscription_past") == 1);
}

TEST_CASE("who is muted by an import is not covered by what is on its way")
{
    Site site;
    site.join(site.rabat, "anna@example.org");
    const ListVerdict verdict{site.rabat, Verdict::accepted, "default", ""};
    record_verdicts(site.db, site.post("1@x"), {&verdict, 1}, admin.at);
    ImportOptions options;
    options.known = ImportOptions::Known::update;
    import(site, site.rabat, {row(1, "anna@example.org", "none")}, options);
    CHECK(site.number("SELECT count(*) FROM delivery_skip") == 1);
}

TEST_CASE("an import takes one tick, and staging holds no lock")
{
    Site site;
    Database other{site.folder / "majlis.db", Open::read_write, {std::chrono::milliseconds{10}, 1 << 20}};
    const auto tick = site.number("SELECT tick FROM membership_clock");
    Import run{site.db, site.rabat, {}};
    for (std::size_t i = 0; i < 1'000; ++i) run.add(row(i, "m" + std::to_string(i) + "@example.org"));
    add_member(other, site.rabat, {address("m7@example.org"), "", "", Mode::daily}, admin).value();
    {
        Transaction busy{other};
        CHECK_THROWS_AS(
            [&] {
                site.db.execute("PRAGMA busy_timeout = 10");
                run.finish(admin);
            }(),
            SQLite::Exception);
    }
    std::int64_t told = 0;
    const auto report = run.finish(admin, [&](std::int64_t done, std::int64_t total) {
        told = done;
        CHECK(total == 1'000);
    });
    CHECK(told == 1'000);
    CHECK(report.added == 999);
    CHECK(report.already == 1);
    CHECK(site.number("SELECT tick FROM membership_clock") == tick + 2);
}

TEST_CASE("an import that is given up leaves nothing behind")
{
    Site site;
    {
        Import run{site.db, site.rabat, {}};
        run.add(row(1, "anna@example.org"));
    }
    CHECK_FALSE(site.db.in_transaction());
    CHECK(site.number("SELECT count(*) FROM temp.sqlite_schema") == 0);
    CHECK(import(site, site.rabat, {row(1, "anna@example.org")}).added == 1);
}
