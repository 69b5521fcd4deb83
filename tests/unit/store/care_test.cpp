#include <array>

#include "core/store/check.hpp"
#include "core/store/status.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

TEST_CASE("the owner hears of each trouble once, until it is over")
{
    Site site;
    CHECK(tell_once(site.db, "relay down", 100));
    CHECK_FALSE(tell_once(site.db, "relay down", 200));
    CHECK(tell_once(site.db, "other", 200));
    CHECK(forget_told(site.db, "relay down"));
    CHECK_FALSE(forget_told(site.db, "relay down"));
    CHECK(tell_once(site.db, "relay down", 300));
    CHECK_FALSE(tell_once(site.db, "relay down", 301, 100));
    CHECK(tell_once(site.db, "relay down", 400, 100));
}

TEST_CASE("the daemon and its inboxes say how they are")
{
    Site site;
    CHECK_FALSE(daemon_state(site.db));
    daemon_started(site.db, 42, "1.0", 10);
    daemon_seen(site.db, "running", 20);
    const auto daemon = daemon_state(site.db);
    REQUIRE(daemon);
    CHECK(daemon->pid == 42);
    CHECK(daemon->state == "running");
    CHECK(daemon->started_at == 10);
    CHECK(daemon->seen_at == 20);
    const auto inbox = ensure_inbox(site.db, "a@example.org");
    CHECK(ensure_inbox(site.db, "a@example.org") == inbox);
    inbox_state(site.db, inbox, "connecting", Contact::none, "", 20);
    CHECK(inbox_states(site.db).at(0).last_ok_at == 0);  // nobody has answered yet
    inbox_state(site.db, inbox, "waiting", Contact::made, "", 30);
    inbox_state(site.db, inbox, "reconnecting", Contact::none, "wrong\r\npassword", 40);
    inbox_state(site.db, inbox, "stopped", Contact::none, "", 50);
    inbox_state(site.db, inbox, "stopped", Contact::none, "", 60);
    CHECK(inbox_states(site.db).at(0).state_at == 50);  // since then
    const auto states = inbox_states(site.db);
    REQUIRE(states.size() == 1);
    CHECK(states[0].state == "stopped");
    CHECK(states[0].last_ok_at == 30);
    CHECK(states[0].last_error.find('\n') == std::string::npos);
}

