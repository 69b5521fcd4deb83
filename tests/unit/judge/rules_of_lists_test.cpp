#include <algorithm>

#include "core/judge/judge.hpp"
#include "core/letters/reasons.hpp"
#include "core/store/aliases.hpp"
#include "core/store/list_rules.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

/// A site that judges mail as the daemon does.
struct Court : Site {
    JudgeContext context;
    std::int64_t now = admin.at;
    int uid = 0;

    Court()
    {
        context.site_domain = "maimc.org";
        context.site = {
            .name = "MAIMC", .domain = "maimc.org", .owner = "admin@maimc.org", .language = "fr", .templates = {}, .relays = {}};
        join(rabat, "anna@example.org");
    }

    std::string mail(std::string_view from, std::string_view more = "Subject: Hello\n", std::string_view text = "Hello\n")
    {
        return "From: " + std::string{from} + "\nTo: rabat@maimc.org\nMessage-ID: <" + std::to_string(++uid) + "@x>\n" +
               std::string{more} + "\n" + std::string{text};
    }
    Decision judge(const std::string& raw)
    {
        const auto read = read_mail(raw, context.site_domain);
        return judge_mail(db, *read, Junk::no, context, now).lists.at(0).decision;
    }
    std::string rule(const std::string& raw) { return judge(raw).rule; }
    Recorded record(const std::string& raw)
    {
        const auto taken = arrive(++uid, raw);
        const auto read = read_mail(raw, context.site_domain);
        const auto judgement = judge_mail(db, *read, Junk::no, context, now);
        return record_judgement(db, next_new(db, 1, taken.arrival_id - 1).at(0), *read, judgement, context, now);
    }
    void forbid(std::optional<std::int64_t> list, std::string pattern, RuleKind kind = RuleKind::ban)
    {
        add_rule(db, {.list_id = list, .kind = kind, .pattern = std::move(pattern)}, admin).value();
    }
    void set(std::int64_t list, std::string_view key, std::string_view value)
    {
        set_setting(db, list, key, value, Fixed::no, admin).value();
    }
    void pattern(std::optional<std::int64_t> list, std::string field, std::string expression, RuleAction action)
    {
        add_rule(db, {list, RuleKind::header, std::move(field), std::move(expression), action, {}}, admin).value();
    }
};

}  // namespace

TEST_CASE("any of several senders may be banned, by address, by domain, or by another address of the same person")
{
    Court court;  // B-009, B-010, B-011
    CHECK(court.rule(court.mail("anna@example.org")) == "default");
    court.forbid(court.maroc, "eve@example.net");
    court.forbid({}, "@spam.example");
    CHECK(court.rule(court.mail("anna@example.org, Eve <EVE@example.net>")) == "banned");
    CHECK(court.rule(court.mail("x@spam.example")) == "banned");
    CHECK(court.rule(court.mail("anna@example.org", "Sender: eve@example.net\n")) == "banned");
    const auto anna = find_member(court.db, "anna@example.org")->id;
    REQUIRE(add_alias(court.db, anna, address("anna@work.example"), admin).has_value());
    CHECK(court.rule(court.mail("anna@work.example")) == "default");  // B-015
    court.forbid(court.rabat, "anna@work.example");
    CHECK(court.rule(court.mail("anna@work.example")) == "banned");
    CHECK(court.rule(court.mail("anna@example.org")) == "banned");
}

TEST_CASE("the second of several senders may be the one who is allowed")
{
    Court court;  // B-016, B-018, B-021, B-020
    CHECK(court.rule(court.mail("bob@example.net")) == "stranger");
    CHECK(court.rule(court.mail("bob@example.net, anna@example.org")) == "default");
    court.forbid(court.maimc, "@example.net", RuleKind::allow);
    CHECK(court.rule(court.mail("x@other.example, bob@example.net")) == "allowed");
    CHECK(court.rule(court.mail("rabat@maimc.org", "Reply-To: rabat@maimc.org\n")) == "no-sender");
    CHECK(court.rule(court.mail("no at sign")) == "no-sender");  // B-008
}

TEST_CASE("first posts of a new member are counted over all his addresses, accepted ones alone")
{
    Court court;
    court.set(court.rabat, "first_posts_held", "2");
    const auto anna = find_member(court.db, "anna@example.org")->id;
    REQUIRE(add_alias(court.db, anna, address("anna@work.example"), admin).has_value());
    court.record(court.mail("anna@example.org"));
    CHECK(court.rule(court.mail("anna@example.org")) == "first-posts");
    REQUIRE(approve_held(court.db, held_posts(court.db, {}, 1).at(0).id, admin).has_value());
    court.record(court.mail("anna@work.example"));
    REQUIRE(reject_held(court.db, held_posts(court.db, {}, 1).at(0).id, "", admin).has_value());
    CHECK(court.rule(court.mail("anna@example.org")) == "first-posts");
    court.record(court.mail("anna@work.example"));
    REQUIRE(approve_held(court.db, held_posts(court.db, {}, 1).at(0).id, admin).has_value());
    CHECK(court.rule(court.mail("anna@example.org")) == "default");
}

