#include "core/store/arrivals.hpp"

#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

TEST_CASE("bytes come back as they were, whatever their size")
{
    Site site;
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, chunk_bytes, chunk_bytes + 1, 3 * chunk_bytes + 17}) {
        CAPTURE(size);
        std::string bytes(size, '\0');
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i * 31 % 256);
        CHECK(load_content(site.db, insert_content(site.db, bytes, 1)) == bytes);
    }
    CHECK_THROWS(load_content(site.db, 999));
}

TEST_CASE("a large mail is written in parts and seen only when whole")
{
    Site site;
    std::string bytes;
    ContentWriter writer{site.db, 1};
    for (int i = 0; i < 9; ++i) {
        const std::string part(100'000, static_cast<char>('a' + i));
        writer.append(part);
        bytes += part;
    }
    CHECK(site.number("SELECT count(*) FROM content WHERE sha256 IS NULL") == 1);
    const auto id = writer.finish();
    CHECK(load_content(site.db, id) == bytes);
    CHECK(content_size(site.db, id) == 900'000);
    auto row = site.db.prepared("SELECT sha256 FROM content");
    REQUIRE(row.step());
    const auto digest = token::sha256(bytes);
    CHECK(row.blob(0) == std::string{digest.begin(), digest.end()});
}

TEST_CASE("what was never finished is removed at the next start")
{
    Site site;
    std::int64_t id = 0;
    {
        ContentWriter writer{site.db, 1};
        writer.append(std::string(chunk_bytes * 2, 'x'));
        id = site.number("SELECT id FROM content");
    }
    CHECK_THROWS(load_content(site.db, id));
    CHECK(drop_incomplete_content(site.db) == 1);
    CHECK(site.number("SELECT count(*) FROM content_chunk") == 0);
}

TEST_CASE("a batch and the progress of its folder are one")
{
    Site site;
    CHECK(site.arrive(5, "mail five").kind == Taken::Kind::new_mail);
    const auto inbox = ensure_inbox(site.db, "listes@imap.example.org");
    CHECK(open_folder(site.db, inbox, "INBOX", 1, admin.at).uid_done == 5);
    CHECK(site.arrive(5, "mail five").kind == Taken::Kind::known);
    CHECK(record_arrivals(site.db, site.folder_id, {}, 90, admin.at).empty());  // other people's mail up to 90
    CHECK(open_folder(site.db, inbox, "INBOX", 1, admin.at).uid_done == 90);
    CHECK(next_new(site.db, 10).size() == 1);
}

TEST_CASE("a batch that fails half way leaves nothing")
{
    Site site;
    site.arrive(1, "one");
    const NewArrival mails[] = {{2, "two", {}, Junk::no}, {3, "", 999, Junk::no}};
    CHECK_THROWS(record_arrivals(site.db, site.folder_id, mails, 3, admin.at));
    CHECK(site.number("SELECT count(*) FROM arrival") == 1);
    CHECK(site.number("SELECT uid_done FROM folder") == 1);
}

TEST_CASE("a mail stands with the time at which the server took it, never ahead of ours and never so old that it is forgotten")
{
    Site site;
    site.folder_id = open_folder(site.db, ensure_inbox(site.db, "in"), "INBOX", 1, admin.at).id;
    constexpr std::int64_t day = 86'400, now = 1'800'000'000;
    const NewArrival mails[] = {{1, "one", {}, Junk::no, now - 3 * day},
                                {2, "two", {}, Junk::no, now + day},
                                {3, "three", {}, Junk::no, 0},
                                {4, "four", {}, Junk::no, std::nullopt}};
    record_arrivals(site.db, site.folder_id, mails, 4, now);
    const auto arrived = next_new(site.db, 10);
    REQUIRE(arrived.size() == 4);
    CHECK(arrived[0].arrived_at == now - 3 * day);
    CHECK(arrived[1].arrived_at == now);
    CHECK(arrived[2].arrived_at == now - 60 * day);
    CHECK(arrived[3].arrived_at == now);
}

TEST_CASE("mail is filed after it is durable, and once")
{
    Site site;
    for (int uid = 1; uid <= 5; ++uid) site.arrive(uid, "mail " + std::to_string(uid));
    CHECK(to_file(site.db, site.folder_id, 3) == std::vector<std::int64_t>{1, 2, 3});
    const std::int64_t moved[] = {1, 2};
    mark_filed(site.db, site.folder_id, moved);
    CHECK(to_file(site.db, site.folder_id, 10) == std::vector<std::int64_t>{3, 4, 5});
}

TEST_CASE("the same bytes from the same inbox are filed, not judged again")
{
    Site site;
    site.arrive(1, "the same");
    const auto again = site.arrive(2, "the same");
    CHECK(again.kind == Taken::Kind::seen_before);
    CHECK(next_new(site.db, 10).size() == 1);
    CHECK(to_file(site.db, site.folder_id, 10).size() == 2);
    CHECK(site.number("SELECT count(*) FROM content") == 1);
    const auto other = open_folder(site.db, ensure_inbox(site.db, "other@example.org"), "INBOX", 1, admin.at).id;
    const NewArrival mail{1, "the same", {}, Junk::no};
    CHECK(record_arrivals(site.db, other, {&mail, 1}, 1, admin.at)[0].kind == Taken::Kind::new_mail);
}

TEST_CASE("a large mail that was taken before does not stay twice")
{
    Site site;
    const std::string bytes(chunk_bytes + 5, 'x');
    site.arrive(1, bytes);
    ContentWriter writer{site.db, 1};
    writer.append(bytes);
    const NewArrival mail{2, {}, writer.finish(), Junk::yes};
    CHECK(record_arrivals(site.db, site.folder_id, {&mail, 1}, 2, admin.at)[0].kind == Taken::Kind::seen_before);
    CHECK(site.number("SELECT count(*) FROM content") == 1);
    CHECK(site.number("SELECT size FROM arrival WHERE uid = 2") == static_cast<std::int64_t>(bytes.size()));
}

TEST_CASE("a renumbered folder is read again and posts nothing twice")
{
    Site site;
    site.arrive(7, "seven");
    site.arrive(8, "eight");
    const std::int64_t moved[] = {7};
    mark_filed(site.db, site.folder_id, moved);
    const auto inbox = ensure_inbox(site.db, "listes@imap.example.org");
    const auto folder = open_folder(site.db, inbox, "INBOX", 2, admin.at);
    CHECK(folder.id == site.folder_id);
    CHECK(folder.uid_done == 0);
    CHECK(to_file(site.db, folder.id, 10).empty());
    const NewArrival mails[] = {{1, "eight", {}, Junk::no}, {7, "nine", {}, Junk::no}};
    const auto taken = record_arrivals(site.db, folder.id, mails, 7, admin.at);
    CHECK(taken[0].kind == Taken::Kind::seen_before);
    CHECK(taken[1].kind == Taken::Kind::new_mail);
    CHECK(to_file(site.db, folder.id, 10) == std::vector<std::int64_t>{1, 7});
}

TEST_CASE("a mail that is too large is told of once")
{
    Site site;
    site.arrive(1, "one");
    CHECK(record_too_large(site.db, site.folder_id, 2, 50'000'000, admin.at));
    CHECK_FALSE(record_too_large(site.db, site.folder_id, 2, 50'000'000, admin.at));
    CHECK(to_file(site.db, site.folder_id, 10).size() == 1);
    CHECK(next_new(site.db, 10).size() == 1);
}

TEST_CASE("a mail is judged once, and attempts are counted for those that may have killed us")
{
    Site site;
    const auto first = site.arrive(1, "one").arrival_id;
    const auto injected = inject_arrival(site.db, "two", admin);
    suspect_first(site.db);
    note_attempt(site.db, first);
    auto mails = next_new(site.db, 10);
    REQUIRE(mails.size() == 2);
    CHECK(mails[0].attempts == 2);
    CHECK(mails[0].inbox == "listes@imap.example.org");
    CHECK(mails[1].attempts == 0);
    CHECK(mails[1].inbox.empty());
    CHECK(load_content(site.db, mails[1].content_id) == "two");
    CHECK(next_new(site.db, 10, first).size() == 1);
    mark_judged(site.db, first, "other", "for no list");
    CHECK(count_new(site.db) == 1);
    CHECK(recent_arrivals(site.db, 10).at(1).note == "for no list");
    CHECK(recent_arrivals(site.db, 10).at(0).id == injected);
}
