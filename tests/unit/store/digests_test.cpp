#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/store/aliases.hpp"
#include "core/store/archive.hpp"
#include "core/store/content.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/digest_rows.hpp"
#include "core/store/digests.hpp"
#include "core/store/list_rules.hpp"
#include "core/text/zone.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

constexpr std::int64_t hour = 3'600;

/// A site on simulated days of January 2040; the digests of a day are due at 18:00 UTC, the weekly ones on Sunday the 8th, 15th.
struct Days : Site {
    DigestRules rules;
    std::int64_t now = 0;
    int count = 0;

    Days()
    {
        at(2, 12);  // a Monday
        db.prepared("UPDATE digest_clock SET due_at = :now").bind(":now", now).run();
    }
    void at(int day, int hour_of_day) { now = text::unix_time({2040, 1, day, hour_of_day, 0, 0, 0}, "UTC"); }
    By by() const { return {"cli:test", now}; }

    std::int64_t accept(std::vector<std::int64_t> lists, std::string subject = "", std::string sender = "anna@example.org",
                        std::int64_t size = 100)
    {
        const auto id = std::to_string(++count);
        const auto bytes = "From: " + sender + "\r\n\r\nHello " + id + "\r\n";
        JudgedPost judged;
        judged.identity = {id + "@x", sender, token::sha256(bytes)};
        judged.content_id = insert_content(db, bytes, now);
        judged.subject = subject.empty() ? "Post " + id : subject;
        judged.size = size;
        return accept(judged, lists);
    }
    std::int64_t accept(const JudgedPost& judged, const std::vector<std::int64_t>& lists)
    {
        std::vector<ListVerdict> verdicts;
        for (const auto list : lists) verdicts.push_back({list, Verdict::accepted, "default", ""});
        return record_verdicts(db, judged, verdicts, now).post_id;
    }
    void mode(std::int64_t list, std::int64_t member, Mode to) { CHECK(set_mode(db, list, member, to, by())); }

    /// What everybody was given, by member: the ids of posts in their order.
    using Given = std::map<std::int64_t, std::vector<std::int64_t>>;
    Given given(std::int64_t run_id)
    {
        Given out;
        auto rows = db.prepared(
            "SELECT r.member_id, g.posts FROM digest_recipient r JOIN digest_group g ON g.id = r.group_id WHERE r.run_id = :run");
        rows.bind(":run", run_id);
        while (rows.step())
            for (const auto& section : read_digest_posts(rows.text(1)))
                for (const auto post : section.posts) out[rows.integer(0)].push_back(post);
        return out;
    }
    Given carry_out(const DigestRun& wanted, std::size_t step = 2)
    {
        const auto run = begin_digests(db, wanted);
        DigestPlanner planner{db, run};
        while (plan_some_digests(db, planner, rules, by(), step).run == DigestProgress::Run::goes_on) {
        }
        return given(run.id);
    }
    /// `majlis digest send --due`
    Given send()
    {
        Given out;
        if (const auto run = due_digests(db, rules, now)) out = carry_out(*run);
        if (const auto run = full_digests(db, rules, now))
            for (auto& [member, posts] : carry_out(*run)) out[member].insert(out[member].end(), posts.begin(), posts.end());
        return out;
    }
    using Posts = std::vector<std::int64_t>;
};

void put_into_archive(Database& db, std::int64_t post)
{
    db.prepared("INSERT INTO archive_thread (id, root_id, nodes) VALUES (:post, :post, 1)").bind(":post", post).run();
    db.prepared("INSERT INTO archive_node (id, thread_id, post_id) VALUES (:post, :post, :post)").bind(":post", post).run();
    db.prepared("INSERT INTO archive_post (post_id, node_id, sent_at) VALUES (:post, :post, 0)").bind(":post", post).run();
}

}  // namespace

