#include "core/policy/rules.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "core/compose/notice.hpp"

using namespace majlis;

namespace {

Facts from_member()
{
    Facts facts;
    facts.sender = "ann@example.org";
    facts.standing = Standing::member;
    facts.size = 4'000;
    facts.recipients = 1;
    take_settings(facts, Settings{});
    return facts;
}

/// A fact changed, and what must come of it.
struct Case {
    const char* what;
    void (*change)(Facts&);
    Verdict verdict;
    std::string_view rule;
};

constexpr auto stranger = [](Facts& f) { f.standing = Standing::stranger; };
constexpr auto forged = [](Facts& f) { f.authenticity = Authenticity::failed, f.authenticity_why = "mx says dkim=fail"; };
constexpr auto unproven = [](Facts& f) { f.authenticity = Authenticity::unknown, f.unproven = Unproven::hold; };
constexpr auto moderator = [](Facts& f) { f.standing = Standing::moderator; };
constexpr auto permitted = [](Facts& f) { f.allowed_by = "@example.org"; };
constexpr auto commanded = [](Facts& f) { f.mistake = {"unsubscribe", false}; };

/// A header pattern that found something.
template <Verdict action>
void matched(Facts& f)
{
    f.header = HeaderMatch{"subject", "^win", action};
}

const Case cases[] = {
    {"a member's post", [](Facts&) {}, Verdict::accept, "default"},
    {"no sender (B-007)", [](Facts& f) { f.sender.clear(); }, Verdict::discard, "no-sender"},
    {"a loop (B-050)", [](Facts& f) { f.loop_marks = {"its List-Id is this list's"}; }, Verdict::discard, "loop"},
    {"the same post again", [](Facts& f) { f.earlier = Earlier::same_post; }, Verdict::discard, "again"},
    {"the same Message-ID", [](Facts& f) { f.earlier = Earlier::other_content; }, Verdict::hold, "same-id-other-content"},
    {"an automatic reply", [](Facts& f) { f.automatic = Automatic::certain; }, Verdict::discard, "automatic"},
    {"perhaps an automatic reply", [](Facts& f) { f.automatic = Automatic::doubtful; }, Verdict::hold, "perhaps-automatic"},
    {"a malformed mail", [](Facts& f) { f.defects = {"more than one From field"}; }, Verdict::hold, "malformed"},
    {"from the junk folder", [](Facts& f) { f.from_junk = true; }, Verdict::hold, "junk"},
    {"called spam by the provider", [](Facts& f) { f.spam_mark = "X-Spam-Flag: YES"; }, Verdict::hold, "spam"},
    {"a byte too big (B-045)", [](Facts& f) { f.size = f.max_size + 1; }, Verdict::hold, "too-big"},
    {"just as big as allowed (B-045)", [](Facts& f) { f.size = f.max_size; }, Verdict::accept, "default"},
    {"big without a limit (B-045)", [](Facts& f) { f.size = 1LL << 40, f.max_size = 0; }, Verdict::accept, "default"},
    {"one recipient too many (B-044)", [](Facts& f) { f.recipients = 21; }, Verdict::hold, "too-many-recipients"},
    {"as many recipients as allowed (B-044)", [](Facts& f) { f.recipients = 20; }, Verdict::accept, "default"},
    {"recipients without a limit (B-044)", [](Facts& f) { f.recipients = 9'999, f.max_recipients = 0; }, Verdict::accept,
     "default"},
    {"by Bcc (B-042)", [](Facts& f) { f.names_list = false; }, Verdict::hold, "implicit-destination"},
    {"nothing left of it", [](Facts& f) { f.nothing_left = true; }, Verdict::hold, "nothing-left"},
    {"an answer to a digest (B-048)", [](Facts& f) { f.digest_mark = "Re: Rabat Digest, Vol 3"; }, Verdict::hold,
     "digest-quoted"},

    {"a banned sender (B-009)", [](Facts& f) { f.banned_by = "@example.org"; }, Verdict::discard, "banned"},
    {"banned and allowed (B-001)", [](Facts& f) { permitted(f), f.banned_by = "ann@example.org"; }, Verdict::discard, "banned"},
    {"a banned moderator", [](Facts& f) { moderator(f), f.banned_by = "ann@example.org"; }, Verdict::discard, "banned"},
    {"a banned and forged sender", [](Facts& f) { forged(f), f.banned_by = "ann@example.org"; }, Verdict::discard, "banned"},
    {"an allowed stranger (B-017, B-018)", [](Facts& f) { stranger(f), permitted(f); }, Verdict::accept, "allowed"},
    {"an allowed stranger where others are discarded (B-017)",
     [](Facts& f) { stranger(f), permitted(f), f.nonmembers = Nonmembers::discard; }, Verdict::accept, "allowed"},
    {"an allowed sender on a moderated list", [](Facts& f) { permitted(f), f.posting = Posting::moderated; }, Verdict::accept,
     "allowed"},
    {"an allowed sender's large post", [](Facts& f) { permitted(f), f.size = 1LL << 30; }, Verdict::hold, "too-big"},
    {"an allowed sender in an emergency (B-049)", [](Facts& f) { permitted(f), f.emergency = Switch::on; }, Verdict::hold,
     "emergency"},
    {"an allowed address that is forged", [](Facts& f) { permitted(f), forged(f); }, Verdict::hold, "forged"},

    {"a forged member", forged, Verdict::hold, "forged"},
    {"a forged moderator", [](Facts& f) { moderator(f), forged(f); }, Verdict::hold, "forged"},
    {"a proven member", [](Facts& f) { f.authenticity = Authenticity::passed, f.unproven = Unproven::hold; }, Verdict::accept,
     "default"},
    {"an unproven member", unproven, Verdict::hold, "unproven"},
    {"an unproven member who is to be asked", [](Facts& f) { f.unproven = Unproven::challenge; }, Verdict::hold, "unproven"},
    {"a forged stranger is not rejected", [](Facts& f) { stranger(f), forged(f), f.nonmembers = Nonmembers::reject; },
     Verdict::hold, "forged"},
    {"a forged stranger where strangers are discarded",
     [](Facts& f) { stranger(f), forged(f), f.nonmembers = Nonmembers::discard; }, Verdict::discard, "stranger-discarded"},

    {"a header pattern that holds (B-051, B-054)", matched<Verdict::hold>, Verdict::hold, "header"},
    {"a header pattern that rejects (B-051)", matched<Verdict::reject>, Verdict::reject, "header"},
    {"a header pattern that discards (B-051)", matched<Verdict::discard>, Verdict::discard, "header"},
    {"a header pattern that accepts (B-051)", [](Facts& f) { stranger(f), matched<Verdict::accept>(f); }, Verdict::accept,
     "header"},
    {"what a pattern accepts may still be too big", [](Facts& f) { matched<Verdict::accept>(f), f.size = 1LL << 30; },
     Verdict::hold, "too-big"},
    {"a forged mail that a pattern rejects", [](Facts& f) { forged(f), matched<Verdict::reject>(f); }, Verdict::hold, "header"},
    {"a ban before a pattern (B-001)", [](Facts& f) { matched<Verdict::hold>(f), f.banned_by = "@example.org"; },
     Verdict::discard, "banned"},
    {"a pattern before an emergency (B-001)", [](Facts& f) { matched<Verdict::reject>(f), f.emergency = Switch::on; },
     Verdict::reject, "header"},

    {"a command by mistake (B-036)", commanded, Verdict::reject, "administrivia"},
    {"a stranger's command by mistake", [](Facts& f) { commanded(f), stranger(f); }, Verdict::reject, "administrivia"},
    {"a forged command by mistake", [](Facts& f) { commanded(f), forged(f); }, Verdict::hold, "administrivia"},
    {"a command found in junk", [](Facts& f) { commanded(f), f.from_junk = true; }, Verdict::hold, "administrivia"},
    {"what may be a command",
     [](Facts& f) {
         f.mistake = {"help", true};
     },
     Verdict::hold, "perhaps-administrivia"},

    {"in an emergency (B-049)", [](Facts& f) { f.emergency = Switch::on; }, Verdict::hold, "emergency"},
    {"a moderator in an emergency (B-049)", [](Facts& f) { f.emergency = Switch::on, moderator(f); }, Verdict::hold, "emergency"},
    {"on a moderated list", [](Facts& f) { f.posting = Posting::moderated; }, Verdict::hold, "moderated"},
    {"a moderator on a moderated list", [](Facts& f) { f.posting = Posting::moderated, moderator(f); }, Verdict::accept,
     "default"},
    {"on a list of moderators", [](Facts& f) { f.posting = Posting::moderators; }, Verdict::hold, "moderators-only"},
    {"a moderator on a list of moderators", [](Facts& f) { f.posting = Posting::moderators, moderator(f); }, Verdict::accept,
     "default"},

    {"a moderated member (B-013)", [](Facts& f) { f.moderation = Moderation::hold; }, Verdict::hold, "moderated-member"},
    {"a rejected member (B-013)", [](Facts& f) { f.moderation = Moderation::reject; }, Verdict::reject, "moderated-member"},
    {"a discarded member (B-013)", [](Facts& f) { f.moderation = Moderation::discard; }, Verdict::discard, "moderated-member"},
    {"a trusted member on a moderated list (B-013)",
     [](Facts& f) { f.moderation = Moderation::accept, f.posting = Posting::moderated; }, Verdict::accept, "moderated-member"},
    {"a trusted member's first post", [](Facts& f) { f.moderation = Moderation::accept, f.first_posts_held = 3; },
     Verdict::accept, "moderated-member"},
    {"a trusted member's forged post", [](Facts& f) { f.moderation = Moderation::accept, forged(f); }, Verdict::hold, "forged"},
    {"a rejected member's forged post", [](Facts& f) { f.moderation = Moderation::reject, forged(f); }, Verdict::hold,
     "moderated-member"},
    {"a new member's third post", [](Facts& f) { f.first_posts_held = 3, f.accepted_before = 2; }, Verdict::hold, "first-posts"},
    {"a new member's fourth post", [](Facts& f) { f.first_posts_held = 3, f.accepted_before = 3; }, Verdict::accept, "default"},
    {"a moderator's first post", [](Facts& f) { moderator(f), f.first_posts_held = 3; }, Verdict::accept, "default"},

    {"a stranger (B-016)", stranger, Verdict::hold, "stranger"},
    {"a stranger where anyone posts", [](Facts& f) { stranger(f), f.posting = Posting::anyone; }, Verdict::accept, "default"},
    {"a stranger who is accepted", [](Facts& f) { stranger(f), f.nonmembers = Nonmembers::accept; }, Verdict::accept, "default"},
    {"a stranger who is rejected", [](Facts& f) { stranger(f), f.nonmembers = Nonmembers::reject; }, Verdict::reject,
     "stranger-rejected"},
    {"a stranger who is discarded", [](Facts& f) { stranger(f), f.nonmembers = Nonmembers::discard; }, Verdict::discard,
     "stranger-discarded"},
    {"a member where strangers are rejected", [](Facts& f) { f.nonmembers = Nonmembers::reject; }, Verdict::accept, "default"},
    {"an accepted stranger on a moderated list",
     [](Facts& f) { stranger(f), f.nonmembers = Nonmembers::accept, f.posting = Posting::moderated; }, Verdict::hold,
     "moderated"},
    {"a stranger found in junk gets no answer",
     [](Facts& f) { stranger(f), f.nonmembers = Nonmembers::reject, f.from_junk = true; }, Verdict::hold, "stranger"},
    {"a discarded stranger's large post", [](Facts& f) { stranger(f), f.nonmembers = Nonmembers::discard, f.size = 1LL << 30; },
     Verdict::discard, "stranger-discarded"},
    {"a loop before anything that answers",
     [](Facts& f) { stranger(f), f.nonmembers = Nonmembers::reject, f.loop_marks = {"x"}; }, Verdict::discard, "loop"},
    {"a rejected stranger's automatic mail",
     [](Facts& f) { stranger(f), f.nonmembers = Nonmembers::reject, f.automatic = Automatic::certain; }, Verdict::discard,
     "automatic"},

    {"as many posts as are no flood",
     [](Facts& f) {
         f.flood = {30, 600}, f.recent = 29;
     },
     Verdict::accept, "default"},
    {"one more",
     [](Facts& f) {
         f.flood = {30, 600}, f.recent = 30;
     },
     Verdict::hold, "flood"},
    {"no flood where none is counted",
     [](Facts& f) {
         f.flood = {0, 0}, f.recent = 0;
     },
     Verdict::accept, "default"},
    {"a flood in an emergency",
     [](Facts& f) {
         f.flood = {30, 600}, f.recent = 30, f.emergency = Switch::on;
     },
     Verdict::hold, "emergency"},
};

}  // namespace

TEST_CASE("each rule decides what it is for")
{
    for (const auto& row : cases) {
        CAPTURE(row.what);
        auto facts = from_member();
        row.change(facts);
        const auto decision = judge(facts);
        CHECK(verdict_name(decision.verdict) == verdict_name(row.verdict));
        CHECK(decision.rule == row.rule);
        CHECK_FALSE(decision.reason.empty());
    }
}

TEST_CASE("every rule has a case above")
{
    std::set<std::string_view> tried;
    for (const auto& row : cases) tried.insert(row.rule);
    for (const auto& rule : posting_rules()) {
        CAPTURE(rule.name);
        CHECK(tried.contains(rule.name));
    }
}

TEST_CASE("the rules are asked in this order")  // B-001
{
    std::vector<std::string_view> names;
    for (const auto& rule : posting_rules()) names.push_back(rule.name);
    const std::vector<std::string_view> order{"no-sender",
                                              "loop",
                                              "again",
                                              "automatic",
                                              "banned",
                                              "header",
                                              "administrivia",
                                              "allowed",
                                              "moderated-member",
                                              "stranger-discarded",
                                              "stranger-rejected",
                                              "forged",
                                              "unproven",
                                              "same-id-other-content",
                                              "emergency",
                                              "moderated",
                                              "moderators-only",
                                              "stranger",
                                              "first-posts",
                                              "perhaps-automatic",
                                              "malformed",
                                              "junk",
                                              "spam",
                                              "too-big",
                                              "too-many-recipients",
                                              "implicit-destination",
                                              "nothing-left",
                                              "perhaps-administrivia",
                                              "digest-quoted",
                                              "flood",
                                              "default"};
    CHECK(names == order);
}

TEST_CASE("a held post tells all reasons, and the first one decides")  // B-002
{
    auto facts = from_member();
    facts.size = 2'000'000;
    facts.names_list = false;
    facts.standing = Standing::stranger;
    const auto decision = judge(facts);
    CHECK(decision.rule == "stranger");
    CHECK(decision.reason ==
          "ann@example.org is no member of this list nor of a section below it; "
          "it is larger than this list allows: 1.9 MB, the limit is 1 MB; the list's address stands neither in To nor in Cc");
    CHECK(std::ranges::count(decision.asked, true, &Hit::hit) == 3);
}

TEST_CASE("a header pattern that holds leaves all other reasons to see")
{
    auto facts = from_member();
    matched<Verdict::hold>(facts);
    stranger(facts);
    facts.nonmembers = Nonmembers::discard;
    const auto held = judge(facts);
    CHECK(held.verdict == Verdict::hold);
    CHECK(held.reason.find("no member") != std::string::npos);
    permitted(facts);
    CHECK(judge(facts).reason == "its field subject matches a pattern of this list: ^win");
}

TEST_CASE("the rules that were asked are told in order, hit or miss")
{
    const auto accepted = judge(from_member());
    CHECK(accepted.asked.size() == posting_rules().size());
    CHECK(accepted.asked.back().rule == "default");
    CHECK(std::ranges::count(accepted.asked, true, &Hit::hit) == 1);
    auto facts = from_member();
    facts.sender.clear();
    CHECK(judge(facts).asked.size() == 1);
}

TEST_CASE("who may pass is not asked what else he is")
{
    auto facts = from_member();
    permitted(facts);
    const auto decision = judge(facts);
    CHECK(decision.reason == "ann@example.org may always post here (@example.org)");
    for (const auto& hit : decision.asked) {
        CAPTURE(hit.rule);
        CHECK(hit.rule != "stranger");
        CHECK(hit.rule != "first-posts");
    }
}

TEST_CASE("what follows is told with the verdict")
{
    auto facts = from_member();
    facts.unproven = Unproven::challenge;
    CHECK(judge(facts).then == Then::challenge);
    facts.size = 1LL << 30;
    CHECK(judge(facts).then == Then::nothing);  // a moderator must look at it in any case
    facts = from_member();
    unproven(facts);
    CHECK(judge(facts).then == Then::nothing);
    facts = from_member();
    commanded(facts);
    CHECK(judge(facts).then == Then::help);
    forged(facts);
    CHECK(judge(facts).then == Then::nothing);
    facts = from_member();
    facts.flood = {1, 60}, facts.recent = 1;
    CHECK(judge(facts).then == Then::emergency);
    facts.size = 1LL << 30;
    CHECK(judge(facts).then == Then::nothing);  // it would not have been accepted: strangers set nothing off
    CHECK(judge(from_member()).then == Then::nothing);
}

TEST_CASE("each reason can be said in all three languages with its values")
{
    for (const auto& row : cases) {
        auto facts = from_member();
        row.change(facts);
        for (const auto& hit : judge(facts).asked) {
            if (!hit.hit) continue;
            CAPTURE(hit.rule);
            const auto key = "reason-" + std::string{hit.rule};
            const auto french = render_phrase(key, "fr", hit.values), arabic = render_phrase(key, "ar", hit.values);
            CHECK(french != hit.reason);
            CHECK(arabic != hit.reason);
            for (const auto& [name, value] : hit.values) {
                if (name == "trusted" || name == "count" || value.empty()) continue;
                CAPTURE(name);
                CHECK((hit.reason.find(value) == std::string::npos) == (french.find(value) == std::string::npos));
                CHECK((hit.reason.find(value) == std::string::npos) == (arabic.find(value) == std::string::npos));
            }
        }
    }
}

TEST_CASE("no two rules share a name, and the last always hits")
{
    std::set<std::string_view> names;
    for (const auto& rule : posting_rules()) CHECK(names.insert(rule.name).second);
    CHECK(posting_rules().back().ask(Facts{}) == Verdict::accept);
}
