#include "core/queue/fault.hpp"

#include <doctest/doctest.h>

using namespace majlis::queue;
using majlis::smtp::Reply;
using majlis::smtp::Stage;

namespace {

const Reply unknown_user{550, "5.1.1", "<a1@example.org>: user unknown"};
const Reply denied{554, "5.7.1", "denied"};
const Reply spam{554, "5.7.1", "looks like spam"};
const Copy one{1, 0};
const Copy taken{1, 1};

}  // namespace

TEST_CASE("before any recipient the first refusal stops")
{
    StreakDetector streak;
    CHECK(streak.refused(Stage::mail, {451, "4.3.0", ""}, one, "a").action == Action::stop);
    CHECK(streak.refused(Stage::connect, {535, "5.7.8", ""}, one, "").action == Action::stop);
    CHECK(streak.refused(Stage::rcpt, {421, "4.7.0", ""}, one, "a").action == Action::stop);
    const auto too_big = streak.refused(Stage::mail, {552, "5.3.4", ""}, one, "a");
    CHECK(too_big.action == Action::stop);
    CHECK(too_big.fault == Fault::post);
}

TEST_CASE("a lone policy refusal is set aside, the third in a row for other recipients stops")
{
    StreakDetector streak;
    CHECK(streak.refused(Stage::rcpt, denied, one, "a").action == Action::set_aside);
    CHECK(streak.refused(Stage::rcpt, denied, one, "b").action == Action::set_aside);
    const auto third = streak.refused(Stage::rcpt, denied, one, "c");
    CHECK(third.action == Action::stop);
    CHECK(third.fault == Fault::relay);
    CHECK(third.streak == 3);
}

TEST_CASE("the same recipient refused again and again is one")
{
    StreakDetector streak;
    for (int i = 0; i < 20; ++i) CHECK(streak.refused(Stage::rcpt, denied, one, "a").action == Action::set_aside);
}

TEST_CASE("an acceptance, another class and another fault begin anew")
{
    StreakDetector streak;
    streak.refused(Stage::rcpt, denied, one, "a");
    streak.refused(Stage::rcpt, denied, one, "b");
    streak.accepted();
    CHECK(streak.refused(Stage::rcpt, denied, one, "c").action == Action::set_aside);
    streak.refused(Stage::rcpt, denied, one, "d");
    CHECK(streak.refused(Stage::rcpt, {451, "4.3.0", ""}, one, "e").action == Action::set_aside);
    CHECK(streak.refused(Stage::final, spam, taken, "f").action == Action::set_aside);
    CHECK(streak.refused(Stage::final, spam, taken, "g").action == Action::set_aside);
    const auto third = streak.refused(Stage::final, spam, taken, "h");
    CHECK(third.action == Action::stop);
    CHECK(third.fault == Fault::post);
}

TEST_CASE("recipients' refusals are marked, the tenth equal one in a row stops and takes back the nine")
{
    StreakDetector streak;
    for (int i = 1; i < 10; ++i) {
        const Reply reply{550, "5.1.1", "<a" + std::to_string(i) + "@example.org>: user unknown"};
        const auto judgement = streak.refused(Stage::rcpt, reply, one, std::to_string(i));
        CHECK(judgement.action == Action::mark);
        CHECK(judgement.fault == Fault::recipient_permanent);
    }
    const auto tenth = streak.refused(Stage::rcpt, unknown_user, one, "10");
    CHECK(tenth.action == Action::stop);
    CHECK(tenth.fault == Fault::relay);
    CHECK(tenth.streak == 10);
}

TEST_CASE("different words, or one acceptance, break a row of equal refusals")
{
    StreakDetector streak;
    for (int i = 0; i < 100; ++i) {
        CHECK(streak.refused(Stage::rcpt, i % 2 == 0 ? unknown_user : Reply{550, "5.1.1", "no such mailbox"}, one, "x").action ==
              Action::mark);
    }
    for (int i = 0; i < 9; ++i) streak.refused(Stage::rcpt, unknown_user, one, "x");
    streak.accepted();
    for (int i = 0; i < 9; ++i) CHECK(streak.refused(Stage::rcpt, unknown_user, one, "x").action == Action::mark);
}

TEST_CASE("equal refusals of the message hold the post")
{
    StreakDetector streak;
    Judgement last;
    for (int i = 0; i < 10; ++i) last = streak.refused(Stage::final, {554, "5.6.0", "bad content"}, taken, std::to_string(i));
    CHECK(last.action == Action::stop);
    CHECK(last.fault == Fault::post);
}

TEST_CASE("once an operator has said go on, equal refusals are believed")
{
    StreakDetector streak{{3, 0}};
    for (int i = 0; i < 100; ++i) CHECK(streak.refused(Stage::rcpt, unknown_user, one, std::to_string(i)).action == Action::mark);
}

TEST_CASE("too many recipients is flow control and breaks nothing")
{
    StreakDetector streak;
    streak.refused(Stage::rcpt, denied, one, "a");
    streak.refused(Stage::rcpt, denied, one, "b");
    CHECK(streak.refused(Stage::rcpt, {452, "4.5.3", ""}, Copy{100, 50}, "c").action == Action::resend);
    CHECK(streak.refused(Stage::rcpt, denied, one, "d").action == Action::stop);
}
