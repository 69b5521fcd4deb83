#include <algorithm>
#include <array>
#include <set>

#include "core/store/deliveries.hpp"
#include "core/store/dispatch.hpp"
#include "core/store/list_rules.hpp"
#include "core/store/outcomes.hpp"
#include "core/store/outlook.hpp"
#include "core/store/recipients.hpp"
#include "core/store/relays.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

constexpr std::array<std::string_view, 12> growing{
    "member",    "subscription", "subscription_past",  "arrival",       "content", "content_chunk", "post",
    "post_list", "delivery",     "delivery_recipient", "delivery_skip", "journal"};

/// Indexes over a few rows of a large table: reading them whole is their purpose.
constexpr std::array<std::string_view, 7> short_indexes{"arrival_new",    "arrival_unfiled",        "post_list_held",
                                                        "delivery_open",  "delivery_recipient_due", "delivery_recipient_open",
                                                        "delivery_untold"};

/// Statements that read a table on purpose.
constexpr std::array<std::string_view, 7> on_purpose{
    "instr(",                                 // search anywhere in a name
    "FROM journal ORDER BY id LIMIT",         // purge: the oldest rows
    "FROM arrival ORDER BY id LIMIT",         // the same
    "ORDER BY a.id DESC LIMIT",               // the latest arrivals
    "content WHERE sha256 IS NULL",           // at the start, by index
    "('active', 'held') ORDER BY d.id DESC",  // open deliveries are few
    "PRAGMA",
};

std::set<std::string_view> aliases(std::string_view sql, std::string_view table)
{
    // "FROM member m", "JOIN member m": the plan names the alias.
    std::set<std::string_view> names{table};
    for (auto at = sql.find(table); at != std::string_view::npos; at = sql.find(table, at + 1)) {
        const auto before = at == 0 ? ' ' : sql[at - 1];
        auto rest = sql.substr(at + table.size());
        if (before != ' ' || rest.empty() || rest[0] != ' ') continue;
        rest.remove_prefix(1);
        const auto word = rest.substr(0, rest.find_first_of(" ,)"));
        if (!word.empty() && std::ranges::all_of(word, [](char c) { return c >= 'a' && c <= 'z'; })) names.insert(word);
    }
    return names;
}

bool reads_whole_table(std::string_view sql, const std::string& step)
{
    if (!step.starts_with("SCAN ")) return false;
    for (const auto index : short_indexes)
        if (step.find(index) != std::string::npos) return false;
    const auto scanned = std::string_view{step}.substr(5, step.find(' ', 5) - 5);
    return std::ranges::any_of(growing, [&](std::string_view table) { return aliases(sql, table).contains(scanned); });
}

/// A post to members whose domain takes one recipient an hour.
void use_limits(Database& db, std::int64_t delivery, WorkRequest request)
{
    const DomainRule rule{"example.org", {"example.org"}, {{1, queue::Unit::recipients, std::chrono::hours{1}}}, 0};
    const DomainLimits limits{db, {rule}, request.now};
    Dispatcher dispatcher{db, limits};
    dispatcher.recover();
    do {
        if (const auto work = dispatcher.lease(request)) dispatcher.release(*work, "relay", {0}, 1, request.now);
    } while (dispatcher.unfinished());
    dispatcher.next_due(request.now);
    request.look = WorkRequest::Look::what_is_new;
    dispatcher.lease(request);
    request.look = WorkRequest::Look::anything;
    request.now += 7'200;
    dispatcher.lease(request);
    for (const auto& info : list_deliveries(db, Which::open, 10)) remaining_recipients(db, info, limits);
    Dispatcher{db}.recover();
    find_delivery(db, delivery);
}

