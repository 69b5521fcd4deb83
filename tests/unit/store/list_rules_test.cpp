#include "core/store/list_rules.hpp"

#include "core/store/aliases.hpp"
#include "tests/unit/store/site.hpp"

using namespace majlis;
using namespace majlis::store;

namespace {

AddedRule add(Site& site, std::optional<std::int64_t> list, RuleKind kind, std::string pattern)
{
    return add_rule(site.db, {.list_id = list, .kind = kind, .pattern = std::move(pattern)}, admin).value();
}

std::string ban(Site& site, std::int64_t list, std::string who)
{
    const auto rule = sender_rule(site.db, list, RuleKind::ban, std::span{&who, 1});
    return rule ? rule->pattern : "";
}

}  // namespace

TEST_CASE("a ban names an address or a domain, and holds for the list and all below it")
{
    Site site;
    CHECK(add(site, site.maroc, RuleKind::ban, " Bob@Example.ORG ").rule.pattern == "bob@example.org");
    CHECK(add(site, site.maroc, RuleKind::ban, "*@Sp\u00e4m.example").rule.pattern == "@xn--spm-rla.example");
    CHECK(ban(site, site.maroc, "bob@example.org") == "bob@example.org");
    CHECK(ban(site, site.rabat, "bob@example.org") == "bob@example.org");
    CHECK(ban(site, site.rabat, "x@xn--spm-rla.example") == "@xn--spm-rla.example");
    CHECK(ban(site, site.maimc, "bob@example.org").empty());
    CHECK(ban(site, site.france, "bob@example.org").empty());
    CHECK(ban(site, site.rabat, "x@sub.xn--spm-rla.example").empty());
    CHECK(ban(site, site.rabat, "").empty());
    CHECK(ban(site, site.rabat, "@").empty());
}

TEST_CASE("what the site decides holds for all lists, and comes first")
{
    Site site;
    add(site, site.rabat, RuleKind::ban, "bob@example.org");
    add(site, std::nullopt, RuleKind::ban, "@example.org");
    CHECK(ban(site, site.france, "bob@example.org") == "@example.org");
    const std::string bob = "bob@example.org";
    CHECK(address_rule(site.db, site.rabat, RuleKind::ban, std::span{&bob, 1})->list == "rabat");
    CHECK_FALSE(address_rule(site.db, site.france, RuleKind::ban, std::span{&bob, 1}));
    CHECK_FALSE(sender_rule(site.db, site.rabat, RuleKind::allow, std::span{&bob, 1}));
}

TEST_CASE("of ban and permission on one level the last word counts")
{
    Site site;
    const auto allowed = add(site, site.rabat, RuleKind::allow, "bob@example.org").rule.id;
    add(site, site.rabat, RuleKind::ban, "bob@example.org");
    CHECK_FALSE(find_rule(site.db, allowed));
    CHECK(rules_of(site.db, site.rabat).size() == 1);
    CHECK(add(site, site.rabat, RuleKind::ban, "BOB@example.org").kind == AddedRule::Kind::already);
    CHECK(rules_of(site.db, site.rabat).size() == 1);
}

TEST_CASE("header patterns are asked from the site down to the list, the oldest first")  // B-051
{
    Site site;
    const auto header = [&](std::optional<std::int64_t> list, std::string pattern) {
        return add_rule(site.db, {.list_id = list, .kind = RuleKind::header, .field = "Subject", .pattern = std::move(pattern)},
                        admin);
    };
    REQUIRE(header(site.rabat, "1").has_value());
    REQUIRE(header(site.maroc, "2").has_value());
    REQUIRE(header(std::nullopt, "3").has_value());
    REQUIRE(header(site.rabat, "4").has_value());
    REQUIRE(header(site.france, "5").has_value());
    std::string order;
    for (const auto& rule : header_rules_for(site.db, site.rabat)) order += rule.pattern;
    CHECK(order == "3214");
    for (std::int64_t i = 2; i < max_header_rules; ++i) REQUIRE(header(site.rabat, "x" + std::to_string(i)).has_value());
    CHECK_FALSE(header(site.rabat, "one too many").has_value());
}

TEST_CASE("what is no sender is refused, and nothing is changed")
{
    Site site;
    for (const auto* pattern : {"", "bob", "@", "@nodot", "a@b@c", "bob@example.org, eve@example.org", "rabat@maimc.org",
                                "@[192.0.2.1]", "bob@example.org\nX: y"}) {
        CAPTURE(pattern);
        CHECK_FALSE(add_rule(site.db, {.list_id = site.rabat, .pattern = pattern}, admin).has_value());
    }
    CHECK_FALSE(add_rule(site.db, {.list_id = 999, .pattern = "bob@example.org"}, admin).has_value());
    CHECK(site.number("SELECT count(*) FROM list_rule") == 0);
}

