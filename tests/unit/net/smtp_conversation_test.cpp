#include "net/smtp/conversation.hpp"

#include <doctest/doctest.h>

#include <deque>

using namespace majlis::smtp;
using Trouble = Conversation::Trouble;

namespace {

struct Result {
    std::uint64_t id;
    std::vector<Outcome> outcomes;
    std::vector<Stage> stages;
    std::vector<Reply> replies;
    std::size_t accepted;
};

Offer everything() { return {true, true, true, true, true, true, 1'000'000}; }
Offer pipelining() { return {true, false, true, false, false, false, 0}; }

/// Transactions to be sent, and what became of them.
struct Mail : Source {
    std::deque<Transaction> queue;
    std::vector<Result> results;
    bool more = false;  // wait when the queue is empty, else end

    void add(std::vector<std::string> recipients, std::string_view body = "Subject: x\r\n\r\nhello\r\n")
    {
        Transaction t;
        t.id = static_cast<std::uint64_t>(++added);
        t.mail_from = "l@x";
        for (auto& r : recipients) t.recipients.push_back({std::move(r), ""});
        t.tail = {body, body};
        queue.push_back(std::move(t));
    }
    Next next(Transaction& out) override
    {
        if (queue.empty()) return more ? Next::wait : Next::end;
        out = std::move(queue.front());
        queue.pop_front();
        return Next::given;
    }
    void done(const TransactionResult& result) override
    {
        Result r{result.transaction.id, {}, {}, {}, result.accepted};
        for (const auto& recipient : result.recipients) {
            r.outcomes.push_back(recipient.outcome);
            r.stages.push_back(recipient.stage);
            r.replies.push_back(*recipient.reply);
        }
        results.push_back(std::move(r));
    }
    int added = 0;
};

/// A conversation whose output is always written at once.
struct Wire {
    Wire(const Offer& offer, Pace pace, std::size_t window = 16) : talk(offer, pace, {window, 1024 * 1024}) {}

    /// What is written next.
    std::string said(Mail& mail)
    {
        going = talk.fill(mail);
        std::string all;
        for (auto bytes = write(100'000); !bytes.empty(); bytes = write(100'000)) all += bytes;
        return all;
    }
    std::string write(std::size_t most)
    {
        std::string bytes;
        for (const auto piece : talk.output().next(most)) bytes += piece;
        talk.output().wrote(bytes.size());
        return bytes;
    }
    void hear(Mail& mail, std::string_view bytes)
    {
        pending += bytes;
        pending.erase(0, talk.feed(pending, mail));
    }

    Conversation talk;
    std::string pending;
    bool going = true;
};

const std::string group = "MAIL FROM:<l@x>\r\nRCPT TO:<a@b>\r\nDATA\r\n";
const std::string message = "Subject: x\r\n\r\nhello\r\n.\r\n";

}  // namespace

TEST_CASE("one by one, each command waits for its reply")
{
    Mail mail;
    mail.add({"a@b", "c@d"});
    Wire wire{Offer{}, Pace::chunked};
    CHECK(wire.said(mail) == "MAIL FROM:<l@x>\r\n");
    wire.hear(mail, "250 ok\r\n");
    CHECK(wire.said(mail) == "RCPT TO:<a@b>\r\n");
    wire.hear(mail, "550 5.1.1 no\r\n");
    CHECK(wire.said(mail) == "RCPT TO:<c@d>\r\n");
    wire.hear(mail, "250 ok\r\n");
    CHECK(wire.said(mail) == "DATA\r\n");
    wire.hear(mail, "354 go\r\n");
    CHECK(wire.said(mail) == message);
    wire.hear(mail, "250 2.0.0 taken\r\n");
    REQUIRE(mail.results.size() == 1);
    CHECK(mail.results[0].outcomes == std::vector{Outcome::refused, Outcome::delivered});
    CHECK(mail.results[0].replies[0].status == "5.1.1");
    CHECK(mail.results[0].replies[1].text == "taken");
    CHECK(mail.results[0].accepted == 1);
    wire.said(mail);
    CHECK(!wire.going);
}