TEST_CASE("digests go out once, at their hour, and only when something came")
{
    Days site;
    const auto bob = site.join(site.rabat, "bob@example.org", Mode::daily);
    CHECK(site.send().empty());  // not 18:00 yet
    site.at(2, 18);
    CHECK(site.send().empty());  // nothing came
    site.at(2, 19);
    const auto first = site.accept({site.rabat});
    CHECK(site.send().empty());
    site.at(3, 17);
    const auto second = site.accept({site.maroc});
    CHECK(site.send().empty());
    site.at(3, 18);
    CHECK(site.send()[bob] == Days::Posts{second, first});  // maroc stands above rabat
    CHECK(site.send().empty());
    site.at(3, 23);
    CHECK(site.send().empty());
    CHECK(site.number("SELECT count(*) FROM digest_run") == 1);
}

TEST_CASE("missed days are caught up in one digest")
{
    Days site;
    const auto bob = site.join(site.rabat, "bob@example.org", Mode::daily);
    Days::Posts all;
    for (int day = 3; day < 7; ++day) {
        site.at(day, 9);
        all.push_back(site.accept({site.rabat}));
    }
    site.at(7, 11);
    CHECK(site.send()[bob] == all);
    site.at(7, 18);
    CHECK(site.send().empty());
}

TEST_CASE("who has both modes gets one mail when both fall on the same day")
{
    Days site;
    const auto bob = site.join(site.rabat, "bob@example.org", Mode::daily);
    site.join(site.france, "bob@example.org", Mode::weekly);
    site.at(7, 9);
    const auto rabat = site.accept({site.rabat}), france = site.accept({site.france});
    site.at(7, 18);
    CHECK(site.send()[bob] == Days::Posts{rabat});
    site.at(8, 9);
    const auto sunday = site.accept({site.rabat});
    site.at(8, 18);
    const auto both = site.send();
    CHECK(both.at(bob) == Days::Posts{france, sunday});
    CHECK(site.number("SELECT count(*) FROM digest_recipient") == 2);
}

TEST_CASE("a post stands once in a digest, and not where it came by itself")
{
    Days site;
    const auto bob = site.join(site.rabat, "bob@example.org", Mode::daily);
    site.join(site.france, "bob@example.org", Mode::each);
    const auto carl = site.join(site.rabat, "carl@example.org", Mode::daily);
    site.join(site.france, "carl@example.org", Mode::daily);
    const auto to_both = site.accept({site.rabat, site.france}), to_rabat = site.accept({site.rabat});
    const auto to_all = site.accept({site.maimc});
    // Accepted on a second list later: bob gets it by itself then.
    auto judged = site.post("late@x");
    const auto late = site.accept(judged, {site.rabat});
    CHECK(site.accept(judged, {site.france}) == late);
    site.at(2, 18);
    auto given = site.send();
    CHECK(given[bob] == Days::Posts{to_rabat});
    CHECK(given[carl] == Days::Posts{to_all, to_both, to_rabat, late});
    // And not again where a later digest sees its second delivery.
    site.accept(judged, {site.casablanca});
    site.join(site.casablanca, "carl@example.org", Mode::daily);
    site.accept(judged, {site.maimc});
    site.at(3, 18);
    CHECK(site.send().empty());
}

TEST_CASE("a new member gets nothing older, who leaves digest mode gets one last digest")
{
    Days site;
    const auto bob = site.join(site.rabat, "bob@example.org", Mode::daily);
    const auto dora = site.join(site.rabat, "dora@example.org", Mode::daily);
    const auto gone = site.join(site.rabat, "gone@example.org", Mode::daily);
    const auto before = site.accept({site.rabat});
    const auto carl = site.join(site.rabat, "carl@example.org", Mode::daily);
    site.mode(site.rabat, bob, Mode::each);
    site.mode(site.rabat, dora, Mode::none);
    CHECK(remove_member(site.db, site.rabat, gone, site.by()));
    const auto after = site.accept({site.rabat});
    site.at(2, 18);
    auto given = site.send();
    CHECK(given == Days::Given{{bob, {before}}, {carl, {after}}});
    site.accept({site.rabat});
    site.at(3, 18);
    given = site.send();
    CHECK(given.size() == 1);
    CHECK_FALSE(given.contains(bob));
}