/// The outbox from the first lease to the last outcome: a row that is deferred, a range that a crash left, a second delivery of
/// the same post beside one that was dropped.
void use_outbox(Site& site)
{
    auto& db = site.db;
    for (int i = 0; i < 60; ++i) site.join(site.france, "f" + std::to_string(i) + "@example.org");
    site.join(site.maroc, "f1@example.org");
    const auto post = site.post("outbox@x");
    const ListVerdict to_france{site.france, Verdict::accepted, "default", ""},
        to_maroc{site.maroc, Verdict::accepted, "default", ""};
    record_verdicts(db, post, {&to_france, 1}, admin.at);
    WorkRequest request;
    request.relay = "relay";
    request.want = request.want_urgent = 1'000;
    request.now = admin.at;
    Dispatcher dispatcher{db};
    std::int64_t delivery = 0;
    while (const auto work = dispatcher.lease(request)) {
        delivery = work->delivery_id;
        const auto& first = work->recipients.front();
        const RecipientOutcome deferred{
            work->delivery_id, first.member_id, first.address, first.list_id, RecipientOutcome::Kind::deferred, 450, "",
            "later",           "relay",         admin.at + 60};
        const auto half = work->recipients.at(work->recipients.size() / 2).member_id;
        std::vector<RangeProgress> progress;
        if (work->range) progress.push_back({work->delivery_id, *work->range, half, 1, "relay"});
        record_outcomes(db, progress, {&deferred, 1}, 1'000, admin.at);
        dispatcher.release(*work, "relay", {0}, 1, admin.at);
    }
    dispatcher.next_due(admin.at);
    request.now += 3'600;
    dispatcher.lease(request);
    drop_delivery(db, delivery, "admin", admin.at);
    const auto second = record_verdicts(db, post, {&to_maroc, 1}, admin.at).delivery_id.value();
    dispatcher.lease(request);
    hold_delivery(db, second, "why", "admin", admin.at);
    resume_delivery(db, second, "admin", admin.at);
    retry_now(db, {}, "admin", admin.at);
    retry_now(db, second, "admin", admin.at);
    delivery_recipients(db, delivery, 10);
    failed_recipients(db, delivery, 10);
    delivery_source(db, second);
    count_recipients(db, std::array{site.maroc});
    take_untold(db, 10);
    relay_state(db, "relay");
    relay_usage(db, "relay", 0);
    relay_pace(db, "relay", 1'000, admin.at);
    use_limits(db, second, request);
}

void use_rules(Database& db, std::int64_t list)
{
    add_rule(db, {.list_id = list, .kind = RuleKind::allow, .pattern = "bob@example.org"}, admin).value();
    const auto ban = add_rule(db, {.list_id = list, .kind = RuleKind::ban, .pattern = "bob@example.org"}, admin).value();
    const std::string bob = "bob@example.org";
    sender_rule(db, list, RuleKind::ban, std::span{&bob, 1});
    address_rule(db, list, RuleKind::ban, std::span{&bob, 1});
    rules_of(db, list);
    header_rules_for(db, list);
    standing(db, std::span{&list, 1}, "anna@example.org");
    remove_rule(db, ban.rule.id, admin).value();
}

/// Every function of the store once, so that each statement has been prepared.
void use_everything(Site& site)
{
    auto& db = site.db;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.join(site.maroc, "anna@example.org", Mode::daily);
    site.join(site.casablanca, "bert@example.org");
    add_role(db, site.maroc, address("mona@example.org"), Role::moderator, admin).value();
    standing(db, std::array{site.rabat, site.maroc}, "anna@example.org");
    role_holders(db, site.rabat, Reckon::effective);
    const auto arrival = site.arrive(1, "mail").arrival_id;
    record_too_large(db, site.folder_id, 2, 99, 1);
    next_new(db, 10);
    to_file(db, site.folder_id, 10);
    mark_filed(db, site.folder_id, std::array<std::int64_t, 1>{1});
    note_attempt(db, arrival);
    suspect_first(db);
    count_new(db);
    recent_arrivals(db, 5);
    auto post = site.post("1@x");
    post.arrival_id = arrival;
    other_content(db, post.identity);
    const ListVerdict verdicts[] = {{site.rabat, Verdict::accepted, "default", ""}, {site.maroc, Verdict::held, "moderated", ""}};
    const auto recorded = record_verdicts(db, post, verdicts, admin.at);
    lists_decided(db, recorded.post_id);
    accepted_before(db, site.rabat, "anna@example.org", 3);
    accepted_since(db, site.rabat, 0, 3);
    hits_of(db, recorded.post_list_ids.at(0));
    use_rules(db, site.rabat);
    held_posts(db, site.maimc, 10);
    held_posts(db, {}, 10);
    count_held(db);
    approve_held(db, recorded.held_ids.at(0), admin).value();
    load_content(db, post.content_id);

    Dispatcher dispatcher{db};
    dispatcher.recover();
    dispatcher.next_due(admin.at);
    list_deliveries(db, Which::open, 10);
    set_mode(db, site.rabat, anna, Mode::none, admin);
    remove_member(db, site.rabat, anna, admin);
    each_member(db, site.maimc, Below::yes, [](const ListedMember&) { return true; });
    count_members(db, site.maroc);
    search_members(db, "ann", 5);
    change_address(db, anna, address("a@example.org"), admin).value();
    read_journal(db, {});
    read_journal(db, {site.rabat, {}, {}, 10});
    read_journal(db, {{}, "anna@example.org", {}, 10});
    read_journal(db, {site.rabat, "anna@example.org", {}, 10});
    site.db.execute("UPDATE delivery SET state = 'done'");
    remove_list(db, site.casablanca, Removal::with_members, admin).value();
    purge_some(db, {0, 0, 0, 0}, admin.at + 10);
    drop_incomplete_content(db);
}

}  // namespace

TEST_CASE("no statement reads a growing table whole or sorts it")
{
    Site site;
    use_outbox(site);
    use_everything(site);
    ImportOptions options;
    options.known = ImportOptions::Known::update;
    {
        Import dry{site.db, site.rabat, {ImportOptions::OnError::stop, ImportOptions::Known::update, ImportOptions::Run::dry}};
        dry.finish(admin);
    }
    Import import{site.db, site.rabat, options};  // its temporary tables stay while the plans are made
    import.add({1, "bert@example.org", "bert@example.org", "", "", "", ""});
    import.finish(admin);
    const auto known = site.db.known_sql();
    CHECK(known.size() > 60);
    for (const auto sql : known) {
        if (std::ranges::any_of(on_purpose, [&](std::string_view words) { return sql.find(words) != std::string_view::npos; }))
            continue;
        SQLite::Statement plan{site.db.connection(), "EXPLAIN QUERY PLAN " + std::string{sql}};
        while (plan.executeStep()) {
            const auto step = plan.getColumn(3).getString();
            INFO(sql);
            INFO(step);
            CHECK_FALSE(reads_whole_table(sql, step));
            const bool sorts = step.find("USE TEMP B-TREE") != std::string::npos;
            const bool few = sql.find(" list ") != std::string_view::npos ||
                             sql.find("delivery_list") != std::string_view::npos ||
                             sql.find("FROM inbox") != std::string_view::npos;
            CHECK_FALSE((sorts && !few));
        }
    }
}

TEST_CASE("the walk of a delivery seeks in the key of each list, also when statistics tell of one that holds nearly everybody")
{
    Site site;
    {
        Transaction transaction{site.db};
        for (int i = 0; i < 2'000; ++i) site.join(site.maimc, "m" + std::to_string(i) + "@example.org");
        site.join(site.rabat, "m1@example.org");
        transaction.commit();
    }
    const auto plan_of = [&](std::string_view sql) {
        SQLite::Statement plan{site.db.connection(), "EXPLAIN QUERY PLAN " + std::string{sql}};
        std::string steps;
        while (plan.executeStep()) steps += plan.getColumn(3).getString() + "\n";
        return steps;
    };
    for (const bool analyzed : {false, true}) {
        CAPTURE(analyzed);
        if (analyzed) site.db.execute("ANALYZE");
        CHECK(plan_of(RecipientWalk::statement()) ==
              "SEARCH s USING PRIMARY KEY (list_id=? AND member_id>? AND member_id<?)\n"
              "SEARCH m USING INTEGER PRIMARY KEY (rowid=?)\n");
    }
}