TEST_CASE("one by one, nothing more is said after a refused MAIL, and RSET comes where a transaction was left open")
{
    Mail mail;
    for (int i = 0; i < 3; ++i) mail.add({"a@b"});
    Wire wire{Offer{}, Pace::one_by_one};
    wire.said(mail);
    wire.hear(mail, "451 4.3.0 later\r\n");
    CHECK(wire.said(mail) == "MAIL FROM:<l@x>\r\n");
    wire.hear(mail, "250 ok\r\n");
    wire.said(mail);
    wire.hear(mail, "550 no\r\n");
    CHECK(wire.said(mail) == "RSET\r\n");
    wire.hear(mail, "250 ok\r\n");
    CHECK(wire.said(mail) == "MAIL FROM:<l@x>\r\n");
    REQUIRE(mail.results.size() == 2);
    CHECK(mail.results[0].stages[0] == Stage::mail);
    CHECK(mail.results[1].stages[0] == Stage::rcpt);
}

TEST_CASE("grouped, the next transaction waits for the end of the one before")
{
    Mail mail;
    mail.add({"a@b"});
    mail.add({"a@b"});
    Wire wire{pipelining(), Pace::grouped};
    CHECK(wire.said(mail) == group);
    wire.hear(mail, "250 ok\r\n250 ok\r\n354 go\r\n");
    CHECK(wire.said(mail) == message);
    wire.hear(mail, "250 ok\r\n");
    CHECK(wire.said(mail) == group);
}