TEST_CASE("who turns to digests while a post is on its way to him finds it there")
{
    Days site;
    const auto bob = site.join(site.rabat, "bob@example.org");
    const auto post = site.accept({site.rabat});
    site.mode(site.rabat, bob, Mode::daily);
    site.at(2, 18);
    CHECK(site.send()[bob] == Days::Posts{post});
}

TEST_CASE("who turns to digests after they went through a post on its way to him finds it in the next one, once")
{
    Days site;
    const auto bob = site.join(site.rabat, "bob@example.org"), dora = site.join(site.rabat, "dora@example.org");
    const auto carl = site.join(site.rabat, "carl@example.org", Mode::daily);
    const auto post = site.accept({site.rabat});
    site.at(2, 18);
    CHECK(site.send() == Days::Given{{carl, {post}}});
    site.mode(site.rabat, bob, Mode::daily);
    site.mode(site.rabat, dora, Mode::weekly);
    site.mode(site.rabat, carl, Mode::weekly);  // he has had it
    CHECK(site.send().empty());
    const auto second = site.accept({site.rabat});
    site.at(3, 18);
    CHECK(site.send() == Days::Given{{bob, {post, second}}});
    const auto third = site.accept({site.rabat});
    site.at(4, 18);
    CHECK(site.send() == Days::Given{{bob, {third}}});
    site.at(8, 18);
    CHECK(site.send() == Days::Given{{carl, {second, third}}, {dora, {post, second, third}}});
    site.accept({site.rabat});
    site.at(15, 18);
    auto last = site.send();
    CHECK(last[dora].size() == 1);
    CHECK(last[bob].size() == 1);
}

TEST_CASE("who turns to digests while a run goes through a post on its way to him finds it in the next one")
{
    Days site;
    for (int i = 0; i < 3; ++i) site.join(site.rabat, "m" + std::to_string(i) + "@example.org", Mode::daily);
    const auto bob = site.join(site.rabat, "bob@example.org");
    const auto post = site.accept({site.rabat});
    site.at(2, 18);
    const auto run = begin_digests(site.db, *due_digests(site.db, site.rules, site.now));
    site.mode(site.rabat, bob, Mode::daily);
    CHECK_FALSE(site.carry_out(run).contains(bob));
    const auto second = site.accept({site.rabat});
    site.at(3, 18);
    CHECK(site.send()[bob] == Days::Posts{post, second});
}

TEST_CASE("vacation, own posts, duplicates, bounces and bans are kept to")
{
    Days site;
    const auto join = [&](const std::string& name) { return site.join(site.rabat, name + "@example.org", Mode::daily); };
    const auto bob = join("bob"), away = join("away"), author = join("anna"), named = join("named"), bounced = join("bounced"),
               banned = join("banned");
    auto prefers = [&](std::int64_t member, auto change) {
        auto preferences = preferences_of(site.db, member);
        change(preferences);
        CHECK(set_preferences(site.db, member, preferences, site.by()));
    };
    prefers(away, [&](Preferences& p) { p.away_until = site.now + hour; });
    prefers(author, [](Preferences& p) { p.own_posts = Switch::off; });
    prefers(named, [](Preferences& p) { p.duplicates = Switch::off; });
    site.db.prepared("UPDATE member SET bouncing = 1 WHERE id = :id").bind(":id", bounced).run();
    add_rule(site.db, {.list_id = site.maroc, .kind = RuleKind::ban, .pattern = "banned@example.org"}, site.by()).value();
    const auto first = site.accept({site.rabat});
    const std::string key = "named@example.org";
    note_named(site.db, first, std::span{&key, 1});
    site.now += 2 * hour;
    const auto second = site.accept({site.rabat}, "", "eve@example.org");
    site.at(2, 18);
    CHECK(site.send() == Days::Given{{bob, {first, second}}, {away, {second}}, {author, {second}}, {named, {second}}});
    CHECK(banned > 0);
}

