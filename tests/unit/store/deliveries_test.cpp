#include <algorithm>
#include <set>

#include "core/store/deliveries.hpp"
#include "core/store/dispatch.hpp"
#include "core/store/lists.hpp"
#include "core/store/outcomes.hpp"
#include "core/store/recipients.hpp"
#include "core/store/relays.hpp"
#include "tests/unit/store/site.hpp"

namespace majlis::store {
namespace {

constexpr std::int64_t now = 1'700'000'000;
constexpr std::int64_t five_days = 5 * 86'400;

std::int64_t deliver(Site& site, const std::vector<std::int64_t>& lists, std::string message_id = "a@b")
{
    std::vector<ListVerdict> verdicts;
    for (const auto list : lists) verdicts.push_back({list, Verdict::accepted, "default", ""});
    return record_verdicts(site.db, site.post(std::move(message_id)), verdicts, now).delivery_id.value();
}

WorkRequest request(std::size_t want = 1'000)
{
    WorkRequest wanted;
    wanted.relay = "relay";
    wanted.want = wanted.want_urgent = want;
    wanted.now = now;
    return wanted;
}

/// Everybody whom the outbox writes to, in the order of the leases; each recipient is taken by the relay.
std::vector<std::string> send_all(Site& site, std::size_t want = 1'000)
{
    Dispatcher dispatcher{site.db};
    std::vector<std::string> sent;
    while (const auto work = dispatcher.lease(request(want))) {
        std::vector<RangeProgress> ranges;
        std::vector<RecipientOutcome> rows;
        for (const auto& recipient : work->recipients) {
            sent.push_back(recipient.address);
            if (!work->range)
                rows.push_back({work->delivery_id, recipient.member_id, recipient.address, recipient.list_id,
                                RecipientOutcome::Kind::sent, 250, "", "", "relay", now});
        }
        if (work->range)
            ranges.push_back(
                {work->delivery_id, *work->range, work->range_done, static_cast<std::int64_t>(work->recipients.size()), "relay"});
        record_outcomes(site.db, ranges, rows, five_days, now);
        dispatcher.release(*work, "relay", {}, 1, now);
    }
    return sent;
}

std::string state_of(Site& site, std::int64_t delivery) { return find_delivery(site.db, delivery).value().state; }

RecipientOutcome outcome(const Work& work, std::size_t index, RecipientOutcome::Kind kind, int code)
{
    const auto& recipient = work.recipients.at(index);
    return {work.delivery_id, recipient.member_id, recipient.address, recipient.list_id, kind, code, "", "said so", "relay",
            now + 300};
}

}  // namespace

TEST_CASE("a post reaches the list and every list below it, each person once")
{
    Site site;
    site.join(site.rabat, "both@x.org");
    site.join(site.casablanca, "both@x.org");
    site.join(site.maroc, "top@x.org");
    site.join(site.casablanca, "casa@x.org");
    site.join(site.france, "elsewhere@x.org");
    site.join(site.maimc, "above@x.org");
    const auto delivery = deliver(site, {site.maroc});
    CHECK(send_all(site) == std::vector<std::string>{"both@x.org", "top@x.org", "casa@x.org"});
    CHECK(state_of(site, delivery) == "done");
    CHECK(find_delivery(site.db, delivery)->accepted == 3);
}

TEST_CASE("with reach = list only the list's own rows count")
{
    Site site;
    site.join(site.rabat, "rabat@x.org");
    site.join(site.maroc, "maroc@x.org");
    REQUIRE(set_setting(site.db, site.maroc, "reach", "list", Fixed::no, admin));
    deliver(site, {site.maroc});
    CHECK(send_all(site) == std::vector<std::string>{"maroc@x.org"});
}

TEST_CASE("the nearest row on each branch decides the mode, and the strongest branch wins")
{
    struct Case {
        std::string_view name;
        std::optional<Mode> maimc, maroc, rabat, france;
        bool gets;
    };
    const Case rows[] = {
        {"muted above", Mode::none, {}, Mode::each, {}, false},
        {"muted in the middle", {}, Mode::none, Mode::each, {}, false},
        {"muted on one branch only", {}, Mode::none, Mode::each, Mode::each, true},
        {"digest below", {}, {}, Mode::daily, {}, false},
        {"digest on one branch, each on the other", {}, {}, Mode::daily, Mode::each, true},
        {"his own row decides against what is below", Mode::daily, {}, Mode::each, Mode::each, false},
        {"his own row decides for it", Mode::each, {}, Mode::none, {}, true},
    };
    for (const auto& row : rows) {
        CAPTURE(row.name);
        Site site;
        if (row.maimc) site.join(site.maimc, "m@x.org", *row.maimc);
        if (row.maroc) site.join(site.maroc, "m@x.org", *row.maroc);
        if (row.rabat) site.join(site.rabat, "m@x.org", *row.rabat);
        if (row.france) site.join(site.france, "m@x.org", *row.france);
        deliver(site, {site.maimc});
        CHECK(send_all(site).size() == (row.gets ? 1 : 0));
    }
}

TEST_CASE("who joins after a post was accepted does not get it, who left does not either")
{
    Site site;
    const auto old = site.join(site.france, "old@x.org");
    const auto leaver = site.join(site.rabat, "leaver@x.org");
    site.join(site.rabat, "stays@x.org");
    deliver(site, {site.rabat});
    site.join(site.rabat, "new@x.org");
    site.join(site.rabat, "old@x.org");
    remove_member(site.db, site.rabat, leaver, admin);
    CHECK(send_all(site) == std::vector<std::string>{"stays@x.org"});
    CHECK(old < leaver);
}

TEST_CASE("a second copy of a post skips whom the first one covers, by what was recorded then")
{
    Site site;
    site.join(site.rabat, "both@x.org");
    site.join(site.france, "both@x.org");
    const auto moves = site.join(site.rabat, "moves@x.org");
    site.join(site.france, "moves@x.org");
    site.join(site.france, "only-france@x.org");
    const auto muted = site.join(site.rabat, "muted@x.org", Mode::none);
    site.join(site.france, "muted@x.org");
    site.join(site.france, "joins-later@x.org");
    deliver(site, {site.rabat});
    CHECK(send_all(site) == std::vector<std::string>{"both@x.org", "moves@x.org"});
    // What happens to memberships after that changes nothing of who has had his copy.
    remove_member(site.db, site.rabat, moves, admin);
    set_mode(site.db, site.rabat, muted, Mode::each, admin);
    site.join(site.rabat, "joins-later@x.org");
    deliver(site, {site.france});
    CHECK(send_all(site) == std::vector<std::string>{"only-france@x.org", "muted@x.org", "joins-later@x.org"});
}

TEST_CASE("who leaves before his copy was sent gets the later copy of another list")
{
    Site site;
    const auto leaver = site.join(site.rabat, "leaver@x.org");
    site.join(site.france, "leaver@x.org");
    deliver(site, {site.rabat});
    remove_member(site.db, site.rabat, leaver, admin);
    CHECK(send_all(site).empty());
    deliver(site, {site.france});
    CHECK(send_all(site) == std::vector<std::string>{"leaver@x.org"});
}

TEST_CASE("after a crash everything behind the watermark is leased again, and nothing before it")
{
    Site site;
    for (int i = 0; i < 200; ++i) site.join(site.rabat, "m" + std::to_string(i) + "@x.org");
    const auto delivery = deliver(site, {site.rabat});
    std::multiset<std::string> sent;
    {
        Dispatcher dispatcher{site.db};
        const auto work = dispatcher.lease(request()).value();
        REQUIRE(work.recipients.size() == 50);
        for (std::size_t i = 0; i < 20; ++i) sent.insert(work.recipients[i].address);
        const RangeProgress half{delivery, *work.range, work.recipients[19].member_id, 20, "relay"};
        record_outcomes(site.db, {&half, 1}, {}, five_days, now);
        const auto other = dispatcher.lease(request()).value();
        CHECK(other.recipients.front().member_id > work.recipients.back().member_id);
    }
    Dispatcher{site.db}.recover();
    for (const auto& address : send_all(site)) sent.insert(address);
    CHECK(sent.size() == 200);
    CHECK(std::set<std::string>(sent.begin(), sent.end()).size() == 200);
    CHECK(state_of(site, delivery) == "done");
    CHECK(find_delivery(site.db, delivery)->accepted == 200);
}

namespace {

/// `count` members of rabat who get no copy.
void join_muted(Site& site, int count)
{
    auto insert = site.db.prepared(
        "INSERT INTO member (address, address_key, created_at) "
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :count) "
        "SELECT 'muted' || i || '@x.org', 'muted' || i || '@x.org', 1 FROM n");
    insert.bind(":count", std::int64_t{count}).run();
    auto mute = site.db.prepared(
        "INSERT INTO subscription (list_id, member_id, mode, joined, since, joined_at) "
        "SELECT :list, id, 'none', 1, 1, 1 FROM member WHERE address LIKE 'muted%'");
    mute.bind(":list", site.rabat).run();
}

}  // namespace

TEST_CASE("a search among thousands who get no copy goes on slice by slice, and ends at the first who does")
{
    Site site;
    join_muted(site, 12'000);
    site.join(site.rabat, "awake@x.org");
    const auto delivery = deliver(site, {site.rabat});
    Dispatcher dispatcher{site.db};
    auto wanted = request();
    wanted.slice = std::chrono::milliseconds{0};
    int empty = 0;
    auto work = dispatcher.lease(wanted);
    for (; !work && dispatcher.unfinished(); work = dispatcher.lease(wanted)) ++empty;
    CHECK(empty == 2);
    REQUIRE(work);
    CHECK_FALSE(dispatcher.unfinished());
    CHECK(work->recipients.at(0).address == "awake@x.org");
    CHECK_FALSE(dispatcher.lease(wanted));
    CHECK_FALSE(dispatcher.unfinished());
    CHECK(state_of(site, delivery) == "active");
}

TEST_CASE("a range that a crash left is searched slice by slice too")
{
    Site site;
    join_muted(site, 12'000);
    const auto last = site.join(site.rabat, "awake@x.org");
    const auto delivery = deliver(site, {site.rabat});
    auto cut_all = site.db.prepared("UPDATE delivery SET next_member_id = last_member_id WHERE id = :id");
    cut_all.bind(":id", delivery).run();
    auto range = site.db.prepared(
        "INSERT INTO delivery_range (delivery_id, first_id, last_id, done_id, leased, updated_at) "
        "VALUES (:id, 0, :last, 0, 0, 0)");
    range.bind(":id", delivery).bind(":last", last).run();
    Dispatcher dispatcher{site.db};
    auto wanted = request();
    wanted.slice = std::chrono::milliseconds{0};
    CHECK_FALSE(dispatcher.lease(wanted));
    CHECK(dispatcher.unfinished());
    CHECK_FALSE(dispatcher.lease(wanted));
    CHECK(dispatcher.lease(wanted).value().recipients.at(0).address == "awake@x.org");
}

TEST_CASE("whoever was taken behind a gap is not written to again")
{
    Site site;
    for (const auto* name : {"a@x.org", "b@x.org", "c@x.org"}) site.join(site.rabat, name);
    deliver(site, {site.rabat});
    {
        Dispatcher dispatcher{site.db};
        const auto work = dispatcher.lease(request()).value();
        const RangeProgress one{work.delivery_id, *work.range, work.recipients[0].member_id, 1, "relay"};
        const auto behind = outcome(work, 2, RecipientOutcome::Kind::sent, 250);
        record_outcomes(site.db, {&one, 1}, {&behind, 1}, five_days, now);
        dispatcher.release(work, "relay", {0}, 1, now);
    }
    CHECK(send_all(site) == std::vector<std::string>{"b@x.org"});
}

TEST_CASE("a deferred recipient is tried when he is due, and keeps his delivery open until then")
{
    Site site;
    site.join(site.rabat, "a@x.org");
    const auto delivery = deliver(site, {site.rabat});
    Dispatcher dispatcher{site.db};
    const auto work = dispatcher.lease(request()).value();
    const RangeProgress range{delivery, *work.range, work.range_done, 0, "relay"};
    const auto later = outcome(work, 0, RecipientOutcome::Kind::deferred, 451);
    CHECK(record_outcomes(site.db, {&range, 1}, {&later, 1}, five_days, now).empty());
    dispatcher.release(work, "relay", {}, 1, now);
    CHECK(state_of(site, delivery) == "active");
    CHECK_FALSE(dispatcher.lease(request()));
    CHECK(dispatcher.next_due(now) == now + 300);
    auto then = request();
    then.now = now + 300;
    const auto again = dispatcher.lease(then).value();
    CHECK(again.recipients.at(0).attempts == 1);
    CHECK_FALSE(again.range);
    CHECK_FALSE(dispatcher.lease(then));  // it is in somebody's hands
    const auto sent = outcome(again, 0, RecipientOutcome::Kind::sent, 250);
    const auto finished = record_outcomes(site.db, {}, {&sent, 1}, five_days, now + 301);
    REQUIRE(finished.size() == 1);
    CHECK(finished[0].failed == 0);
    CHECK(state_of(site, delivery) == "done");
}

TEST_CASE("a row of somebody in a range is out with whoever leased it, when the range comes back")
{
    Site site;
    site.join(site.rabat, "a@x.org");
    deliver(site, {site.rabat});
    Dispatcher dispatcher{site.db};
    const auto range = dispatcher.lease(request()).value();
    auto again = outcome(range, 0, RecipientOutcome::Kind::set_aside, 452);
    again.next_attempt_at = now;
    record_outcomes(site.db, {}, {&again, 1}, five_days, now);
    const auto row = dispatcher.lease(request()).value();
    CHECK_FALSE(row.range);
    dispatcher.release(range, "relay", {}, 1, now);
    const auto third = dispatcher.lease(request());
    CHECK((!third || third->range));
    dispatcher.release(row, "relay", {0}, 1, now);
    CHECK_FALSE(dispatcher.lease(request()).value().range);
}

TEST_CASE("retry_for runs from his own first attempt, and a pause of the relay does not count")
{
    Site site;
    site.join(site.rabat, "a@x.org");
    const auto delivery = deliver(site, {site.rabat});
    Dispatcher dispatcher{site.db};
    const auto work = dispatcher.lease(request()).value();
    const RangeProgress range{delivery, *work.range, work.range_done, 0, "relay"};
    auto defer = [&](std::int64_t at, std::int64_t wait) {
        auto later = outcome(work, 0, RecipientOutcome::Kind::deferred, 451);
        later.next_attempt_at = at + wait;
        record_outcomes(site.db, {&range, 1}, {&later, 1}, 1'000, at);
        return delivery_recipients(site.db, delivery, 1).at(0).state;
    };
    CHECK(defer(now, 300) == "deferred");
    // The relay rested for a week: 300 s were planned, no more than that and a minute count.
    CHECK(defer(now + 7 * 86'400, 300) == "deferred");
    CHECK(defer(now + 7 * 86'400 + 300, 300) == "deferred");
    CHECK(defer(now + 7 * 86'400 + 700, 300) == "expired");
    CHECK(find_delivery(site.db, delivery)->failed == 1);
    CHECK(state_of(site, delivery) == "done");
}

TEST_CASE("a held delivery sends nothing, marks nobody, and goes on where it was")
{
    Site site;
    for (const auto* name : {"a@x.org", "b@x.org"}) site.join(site.rabat, name);
    const auto delivery = deliver(site, {site.rabat});
    Dispatcher dispatcher{site.db};
    const auto work = dispatcher.lease(request()).value();
    const auto aside = outcome(work, 0, RecipientOutcome::Kind::set_aside, 550);
    record_outcomes(site.db, {}, {&aside, 1}, five_days, now);
    hold_delivery(site.db, delivery, "relay: 550 5.7.1 no", "majlisd", now);
    dispatcher.release(work, "relay", {0}, 1, now);
    auto later = request();
    later.now = now + 86'400;
    CHECK_FALSE(dispatcher.lease(later));
    CHECK(delivery_recipients(site.db, delivery, 9).at(0).state == "waiting");
    REQUIRE(resume_delivery(site.db, delivery, "cli:admin", now));
    std::set<std::string> got;
    while (const auto more = dispatcher.lease(later)) {
        for (const auto& recipient : more->recipients) got.insert(recipient.address);
    }
    CHECK(got == std::set<std::string>{"a@x.org", "b@x.org"});
    CHECK(find_delivery(site.db, delivery)->failed == 0);
}

TEST_CASE("a mark that is withdrawn opens a delivery that seemed to be done")
{
    Site site;
    site.join(site.rabat, "a@x.org");
    const auto delivery = deliver(site, {site.rabat});
    Dispatcher dispatcher{site.db};
    const auto work = dispatcher.lease(request()).value();
    const RangeProgress range{delivery, *work.range, work.range_done, 0, "relay"};
    const auto failed = outcome(work, 0, RecipientOutcome::Kind::failed, 550);
    CHECK(record_outcomes(site.db, {&range, 1}, {&failed, 1}, five_days, now).size() == 1);
    CHECK(state_of(site, delivery) == "done");
    const auto withdrawn = outcome(work, 0, RecipientOutcome::Kind::set_aside, 0);
    record_outcomes(site.db, {}, {&withdrawn, 1}, five_days, now);
    CHECK(state_of(site, delivery) == "active");
    CHECK(find_delivery(site.db, delivery)->failed == 0);
    CHECK(find_delivery(site.db, delivery)->deferred == 1);
}

TEST_CASE("the owner hears of a delivery with failures once")
{
    Site site;
    site.join(site.rabat, "a@x.org");
    const auto delivery = deliver(site, {site.rabat});
    Dispatcher dispatcher{site.db};
    const auto work = dispatcher.lease(request()).value();
    CHECK(take_untold(site.db, 10).empty());
    const RangeProgress range{delivery, *work.range, work.range_done, 0, "relay"};
    const auto failed = outcome(work, 0, RecipientOutcome::Kind::failed, 550);
    record_outcomes(site.db, {&range, 1}, {&failed, 1}, five_days, now);
    const auto told = take_untold(site.db, 10);
    REQUIRE(told.size() == 1);
    CHECK(told[0].failed == 1);
    CHECK(failed_recipients(site.db, delivery, 10).at(0).address == "a@x.org");
    CHECK(take_untold(site.db, 10).empty());
}

TEST_CASE("an urgent notice overtakes a long post, and lists take turns")
{
    Site site;
    for (int i = 0; i < 300; ++i) site.join(site.rabat, "m" + std::to_string(i) + "@x.org");
    site.join(site.france, "f@x.org");
    const auto longer = deliver(site, {site.rabat}, "long@b");
    const auto shorter = deliver(site, {site.france}, "short@b");
    Dispatcher dispatcher{site.db};
    CHECK(dispatcher.lease(request())->delivery_id == longer);
    CHECK(dispatcher.lease(request())->delivery_id == shorter);
    queue_notice(site.db, {"Subject: x\r\n\r\ny\r\n", {"owner@x.org"}, {}, Priority::urgent}, now);
    const auto notice = dispatcher.lease(request()).value();
    CHECK(notice.kind == Work::Kind::notice);
    CHECK(notice.recipients.at(0).address == "owner@x.org");
    CHECK(dispatcher.lease(request())->delivery_id == longer);
}

TEST_CASE("a relay gets no work of lists that it may not send for")
{
    Site site;
    site.join(site.rabat, "a@x.org");
    deliver(site, {site.rabat});
    Dispatcher dispatcher{site.db};
    auto refused = request();
    refused.lists_refused = {site.rabat};
    CHECK_FALSE(dispatcher.lease(refused));
    CHECK(dispatcher.lease(request()));
}

TEST_CASE("what is left to another relay is not leased, and hides nothing else")
{
    Site site;
    for (int i = 0; i < 1'100; ++i) site.join(site.rabat, "m" + std::to_string(i) + "@x.org");
    site.join(site.france, "f@x.org");
    auto wanted = request();
    std::set<std::int64_t> left;
    for (int i = 0; i < 70; ++i) left.insert(deliver(site, {site.rabat}, "large" + std::to_string(i) + "@b"));
    const auto other = deliver(site, {site.france}, "small@b");
    Dispatcher dispatcher{site.db};

    SUBCASE("none of them has begun") {}
    SUBCASE("they have begun, and broken off")
    {
        std::vector<Work> begun;
        for (std::size_t i = 0; i < left.size(); ++i) begun.push_back(dispatcher.lease(request(1)).value());
        for (const auto& work : begun)
            if (work.delivery_id != other) dispatcher.release(work, "relay", {0}, 1, now);
        wanted.deliveries_refused = {other};
        REQUIRE(left.contains(dispatcher.lease(wanted)->delivery_id));
    }
    SUBCASE("all members of one wait for the next try")
    {
        auto of_one = request();
        of_one.deliveries_refused = left;
        of_one.deliveries_refused.erase(*left.begin());
        of_one.deliveries_refused.insert(other);
        while (const auto work = dispatcher.lease(of_one)) {
            std::vector<RecipientOutcome> rows;
            for (std::size_t i = 0; i < work->recipients.size(); ++i)
                rows.push_back(outcome(*work, i, RecipientOutcome::Kind::deferred, 450));
            record_outcomes(site.db, {}, rows, five_days, now);
        }
        wanted.now = now + 600;
    }
    wanted.deliveries_refused = left;
    auto newest = wanted;
    newest.look = WorkRequest::Look::what_is_new;
    const auto work = wanted.now == now ? dispatcher.lease(newest) : dispatcher.lease(wanted);
    REQUIRE(work);
    CHECK(work->delivery_id == other);
    CHECK(dispatcher.senders(*work).value() == std::vector{find_list(site.db, site.france)->address});
    CHECK_FALSE(dispatcher.lease(wanted));
    wanted.deliveries_refused.clear();
    CHECK(dispatcher.lease(wanted));
}

TEST_CASE("a notice is left to another relay too, and speaks for its list or the site")
{
    Site site;
    const auto of_site = queue_notice(site.db, {"Subject: x\r\n\r\ny\r\n", {"owner@x.org"}, {}, Priority::urgent}, now);
    queue_notice(site.db, {"Subject: x\r\n\r\ny\r\n", {"owner@x.org"}, site.rabat, Priority::urgent}, now);
    Dispatcher dispatcher{site.db};
    auto wanted = request();
    wanted.deliveries_refused = {of_site};
    const auto of_list = dispatcher.lease(wanted).value();
    CHECK(dispatcher.senders(of_list).value().size() == 1);
    CHECK_FALSE(dispatcher.lease(wanted));
    const auto of_all = dispatcher.lease(request()).value();
    CHECK(dispatcher.senders(of_all).value().empty());
    CHECK(hold_delivery(site.db, of_site, "why", "majlisd", now));
    CHECK_FALSE(hold_delivery(site.db, of_site, "again", "majlisd", now));
    CHECK_FALSE(dispatcher.senders(of_all));
}

TEST_CASE("quota is reserved with the lease and given back for what was not used")
{
    Site site;
    for (int i = 0; i < 10; ++i) site.join(site.rabat, "m" + std::to_string(i) + "@x.org");
    deliver(site, {site.rabat});
    Dispatcher dispatcher{site.db};
    auto bulk = request(4);
    bulk.per_message = 2;
    const auto work = dispatcher.lease(bulk).value();
    CHECK(work.recipients.size() == 4);
    auto usage = relay_usage(site.db, "relay", 0);
    REQUIRE(usage.size() == 1);
    CHECK(usage[0].recipients == 4);
    CHECK(usage[0].messages == 2);
    dispatcher.release(work, "relay", {0, 1, 2}, 2, now);
    usage = relay_usage(site.db, "relay", 0);
    CHECK(usage[0].recipients == 1);
}

TEST_CASE("an operator's pause outlives failures and successes of the relay")
{
    Site site;
    pause_relay(site.db, "relay", "cli:admin", now);
    relay_failed(site.db, "relay", "down", now + 30, now);
    CHECK(relay_state(site.db, "relay").paused_by == "operator");
    relay_worked(site.db, "relay", now);
    CHECK(relay_state(site.db, "relay").paused_until > now + 86'400);
    CHECK(resume_relay(site.db, "relay", "cli:admin", now));
    CHECK(relay_state(site.db, "relay").paused_until == 0);
    pause_relay(site.db, other_relays, "cli:admin", now);
    CHECK(relay_state(site.db, "relay").paused_until == 0);
    CHECK(relay_state(site.db, "renamed").paused_by == "operator");
    CHECK(relay_state(site.db, "renamed").name == "renamed");
    CHECK(resume_relay(site.db, other_relays, "cli:admin", now));
    CHECK(relay_state(site.db, "renamed").paused_until == 0);
    pause_every_relay(site.db, "cli:admin", now);
    CHECK(relay_state(site.db, "relay").paused_by == "operator");
    CHECK(relay_state(site.db, "renamed").paused_by == "operator");
    CHECK(resume_relay(site.db, "renamed", "cli:admin", now));
    CHECK(relay_state(site.db, "renamed").paused_until == 0);
    CHECK(relay_state(site.db, "other").paused_by == "operator");
    relay_failed(site.db, "renamed", "refused", now + 30, now);
    resume_every_relay(site.db, "cli:admin", now);
    CHECK(relay_state(site.db, "renamed").paused_until == now + 30);  // it rests for another reason
    CHECK(relay_state(site.db, "renamed").failures == 1);
    CHECK(relay_state(site.db, "relay").paused_until == 0);
    CHECK(relay_state(site.db, "other").paused_until == 0);
}

TEST_CASE("explain counts whom a post would reach, each once")
{
    Site site;
    site.join(site.rabat, "a@x.org");
    site.join(site.france, "a@x.org");
    site.join(site.maimc, "b@x.org", Mode::daily);
    const std::int64_t lists[] = {site.maimc, site.france};
    CHECK(count_recipients(site.db, lists) == 1);
}

}  // namespace majlis::store
