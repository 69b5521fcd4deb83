#include "core/store/archive.hpp"
#include "tests/unit/desk/desk_site.hpp"

using namespace majlis;

namespace {

/// A site whose posts are archived.
struct Library : Desk {
    Library()
    {
        join(rabat, "amina@example.org");
        join(france, "pierre@example.org");
    }
    void post(const std::string& from, const std::string& list, const std::string& id, const std::string& subject,
              const std::string& body = "Bonjour.", const std::string& header = "")
    {
        take(header + "From: " + from + "\r\nTo: " + list + "@maimc.org\r\nSubject: " + subject +
             "\r\nDate: Mon, 02 Mar 2026 10:00:00 +0000\r\nMessage-ID: <" + id + ">\r\n\r\n" + body + "\r\n");
        now += 1;
        while (store::archive_some(db, now) > 0) {
        }
    }
    Sent ask(const std::string& who, const std::string& line, const std::string& header = "")
    {
        mails();
        write(who, "rabat+request@maimc.org", "", line, header);
        return mail();
    }
};

}  // namespace

TEST_CASE("who may read a list finds its posts by words, in his language")
{
    Library site;
    site.post("amina@example.org", "rabat", "one@example.org", "Budget", "The statutes of the association");
    const auto found = site.ask("amina@example.org", "archive statutes");
    CHECK(holds(found.text, "Budget (rabat)"));
    CHECK(holds(found.text, "<one@example.org>"));
    CHECK(holds(found.text, "statutes of the association"));
    CHECK(holds(site.ask("amina@example.org", "search subject:budget").text, "<one@example.org>"));
    CHECK(holds(site.ask("amina@example.org", "archive nowhere").text, "Nothing was found"));
    CHECK(holds(site.ask("amina@example.org", "archive").text, "wrong or missing"));
    const auto arabic = site.ask("amina@example.org", "\u0628\u062d\u062b budget");
    CHECK(arabic.language == "ar");
    CHECK(holds(arabic.text, "one@example.org"));
    CHECK_FALSE(holds(arabic.text, "?<"));
}

TEST_CASE("what was left aside of a search is told in the language of who asks")
{
    Library site;
    site.post("amina@example.org", "rabat", "one@example.org", "Budget");
    std::string words;
    for (int i = 0; i < 40; ++i) words += " w" + std::to_string(i);
    for (int i = 0; i < 20; ++i) words += " list:x" + std::to_string(i);
    // Each problem that there is, once in English and once in French.
    const auto english = site.ask("amina@example.org", "archive budget before:soon has:fun list: list:none -has:attachment").text;
    for (const char* part :
         {"\"before:\", write a date", "only \"has:attachment\"", "the name of a list", "named \"none\"", "leaves out words"})
        CHECK(holds(english, part));
    const auto french =
        site.ask("amina@example.org", "chercher budget avant:demain has:fun liste: liste:none -has:attachment").text;
    CHECK(holds(french, "une date comme 2026-01-31"));
    CHECK(holds(french, "seul"));
    CHECK_FALSE(holds(french, "wants"));
    CHECK(holds(site.ask("amina@example.org", "archive" + words).text, "first 32 words"));
    CHECK(holds(site.ask("amina@example.org", "archive" + words).text, "first 16 lists"));
    CHECK(holds(site.ask("amina@example.org", "archive ***").text, "Write the words"));
    const auto arabic = site.ask("amina@example.org", "\u0628\u062d\u062b budget before:soon").text;
    CHECK(holds(arabic, "2026-01-31"));
    CHECK_FALSE(holds(arabic, "wants"));
}

TEST_CASE("what somebody may not read does not exist for him")
{
    Library site;
    site.post("amina@example.org", "rabat", "one@example.org", "Budget", "The statutes");
    for (const char* line : {"get <one@example.org>", "thread <one@example.org>"}) {
        const auto pierre = site.ask("pierre@example.org", line);
        CHECK(holds(pierre.text, "No post with this Message-ID"));
        CHECK_FALSE(holds(pierre.text, "Budget"));
    }
    CHECK(holds(site.ask("pierre@example.org", "archive statutes").text, "Nothing was found"));
    CHECK(holds(site.ask("stranger@example.net", "archive statutes").text, "Nothing was found"));
    site.set(site.rabat, "visibility", "public");
    CHECK(holds(site.ask("stranger2@example.net", "archive statutes").text, "Budget"));
    site.set(site.rabat, "visibility", "moderators");
    CHECK(holds(site.ask("amina@example.org", "archive statutes").text, "Nothing was found"));
}