TEST_CASE("what waits beyond the limits is sent at once, and not again")
{
    Days site;
    site.rules.max_posts = 3;
    const auto bob = site.join(site.rabat, "bob@example.org", Mode::weekly);
    const auto carl = site.join(site.france, "carl@example.org", Mode::weekly);
    Days::Posts early;
    for (int i = 0; i < 3; ++i) early.push_back(site.accept({site.rabat}));
    CHECK(site.send().empty());
    early.push_back(site.accept({site.rabat}));
    const auto other = site.accept({site.france});
    CHECK(site.send() == Days::Given{{bob, early}});
    CHECK(site.send().empty());
    const auto late = site.accept({site.rabat});
    site.at(8, 18);
    CHECK(site.send() == Days::Given{{bob, {late}}, {carl, {other}}});
    CHECK(site.number("SELECT count(*) FROM digest_mark") == 0);

    site.rules = {};
    site.rules.max_bytes = 200'000;
    for (int i = 0; i < 3; ++i) site.accept({site.rabat}, "", "anna@example.org", 10'000'000);  // files do not count
    site.at(9, 9);
    CHECK(site.send().empty());
    site.accept({site.rabat}, "", "anna@example.org", 10'000'000);
    CHECK(site.send().at(bob).size() == 4);
}

TEST_CASE("who goes from each to daily and on to weekly within days finds each post once")
{
    Days site;
    const auto bob = site.join(site.rabat, "bob@example.org"), dora = site.join(site.rabat, "dora@example.org");
    const auto back = site.join(site.rabat, "back@example.org");
    const auto post = site.accept({site.rabat});
    for (const auto member : {bob, dora, back}) site.mode(site.rabat, member, Mode::daily);
    site.mode(site.rabat, back, Mode::each);  // by itself it does not come any more: he is in nobody's range
    site.mode(site.rabat, dora, Mode::weekly);
    site.at(2, 18);
    CHECK(site.send() == Days::Given{{bob, {post}}, {dora, {post}}, {back, {post}}});
    site.mode(site.rabat, bob, Mode::weekly);
    const auto second = site.accept({site.rabat});
    site.at(3, 18);
    CHECK(site.send().empty());
    site.at(8, 18);
    CHECK(site.send() == Days::Given{{bob, {second}}, {dora, {second}}});
}

TEST_CASE("too much of the weekly lists comes with the daily digest, in one mail a day")
{
    Days site;
    site.rules.max_posts = 3;
    const auto bob = site.join(site.rabat, "bob@example.org", Mode::daily);
    site.join(site.france, "bob@example.org", Mode::weekly);
    const auto carl = site.join(site.rabat, "carl@example.org", Mode::daily);
    const auto today = site.accept({site.rabat});
    Days::Posts france;
    for (int i = 0; i < 3; ++i) france.push_back(site.accept({site.france}));
    CHECK(site.send().empty());  // noon: more than three, but not of the daily ones
    site.at(2, 18);
    const auto given = site.send();
    CHECK(given.at(carl) == Days::Posts{today});
    CHECK(given.at(bob).size() == 4);
    site.at(2, 23);
    CHECK(site.send().empty());
    const auto late = site.accept({site.france});
    CHECK(site.send().empty());
    site.at(3, 18);
    CHECK(site.send().empty());  // nothing came on the daily list, and one is not too much
    for (int i = 0; i < 3; ++i) site.accept({site.france});
    site.at(4, 18);
    CHECK(site.send().at(bob).size() == 4);
    site.at(8, 18);
    CHECK(site.send().empty());
    CHECK(site.number("SELECT count(*) FROM digest_recipient") == 3);
    CHECK(late > 0);

    // Too much of the daily ones is sent at once, with all that waits.
    for (int i = 0; i < 4; ++i) site.accept({site.rabat});
    site.accept({site.france});
    site.at(9, 9);
    CHECK(site.send().at(bob).size() == 5);
}

TEST_CASE("members of a list are sent what waits when somebody asks, once")
{
    Days site;
    const auto bob = site.join(site.rabat, "bob@example.org", Mode::weekly);
    site.join(site.france, "bob@example.org", Mode::daily);
    site.join(site.france, "carl@example.org", Mode::daily);
    const auto rabat = site.accept({site.rabat}), france = site.accept({site.france});
    CHECK(site.carry_out(asked_digests(site.db, {site.maroc}, site.now)) == Days::Given{{bob, {france, rabat}}});
    CHECK(site.carry_out(asked_digests(site.db, {site.maroc}, site.now)).empty());
    CHECK(site.number("SELECT count(*) FROM digest_run") == 1);
    site.at(2, 18);
    const auto due = site.send();
    CHECK(due.size() == 1);
    CHECK_FALSE(due.contains(bob));
}

