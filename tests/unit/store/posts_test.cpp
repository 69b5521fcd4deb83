#include "core/store/posts.hpp"

#include "core/store/deliveries.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

RecordedPost record(Site& site, const JudgedPost& post, std::int64_t list, Verdict verdict)
{
    const ListVerdict one{list, verdict, "some-rule", "some reason"};
    return record_verdicts(site.db, post, {&one, 1}, admin.at);
}

std::int64_t deliveries(Site& site) { return site.number("SELECT count(*) FROM delivery"); }

}  // namespace

TEST_CASE("a post to several lists is one post with a verdict for each and one delivery")
{
    Site site;
    site.join(site.rabat, "anna@example.org");
    auto post = site.post("1@x");
    post.arrival_id = site.arrive(1, "raw").arrival_id;
    const ListVerdict verdicts[] = {{site.rabat, Verdict::accepted, "default", ""},
                                    {site.france, Verdict::accepted, "default", ""},
                                    {site.maroc, Verdict::held, "moderated", "the list is moderated"},
                                    {site.casablanca, Verdict::discarded, "loop", ""}};
    const auto recorded = record_verdicts(site.db, post, verdicts, admin.at);
    CHECK(recorded.delivery_id.has_value());
    CHECK(recorded.held_ids.size() == 1);
    CHECK(recorded.repeated.empty());
    CHECK(deliveries(site) == 1);
    CHECK(site.number("SELECT count(*) FROM post_list WHERE delivery_id IS NOT NULL") == 2);
    CHECK(lists_decided(site.db, recorded.post_id).size() == 4);
    CHECK(count_new(site.db) == 0);
    CHECK(recent_arrivals(site.db, 1).at(0).note.find("maroc: held (moderated)") != std::string::npos);
    CHECK(site.number("SELECT count(*) FROM journal WHERE event LIKE 'post-%'") == 4);
}

TEST_CASE("the same post again reaches only lists that had not decided")
{
    Site site;
    const auto first = record(site, site.post("1@x"), site.rabat, Verdict::accepted);
    const auto again = record(site, site.post("1@x"), site.rabat, Verdict::accepted);
    CHECK(again.post_id == first.post_id);
    CHECK(again.repeated == std::vector<std::int64_t>{site.rabat});
    CHECK_FALSE(again.delivery_id);
    const auto other = record(site, site.post("1@x"), site.france, Verdict::accepted);
    CHECK(other.post_id == first.post_id);
    CHECK(other.delivery_id.has_value());
    CHECK(deliveries(site) == 2);
}

TEST_CASE("one Message-ID with other content is another post, and it is noticed")
{
    Site site;
    const auto first = site.post("1@x");
    const auto forged = site.post("1@x", "something else");
    CHECK_FALSE(other_content(site.db, forged.identity));
    record(site, first, site.rabat, Verdict::accepted);
    CHECK(other_content(site.db, forged.identity));
    CHECK_FALSE(other_content(site.db, first.identity));
    CHECK_FALSE(find_post(site.db, forged.identity));
    CHECK(find_post(site.db, first.identity).has_value());
    auto stranger = forged.identity;
    stranger.sender = "mallory@example.org";
    CHECK_FALSE(other_content(site.db, stranger));
}

TEST_CASE("the first posts of a sender can be counted")
{
    Site site;
    record(site, site.post("1@x"), site.rabat, Verdict::accepted);
    record(site, site.post("2@x"), site.rabat, Verdict::held);
    record(site, site.post("3@x"), site.france, Verdict::accepted);
    CHECK(accepted_before(site.db, site.rabat, "anna@example.org", 5) == 1);
    record(site, site.post("4@x"), site.rabat, Verdict::accepted);
    CHECK(accepted_before(site.db, site.rabat, "anna@example.org", 1) == 1);
}

TEST_CASE("a held post waits, and is found by its list and those above")
{
    Site site;
    const auto id = record(site, site.post("1@x"), site.rabat, Verdict::held).held_ids.at(0);
    record(site, site.post("2@x"), site.france, Verdict::held);
    CHECK(count_held(site.db) == 2);
    CHECK(held_posts(site.db, {}, 10).size() == 2);
    CHECK(held_posts(site.db, {}, 1).size() == 1);
    CHECK(held_posts(site.db, {}, 10, id).size() == 1);
    CHECK(held_posts(site.db, site.maroc, 10).size() == 1);
    const auto post = held_post(site.db, id);
    REQUIRE(post);
    CHECK(post->list == "rabat");
    CHECK(post->rule == "some-rule");
    CHECK(post->held_at == admin.at);
    CHECK(deliveries(site) == 0);
}

TEST_CASE("a held post is decided once, and the second decision hears by whom")
{
    Site site;
    site.join(site.rabat, "anna@example.org");
    const auto id = record(site, site.post("1@x"), site.rabat, Verdict::held).held_ids.at(0);
    const auto approved = approve_held(site.db, id, {"mail:mona@example.org", admin.at + 9});
    REQUIRE(approved);
    CHECK(approved->delivery_id.has_value());
    CHECK(approved->post.verdict == Verdict::accepted);
    const auto late = discard_held(site.db, id, "", admin);
    REQUIRE_FALSE(late);
    CHECK(late.error().message.find("already accepted by mail:mona@example.org") != std::string::npos);
    CHECK_FALSE(approve_held(site.db, id, admin));
    CHECK(deliveries(site) == 1);
    CHECK_FALSE(approve_held(site.db, 999, admin));
}

TEST_CASE("what the rules decided at once was never held")
{
    Site site;
    record(site, site.post("1@x"), site.rabat, Verdict::accepted);
    CHECK_FALSE(held_post(site.db, site.number("SELECT id FROM post_list")).has_value());
}

TEST_CASE("a rejected or discarded post starts nothing and keeps its reason")
{
    Site site;
    const auto first = record(site, site.post("1@x"), site.rabat, Verdict::held).held_ids.at(0);
    const auto second = record(site, site.post("2@x"), site.rabat, Verdict::held).held_ids.at(0);
    const auto rejected = reject_held(site.db, first, "off topic", admin);
    REQUIRE(rejected);
    CHECK(rejected->post.reason == "off topic");
    const auto discarded = discard_held(site.db, second, "", admin);
    REQUIRE(discarded);
    CHECK(discarded->post.reason == "some reason");
    CHECK(deliveries(site) == 0);
    CHECK(count_held(site.db) == 0);
}

TEST_CASE("held on two lists, decided on one: still held on the other")
{
    Site site;
    const ListVerdict verdicts[] = {{site.rabat, Verdict::held, "moderated", ""}, {site.france, Verdict::held, "moderated", ""}};
    const auto recorded = record_verdicts(site.db, site.post("1@x"), verdicts, admin.at);
    CHECK(approve_held(site.db, recorded.held_ids.at(0), admin).has_value());
    CHECK(count_held(site.db) == 1);
    CHECK(approve_held(site.db, recorded.held_ids.at(1), admin).has_value());
    CHECK(deliveries(site) == 2);
}