TEST_CASE("who made and removed a rule is in the journal")
{
    Site site;
    const auto id = add(site, site.rabat, RuleKind::ban, "bob@example.org").rule.id;
    CHECK(remove_rule(site.db, id, admin).value().pattern == "bob@example.org");
    CHECK_FALSE(remove_rule(site.db, id, admin).has_value());
    const auto lines = read_journal(site.db, {.list_id = site.rabat, .address = {}, .before_id = {}, .limit = 2});
    REQUIRE(lines.size() == 2);
    CHECK(lines[0].event == "rule-removed");
    CHECK(lines[1].event == "rule-added");
    CHECK(lines[1].detail == std::to_string(id) + ": ban bob@example.org");
    CHECK(lines[1].address == "bob@example.org");
}

TEST_CASE("rules go with their list")
{
    Site site;
    add(site, site.france, RuleKind::ban, "bob@example.org");
    REQUIRE(remove_list(site.db, site.france, Removal::empty_only, admin).has_value());
    CHECK(site.number("SELECT count(*) FROM list_rule") == 0);
}

TEST_CASE("a sender is found by another address of his")  // B-015
{
    Site site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    REQUIRE(add_alias(site.db, anna, address("anna@work.example"), admin).has_value());
    const auto one = standing(site.db, std::span{&site.maroc, 1}, "anna@work.example").front();
    CHECK(one.member_id == anna);
    CHECK(one.receiver);
    CHECK(addresses_of(site.db, *find_member(site.db, anna)) ==
          std::vector<std::string>{"anna@example.org", "anna@work.example"});
}

TEST_CASE("who is moderated in a section is read first on the lists above it")  // B-012, B-014
{
    Site site;
    const auto anna = site.join(site.rabat, "anna@example.org");
    const auto moderation = [&](std::int64_t list) {
        return standing(site.db, std::span{&list, 1}, "anna@example.org").front().moderation;
    };
    CHECK(moderation(site.rabat) == "default");
    auto set = site.db.prepared("UPDATE subscription SET moderation = :what WHERE member_id = :member");
    set.bind(":what", "discard").bind(":member", anna).run();
    CHECK(moderation(site.rabat) == "discard");
    CHECK(moderation(site.maroc) == "hold");
    CHECK(moderation(site.maimc) == "hold");
    CHECK(moderation(site.france) == "default");
    set.bind(":what", "accept").bind(":member", anna).run();
    CHECK(moderation(site.rabat) == "accept");
    CHECK(moderation(site.maroc) == "default");
}

TEST_CASE("what each rule said is kept with the post, values included")
{
    Site site;
    ListVerdict verdict{site.rabat, Verdict::held, "too-big", "it is large", "passed", {}};
    verdict.hits.push_back({"too-big", "hold", "it is large", {{"size", "2 MB"}, {"odd", "\xff\"\n"}}});
    verdict.hits.push_back({"junk", "hold", "in junk", {}});
    const auto recorded = record_verdicts(site.db, site.post("1@x"), {&verdict, 1}, admin.at);
    const auto id = recorded.post_list_ids.at(0);
    const auto hits = hits_of(site.db, id);
    REQUIRE(hits.size() == 2);
    CHECK(hits[0].rule == "too-big");
    CHECK(hits[0].values.at("size") == "2 MB");
    CHECK(hits[0].values.at("odd") == "\xef\xbf\xbd\"\n");
    CHECK(hits[1].values.empty());
    CHECK(site.number("SELECT trust = 'passed' FROM post_list") == 1);
    CHECK(hits_of(site.db, id + 1).empty());
    CHECK(record_verdicts(site.db, site.post("1@x"), {&verdict, 1}, admin.at).post_list_ids.at(0) == 0);
    CHECK(hits_of(site.db, id).size() == 2);
}

TEST_CASE("only what the rules accepted lately counts towards a flood")
{
    Site site;
    const auto accept = [&](std::string id, Verdict verdict, std::int64_t at) {
        const ListVerdict one{site.rabat, verdict, "default", ""};
        return record_verdicts(site.db, site.post(std::move(id)), {&one, 1}, at).post_list_ids.at(0);
    };
    accept("1@x", Verdict::accepted, 100);
    accept("2@x", Verdict::accepted, 200);
    accept("3@x", Verdict::accepted, 300);
    REQUIRE(approve_held(site.db, accept("4@x", Verdict::held, 300), {"x", 301}).has_value());
    CHECK(accepted_since(site.db, site.rabat, 200, 10) == 2);
    CHECK(accepted_since(site.db, site.rabat, 0, 2) == 2);
    CHECK(accepted_since(site.db, site.maroc, 0, 10) == 0);

    // A backlog is judged within a second, and came over days: what counts is when the server took each.
    for (const auto came : {400, 5000, 9000}) {
        auto post = site.post(std::to_string(came) + "@x");
        post.received_at = came;
        const ListVerdict one{site.maroc, Verdict::accepted, "default", ""};
        record_verdicts(site.db, post, {&one, 1}, 10'000);
    }
    CHECK(accepted_since(site.db, site.maroc, 9000 - 600, 10) == 1);
}