TEST_CASE("a run that was cut short goes on where it stopped, with what was in it")
{
    Days site;
    std::vector<std::int64_t> members;
    for (int i = 0; i < 7; ++i) members.push_back(site.join(site.rabat, "m" + std::to_string(i) + "@example.org", Mode::daily));
    const auto post = site.accept({site.rabat});
    site.at(2, 18);
    const auto run = begin_digests(site.db, *due_digests(site.db, site.rules, site.now));
    {
        DigestPlanner planner{site.db, run};
        CHECK(plan_some_digests(site.db, planner, site.rules, site.by(), 3).digests == 3);
    }
    CHECK_FALSE(next_digest_group(site.db, 0));  // nobody writes what may still get readers
    const auto later = site.accept({site.rabat});
    // Another process would begin its own: it is given this one.
    CHECK(begin_digests(site.db, *due_digests(site.db, site.rules, site.now)).id == run.id);
    const auto resumed = unfinished_digests(site.db);
    REQUIRE(resumed);
    const auto given = site.carry_out(*resumed, 2);
    CHECK(given.size() == members.size());
    for (const auto member : members) CHECK(given.at(member) == Days::Posts{post});
    CHECK_FALSE(unfinished_digests(site.db));
    CHECK(site.send().empty());
    site.at(3, 18);
    CHECK(site.send()[members.front()] == Days::Posts{later});
}

TEST_CASE("the same posts, language and form are one mail, numbered by root and year")
{
    Days site;
    const auto mena = site.add("mena");
    for (int i = 0; i < 5; ++i) site.join(site.rabat, "m" + std::to_string(i) + "@example.org", Mode::daily);
    const auto plain = site.join(site.rabat, "plain@example.org", Mode::daily);
    Preferences preferences;
    preferences.digest_format = DigestFormat::plain;
    CHECK(set_preferences(site.db, plain, preferences, site.by()));
    const auto arab = site.join(site.rabat, "arab@example.org", Mode::daily);
    CHECK(set_language(site.db, arab, "ar", site.by()));
    site.join(site.rabat, "two@example.org", Mode::daily);
    site.join(mena, "two@example.org", Mode::daily);
    site.accept({site.rabat});
    site.accept({mena});
    site.at(2, 18);
    CHECK(site.send().size() == 8);
    std::map<std::string, std::size_t> seen;
    std::int64_t after = 0;
    while (const auto group = next_digest_group(site.db, after)) {
        after = group->id;
        seen[group->language + std::string{digest_format_name(group->format)} + std::to_string(group->roots.size())]++;
        CHECK(group->roots.front().volume == 1);
        CHECK(group->roots.front().issue == 1);
    }
    CHECK(seen.size() == 4);
    CHECK(site.number("SELECT count(*) FROM digest_group") == 4);

    site.accept({site.rabat});
    site.at(3, 18);
    site.send();
    site.now = text::unix_time({2041, 1, 1, 18, 0, 0, 0}, "UTC");
    site.accept({mena});
    site.accept({site.rabat});
    site.now += 24 * hour;
    site.send();
    CHECK(site.number("SELECT volume * 100 + issue FROM digest_volume WHERE list_id = 1") == 201);
    CHECK(site.number("SELECT issue FROM digest_issue WHERE list_id = 1 ORDER BY run_id LIMIT 1 OFFSET 1") == 2);
}