TEST_CASE("where a server is trusted its word decides, and its silence holds")
{
    Court court;
    const auto stamped = [&](std::string_view result) {
        return "Authentication-Results: mx.provider.example; " + std::string{result} + "\n" + court.mail("anna@example.org");
    };
    court.context.authentication.unproven = AuthenticationConfig::Unproven::challenge;
    const auto asked = court.judge(court.mail("anna@example.org"));
    CHECK(asked.rule == "unproven");
    CHECK(asked.then == Then::challenge);
    CHECK(court.judge(court.mail("bob@example.net")).then == Then::nothing);
    court.context.authentication.trusted_servers = {"mx.provider.example"};
    CHECK(court.rule(stamped("dkim=pass header.d=example.org")) == "default");
    CHECK(court.rule(stamped("dmarc=fail header.from=example.org")) == "forged");
    const auto silent = court.judge(court.mail("anna@example.org"));
    CHECK(silent.rule == "unproven");
    CHECK(silent.then == Then::nothing);  // what came another way than mail comes is a moderator's
    CHECK(court.rule("Authentication-Results: evil.example; dkim=pass header.d=example.org\n" + court.mail("anna@example.org")) ==
          "unproven");
}

TEST_CASE("the site's patterns are asked first, and one that cannot be read is passed over")
{
    Court court;  // B-051, B-052, B-053
    court.db.execute(
        "INSERT INTO list_rule (list_id, kind, field, pattern, action, created_at, created_by) VALUES "
        "(NULL, 'header', 'subject', '(', 'discard', 1, 'x')");
    CHECK(court.rule(court.mail("anna@example.org")) == "default");
    court.pattern(court.rabat, "Subject", "win", RuleAction::discard);
    court.pattern({}, "Subject", "^win", RuleAction::reject);
    CHECK(court.judge(court.mail("anna@example.org", "Subject: Win!\n")).verdict == majlis::Verdict::reject);
    CHECK(court.judge(court.mail("anna@example.org", "Subject: You win\n")).verdict == majlis::Verdict::discard);
    CHECK(court.rule(court.mail("anna@example.org", "Subject: =?utf-8?q?Wi=6E?=\n")) == "header");
}

