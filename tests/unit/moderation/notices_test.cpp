#include <doctest/doctest.h>

#include "core/moderation/decide.hpp"
#include "core/moderation/summary.hpp"
#include "core/store/bounces.hpp"
#include "core/store/moderators.hpp"
#include "core/store/tokens.hpp"
#include "tests/unit/moderation/site.hpp"

using namespace majlis;
using namespace majlis::moderation;

namespace {

constexpr std::int64_t day = 86'400;

bool has(const std::string& text, std::string_view what) { return text.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("each moderator hears once of a held post, with a token of his own")
{
    HeldSite site;
    store::add_role(site.db, site.rabat, store::address("sara@example.org"), store::Role::owner, store::admin).value();
    const auto id = site.hold("1@x");
    CHECK(tell(site.db, site.context, site.now, 10).letters == 2);
    const auto letters = site.letters();
    REQUIRE(letters.size() == 2);
    const auto* karim = letter_to(letters, "karim@example.org");
    const auto* sara = letter_to(letters, "sara@example.org");
    REQUIRE(karim != nullptr);
    REQUIRE(sara != nullptr);
    CHECK(karim->token() != sara->token());
    const auto token = store::find_token(site.db, karim->token());
    REQUIRE(token.has_value());
    CHECK(token->post_list_id == id);
    CHECK(token->expires_at == store::admin.at + 14 * day);
    CHECK(has(karim->text, "Anna <anna@example.org>"));
    CHECK(has(karim->text, "Hello"));
    CAPTURE(karim->text);
    CHECK(has(karim->text, "May I ask something?"));
    CHECK(has(karim->raw, "message/rfc822"));
    CHECK(karim->field("Auto-Submitted") == "auto-generated");
    CHECK(tell(site.db, site.context, site.now, 10).steps == 0);
}

TEST_CASE("a moderator is written to in his language")
{
    HeldSite site;
    const auto karim = store::find_member(site.db, "karim@example.org").value();
    for (const auto& [language, words] : {std::pair{"fr", "rejeter"}, {"ar", "\u0631\u0641\u0636"}, {"en", "reject"}}) {
        store::set_language(site.db, karim.id, language, store::admin).value();
        site.hold(std::string{language} + "@x");
        static_cast<void>(tell(site.db, site.context, site.now, 10));
        const auto letters = site.letters();
        REQUIRE(letters.size() == 1);
        CHECK(has(letters[0].text, words));
        CHECK(letters[0].field("Content-Language") == language);
    }
}

TEST_CASE("hostile senders and subjects make no fields and no lines of their own")
{
    HeldSite site;
    const auto id = site.hold("1@x");
    site.db.prepared("UPDATE post SET subject = :s, sender_name = :n WHERE id = (SELECT post_id FROM post_list WHERE id = :id)")
        .bind(":s", "a\r\nBcc: eve@example.org\r\n\r\n{{site}} \u202e")
        .bind(":n", "Anna\r\nreject\r\n")
        .bind(":id", id)
        .run();
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    const auto letters = site.letters();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].field("Bcc").empty());
    CHECK_FALSE(has(letters[0].text, "\nreject\r\n\r\nHow"));
    CHECK_FALSE(has(letters[0].text, "\nBcc:"));
}

TEST_CASE("a list without moderators tells the site's owner, without a token")
{
    HeldSite site;
    const auto karim = store::find_member(site.db, "karim@example.org").value();
    store::remove_role(site.db, site.maroc, karim.id, store::Role::moderator, store::admin);
    site.hold("1@x");
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    const auto letters = site.letters();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].to == "admin@maimc.org");
    CHECK(letters[0].token().empty());
    CHECK(has(letters[0].text, "majlis held approve"));
}

TEST_CASE(
    "where the only moderator's mail is switched off, the site's owner hears of what is held, also of a list with summaries")
{
    for (const auto* notice : {"each", "daily"}) {
        HeldSite site;
        const auto karim = store::find_member(site.db, "karim@example.org").value();
        store::set_setting(site.db, site.rabat, "held_notice", notice, Fixed::no, store::admin).value();
        store::BounceState state;
        state.member_id = karim.id;
        state.stage = store::BounceStage::suspended;
        store::put_bounce_state(site.db, state);
        site.hold("1@x");
        static_cast<void>(tell(site.db, site.context, site.now, 10));
        const auto letters = site.letters();
        REQUIRE(letters.size() == 1);
        CHECK(letters[0].to == "admin@maimc.org");
    }
}