TEST_CASE("a digest becomes one delivery with every reader by name, in bounded steps")
{
    Days site;
    for (int i = 0; i < 7; ++i) site.join(site.rabat, "m" + std::to_string(i) + "@example.org", Mode::daily);
    const auto post = site.accept({site.rabat});
    site.at(2, 18);
    site.send();
    const auto group = next_digest_group(site.db, 0);
    REQUIRE(group);
    CHECK(group->state == DigestGroup::State::waiting);
    REQUIRE(group->sections.size() == 1);
    CHECK(group->sections.front().posts == Days::Posts{post});
    CHECK(digest_post(site.db, site.rabat, post)->message_id == "1@x");
    const auto delivery =
        digest_written(site.db, group->id, "Subject: x\r\n\r\nx\r\n", site.rabat, group->sections, site.now).value();
    CHECK(next_digest_group(site.db, 0)->state == DigestGroup::State::written);
    CHECK(fill_digest(site.db, group->id, site.now, 3) == DigestFill::more);
    CHECK(find_delivery(site.db, delivery)->state == "active");
    // The first ones are served before the others are there: it is not over for that.
    site.db.prepared("UPDATE delivery_recipient SET state = 'sent'").run();
    CHECK(finish_if_done(site.db, delivery, site.now));
    CHECK(fill_digest(site.db, group->id, site.now, 3) == DigestFill::more);
    CHECK(find_delivery(site.db, delivery)->state == "active");
    CHECK(fill_digest(site.db, group->id, site.now, 3) == DigestFill::done);
    CHECK(fill_digest(site.db, group->id, site.now, 3) == DigestFill::done);
    CHECK(delivery_recipients(site.db, delivery, 100).size() == 7);
    CHECK(delivery_recipients(site.db, delivery, 1).front().member_id > 0);
    CHECK_FALSE(next_digest_group(site.db, 0));
    CHECK(open_digest_groups(site.db) == 0);
}

TEST_CASE("what is gone, redacted or removed is left out of a digest")
{
    Days site;
    const auto post = site.accept({site.rabat}), other = site.accept({site.rabat});
    REQUIRE(digest_post(site.db, site.rabat, post));
    CHECK_FALSE(digest_post(site.db, site.france, post));
    put_into_archive(site.db, post);
    site.db.prepared("UPDATE post_list SET archive = 'out' WHERE post_id = :post").bind(":post", post).run();
    CHECK_FALSE(digest_post(site.db, site.rabat, post));
    REQUIRE(set_setting(site.db, site.rabat, "archive", "off", Fixed::no, site.by()));
    CHECK(digest_post(site.db, site.rabat, post));  // without an archive nothing was removed from it
    site.db.prepared("UPDATE content SET keep = 'gone' WHERE id IN (SELECT content_id FROM post WHERE id = :post)")
        .bind(":post", other)
        .run();
    CHECK_FALSE(digest_post(site.db, site.rabat, other));
}

TEST_CASE("no post is taken away while a digest with it is on its way; those that were sent are forgotten with it")
{
    Days site;
    site.join(site.rabat, "bob@example.org", Mode::daily);
    const auto post = site.accept({site.rabat});
    put_into_archive(site.db, post);
    site.db.prepared("INSERT INTO archive_list VALUES (:list, 0, :post, 0, 0)")
        .bind(":list", site.rabat)
        .bind(":post", post)
        .run();
    site.db.execute("UPDATE delivery SET state = 'done'");
    site.at(2, 18);
    site.send();
    const auto group = next_digest_group(site.db, 0);
    REQUIRE(group);
    const auto delivery = digest_written(site.db, group->id, "a mail", site.rabat, group->sections, site.now);
    REQUIRE(delivery);
    for (const auto& state : {"written", "queued"}) {
        CAPTURE(state);
        const auto refused = redact_archived(site.db, post, "", site.by());
        REQUIRE(refused.has_error());
        CHECK(refused.error().message.find("majlis queue drop " + std::to_string(*delivery)) != std::string::npos);
        CHECK(remove_archived(site.db, post, {}, "", site.by()).has_error());
        CHECK(fill_digest(site.db, group->id, site.now) == DigestFill::done);
    }
    site.db.prepared("UPDATE delivery_recipient SET state = 'sent'").run();
    CHECK(finish_if_done(site.db, *delivery, site.now));
    CHECK(site.number("SELECT count(*) FROM content_chunk") == 2);
    CHECK(redact_archived(site.db, post, "", site.by()).has_value());
    CHECK(site.number("SELECT count(*) FROM content_chunk") == 0);
    CHECK(site.number("SELECT count(*) FROM digest_group WHERE state = 'over'") == 1);
    // One that was written from what it still read is not kept.
    site.db.execute("UPDATE digest_group SET state = 'waiting', delivery_id = NULL");
    CHECK_FALSE(digest_written(site.db, group->id, "a mail", site.rabat, group->sections, site.now));
    CHECK(site.number("SELECT count(*) FROM content_chunk") == 0);
}

