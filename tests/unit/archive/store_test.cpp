#include <algorithm>

#include "core/token/token.hpp"
#include "tests/unit/archive/archive_site.hpp"

using namespace majlis;
using namespace majlis::store;

TEST_CASE("an accepted post is kept packed, byte for byte, once for all its lists")
{
    Archive site;
    std::string raw = mail("1@x", "Réunion");
    for (int i = 0; i < 50'000; ++i) raw += "encore une ligne " + std::to_string(i) + "\r\n";
    const auto post = site.archived(raw, {site.rabat, site.france});
    const auto kept = archived_post(site.db, post, all_readable());
    REQUIRE(kept);
    CHECK(kept->lists == std::vector<std::string>{"france", "rabat"});
    CHECK(archived_mail(site.db, *kept).value() == raw);
    CHECK(site.number("SELECT count(*) FROM content") == 1);
    CHECK(site.number("SELECT sum(length(bytes)) FROM content_chunk") < static_cast<std::int64_t>(raw.size() / 3));
    CHECK(site.number("SELECT count(*) FROM content_chunk WHERE size IS NULL") == 0);
    CHECK(site.number("SELECT count(*) FROM content WHERE keep = 'for ever'") == 1);
    CHECK(archive_some(site.db, site.clock) == 0);
}

TEST_CASE("what one list keeps packed and another one holds is read as it came, also in parts")
{
    Archive site;
    std::string raw = mail("1@x", "s");
    while (raw.size() < chunk_bytes + 5'000) raw += "The same words again.\r\n";
    const auto post = site.accept(raw, {site.rabat});
    JudgedPost again;
    again.identity = {"1@x", "anna@example.org", content_digest(scan_message(raw))};
    again.content_id = site.number("SELECT content_id FROM post");
    const std::vector<ListVerdict> held = {{site.france, Verdict::held, "default", ""}};
    REQUIRE(record_verdicts(site.db, again, held, ++site.clock).post_id == post);
    site.archive();
    REQUIRE(site.number("SELECT count(*) FROM content_chunk WHERE size IS NULL") == 0);
    CHECK(load_chunk(site.db, again.content_id, 0) == raw.substr(0, chunk_bytes));
    CHECK(load_chunk(site.db, again.content_id, 1) == raw.substr(chunk_bytes));
    CHECK(load_chunk(site.db, again.content_id, 2).empty());
}

TEST_CASE("bytes that cannot be made smaller stay as they are")
{
    Archive site;
    const auto noise = token::random_bytes(2'000);
    const auto post = site.archived(mail("1@x", "s") + noise);
    CHECK(load_content(site.db, archived_post(site.db, post, all_readable())->content_id) == mail("1@x", "s") + noise);
    Packer packer;
    CHECK_FALSE(packer.pack(noise).size.has_value());
    CHECK_THROWS(unpack("no frame", 5));
    CHECK_THROWS(unpack(packer.pack(std::string(1'000, 'a')).bytes, 999));
}

TEST_CASE("held posts enter when they are approved, those of lists without an archive never")
{
    Archive site;
    set_setting(site.db, site.france, "archive", "off", Fixed::no, admin).value();
    const auto held = site.accept(mail("1@x", "s"), {site.rabat}, Verdict::held);
    const auto off = site.accept(mail("2@x", "s"), {site.france});
    site.archive();
    CHECK_FALSE(archived_post(site.db, held, all_readable()));
    CHECK_FALSE(archived_post(site.db, off, all_readable()));
    approve_held(site.db, site.number("SELECT id FROM post_list WHERE verdict = 'held'"), admin).value();
    site.archive();
    CHECK(archived_post(site.db, held, all_readable()));
    site.db.execute("UPDATE delivery SET state = 'done'");
    // What no archive keeps goes when its time is over; what one keeps stays.
    while (purge_some(site.db, {100, 100, 100, 100}, site.clock + 1'000) != 0) {
    }
    CHECK(site.number("SELECT count(*) FROM content WHERE keep = 'gone'") == 1);
    CHECK(site.number("SELECT count(*) FROM content WHERE keep = 'for ever'") == 1);
}

TEST_CASE("a post that the archive cannot take is delivered all the same, and stops no other")  // B-083
{
    Archive site;
    site.db.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON archive_post BEGIN "
        "SELECT RAISE(ABORT, 'refused') WHERE new.post_id IN (SELECT id FROM post WHERE subject = 'bad'); END");
    const auto bad = site.accept(mail("1@x", "bad"), {site.rabat});
    const auto good = site.accept(mail("2@x", "good"), {site.rabat});
    site.archive();
    CHECK_FALSE(archived_post(site.db, bad, all_readable()));
    CHECK(archived_post(site.db, good, all_readable()));
    CHECK(site.number("SELECT count(*) FROM journal WHERE event = 'archive-failed'") == 1);
    CHECK(site.number("SELECT count(*) FROM delivery WHERE post_id IS NOT NULL AND state <> 'dropped'") == 2);
}

TEST_CASE("a post that is approved late on another list is found there too")
{
    Archive site;
    const auto post = site.archived(mail("1@x", "Budget"));
    site.accept(mail("1@x", "Budget"), {site.france}, Verdict::held);
    approve_held(site.db, site.number("SELECT id FROM post_list WHERE verdict = 'held'"), admin).value();
    site.archive();
    CHECK(site.find("list:france budget") == std::vector{post});
    CHECK(site.find("list:rabat budget") == std::vector{post});
    site.check_index();
}

TEST_CASE("a thread is the same whatever order its posts come in")
{
    const std::string a = mail("a@x", "Budget"), b = mail("b@x", "Re: Budget", "b", "References: <a@x>\r\n"),
                      c = mail("c@x", "Re: Budget", "c", "References: <a@x> <b@x>\r\n"),
                      d = mail("d@x", "Re: Budget", "d", "In-Reply-To: <a@x>\r\n");
    std::vector<std::string> order{a, b, c, d};
    std::ranges::sort(order);
    do {
        Archive site;
        std::int64_t last = 0;
        for (const auto& raw : order) last = site.accept(raw, {site.rabat});
        site.archive();
        const auto shape = site.shape(last);
        CHECK((shape == "a(b(c)d)" || shape == "a(db(c))"));
    } while (std::ranges::next_permutation(order).found);
}

TEST_CASE("a missing parent is a place of its own, and is filled when it comes")
{
    Archive site;
    const auto b = site.archived(mail("b@x", "Re: s", "b", "References: <a@x>\r\n"));
    CHECK(site.shape(b) == "b");  // nobody to show above it
    const auto c = site.archived(mail("c@x", "Re: s", "c", "References: <a@x>\r\n"));
    CHECK(site.shape(c) == "?(bc)");
    site.archived(mail("a@x", "s"));
    CHECK(site.shape(b) == "a(bc)");
}

TEST_CASE("answers whose programs name nobody are told by their subject, on their own list and in their own time")
{
    Archive site;
    const auto a = site.archived(mail("a@x", "[rabat] Budget de mars"));
    const auto b = site.archived(mail("b@x", "RE : Budget de Mars", "b"));
    CHECK(site.shape(a) == "a(b)");
    CHECK(thread_id_of(site.db, b) == thread_id_of(site.db, a));
    const auto other = site.archived(mail("c@x", "Re: Budget de mars", "c"), {site.france});
    CHECK(site.shape(other) == "c");
    const auto twice = site.archived(mail("d@x", "Budget de mars", "d"));
    CHECK(site.shape(twice) == "d");
    // An answer that comes first is adopted.
    const auto early = site.archived(mail("f@x", "Re: Vote", "f"));
    site.archived(mail("e@x", "Vote", "e"));
    CHECK(site.shape(early) == "e(f)");
}

TEST_CASE("circles, crowds and forgeries in References end somewhere")
{
    Archive site;
    const auto a = site.archived(mail("a@x", "s1", "a", "References: <b@x>\r\n"));
    site.archived(mail("b@x", "s2", "b", "References: <c@x>\r\n"));
    site.archived(mail("c@x", "s3", "c", "References: <a@x>\r\n"));
    CHECK(site.shape(a) == "c(b(a))");
    const auto self = site.archived(mail("self@x", "s4", "x", "References: <self@x> <self@x>\r\n"));
    CHECK(site.shape(self) == "self");
    std::string many = "References:";
    for (int i = 0; i < 10'000; ++i) many += " <n" + std::to_string(i) + "@x>\r\n";
    const auto crowd = site.archived(mail("crowd@x", "s5", "x", many));
    CHECK(site.shape(crowd) == "crowd");
    CHECK(site.number("SELECT count(*) FROM archive_node") < 30);
    // The same Message-ID with other content: below the first, not instead of it.
    const auto twin = site.archived(mail("a@x", "s6", "other"));
    CHECK(twin != a);
    CHECK(site.shape(a) == "c(b(a(a)))");
    CHECK(archived_post(site.db, "<a@x>", all_readable())->id == a);
}

TEST_CASE("a thread that is full takes no more, and says so by beginning another")
{
    Archive site;
    site.archived(mail("a@x", "s"));
    site.db.execute("UPDATE archive_thread SET nodes = 5000");
    const auto b = site.archived(mail("b@x", "t", "b", "References: <a@x>\r\n"));
    CHECK(site.shape(b) == "b");
}

TEST_CASE("posts are found by words in three languages, however they are written")
{
    Archive site;
    const auto fr =
        site.archived(mail("fr@x", "=?utf-8?q?R=C3=A9union?=", "L'assemblée générale à Salé.\r\n> vieille question\r\n"));
    const auto ar = site.archived(mail("ar@x", "=?utf-8?b?2KfZhNmF2YrYstin2YbZitip?=", "اجتماعُ مكتبِ الفرعِ يوم الأحــد\r\n"));
    const auto en = site.archived(mail("en@x", "Minutes", "3lach ma kayn walo, m7md? See file.\r\n"));
    CHECK(site.find("reunion") == std::vector{fr});
    CHECK(site.find("assemblee GENERALE") == std::vector{fr});
    CHECK(site.find("\"générale à salé\"") == std::vector{fr});
    CHECK(site.find("\"salé générale\"").empty());
    CHECK(site.find("ميزانيه") == std::vector{ar});
    CHECK(site.find("الاحد") == std::vector{ar});
    CHECK(site.find("الفرع اجتماع") == std::vector{ar});
    CHECK(site.find("3lach") == std::vector{en});
    CHECK(site.find("M7MD") == std::vector{en});
    CHECK(site.find("ass*") == std::vector{fr});
    CHECK(site.find("question") == std::vector{fr});
    CHECK(site.find("from:anna minutes -réunion") == std::vector{en});
    CHECK(site.find("-réunion from:anna@example.org").size() == 2);
    CHECK(site.find("subject:assemblée").empty());
    CHECK(site.find("after:2023-11-14 before:2023-11-15 minutes") == std::vector{en});
    CHECK(site.find("before:2023-11-14 minutes").empty());
    CHECK(site.find("has:attachment minutes").empty());
    CHECK(site.find("list:nowhere minutes").empty());
    const auto hits = search_archive(site.db, archive::parse_query("GENERALE"), all_readable()).hits;
    REQUIRE(hits.size() == 1);
    REQUIRE(hits[0].marks.size() == 1);
    CHECK(hits[0].snippet.substr(hits[0].marks[0].first, hits[0].marks[0].second - hits[0].marks[0].first) == "générale");
    site.check_index();
}

TEST_CASE("the subject counts more than the text, and that more than what is quoted")
{
    Archive site;
    const auto quoted = site.archived(mail("q@x", "a", "> budget\r\nok pour moi\r\n"));
    const auto body = site.archived(mail("b@x", "b", "budget ok pour moi\r\n"));
    const auto subject = site.archived(mail("s@x", "budget", "ok pour moi donc\r\n"));
    CHECK(site.find("budget") == std::vector{subject, body, quoted});
}

TEST_CASE("words that very many posts have are looked for in the newest of them")
{
    Archive site;
    for (int i = 0; i < 4'100; ++i)
        site.import(mail(std::to_string(i) + "@x", "s" + std::to_string(i), "commun", ""), site.rabat, admin.at);
    site.import(
        "From: anna@example.org\r\nSubject: x\r\nMessage-ID: <old@x>\r\nDate: Tue, 14 Nov 2017 22:13:20 +0000\r\n\r\ncommun "
        "rare\r\n",
        site.rabat);
    const auto result = search_archive(site.db, archive::parse_query("commun"), all_readable());
    CHECK(result.hits.size() == 20);
    CHECK(result.more);
    CHECK(result.hits[0].post.message_id == "4099@x");
    CHECK(site.find("commun rare").size() == 1);
    CHECK(site.find("commun before:2018").size() == 1);
}

TEST_CASE("each reads what he may")
{
    Archive site;
    const auto anna = site.join(site.rabat, "anna@example.org"), bert = site.join(site.france, "bert@example.org");
    add_role(site.db, site.maroc, address("mona@example.org"), Role::moderator, admin).value();
    const auto mona = find_member(site.db, "mona@example.org")->id;
    const auto readers = [&](std::int64_t list) {
        std::string out;
        if (may_read(site.db, list, std::nullopt)) out += "stranger ";
        if (may_read(site.db, list, anna)) out += "anna ";
        if (may_read(site.db, list, bert)) out += "bert ";
        if (may_read(site.db, list, mona)) out += "mona ";
        return out;
    };
    CHECK(readers(site.rabat) == "anna mona ");
    CHECK(readers(site.maroc) == "anna mona ");
    CHECK(readers(site.maimc) == "anna bert ");
    const auto set = [&](const char* value) { set_setting(site.db, site.rabat, "visibility", value, Fixed::no, admin).value(); };
    set("public");
    CHECK(readers(site.rabat) == "stranger anna bert mona ");
    set("tree");
    CHECK(readers(site.rabat) == "anna bert mona ");
    set("moderators");
    CHECK(readers(site.rabat) == "mona ");
}

TEST_CASE("what somebody may not read does not exist for him")
{
    Archive site;
    const auto bert = readable_by(site.db, site.join(site.france, "bert@example.org"));
    const auto secret = site.archived(mail("a@x", "Budget", "secret"));
    const auto answer = site.archived(mail("b@x", "Re: Budget", "secret", "References: <a@x>\r\n"), {site.rabat, site.france});
    CHECK(site.find("secret", bert) == std::vector{answer});
    CHECK_FALSE(archived_post(site.db, secret, bert));
    CHECK_FALSE(archived_post(site.db, "a@x", bert));
    CHECK(archived_post(site.db, answer, bert)->lists == std::vector<std::string>{"france"});
    CHECK(site.shape(answer, bert) == "b");
    CHECK(search_archive(site.db, archive::parse_query("list:rabat secret"), bert).problems.size() == 1);
    CHECK(site.find("secret", readable_by(site.db, std::nullopt)).empty());
}

TEST_CASE("a removed post is gone from index and disk, and the journal says so")
{
    Archive site;
    const auto post = site.archived(mail("a@x", "Budget"), {site.rabat, site.france});
    const auto answer = site.archived(mail("b@x", "Re: Budget", "b", "References: <a@x>\r\n"));
    remove_archived(site.db, post, site.france, "", admin).value();
    CHECK(site.find("list:france budget").empty());
    CHECK(site.find("list:rabat budget").size() == 2);
    remove_archived(site.db, post, std::nullopt, "asked by its author", admin).value();
    CHECK(site.find("budget") == std::vector{answer});
    CHECK_FALSE(archived_post(site.db, post, all_readable()));
    CHECK(site.shape(answer) == "b");
    CHECK(site.number("SELECT count(*) FROM content WHERE keep = 'gone'") == 1);
    CHECK(site.number("SELECT count(*) FROM content_chunk") == 1);
    CHECK(site.number("SELECT count(*) FROM journal WHERE event = 'archive-removed'") == 2);
    CHECK(remove_archived(site.db, post, std::nullopt, "", admin).has_error());
    site.archive();
    CHECK(site.find("budget") == std::vector{answer});
    remove_archived(site.db, answer, std::nullopt, "", admin).value();
    CHECK(site.number("SELECT count(*) FROM archive_node") == 0);
    CHECK(site.number("SELECT count(*) FROM archive_thread") == 0);
    site.check_index();
}

TEST_CASE("a redacted post keeps its place and nothing else, also when it is imported again")
{
    Archive site;
    const auto raw = mail("a@x", "Budget", "mon secret");
    const auto post = site.archived(raw);
    site.archived(mail("b@x", "Re: Budget", "b", "References: <a@x>\r\n"));
    redact_archived(site.db, post, "", admin).value();
    const auto left = archived_post(site.db, post, all_readable());
    REQUIRE(left);
    CHECK(left->redacted_at == admin.at);
    CHECK((left->sender + left->sender_name + left->subject).empty());
    CHECK(archived_mail(site.db, *left).has_error());
    CHECK(site.shape(post) == "a(b)");
    CHECK(site.find("secret").empty());
    CHECK(site.import(raw, site.rabat) == ArchiveImport::Took::redacted);
    CHECK(archive_knows(site.db, site.rabat, {"a@x", "anna@example.org", content_digest(scan_message(raw))}));
    CHECK(redact_archived(site.db, post, "", admin).has_error());
    site.archive();
    CHECK(site.find("secret").empty());
    site.check_index();
}

TEST_CASE("what was redacted is not in the file any more")
{
    Archive site;
    const auto noise = "motsecret" + std::string{"impossible"};
    const auto post = site.archived(mail("a@x", "s", token::random_bytes(3'000) + noise));
    redact_archived(site.db, post, "", admin).value();
    renew_words(site.db, 100);
    while (tidy_words(site.db, 100)) {
    }
    site.db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    std::ifstream file{site.folder / "majlis.db", std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    CHECK(bytes.size() > 100'000);
    CHECK(bytes.find(noise) == std::string::npos);
    CHECK(bytes.find("Subject: s\r\n") == std::string::npos);
}

TEST_CASE("nothing is taken away that a delivery or a moderator still needs")
{
    Archive site;
    site.join(site.rabat, "bert@example.org");
    const auto post = site.accept(mail("a@x", "s"), {site.rabat});
    site.archive();
    CHECK(remove_archived(site.db, post, std::nullopt, "", admin).has_error());
    CHECK(redact_archived(site.db, post, "", admin).has_error());
    site.db.execute("UPDATE delivery SET state = 'done'");
    CHECK(redact_archived(site.db, post, "", admin).has_value());
}

TEST_CASE("the archive of a list goes with the list, posts of other lists stay")
{
    Archive site;
    const auto both = site.archived(mail("a@x", "commun"), {site.rabat, site.france});
    site.archived(mail("b@x", "commun"), {site.rabat});
    remove_list(site.db, site.rabat, Removal::with_members, admin).value();
    site.archive();
    CHECK(site.find("commun") == std::vector{both});
    CHECK(site.number("SELECT count(*) FROM archive_post") == 1);
    CHECK(site.number("SELECT count(*) FROM content_chunk") == 1);
    site.check_index();
}

TEST_CASE("an import adds each post once, and delivers none")
{
    Archive site;
    site.join(site.rabat, "bert@example.org");
    const auto raw = mail("a@x", "Vieux", "ancien", "");
    CHECK(site.import(raw, site.rabat) == ArchiveImport::Took::added);
    CHECK(site.import(raw, site.rabat) == ArchiveImport::Took::known);
    CHECK(site.import(raw, site.france) == ArchiveImport::Took::listed);
    CHECK(site.find("list:france ancien").size() == 1);
    CHECK(site.number("SELECT count(*) FROM delivery") == 0);
    CHECK(site.number("SELECT count(*) FROM post") == 1);
    // The same mail comes by mail: it is delivered as any other.
    site.accept(raw, {site.rabat});
    site.archive();
    CHECK(site.number("SELECT count(*) FROM delivery") == 1);
    CHECK(site.find("ancien").size() == 1);
    // An imported post that is removed leaves nothing.
    CHECK(site.import(mail("b@x", "Vieux", "seul"), site.rabat) == ArchiveImport::Took::added);
    remove_archived(site.db, site.find("seul").at(0), std::nullopt, "", admin).value();
    CHECK(site.number("SELECT count(*) FROM post") == 1);
    site.check_index();
}

TEST_CASE("an import goes on where it ended, in the same file only")
{
    Archive site;
    ArchiveImport first{site.db, site.rabat, "/x.mbox", "head"};
    CHECK(first.position() == 0);
    first.note(500, site.clock);
    CHECK(ArchiveImport{site.db, site.rabat, "/x.mbox", "head"}.position() == 500);
    CHECK(ArchiveImport{site.db, site.rabat, "/x.mbox", "other"}.position() == 0);
    CHECK(ArchiveImport{site.db, site.france, "/x.mbox", "head"}.position() == 0);
}

TEST_CASE("an export gives each post once, in the order of time, page by page")
{
    Archive site;
    for (int i = 0; i < 450; ++i) {
        const auto raw = "From: anna@example.org\r\nSubject: s\r\nMessage-ID: <" + std::to_string(i) + "@x>\r\n\r\nx\r\n";
        site.import(raw, i % 3 == 0 ? site.rabat : site.france, admin.at + 1'000 - i);
        if (i % 2 == 0) site.import(raw, site.maroc, admin.at + 1'000 - i);
    }
    std::vector<std::int64_t> times;
    each_archived(site.db, {{site.rabat, site.france, site.maroc}, {}, {}}, [&](const ArchivedPost& post) {
        times.push_back(post.sent_at);
        return true;
    });
    CHECK(times.size() == 450);
    CHECK(std::ranges::is_sorted(times));
    std::size_t some = 0;
    each_archived(site.db, {{site.france}, admin.at + 900, admin.at + 990}, [&](const ArchivedPost&) {
        ++some;
        return true;
    });
    CHECK(some == 60);
}

TEST_CASE("the index can be made anew from what is kept")
{
    Archive site;
    const auto post = site.archived(mail("a@x", "Budget"), {site.rabat});
    CHECK(forget_words(site.db, admin) == 1);
    CHECK(site.find("budget").empty());
    site.archive();
    CHECK(site.find("budget") == std::vector{post});
    while (tidy_words(site.db, 100)) {
    }
    site.check_index();
}