TEST_CASE("get sends one post as it came, once a line, within a day's share")
{
    Library site;
    site.post("amina@example.org", "rabat", "one@example.org", "Budget", "The statutes", "X-Own: kept\r\n");
    const auto sent = site.ask("amina@example.org", "get <one@example.org>");
    CHECK(sent.to == "amina@example.org");
    CHECK(holds(sent.subject, "Budget"));
    CHECK(holds(sent.bytes, "Content-Type: message/rfc822"));
    CHECK(holds(sent.bytes, "X-Own: kept\r\nFrom: amina@example.org\r\n"));
    CHECK(holds(sent.bytes, "The statutes"));
    site.mails();
    const auto posts_for = [&](const std::string& proof) {
        int posts = 0;
        for (int i = 0; i < 60; ++i) {
            site.write("amina@example.org", "rabat+request@maimc.org", "get one@example.org", "", proof);
            for (const auto& letter : site.mails()) posts += holds(letter.bytes, "message/rfc822") ? 1 : 0;
        }
        return posts;
    };
    CHECK(posts_for("") == 9);  // nothing proves that it is she who asks
    site.now += desk::day;
    CHECK(holds(site.ask("amina@example.org", "obtenir <one@example.org>").bytes, "message/rfc822"));
    site.now += desk::day;
    site.trust_provider();
    CHECK(posts_for(Desk::proven("example.org")) == 50);
}

TEST_CASE("a post too large to be sent again, or redacted, is not sent")
{
    Library site;
    site.set(site.rabat, "max_size", "20MB");
    std::string body;
    while (body.size() < 6'000'000) body += std::string(70, 'x') + "\r\n";
    site.post("amina@example.org", "rabat", "big@example.org", "Big", body);
    CHECK(holds(site.ask("amina@example.org", "get big@example.org").text, "too large"));
    site.post("amina@example.org", "rabat", "one@example.org", "Budget");
    site.db.execute("UPDATE delivery SET state = 'done'");
    const auto post = store::archived_post(site.db, "one@example.org", store::all_readable());
    REQUIRE(store::redact_archived(site.db, post->id, "", store::admin));
    CHECK(holds(site.ask("amina@example.org", "get one@example.org").text, "taken out"));
}

TEST_CASE("thread lists a discussion in its order")
{
    Library site;
    site.post("amina@example.org", "rabat", "one@example.org", "Budget");
    site.post("amina@example.org", "rabat", "two@example.org", "Re: Budget", "Yes.", "References: <one@example.org>\r\n");
    const auto shown = site.ask("amina@example.org", "thread <two@example.org>").text;
    const auto first = shown.find("<one@example.org>"), second = shown.find("- 2026-03-02 amina@example.org: Re: Budget");
    CHECK(first != std::string::npos);
    CHECK(second != std::string::npos);
    CHECK(first < second);
}

TEST_CASE("where a provider vouches for senders, who is not proven confirms before the archive answers")
{
    Library site;
    site.post("amina@example.org", "rabat", "one@example.org", "Budget");
    site.trust_provider();
    CHECK(holds(site.ask("amina@example.org", "get one@example.org", Desk::proven("example.org")).bytes, "message/rfc822"));
    const auto question = site.ask("amina@example.org", "get one@example.org");
    CHECK_FALSE(holds(question.bytes, "message/rfc822"));
    CHECK(holds(question.text, "get one@example.org"));
    site.reply(question, "amina@example.org");
    CHECK(holds(site.mail().bytes, "message/rfc822"));
    site.write("amina@example.org", "rabat+request@maimc.org", "get one@example.org", "", Desk::forged("example.org"));
    CHECK(site.mails().empty());
}