TEST_CASE("what came before its list had an archive stays in the digest when the archive is turned on")
{
    Days site;
    REQUIRE(set_setting(site.db, site.rabat, "archive", "off", Fixed::no, site.by()));
    const auto post = site.accept({site.rabat});
    // As the archive marks what is not for it.
    site.db.prepared("UPDATE post_list SET archive = 'out' WHERE post_id = :post").bind(":post", post).run();
    CHECK(digest_post(site.db, site.rabat, post));
    REQUIRE(set_setting(site.db, site.rabat, "archive", "on", Fixed::no, site.by()));
    CHECK(digest_post(site.db, site.rabat, post));
}

TEST_CASE("nobody is looked at again for too much waiting before another post comes")
{
    Days site;
    site.rules.max_posts = 2;
    const auto bob = site.join(site.rabat, "bob@example.org", Mode::weekly);
    const auto in_rabat = site.accept({site.rabat});
    for (int i = 0; i < 3; ++i) site.accept({site.france});
    const auto run = full_digests(site.db, site.rules, site.now);
    REQUIRE(run);  // the site has more than two waiting, but bob has one
    CHECK(site.carry_out(*run).empty());
    CHECK(site.number("SELECT count(*) FROM digest_run") == 0);
    CHECK_FALSE(full_digests(site.db, site.rules, site.now));
    queue_notice(site.db, {.bytes = "Subject: x\r\n\r\nx\r\n", .addresses = {"eve@example.org"}, .list_id = site.rabat},
                 site.now);
    CHECK_FALSE(full_digests(site.db, site.rules, site.now));
    const auto second = site.accept({site.rabat});
    REQUIRE(full_digests(site.db, site.rules, site.now));
    CHECK(site.send().empty());
    const auto third = site.accept({site.rabat});
    CHECK(site.send() == Days::Given{{bob, {in_rabat, second, third}}});
    CHECK_FALSE(full_digests(site.db, site.rules, site.now));
    // A mark is kept while a clock of the digests is behind it, whatever was looked at between times.
    CHECK(site.number("SELECT count(*) FROM digest_mark") == 1);
    site.at(8, 18);
    CHECK(site.send().empty());
    CHECK(site.number("SELECT count(*) FROM digest_mark") == 0);
}

TEST_CASE("digests are due by the clock on the wall, whatever the zone does with it")
{
    DigestRules rules;
    rules.timezone = "Europe/Paris";
    const auto paris = [](int year, int month, int day, int at) {
        return text::unix_time({year, month, day, at, 0, 0, 0}, "Europe/Paris");
    };
    // The night to Sunday, 29 March 2026, has 23 hours.
    CHECK(digest_moments(rules, paris(2026, 3, 29, 17)).daily == paris(2026, 3, 28, 18));
    CHECK(digest_moments(rules, paris(2026, 3, 29, 18)).daily - paris(2026, 3, 28, 18) == 23 * hour);
    CHECK(digest_moments(rules, paris(2026, 3, 29, 18)).weekly == paris(2026, 3, 29, 18));
    CHECK(digest_moments(rules, paris(2026, 3, 29, 17)).weekly == paris(2026, 3, 22, 18));
    CHECK(digest_moments(rules, paris(2026, 1, 1, 3)).daily == paris(2025, 12, 31, 18));

    // Morocco leaves UTC+1 for the month of Ramadan: 15 February to 22 March 2026.
    rules.timezone = "Africa/Casablanca";
    std::set<std::int64_t> lengths;
    std::int64_t before = 0;
    for (auto now = paris(2026, 2, 1, 0); now < paris(2026, 4, 15, 0); now += hour) {
        const auto daily = digest_moments(rules, now).daily;
        CHECK(text::local_time(daily, rules.timezone).hour == 18);
        CHECK(daily <= now);
        if (before != 0 && daily != before) lengths.insert((daily - before) / hour);
        before = daily;
    }
    CHECK(lengths == std::set<std::int64_t>{23, 24, 25});

    rules.weekly = std::chrono::Wednesday;
    rules.at = std::chrono::minutes{6 * 60 + 30};
    const auto weekly = text::local_time(digest_moments(rules, paris(2026, 11, 22, 12)).weekly, rules.timezone);
    CHECK(weekly.day == 18);
    CHECK(weekly.hour == 6);
    CHECK(weekly.minute == 30);
}