TEST_CASE("too big is only what is too big after the content filter")
{
    Court court;  // B-045, B-046
    const std::string large(40'000, 'x');
    const auto raw = court.mail("anna@example.org", "Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n",
                                "--b\nContent-Type: text/plain\n\nHello\n--b\nContent-Type: application/zip\n"
                                "Content-Disposition: attachment; filename=a.zip\n\n" +
                                    large + "\n--b--\n");
    court.set(court.rabat, "max_size", "20KB");
    CHECK(court.rule(raw) == "too-big");
    court.set(court.rabat, "attachments", "deny application/zip");
    CHECK(court.rule(raw) == "default");
    const auto alone = court.mail("anna@example.org", "Subject: x\nMIME-Version: 1.0\nContent-Type: application/zip\n", large);
    CHECK(court.rule(alone) == "nothing-left");
}

TEST_CASE("one post too many turns moderation on, and the owner hears of it once")
{
    Court court;
    court.set(court.rabat, "flood", "3/10m");
    add_role(court.db, court.maroc, address("olga@example.org"), Role::owner, admin).value();
    for (int i = 0; i < 3; ++i) court.record(court.mail("anna@example.org"));
    CHECK(court.number("SELECT count(*) FROM post_list WHERE verdict = 'accepted'") == 3);
    court.record(court.mail("bob@example.net"));  // held as a stranger's: sets nothing off
    CHECK(settings_of(court.db, court.rabat).emergency == Switch::off);
    CHECK(court.record(court.mail("anna@example.org")).delivering);
    CHECK(settings_of(court.db, court.rabat).emergency == Switch::on);
    CHECK(settings_of(court.db, court.maroc).emergency == Switch::off);
    for (int i = 0; i < 5; ++i) court.record(court.mail("anna@example.org"));
    CHECK(court.number("SELECT count(*) FROM post_list WHERE verdict = 'accepted'") == 3);
    CHECK(court.number("SELECT count(*) FROM post_list WHERE rule = 'flood'") == 1);
    CHECK(court.number("SELECT count(*) FROM post_list WHERE rule = 'emergency'") == 5);
    CHECK(court.number("SELECT count(*) FROM journal WHERE event = 'flood'") == 1);
    CHECK(court.number("SELECT count(*) FROM delivery_recipient WHERE address = 'olga@example.org'") == 1);
}

TEST_CASE("where a list above keeps moderation off, the flood waits and its owner still hears of it once")
{
    Court court;
    court.set(court.rabat, "flood", "1/10m");
    set_setting(court.db, court.maroc, "emergency", "off", Fixed::yes, admin).value();
    for (int i = 0; i < 6; ++i) court.record(court.mail("anna@example.org"));
    CHECK(court.number("SELECT count(*) FROM post_list WHERE verdict = 'accepted'") == 1);
    CHECK(court.number("SELECT count(*) FROM post_list WHERE rule = 'flood'") == 5);
    CHECK(court.number("SELECT count(*) FROM journal WHERE event = 'flood'") == 1);
    court.now += 601;
    CHECK(court.rule(court.mail("anna@example.org")) == "default");
}

TEST_CASE("a post for two lists is judged on each, and every reason is kept and told in three languages")
{
    Court court;  // B-002, B-068
    court.set(court.rabat, "max_size", "1KB");
    const auto raw = "From: bob@example.net\nTo: rabat@maimc.org, france@maimc.org\nMessage-ID: <both@x>\nSubject: x\n\n" +
                     std::string(2'000, 'x') + "\n";
    court.record(raw);
    const auto held = held_posts(court.db, {}, 10);
    REQUIRE(held.size() == 2);
    REQUIRE(approve_held(court.db, held.at(1).id, admin).has_value());
    CHECK(held_posts(court.db, {}, 10).size() == 1);
    const auto& on_rabat = *std::ranges::find(held, court.rabat, &HeldPost::list_id);
    const auto english = stored_reasons(court.db, on_rabat.id, "en"), french = stored_reasons(court.db, on_rabat.id, "fr"),
               arabic = stored_reasons(court.db, on_rabat.id, "ar");
    REQUIRE(english.size() == 2);
    CHECK(english[0] == "bob@example.net is no member of this list nor of a section below it");
    CHECK(english[0] + "; " + english[1] == on_rabat.reason);
    REQUIRE(french.size() == 2);
    CHECK(french[0] == "bob@example.net n\u2019est membre ni de cette liste ni d\u2019une section de celle-ci");
    REQUIRE(arabic.size() == 2);
    CHECK(arabic[0].find("\u2068bob@example.net\u2069") != std::string::npos);
    CHECK(court.number("SELECT count(*) FROM post_list WHERE trust = 'unknown'") == 2);
}

TEST_CASE("a reason of a rule that this version does not know is told as it was stored")
{
    Court court;
    ListVerdict verdict{court.rabat, store::Verdict::held, "old-rule", "an old reason", "unknown", {}};
    verdict.hits.push_back({"old-rule", "hold", "an old reason", {}});
    const auto id = record_verdicts(court.db, court.post("old@x"), {&verdict, 1}, admin.at).post_list_ids.at(0);
    CHECK(stored_reasons(court.db, id, "fr") == std::vector<std::string>{"an old reason"});
    CHECK(stored_reasons(court.db, id + 1, "fr").empty());
}

TEST_CASE("a discarded post leaves a line with its Message-ID and the reason")
{
    Court court;  // B-070
    court.forbid(court.rabat, "eve@example.net");
    court.record("From: eve@example.net\nTo: rabat@maimc.org\nMessage-ID: <gone@x>\nSubject: x\n\nx\n");
    const auto lines = read_journal(court.db, {.list_id = court.rabat, .address = {}, .before_id = {}, .limit = 1});
    REQUIRE(lines.size() == 1);
    CHECK(lines[0].event == "post-discarded");
    CHECK(lines[0].detail == "<gone@x> banned: eve@example.net is banned here (eve@example.net)");
    CHECK(court.number("SELECT count(*) FROM delivery") == 0);
}

TEST_CASE("a command sent to the list is not run: its author gets help, once, and no rejection besides")
{
    Court court;
    const auto recorded = court.record(court.mail("anna@example.org", "Subject: unsubscribe\n"));
    CHECK(recorded.delivering);
    CHECK(court.number("SELECT count(*) FROM delivery_recipient WHERE address = 'anna@example.org'") == 1);
    CHECK(court.number("SELECT count(*) FROM post_list WHERE verdict = 'rejected' AND sender_told_at IS NOT NULL") == 1);
    CHECK(court.number("SELECT count(*) FROM subscription") == 1);
    CHECK(court.number("SELECT count(*) FROM request") == 0);
    // A stranger too may have mistaken the address; he gets his one answer of the day.
    CHECK(court.record(court.mail("new@example.net", "Subject: subscribe\n")).delivering);
    CHECK_FALSE(court.record(court.mail("new@example.net", "Subject: subscribe\n")).delivering);
    CHECK(court.number("SELECT count(*) FROM delivery_recipient WHERE address = 'new@example.net'") == 1);
}

TEST_CASE("only a post that nothing else speaks against is its author's to confirm")
{
    Court court;
    court.context.authentication.unproven = AuthenticationConfig::Unproven::challenge;
    CHECK(court.record(court.mail("anna@example.org")).delivering);
    CHECK(court.number("SELECT count(*) FROM request WHERE kind = 'challenge'") == 1);
    court.set(court.rabat, "emergency", "on");
    CHECK_FALSE(court.record(court.mail("anna@example.org")).delivering);
    CHECK_FALSE(court.record(court.mail("new@example.net")).delivering);
    CHECK(court.number("SELECT count(*) FROM request WHERE kind = 'challenge'") == 1);
}