TEST_CASE("overlapped, the next group goes out with the final dot")
{
    Mail mail;
    for (int i = 0; i < 3; ++i) mail.add({"a@b"});
    Wire wire{pipelining(), Pace::chunked};
    CHECK(wire.said(mail) == group);
    wire.hear(mail, "250 ok\r\n250 ok\r\n354 go\r\n");
    CHECK(wire.said(mail) == message + group);
    CHECK(wire.said(mail).empty());
    wire.hear(mail, "250 one\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    CHECK(mail.results.size() == 1);
    CHECK(wire.said(mail) == message + group);
    wire.hear(mail, "250 two\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    CHECK(wire.said(mail) == message);
    wire.hear(mail, "250 three\r\n");
    REQUIRE(mail.results.size() == 3);
    CHECK(mail.results[2].replies[0].text == "three");
    wire.said(mail);
    CHECK(!wire.going);
}

TEST_CASE("chunked, a window of whole transactions is in flight, each but the first with its RSET")
{
    Mail mail;
    for (int i = 0; i < 4; ++i) mail.add({"a@b"});
    Wire wire{everything(), Pace::chunked, 3};
    const std::string one =
        "MAIL FROM:<l@x> SIZE=21 RET=HDRS\r\nRCPT TO:<a@b> NOTIFY=FAILURE\r\nBDAT 21 LAST\r\nSubject: x\r\n\r\nhello\r\n";
    CHECK(wire.said(mail) == one + "RSET\r\n" + one + "RSET\r\n" + one);
    wire.hear(mail, "250 ok\r\n250 ok\r\n250 taken\r\n");
    CHECK(mail.results.size() == 1);
    CHECK(wire.said(mail) == "RSET\r\n" + one);
}

TEST_CASE("chunked, one transaction's refusals leave the others alone")
{
    Mail mail;
    mail.add({"a@b", "c@d"});
    mail.add({"e@f"});
    mail.add({"g@h"});
    mail.add({"i@j"});
    Wire wire{everything(), Pace::chunked};
    wire.said(mail);
    wire.hear(mail,
              "250 ok\r\n550 5.1.1 no\r\n250 ok\r\n250 taken\r\n"                   // one of two
              "250 reset\r\n250 ok\r\n550 5.1.1 no\r\n554 no valid recipients\r\n"  // nobody
              "250 reset\r\n451 4.3.0 busy\r\n503 need MAIL\r\n503 need RCPT\r\n"   // MAIL
              "250 reset\r\n250 ok\r\n250 ok\r\n554 5.7.1 spam\r\n");               // the message
    REQUIRE(mail.results.size() == 4);
    CHECK(mail.results[0].outcomes == std::vector{Outcome::refused, Outcome::delivered});
    CHECK(mail.results[1].stages[0] == Stage::rcpt);
    CHECK(mail.results[1].replies[0].status == "5.1.1");
    CHECK(mail.results[2].stages[0] == Stage::mail);
    CHECK(mail.results[2].replies[0].status == "4.3.0");
    CHECK(mail.results[3].stages[0] == Stage::final);
    CHECK(mail.results[3].accepted == 1);
    CHECK(wire.talk.trouble() == Trouble::none);
}

TEST_CASE("DATA granted for nobody gets a lone dot, whose reply says nothing of the recipients")
{
    Mail mail;
    mail.add({"a@b"});
    mail.add({"c@d"});
    Wire wire{pipelining(), Pace::overlapped};
    wire.said(mail);
    wire.hear(mail, "250 ok\r\n550 5.1.1 no\r\n354 go\r\n");
    CHECK(wire.said(mail) == ".\r\nMAIL FROM:<l@x>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
    wire.hear(mail, "250 taken\r\n");
    REQUIRE(mail.results.size() == 1);
    CHECK(mail.results[0].outcomes[0] == Outcome::refused);
    CHECK(mail.results[0].stages[0] == Stage::rcpt);
    wire.hear(mail, "250 ok\r\n250 ok\r\n354 go\r\n");
    CHECK(wire.said(mail) == message);
}

TEST_CASE("DATA refused after refused recipients is no answer of its own, and RSET follows")
{
    Mail mail;
    mail.add({"a@b"});
    mail.add({"c@d"});
    Wire wire{pipelining(), Pace::overlapped};
    wire.said(mail);
    wire.hear(mail, "250 ok\r\n550 5.1.1 no\r\n554 5.5.1 no valid recipients\r\n");
    REQUIRE(mail.results.size() == 1);
    CHECK(mail.results[0].stages[0] == Stage::rcpt);
    CHECK(wire.said(mail) == "RSET\r\nMAIL FROM:<l@x>\r\nRCPT TO:<c@d>\r\nDATA\r\n");
    wire.hear(mail, "250 ok\r\n250 ok\r\n250 ok\r\n451 4.3.0 disk\r\n");
    CHECK(mail.results[1].stages[0] == Stage::data);
    CHECK(mail.results[1].replies[0].code == 451);
}

TEST_CASE("the reply to MAIL stands for all its recipients")
{
    Mail mail;
    mail.add({"a@b", "c@d"});
    Wire wire{pipelining(), Pace::overlapped};
    wire.said(mail);
    wire.hear(mail, "550 5.7.1 not you\r\n503 x\r\n503 x\r\n503 x\r\n");
    REQUIRE(mail.results.size() == 1);
    CHECK(mail.results[0].stages == std::vector{Stage::mail, Stage::mail});
    CHECK(mail.results[0].replies[1].status == "5.7.1");
}

TEST_CASE("what a relay can not take is refused without a word to it, in its turn")
{
    Mail mail;
    mail.add({"a@b"});
    mail.add({"\xc3\xa9@b", "c@d"});
    mail.queue.back().recipients.pop_back();
    mail.add({"bad address@b", "c@d"});
    mail.add({"a@b"});
    mail.queue.back().eight_bit = true;
    Wire wire{Offer{true, true, false, false, false, true, 100}, Pace::chunked};
    const auto said = wire.said(mail);
    CHECK(said.find("bad") == std::string::npos);
    CHECK(mail.results.empty());
    wire.hear(mail, "250 ok\r\n250 ok\r\n250 taken\r\n");
    REQUIRE(mail.results.size() == 2);
    CHECK(mail.results[1].replies[0].status == "5.6.7");
    wire.hear(mail, "250 reset\r\n250 ok\r\n250 ok\r\n250 taken\r\n");
    REQUIRE(mail.results.size() == 4);
    CHECK(mail.results[2].outcomes == std::vector{Outcome::refused, Outcome::delivered});
    CHECK(mail.results[2].replies[0].status == "5.1.3");
    CHECK(mail.results[3].stages[0] == Stage::mail);
    CHECK(mail.results[3].replies[0].status == "5.6.3");
    wire.said(mail);
    CHECK(!wire.going);
}

TEST_CASE("a message larger than SIZE is not begun")
{
    Mail mail;
    const std::string body(200, 'x');
    mail.add({"a@b"}, body);
    Wire wire{Offer{true, true, true, true, true, true, 100}, Pace::chunked};
    CHECK(wire.said(mail).empty());
    REQUIRE(mail.results.size() == 1);
    CHECK(mail.results[0].replies[0].status == "5.3.4");
}

TEST_CASE("MAIL and RCPT carry what is offered and needed")
{
    Mail mail;
    mail.add({"\xc3\xa9@b"});
    mail.queue.back().recipients[0].orcpt = "\xc3\xa9+x@b";
    mail.queue.back().envid = "d=7";
    mail.queue.back().eight_bit = true;
    Wire wire{everything(), Pace::chunked};
    const auto said = wire.said(mail);
    CHECK(
        said.starts_with("MAIL FROM:<l@x> SIZE=21 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=d+3D7\r\n"
                         "RCPT TO:<\xc3\xa9@b> NOTIFY=FAILURE ORCPT=utf-8;+C3+A9+2Bx@b\r\n"));
}

TEST_CASE("the longest that may be said is said whole, and what is a byte longer is not")
{
    const auto said = [](std::size_t path, std::size_t orcpt, std::size_t envid) {
        Mail mail;
        mail.add({std::string(path - 2, 'r') + "@b"});
        auto& transaction = mail.queue.back();
        transaction.mail_from = std::string(320 - 2, 's') + "@b";
        transaction.recipients[0].orcpt = std::string(orcpt / 3, '+') + std::string(orcpt % 3, 'o');
        transaction.envid = std::string(envid, 'e');
        transaction.eight_bit = transaction.smtputf8 = true;
        Wire wire{everything(), Pace::chunked};
        return wire.said(mail);
    };
    std::string orcpt = "oo";
    for (int i = 0; i < 166; ++i) orcpt.insert(0, "+2B");
    CHECK(said(320, 500, 100)
              .starts_with("MAIL FROM:<" + std::string(318, 's') +
                           "@b> SIZE=21 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=" + std::string(100, 'e') + "\r\nRCPT TO:<" +
                           std::string(318, 'r') + "@b> NOTIFY=FAILURE ORCPT=rfc822;" + orcpt + "\r\nBDAT "));
    CHECK(said(320, 501, 101).find("ENVID") == std::string::npos);
    CHECK(said(320, 501, 101).find("ORCPT") == std::string::npos);
    CHECK(said(321, 1, 1).empty());
}

TEST_CASE("a notice from nobody asks for no report")
{
    Mail mail;
    mail.add({"a@b"});
    mail.queue.back().mail_from.clear();
    Wire wire{everything(), Pace::chunked};
    CHECK(wire.said(mail).starts_with("MAIL FROM:<> SIZE=21\r\nRCPT TO:<a@b>\r\n"));
}

TEST_CASE("a message without a last line end gets one")
{
    Mail mail;
    mail.add({"a@b"}, "a: b\r\n\r\nx");
    mail.add({"a@b"}, "a: b\r\n\r\nx");
    Wire data{pipelining(), Pace::grouped};
    data.said(mail);
    data.hear(mail, "250 ok\r\n250 ok\r\n354 go\r\n");
    CHECK(data.said(mail) == "a: b\r\n\r\nx\r\n.\r\n");
    Wire chunk{everything(), Pace::chunked};
    const auto said = chunk.said(mail);
    CHECK(said.ends_with("BDAT 11 LAST\r\na: b\r\n\r\nx\r\n"));
}

TEST_CASE("when the connection breaks, only what was sent to its end may have been delivered")
{
    Mail mail;
    for (int i = 0; i < 3; ++i) mail.add({"a@b"});
    Wire wire{pipelining(), Pace::overlapped};
    wire.said(mail);
    wire.hear(mail, "250 ok\r\n250 ok\r\n354 go\r\n");
    wire.said(mail);
    wire.talk.peer_closed();
    wire.talk.give_up(mail, "lost");
    REQUIRE(mail.results.size() == 2);
    CHECK(mail.results[0].outcomes[0] == Outcome::unknown);
    CHECK(mail.results[0].stages[0] == Stage::final);
    CHECK(mail.results[0].replies[0].text == "lost");
    CHECK(mail.results[0].replies[0].code == 0);
    CHECK(mail.results[1].outcomes[0] == Outcome::unsent);
    CHECK(mail.queue.size() == 1);
}

TEST_CASE("a message not written to its end was not delivered, and a refusal heard before the end stands")
{
    Mail mail;
    mail.add({"a@b", "c@d"});
    Wire wire{everything(), Pace::chunked};
    wire.talk.fill(mail);
    wire.write(wire.talk.output().added() - 1);
    wire.hear(mail, "250 ok\r\n550 5.1.1 no\r\n");
    wire.talk.give_up(mail, "lost");
    CHECK(mail.results[0].outcomes == std::vector{Outcome::refused, Outcome::unsent});
}

TEST_CASE("after 421 nothing is begun; what stands behind it was not looked at")
{
    Mail mail;
    for (int i = 0; i < 4; ++i) mail.add({"a@b"});
    Wire wire{everything(), Pace::chunked, 3};
    wire.said(mail);
    wire.hear(mail, "250 ok\r\n250 ok\r\n250 taken\r\n250 reset\r\n421 4.3.2 closing\r\n");
    CHECK(wire.said(mail).empty());
    CHECK(wire.talk.farewell().code == 421);
    wire.talk.peer_closed();
    wire.talk.give_up(mail, "closed");
    REQUIRE(mail.results.size() == 3);
    CHECK(mail.results[0].outcomes[0] == Outcome::delivered);
    CHECK(mail.results[1].outcomes[0] == Outcome::refused);
    CHECK(mail.results[1].replies[0].code == 421);
    CHECK(mail.results[2].outcomes[0] == Outcome::unsent);
}

TEST_CASE("a 421 that does not close is an answer like others, and the last for us")
{
    Mail mail;
    mail.add({"a@b", "c@d"});
    mail.add({"a@b"});
    Wire wire{everything(), Pace::chunked, 1};
    wire.said(mail);
    wire.hear(mail, "250 ok\r\n421 4.7.0 greylisted\r\n250 ok\r\n250 taken\r\n");
    CHECK(mail.results[0].outcomes == std::vector{Outcome::refused, Outcome::delivered});
    CHECK(wire.talk.trouble() == Trouble::closing);
    CHECK(mail.queue.size() == 1);
}

TEST_CASE("replies that fit no command end the conversation")
{
    const std::string ok = "250 ok\r\n";
    struct Case {
        Pace pace;
        std::string replies;
        Outcome outcome;
    };
    const Case cases[] = {
        {Pace::overlapped, "354 go\r\n", Outcome::unsent},
        {Pace::overlapped, ok + "354 go\r\n", Outcome::unsent},
        {Pace::overlapped, ok + ok + ok, Outcome::unsent},
        {Pace::overlapped, "hello\r\n", Outcome::unsent},
        {Pace::overlapped, ok + "554 5.5.0 SMTP synchronization error\r\n", Outcome::unsent},
        {Pace::grouped, ok + ok + "503 5.5.0 Improper use of SMTP command pipelining\r\n", Outcome::unsent},
        {Pace::chunked, ok + ok + "354 go\r\n", Outcome::unknown},
        {Pace::chunked, "554 synchronization error\r\n", Outcome::unknown},
        {Pace::chunked, "550 no\r\n" + ok + ok, Outcome::unknown},
    };
    for (const auto& c : cases) {
        CAPTURE(name(c.pace));
        CAPTURE(c.replies);
        Mail mail;
        mail.add({"a@b"});
        Wire wire{everything(), c.pace};
        wire.said(mail);
        wire.hear(mail, c.replies);
        CHECK(wire.talk.trouble() == Trouble::out_of_step);
        CHECK(!wire.talk.detail().empty());
        CHECK(mail.results.empty());
        wire.talk.give_up(mail, wire.talk.detail());
        REQUIRE(mail.results.size() == 1);
        CHECK(mail.results[0].outcomes[0] == c.outcome);
    }
}

TEST_CASE("one reply too many is noticed")
{
    Mail mail;
    mail.more = true;
    mail.add({"a@b"});
    Wire wire{everything(), Pace::chunked};
    wire.said(mail);
    wire.hear(mail, "250 ok\r\n250 ok\r\n250 taken\r\n250 again\r\n");
    CHECK(mail.results.size() == 1);
    CHECK(wire.talk.trouble() == Trouble::out_of_step);
}

TEST_CASE("replies before anything was said are no answers")
{
    Mail mail;
    mail.add({"a@b"});
    Wire wire{everything(), Pace::chunked};
    wire.talk.fill(mail);
    wire.hear(mail, "250 ok\r\n250 ok\r\n250 taken\r\n");
    CHECK(wire.talk.trouble() == Trouble::out_of_step);
    wire.talk.give_up(mail, "x");
    CHECK(mail.results[0].outcomes[0] == Outcome::unsent);
}

TEST_CASE("a reply to a message that is still being written waits for its end")
{
    Mail mail;
    mail.add({"a@b"});
    Wire wire{everything(), Pace::chunked};
    wire.talk.fill(mail);
    wire.write(wire.talk.output().added() - 3);
    wire.hear(mail, "250 ok\r\n250 ok\r\n552 5.3.4 too big\r\n");
    CHECK(wire.talk.stalled());
    CHECK(mail.results.empty());
    SUBCASE("until it is written")
    {
        wire.write(100);
        wire.hear(mail, "");
        CHECK(mail.results.size() == 1);
    }
    SUBCASE("or can not be written any more")
    {
        wire.talk.stop_writing();
        wire.hear(mail, "");
        REQUIRE(mail.results.size() == 1);
        CHECK(mail.results[0].replies[0].status == "5.3.4");
    }
}

TEST_CASE("a probe comes before the next transaction, and any answer but 421 will do")
{
    Mail mail;
    mail.add({"a@b"});
    Wire wire{pipelining(), Pace::overlapped};
    wire.talk.probe();
    CHECK(wire.said(mail) == "NOOP\r\n");
    SUBCASE("alive")
    {
        wire.hear(mail, "502 what?\r\n");
        CHECK(wire.said(mail) == group);
    }
    SUBCASE("closing")
    {
        wire.hear(mail, "421 idle\r\n");
        CHECK(wire.talk.trouble() == Trouble::closing);
        CHECK(mail.queue.size() == 1);
    }
}

TEST_CASE("the window also counts bytes, and lets one large message through")
{
    Mail mail;
    const std::string body(200'000, 'x');
    for (int i = 0; i < 20; ++i) mail.add({"a@b"}, body);
    Wire wire{Offer{true, true, true, true, true, false, 0}, Pace::chunked};
    const auto said = wire.said(mail);
    CHECK(said.size() > 1'000'000);
    CHECK(said.size() < 1'300'000);
    CHECK(mail.queue.size() == 14);
}

TEST_CASE("long segments go out from where they lie, and in order")
{
    Mail mail;
    const std::string body = "a: b\r\n\r\n" + std::string(100'000, 'x') + "\r\n";
    mail.add({"a@b"}, body);
    mail.add({"c@d"}, body);
    Wire wire{Offer{true, true, true, true, false, false, 0}, Pace::chunked};
    const std::string size = std::to_string(body.size());
    CHECK(wire.said(mail) == "MAIL FROM:<l@x>\r\nRCPT TO:<a@b>\r\nBDAT " + size + " LAST\r\n" + body +
                                 "RSET\r\nMAIL FROM:<l@x>\r\nRCPT TO:<c@d>\r\nBDAT " + size + " LAST\r\n" + body);
}

TEST_CASE("replies may come byte by byte")
{
    Mail mail;
    for (int i = 0; i < 3; ++i) mail.add({"a@b"});
    Wire wire{pipelining(), Pace::overlapped};
    wire.said(mail);
    for (int i = 0; i < 3; ++i) {
        for (const char c : std::string{"250 ok\r\n250-2.1.5 o\r\n250 2.1.5 k\r\n354 go\r\n"}) wire.hear(mail, {&c, 1});
        wire.said(mail);
        for (const char c : std::string{"250 ok\r\n"}) wire.hear(mail, {&c, 1});
    }
    CHECK(mail.results.size() == 3);
    CHECK(wire.talk.trouble() == Trouble::none);
}

TEST_CASE("what many messages share is sent from where it lies, in one batch with what is each one's own")
{
    Output output;
    output.share_from(10);
    const std::string shared = "a body of more than ten bytes";
    output.add("MAIL one\r\n");
    output.add_shared(shared);
    output.add("MAIL two\r\n");
    output.add_shared(shared);
    output.add_shared("short");
    const auto pieces = output.next(1'000);
    REQUIRE(pieces.size() == 5);
    CHECK(pieces[0] == "MAIL one\r\n");
    CHECK(pieces[1].data() == shared.data());
    CHECK(pieces[3].data() == shared.data());
    CHECK(pieces[4] == "short");
    CHECK(output.next(1'000).empty());
    CHECK(output.taken() == output.added());
}

TEST_CASE("pieces are cut where the block ends, and go on there")
{
    Output output;
    output.share_from(4);
    const std::string shared = "0123456789";
    output.add("ab");
    output.add_shared(shared);
    std::string all;
    for (int i = 0; i < 3; ++i) {
        std::size_t size = 0;
        for (const auto piece : output.next(5)) {
            all += piece;
            size += piece.size();
        }
        CHECK(size <= 5);
    }
    CHECK(all == "ab0123456789");
    CHECK(output.next(5).empty());
}