TEST_CASE("the journal tells what happened, newest first, by list and by person")
{
    Site site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    site.join(site.france, "anna@example.org");
    site.join(site.rabat, "bert@example.org");
    remove_member(site.db, site.rabat, anna, admin);
    const auto all = read_journal(site.db, {});
    CHECK(all.front().event == "member-removed");
    CHECK(all.front().list == "rabat");
    CHECK(all.front().actor == "cli:admin");
    JournalQuery query;
    query.address = "anna@example.org";
    CHECK(read_journal(site.db, query).size() == 3);
    query.list_id = site.rabat;
    CHECK(read_journal(site.db, query).size() == 2);
    query.address.reset();
    query.limit = 2;
    const auto page = read_journal(site.db, query);
    REQUIRE(page.size() == 2);
    query.before_id = page.back().id;
    CHECK(read_journal(site.db, query).front().id < page.back().id);
    journal(site.db, admin, {"x", {}, "", std::string(5'000, 'y') + "\x1b[31m"});
    CHECK(read_journal(site.db, {}).front().detail.size() <= 1'003);
}

TEST_CASE("what is old goes, and what is needed stays")
{
    Site site;
    const Keep keep{100, 100, 100, 100};
    const auto now = admin.at + 1'000;
    const auto nobody = insert_content(site.db, "nobody needs it", admin.at);
    const auto verdict = [&](const std::string& id, Verdict what) {
        auto post = site.post(id, id);
        post.content_id = insert_content(site.db, "post " + id, admin.at);
        const ListVerdict one{site.rabat, what, "rule", ""};
        record_verdicts(site.db, post, {&one, 1}, admin.at);
        return post.content_id;
    };
    const auto accepted = verdict("1@x", Verdict::accepted), held = verdict("2@x", Verdict::held),
               gone = verdict("3@x", Verdict::discarded);
    const auto waiting = inject_arrival(site.db, "waiting", admin);
    site.db.execute("UPDATE delivery SET state = 'done'");
    const auto young = insert_content(site.db, "young", now);
    journal(site.db, {"cli:admin", now}, {"young", {}, "", ""});
    while (purge_some(site.db, keep, now, 3) != 0) {
    }
    CHECK_THROWS(load_content(site.db, nobody));
    CHECK_THROWS(load_content(site.db, gone));
    CHECK(load_content(site.db, accepted) == "post 1@x");
    CHECK(load_content(site.db, held) == "post 2@x");
    CHECK(load_content(site.db, young) == "young");
    CHECK(next_new(site.db, 1).at(0).arrival_id == waiting);
    CHECK(load_content(site.db, next_new(site.db, 1).at(0).content_id) == "waiting");
    CHECK(site.number("SELECT count(*) FROM journal") == 1);
}

TEST_CASE("a mail whose bytes are gone is still known when it comes again")
{
    Site site;
    const auto first = site.arrive(1, "noise");
    mark_judged(site.db, first.arrival_id, "other", "");
    while (purge_some(site.db, {100, 100, 100, 100}, admin.at + 1'000) != 0) {
    }
    CHECK_THROWS(load_content(site.db, site.number("SELECT id FROM content")));
    CHECK(site.arrive(2, "noise").kind == Taken::Kind::seen_before);
}

TEST_CASE("an arrival goes when it was judged and filed long ago, and what is not over stays")
{
    Site site;
    const auto later = admin.at + 1'000;
    const auto settle = [&](std::int64_t uid, const std::string& bytes) {
        const auto taken = site.arrive(uid, bytes);
        mark_judged(site.db, taken.arrival_id, "other", "");
        return taken.arrival_id;
    };
    const auto filed = settle(1, "filed"), in_inbox = settle(2, "still in the mailbox");
    const auto held = settle(3, "held"), unjudged = site.arrive(4, "not judged").arrival_id;
    record_too_large(site.db, site.folder_id, 5, 99, admin.at);
    mark_filed(site.db, site.folder_id, std::array<std::int64_t, 3>{1, 3, 4});
    auto post = site.post("held@x");
    post.arrival_id = held;
    post.content_id = site.number("SELECT content_id FROM arrival WHERE uid = 3");
    const ListVerdict one{site.rabat, Verdict::held, "moderated", ""};
    record_verdicts(site.db, post, {&one, 1}, admin.at);
    while (purge_some(site.db, {100, 100, 100, 100, 2'000}, later, 2) != 0) {
    }
    CHECK(site.number("SELECT count(*) FROM arrival") == 5);  // young
    while (purge_some(site.db, {100, 100, 100, 100, 100}, later, 2) != 0) {
    }
    CHECK(site.number("SELECT count(*) FROM arrival") == 4);
    auto gone = site.db.prepared("SELECT 1 FROM arrival WHERE id = :id");
    CHECK_FALSE(gone.bind(":id", filed).step());
    CHECK(site.number("SELECT count(*) FROM arrival WHERE id IN (" + std::to_string(in_inbox) + "," + std::to_string(held) + "," +
                      std::to_string(unjudged) + ")") == 3);
    // Its uid is behind the folder's progress for ever.
    CHECK(open_folder(site.db, ensure_inbox(site.db, "listes@imap.example.org"), "INBOX", 1, later).uid_done == 4);
}

TEST_CASE("a post whose arrival is forgotten does not go out again when its bytes come back")
{
    Site site;
    const auto arrive_and_judge = [&](std::int64_t uid, std::int64_t at) {
        const auto taken = site.arrive(uid, "the same post");
        auto post = site.post("1@x");
        post.arrival_id = taken.arrival_id;
        post.content_id = site.number("SELECT max(content_id) FROM arrival");
        const ListVerdict one{site.rabat, Verdict::accepted, "default", ""};
        return record_verdicts(site.db, post, {&one, 1}, at).delivery_id.has_value();
    };
    CHECK(arrive_and_judge(1, admin.at));
    site.db.execute("UPDATE delivery SET state = 'done'; UPDATE post_list SET archive = 'out'");
    mark_filed(site.db, site.folder_id, std::array<std::int64_t, 1>{1});
    while (purge_some(site.db, {100, 100, 100, 100, 100}, admin.at + 1'000) != 0) {
    }
    CHECK(site.number("SELECT count(*) FROM arrival") == 0);
    CHECK_FALSE(arrive_and_judge(2, admin.at + 1'000));
}
