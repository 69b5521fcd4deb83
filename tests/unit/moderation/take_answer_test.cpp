#include "core/moderation/take_answer.hpp"

#include <doctest/doctest.h>

#include "core/store/aliases.hpp"
#include "core/store/list_rules.hpp"
#include "tests/unit/moderation/site.hpp"

using namespace majlis;
using namespace majlis::moderation;

namespace {

struct Reply {
    std::string from = "karim@example.org", body = "\r\n", head{};
    Proof proof = Proof::unknown;
};

struct AnsweredSite : HeldSite {
    std::int64_t id = hold("1@x");
    std::string token = told();

    std::string told()
    {
        static_cast<void>(tell(db, context, now, 10));
        const auto sent = letters();
        return letter_to(sent, "karim@example.org")->token();
    }
    Taken answer(const Reply& reply, std::string with = {})
    {
        const std::string raw = "From: " + reply.from + "\r\nMessage-ID: <a@b>\r\n" + reply.head + "\r\n" + reply.body;
        const auto message = scan_message(raw);
        const auto classification = classify(message);
        return take_answer(db, context.site, context.ourselves,
                           {.message = message,
                            .classification = classification,
                            .sender = reply.from,
                            .message_id = "a@b",
                            .proof = reply.proof,
                            .token = with.empty() ? token : with},
                           now);
    }
    std::string state() { return verdict(id); }
};

}  // namespace

TEST_CASE("an empty reply of the moderator lets the post go")
{
    AnsweredSite site;
    CHECK(site.answer({.body = "Sent from my iPhone\r\n\r\n> reject\r\n"}).delivering);
    CHECK(site.state() == "accepted");
    CHECK(site.number("SELECT count(*) FROM delivery WHERE kind = 'post'") == 1);
    CHECK(store::held_post(site.db, site.id)->decided_by == "mail:karim@example.org");
    CHECK(site.letters().empty());
}

TEST_CASE("each word does what it says")
{
    {
        AnsweredSite site;
        site.answer({.body = "reject not here\r\n"});
        CHECK(site.state() == "rejected");
        CHECK(store::held_post(site.db, site.id)->reason == "not here");
    }
    {
        AnsweredSite site;
        site.answer({.body = "discard\r\n"});
        CHECK(site.state() == "discarded");
    }
    const std::vector<std::string> anna{"anna@example.org"};
    {
        AnsweredSite site;
        site.answer({.body = "ban\r\n"});
        CHECK(site.state() == "discarded");
        CHECK(store::sender_rule(site.db, site.rabat, store::RuleKind::ban, anna).has_value());
    }
    {
        AnsweredSite site;
        site.answer({.body = "allow\r\n"});
        CHECK(site.state() == "accepted");
        CHECK(store::sender_rule(site.db, site.rabat, store::RuleKind::allow, anna).has_value());
    }
}

TEST_CASE("anything else changes nothing and gets help, with the same token")
{
    AnsweredSite site;
    site.answer({.body = "What is this about?\r\n"});
    CHECK(site.state() == "held");
    const auto letters = site.letters();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].to == "karim@example.org");
    CHECK(letters[0].token() == site.token);
    site.answer({});
    CHECK(site.state() == "accepted");
}

TEST_CASE("who is not the moderator to whom the token was sent changes nothing, and hears nothing")
{
    AnsweredSite site;
    site.answer({.from = "eve@example.org"});
    site.answer({.from = "anna@example.org"});
    store::add_role(site.db, site.rabat, store::address("sara@example.org"), store::Role::moderator, store::admin).value();
    site.answer({.from = "sara@example.org"});
    site.answer({.from = ""});
    CHECK(site.state() == "held");
    CHECK(site.letters().empty());
    CHECK(site.number("SELECT count(*) FROM journal WHERE event = 'answer-refused'") == 4);
}

TEST_CASE("a From that fails authentication does nothing, one that nobody checks does")
{
    AnsweredSite site;
    site.answer({.proof = Proof::failed});
    CHECK(site.state() == "held");
    CHECK(site.letters().empty());
    site.answer({.proof = Proof::passed});
    CHECK(site.state() == "accepted");
}

TEST_CASE("another address of the moderator counts as his")
{
    AnsweredSite site;
    const auto karim = store::find_member(site.db, "karim@example.org").value();
    store::add_alias(site.db, karim.id, store::address("karim@work.example"), store::admin).value();
    site.answer({.from = "karim@work.example"});
    CHECK(site.state() == "accepted");
}

TEST_CASE("no automatic mail approves anything")
{
    for (const std::string head :
         {"Auto-Submitted: auto-replied\r\n", "Subject: Automatic reply: x\r\n", "Precedence: bulk\r\n", "Return-Path: <>\r\n",
          "X-Autoreply: yes\r\n", "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\r\n"}) {
        AnsweredSite site;
        CAPTURE(head);
        site.answer({.head = head});
        CHECK(site.state() == "held");
        CHECK(site.letters().empty());
    }
}

TEST_CASE("who comes second hears who decided")
{
    AnsweredSite site;
    store::add_role(site.db, site.rabat, store::address("sara@example.org"), store::Role::moderator, store::admin).value();
    site.id = site.hold("2@x");
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    const auto sent = site.letters();
    site.answer({.from = "sara@example.org", .body = "discard\r\n"}, letter_to(sent, "sara@example.org")->token());
    CHECK(site.state() == "discarded");
    site.answer({}, letter_to(sent, "karim@example.org")->token());
    CHECK(site.state() == "discarded");
    const auto letters = site.letters();
    REQUIRE(letters.size() == 1);
    CHECK(letters[0].to == "karim@example.org");
    CHECK(letters[0].text.find("sara@example.org") != std::string::npos);
    CHECK(site.number("SELECT count(*) FROM delivery WHERE kind = 'post'") == 0);
}

TEST_CASE("a token works once, also for the one who used it")
{
    AnsweredSite site;
    site.answer({.body = "discard\r\n"});
    site.answer({});
    CHECK(site.state() == "discarded");
    CHECK(site.letters().size() == 1);
}

TEST_CASE("an expired or invented token does nothing; a moderator who is none any more does nothing")
{
    AnsweredSite site;
    site.answer({}, "abcdefghijklmnopqrstuvwxyz");
    CHECK(site.state() == "held");
    const auto karim = store::find_member(site.db, "karim@example.org").value();
    store::remove_role(site.db, site.maroc, karim.id, store::Role::moderator, store::admin);
    site.answer({});
    CHECK(site.state() == "held");
    store::add_role(site.db, site.maroc, store::address("karim@example.org"), store::Role::moderator, store::admin).value();
    site.now += 15 * 86'400;
    site.answer({});
    CHECK(site.state() == "held");
}

TEST_CASE("held on two lists, decided on one: it still waits on the other")
{
    HeldSite site;
    const auto judged = site.post("1@x");
    const store::ListVerdict both[] = {{site.rabat, store::Verdict::held, "stranger", ""},
                                       {site.casablanca, store::Verdict::held, "stranger", ""}};
    const auto recorded = store::record_verdicts(site.db, judged, both, store::admin.at);
    static_cast<void>(tell(site.db, site.context, site.now, 10));
    const auto letters = site.letters();
    CHECK(letters.size() == 2);
    REQUIRE(recorded.held_ids.size() == 2);
    CHECK(store::approve_held(site.db, recorded.held_ids[0], store::admin).has_value());
    CHECK(site.verdict(recorded.held_ids[0]) == "accepted");
    CHECK(site.verdict(recorded.held_ids[1]) == "held");
}