TEST_CASE("who wants a daily summary gets one, in the morning, each day while something waits")
{
    HeldSite site;
    const auto karim = store::find_member(site.db, "karim@example.org").value();
    store::set_held_notice(site.db, karim.id, HeldNotice::daily, store::admin);
    site.hold("1@x");
    const auto second = site.hold("2@x");
    site.now = 1'700'000'000 / day * day + 7 * 3'600;  // 7 o'clock
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    CHECK(site.letters().empty());
    CHECK(tidy(site.db, site.context, site.now, 10).letters == 0);
    CHECK(tidy(site.db, site.context, site.now + 2 * 3'600, 10).letters == 1);
    CHECK(tidy(site.db, site.context, site.now + 3 * 3'600, 10).letters == 0);
    const auto letters = site.letters();
    REQUIRE(letters.size() == 1);
    CHECK(has(letters[0].text, "rabat+mod-"));
    CHECK(site.number("SELECT count(*) FROM token WHERE member_id IS NOT NULL") == 2);
    CHECK(tidy(site.db, site.context, site.now + day + 2 * 3'600, 10).letters == 1);
    CHECK(decide(site.db, second, {store::Verdict::discarded, Sender::as_before, ""}, store::admin).has_value());
    store::set_held_notice(site.db, karim.id, HeldNotice::none, store::admin);
    CHECK(tidy(site.db, site.context, site.now + 2 * day + 2 * 3'600, 10).letters == 0);
}

TEST_CASE("the morning is that of the site's time zone")
{
    CHECK(local_time(0, "UTC").second == 0);
    CHECK(local_time(1'700'000'000, "Asia/Tokyo").second == (1'700'000'000 + 9 * 3'600) % day);
    CHECK(local_time(1'700'000'000, "Europe/Paris").second == (1'700'000'000 + 3'600) % day);
}

TEST_CASE("a flood of held posts does not flood a moderator")
{
    HeldSite site;
    for (int i = 0; i < 40; ++i) site.hold(std::to_string(i) + "@x");
    static_cast<void>(tell(site.db, site.context, site.now, 100));
    CHECK(site.letters().size() == 30);
    static_cast<void>(tidy(site.db, site.context, site.now, 100));
    const auto more = site.letters();
    REQUIRE(more.size() == 1);
    CHECK(has(more[0].text, "10"));
    static_cast<void>(tidy(site.db, site.context, site.now + 60, 100));
    CHECK(site.letters().empty());
}

TEST_CASE("a sender hears that his post waits only where it is surely his")
{
    HeldSite site;
    store::set_held_notice(site.db, store::find_member(site.db, "karim@example.org").value().id, HeldNotice::none, store::admin);
    const auto told = [&](std::int64_t id, std::string_view proof) {
        site.trust(id, proof);
        static_cast<void>(tell(site.db, site.context, site.now, 10));
        return site.letters().size() == 1;
    };
    CHECK_FALSE(told(site.hold("1@x"), "unknown"));  // a stranger, and nobody vouches for him
    CHECK_FALSE(told(site.hold("2@x"), "failed"));
    CHECK(told(site.hold("3@x"), "passed"));
    CHECK_FALSE(told(site.hold("4@x", "anna@example.org", "Auto-Submitted: auto-replied\r\n"), "passed"));
    CHECK_FALSE(told(site.hold("5@x", "anna@example.org", "Precedence: bulk\r\n"), "passed"));
    CHECK_FALSE(told(site.hold("6@x", "mailer-daemon@example.org"), "passed"));
    CHECK_FALSE(told(site.hold("7@x", "anna@example.org", {}, store::Verdict::held, "spam"), "passed"));
    site.join(site.rabat, "anna@example.org");
    CHECK(told(site.hold("8@x"), "unknown"));  // a member, where no server is named that could prove it
    site.context.trusts_a_server = true;
    CHECK_FALSE(told(site.hold("9@x"), "unknown"));
}

TEST_CASE("a sender gets ten notices a day, and the last one says so")
{
    HeldSite site;
    store::set_held_notice(site.db, store::find_member(site.db, "karim@example.org").value().id, HeldNotice::none, store::admin);
    for (int i = 0; i < 15; ++i) site.trust(site.hold(std::to_string(i) + "@x"), "passed");
    static_cast<void>(tell(site.db, site.context, site.now, 100));
    const auto letters = site.letters();
    REQUIRE(letters.size() == 10);
    CAPTURE(letters[9].text);
    CHECK(has(letters[9].text, "last one"));
    CHECK_FALSE(has(letters[8].text, "last one"));
}

TEST_CASE("who is rejected hears why, once, and gets his post back")
{
    HeldSite site;
    const auto id = site.hold("1@x");
    site.trust(id, "passed");
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    site.letters();
    CHECK(decide(site.db, id, {store::Verdict::rejected, Sender::as_before, "please post\nin French"}, store::admin).has_value());
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    const auto letters = site.letters();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].to == "anna@example.org");
    CHECK(has(letters[0].text, "please post"));
    CHECK(has(letters[0].text, "in French"));
    CHECK(has(letters[0].raw, "message/rfc822"));
    CHECK(letters[0].field("In-Reply-To") == "<1@x>");
    CHECK(tell(site.db, site.context, site.now, 10).steps == 0);
}

TEST_CASE("a stranger whose post a person rejected hears of it, once a day; what rules rejected stays silent")
{
    HeldSite site;
    store::set_held_notice(site.db, store::find_member(site.db, "karim@example.org").value().id, HeldNotice::none, store::admin);
    for (const auto* id : {"1@x", "2@x"}) {
        const auto held = site.hold(id);
        CHECK(decide(site.db, held, {store::Verdict::rejected, Sender::as_before, "no"}, store::admin).has_value());
    }
    site.hold("3@x", "bob@example.org", {}, store::Verdict::rejected, "stranger-rejected");
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    const auto letters = site.letters();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].to == "anna@example.org");
    CHECK_FALSE(has(letters[0].raw, "message/rfc822"));
    site.trust(site.hold("4@x", "carla@example.org", {}, store::Verdict::rejected, "too-big"), "passed");
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    CHECK(site.letters().size() == 1);
}

TEST_CASE("a discarded post is gone in silence")
{
    HeldSite site;
    const auto id = site.hold("1@x");
    site.trust(id, "passed");
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    site.letters();
    CHECK(decide(site.db, id, {store::Verdict::discarded, Sender::as_before, ""}, store::admin).has_value());
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    CHECK(site.letters().empty());
}

TEST_CASE("what nobody decided about expires; sender and moderators hear of it, and the tokens die")
{
    HeldSite site;
    const auto id = site.hold("1@x");
    site.trust(id, "passed");
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    const auto token = letter_to(site.letters(), "karim@example.org")->token();
    CHECK(tidy(site.db, site.context, store::admin.at + 13 * day, 10).steps == 0);
    CHECK(tidy(site.db, site.context, store::admin.at + 14 * day + 1, 10).steps == 1);
    CHECK(site.verdict(id) == "discarded");
    CHECK_FALSE(store::find_token(site.db, token)->valid(site.now));
    const auto letters = site.letters();
    CHECK(letters.size() == 2);
    CHECK(letter_to(letters, "anna@example.org") != nullptr);
    CHECK(letter_to(letters, "karim@example.org") != nullptr);
}

TEST_CASE("a post without a sender is rejected in silence")
{
    HeldSite site;
    const auto id = site.hold("1@x", "");
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    site.letters();
    CHECK(decide(site.db, id, {store::Verdict::rejected, Sender::as_before, "no"}, store::admin).has_value());
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    CHECK(site.letters().empty());
}

TEST_CASE("a held post whose mail is no longer kept can still be told of and decided")
{
    HeldSite site;
    const auto id = site.hold("1@x");
    site.db.execute("DELETE FROM content_chunk");
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    CHECK(decide(site.db, id, {store::Verdict::rejected, Sender::as_before, ""}, store::admin).has_value());
}

TEST_CASE("a template that cannot be read stops nobody")
{
    HeldSite site;
    store::TestFolder folder;
    std::filesystem::create_directories(folder / "en");
    store::write_file(folder / "en/held-moderator.txt", "no {{#end");
    site.context.site.templates = folder / "";
    const auto id = site.hold("1@x");
    CHECK(tell(site.db, site.context, site.now, 10).steps == 1);
    CHECK(tell(site.db, site.context, site.now, 10).steps == 0);
    CHECK(site.verdict(id) == "held");
}