TEST_CASE("no statement of the digests reads a growing table whole")
{
    Days site;
    site.rules.max_posts = 1;
    const auto bob = site.join(site.rabat, "bob@example.org", Mode::daily);
    site.join(site.france, "bob@example.org", Mode::weekly);
    const auto post = site.accept({site.rabat});
    site.accept({site.rabat});
    site.mode(site.france, bob, Mode::daily);
    site.carry_out(asked_digests(site.db, {site.maimc}, site.now));
    site.accept({site.rabat});
    site.accept({site.rabat});
    site.send();
    site.at(2, 18);
    site.accept({site.rabat});
    site.send();
    digest_post(site.db, site.rabat, post);
    std::int64_t after = 0;
    while (const auto group = next_digest_group(site.db, after)) {
        after = group->id;
        digest_written(site.db, group->id, "Subject: x\r\n\r\nx\r\n", site.rabat, {}, site.now);
        fill_digest(site.db, group->id, site.now);
    }
    drop_digest(site.db, after, "why", site.by());
    open_digest_groups(site.db);
    CHECK(site.number("SELECT count(*) FROM digest_run") == 3);
    site.db.prepared("UPDATE delivery_recipient SET state = 'sent'").run();
    site.db.prepared("UPDATE delivery SET state = 'done'").run();
    CHECK(forget_digest_bytes(site.db, site.now + 1, 10) == 3);
    CHECK(forget_digest_bytes(site.db, site.now + 1, 10) == 0);
    while (purge_digests(site.db, site.now + 1, 10) > 0) {
    }
    CHECK(site.number("SELECT count(*) FROM digest_run") == 0);
    CHECK(site.number("SELECT count(*) FROM delivery_recipient") == 0);
    CHECK(site.number("SELECT count(*) FROM digest_volume") == 1);

    constexpr std::array<std::string_view, 5> short_ones{"digest_clock", "digest_group_open", "digest_group_queued",
                                                         "digest_run_open", "CONSTANT ROW"};
    std::size_t seen = 0;
    for (const auto sql : site.db.known_sql()) {
        const bool ours = sql.find("digest_") != std::string_view::npos || sql.find("mode IN ('daily'") != std::string_view::npos;
        if (!ours || sql.starts_with("SELECT count(*) FROM digest_run") ||
            sql.starts_with("SELECT count(*) FROM digest_volume") || sql.starts_with("UPDATE digest_clock SET due_at = :now"))
            continue;
        ++seen;
        SQLite::Statement plan{site.db.connection(), "EXPLAIN QUERY PLAN " + std::string{sql}};
        while (plan.executeStep()) {
            const auto step = plan.getColumn(3).getString();
            INFO(sql);
            INFO(step);
            const bool few = std::ranges::any_of(short_ones, [&](auto name) { return step.find(name) != std::string::npos; });
            const bool by_key =
                step.find("SCAN r") == 0 && sql.find("FROM digest_run r WHERE state = 'planned'") != std::string_view::npos;
            // The members that have a digest mode, in the order of their ids.
            const bool readers = step.find("subscription_digest") != std::string::npos;
            CHECK_FALSE((step.starts_with("SCAN ") && !few && !by_key && !readers && step.find("SCAN (subquery") != 0));
        }
    }
    CHECK(seen > 20);
}
