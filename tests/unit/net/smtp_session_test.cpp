#include "net/smtp/session.hpp"

#include <doctest/doctest.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <thread>

#include "dovecot.hpp"
#include "loop.hpp"
#include "net/within.hpp"
#include "smtp_peer.hpp"

using namespace majlis;
using namespace majlis::smtp;
using namespace std::chrono_literals;
using test::SmtpPeer;
namespace asio = boost::asio;
using Reason = End::Reason;

namespace {

/// N messages for one recipient each, r0@x to rN@x, or all to `group` recipients; keeps what became of each.
struct Mail : Source {
    explicit Mail(std::size_t how_many, std::string text = "Subject: x\r\n\r\n.hello\r\n")
        : count(how_many), body(std::move(text))
    {
        for (std::size_t at = 0; at < body.size(); ++at) {
            if (body[at] == '.' && (at == 0 || body[at - 1] == '\n')) stuffed += '.';
            stuffed += body[at];
        }
    }
    Next next(Transaction& out) override
    {
        if (given == count) return linger ? Next::wait : Next::end;
        out.id = given;
        out.mail_from = "l@x";
        out.recipients.resize(group);
        for (std::size_t i = 0; i < group; ++i) out.recipients[i].address = "r" + std::to_string(given * group + i) + "@x";
        out.personal = "X-Number: " + std::to_string(given) + "\r\n";
        out.tail = {body, stuffed};
        out.owner = std::make_shared<int>(1);
        ++given;
        return Next::given;
    }
    void done(const TransactionResult& result) override
    {
        CHECK(result.transaction.id == answered++);
        CHECK(result.recipients.size() == group);
        for (const auto& r : result.recipients) {
            outcomes[result.transaction.recipients[r.index].address] = r.outcome;
            replies[result.transaction.recipients[r.index].address] = *r.reply;
        }
        if (on_done) on_done();
    }
    std::size_t with(Outcome outcome) const
    {
        return static_cast<std::size_t>(
            std::count_if(outcomes.begin(), outcomes.end(), [&](const auto& entry) { return entry.second == outcome; }));
    }

    std::size_t count;
    std::string body;
    std::string stuffed;
    std::size_t group = 1;
    std::size_t given = 0;
    std::size_t answered = 0;
    bool linger = false;
    std::map<std::string, Outcome> outcomes;
    std::map<std::string, Reply> replies;
    std::function<void()> on_done;
};

/// Nothing times out, however busy the machine.
SessionOptions patient(Pace pace)
{
    SessionOptions options;
    options.pace = pace;
    options.window = 8;
    options.timeouts = {30s, 30s, 30s, 30s, 30s, 300ms};
    return options;
}

/// For servers that will not answer.
SessionOptions hasty(Pace pace)
{
    auto options = patient(pace);
    options.timeouts = {700ms, 700ms, 700ms, 700ms, 700ms, 300ms};
    return options;
}

struct Door {
    net::Endpoint endpoint;
    net::Login login;
};

Door plain_door(unsigned port)
{
    Door door;
    door.endpoint.scheme = net::Scheme::smtp;
    door.endpoint.host = "127.0.0.1";
    door.endpoint.port = port;
    door.endpoint.security = net::Security::none;
    return door;
}

asio::awaitable<net::Connection> reach(net::CurlDriver& driver, unsigned port)
{
    const auto door = plain_door(port);
    co_return co_await net::connect(driver, door.endpoint, door.login, 30s);
}

End deliver(const Door& door, Mail& mail, SessionOptions options)
{
    End end;
    auto work = [&](net::CurlDriver& driver) -> asio::awaitable<void> {
        auto connection = co_await net::connect(driver, door.endpoint, door.login, 30s);
        Session session{std::move(connection), options};
        end = co_await session.run(mail);
        co_await session.quit();
    };
    test::run_loop(work);
    return end;
}

End deliver(const SmtpPeer& peer, Mail& mail, SessionOptions options) { return deliver(plain_door(peer.port()), mail, options); }

/// What we say of each recipient must agree with what the peer has taken.
void check_truth(const SmtpPeer& peer, const Mail& mail)
{
    const auto taken = peer.taken();
    CHECK(mail.answered == mail.given);
    CHECK(mail.outcomes.size() == mail.given * mail.group);
    for (const auto& [address, outcome] : mail.outcomes) {
        CAPTURE(address);
        const int times = taken.contains(address) ? taken.at(address) : 0;
        CHECK(times <= 1);
        if (outcome == Outcome::delivered) CHECK(times == 1);
        if (outcome == Outcome::unsent || outcome == Outcome::refused) CHECK(times == 0);
    }
}

constexpr Pace all_paces[] = {Pace::one_by_one, Pace::grouped, Pace::overlapped, Pace::chunked};

}  // namespace

TEST_CASE("at every pace each message arrives once and whole")
{
    for (const auto pace : all_paces) {
        CAPTURE(name(pace));
        SmtpPeer peer{{}};
        Mail mail{50};
        CHECK(deliver(peer, mail, patient(pace)).reason == Reason::ended);
        CHECK(mail.with(Outcome::delivered) == 50);
        check_truth(peer, mail);
        const auto log = peer.log();
        REQUIRE(log.size() == 50);
        CHECK(nlohmann::json::parse(log[7]).at("data") == "X-Number: 7\r\n" + mail.body);
    }
}

TEST_CASE("a refused recipient does not disturb the others, at any pace and wherever he stands")
{
    for (const auto pace : all_paces) {
        for (const std::size_t group : {std::size_t{1}, std::size_t{5}}) {
            CAPTURE(name(pace));
            SmtpPeer peer{{"--on", "RCPT match=^r(0|7|8|19)@ reply='550 5.1.1 no such user'"}};
            Mail mail{20 / group};
            mail.group = group;
            CHECK(deliver(peer, mail, patient(pace)).reason == Reason::ended);
            CHECK(mail.with(Outcome::delivered) == 16);
            CHECK(mail.with(Outcome::refused) == 4);
            CHECK(mail.replies["r7@x"].status == "5.1.1");
            check_truth(peer, mail);
        }
    }
}

TEST_CASE("refusals of MAIL, DATA and the message are each their own transaction's")
{
    for (const auto pace : all_paces) {
        for (const std::string rule :
             {"MAIL after=3 times=2 reply='451 4.3.0 busy'", "MESSAGE after=3 times=2 reply='554 5.7.1 spam'",
              "RCPT after=3 times=2 reply='450 4.2.1 later'"}) {
            CAPTURE(name(pace));
            CAPTURE(rule);
            SmtpPeer peer{{"--on", rule}};
            Mail mail{10};
            CHECK(deliver(peer, mail, patient(pace)).reason == Reason::ended);
            CHECK(mail.with(Outcome::delivered) == 8);
            CHECK(mail.with(Outcome::refused) == 2);
            check_truth(peer, mail);
        }
    }
    SmtpPeer peer{{"--on", "DATA after=3 times=2 reply='451 4.3.0 disk'"}};
    Mail mail{10};
    CHECK(deliver(peer, mail, patient(Pace::overlapped)).reason == Reason::ended);
    CHECK(mail.with(Outcome::refused) == 2);
    check_truth(peer, mail);
}

TEST_CASE("whatever goes wrong, it ends in time and we say of each recipient what is true")
{
    struct Case {
        std::string rule;
        std::set<Reason> ends;
    };
    const Case cases[] = {
        {"MAIL after=4 close=before", {Reason::closed}},
        {"MAIL after=4 reset=before", {Reason::closed}},
        {"RCPT after=4 close=after", {Reason::closed}},
        {"RCPT after=4 half=yes", {Reason::closed}},
        {"MESSAGE after=4 close=before", {Reason::closed}},
        {"MESSAGE after=4 reset=before", {Reason::closed}},
        {"MESSAGE after=4 close=after", {Reason::closed}},
        {"MESSAGE after=4 half=yes", {Reason::closed}},
        {"MESSAGE after=4 silent=yes", {Reason::timed_out, Reason::out_of_step}},
        {"RCPT after=4 silent=yes", {Reason::timed_out, Reason::out_of_step}},
        {"MAIL after=4 delay=2", {Reason::timed_out}},
        {"MESSAGE after=4 drip=3", {Reason::timed_out}},
        {"MESSAGE after=4 reply='421 4.3.2 going down' close=after", {Reason::closing}},
        {"RCPT after=4 reply='421 4.3.2 going down' close=after", {Reason::closing}},
        {"MESSAGE after=4 reply='421 4.3.2 going down' reset=after", {Reason::closing, Reason::closed}},
        {"MAIL after=4 reply='421 4.3.2 going down' reset=after", {Reason::closing, Reason::closed}},
        {"MAIL after=4 reply='421 4.3.2 going down'", {Reason::closing}},
        {"MAIL after=4 times=1 reply='421 4.7.0 slow down'", {Reason::closing}},
        {"MAIL after=4 garbage=3000", {Reason::out_of_step}},
        {"MESSAGE after=4 garbage=20", {Reason::out_of_step, Reason::timed_out}},
        {"MESSAGE after=4 endless=yes", {Reason::out_of_step}},
        {"MAIL after=4 reply='354 what'", {Reason::out_of_step}},
        {"MAIL after=4 extra='250 again'", {Reason::out_of_step}},
    };
    for (const auto& c : cases) {
        for (const auto pace : all_paces) {
            CAPTURE(c.rule);
            CAPTURE(name(pace));
            SmtpPeer peer{{"--on", c.rule}};
            Mail mail{20};
            const auto begin = std::chrono::steady_clock::now();
            const bool waits = c.ends.contains(Reason::timed_out);
            // Ahead of all replies, each is taken for the next one's: only the last, which nobody waits for, can tell, in time or
            // not.
            const bool shifted = pace == Pace::chunked && c.rule.find("extra=") != std::string::npos;
            auto options = waits ? hasty(pace) : patient(pace);
            if (shifted) options.timeouts.quit = 30s;  // what it has seemed to take, it still has to read
            const auto end = deliver(peer, mail, options);
            CHECK(std::chrono::steady_clock::now() - begin < 25s);
            const bool unnoticed = shifted && end.reason == Reason::ended;
            CHECK_MESSAGE((c.ends.contains(end.reason) || unnoticed), name(end.reason), ": ", end.detail);
            CHECK((!end.detail.empty() || unnoticed));
            if (end.reason == Reason::closing) CHECK(end.reply.code == 421);
            if (pace != Pace::chunked || end.reason != Reason::out_of_step || shifted) check_truth(peer, mail);
            CHECK(mail.answered == mail.given);
        }
    }
}

TEST_CASE("a server that says too much is left when that is noticed, and reads before what it was sent")
{
    std::string extra = "250 again";
    for (int i = 0; i < 7; ++i) extra += "\\n250 again";
    SmtpPeer peer{{"--on", "MAIL after=4 times=1 extra='" + extra + "'"}};
    Mail mail{20};
    mail.linger = true;  // more may come: so the first reply that nobody waits for is heard, two messages early
    auto options = patient(Pace::chunked);
    options.timeouts.quit = 20s;
    CHECK(deliver(peer, mail, options).reason == Reason::out_of_step);
    CHECK(mail.with(Outcome::delivered) == 20);
    check_truth(peer, mail);
}

TEST_CASE("QUIT is heard out: to its answer, to the end, and not for ever")
{
    struct Case {
        std::string rule;
        std::chrono::milliseconds limit, at_least, at_most;
    };
    const Case cases[] = {
        {"QUIT delay=5", 700ms, 700ms, 4s},
        {"QUIT reply='250 bye' close=after", 25s, 0s, 20s},
        {"QUIT close=before", 25s, 0s, 20s},
        {"QUIT endless=yes", 25s, 0s, 20s},
    };
    for (const auto& c : cases) {
        CAPTURE(c.rule);
        SmtpPeer peer{{"--on", c.rule}};
        Mail mail{3};
        auto options = patient(Pace::chunked);
        options.timeouts.quit = c.limit;
        const auto begin = std::chrono::steady_clock::now();
        CHECK(deliver(peer, mail, options).reason == Reason::ended);
        const auto took = std::chrono::steady_clock::now() - begin;
        CHECK(took >= c.at_least);
        CHECK(took < c.at_most);
        check_truth(peer, mail);
    }
}

TEST_CASE("a server that changes its mind with its next breath is heard once the message is out")
{
    for (const auto pace : {Pace::one_by_one, Pace::grouped, Pace::overlapped}) {
        CAPTURE(name(pace));
        // One segment has the leave to send the message and what became of it; nothing follows the message itself.
        SmtpPeer peer{{"--on", "DATA after=3 times=1 extra='450 4.3.0 after all not'", "--on",
                       "MESSAGE after=3 times=1 reply='450 4.3.0 said already' silent=yes"}};
        Mail mail{10};
        const auto begin = std::chrono::steady_clock::now();
        CHECK(deliver(peer, mail, patient(pace)).reason == Reason::ended);
        CHECK(std::chrono::steady_clock::now() - begin < 15s);
        CHECK(mail.with(Outcome::delivered) == 9);
        CHECK(mail.with(Outcome::refused) == 1);
        CHECK(mail.replies["r3@x"].text == "after all not");
        check_truth(peer, mail);
    }
}

TEST_CASE("a server that will not be run ahead of says so, and a slower pace serves it")
{
    SmtpPeer peer{{"--strict", "--offer", "PIPELINING"}};
    Mail mail{5};
    Pace pace = Pace::overlapped;
    auto end = deliver(peer, mail, patient(pace));
    CHECK(end.reason == Reason::ended);
    SmtpPeer stricter{{"--offer", "PIPELINING", "--on", "RCPT times=1 reply='554 5.5.0 SMTP synchronization error' close=after"}};
    Mail again{5};
    end = deliver(stricter, again, patient(pace));
    CHECK(end.reason == Reason::out_of_step);
    CHECK(again.with(Outcome::unsent) == again.given);
    pace = slower(pace);
    Mail third{5};
    CHECK(deliver(stricter, third, patient(pace)).reason == Reason::ended);
}

TEST_CASE("a large message goes through in blocks, each copy whole")
{
    std::string body = "Subject: large\r\n\r\n";
    while (body.size() < 2'000'000) body += ".this line begins with a dot, and there are many of it\r\n";
    for (const auto pace : {Pace::overlapped, Pace::chunked}) {
        CAPTURE(name(pace));
        SmtpPeer peer{{"--no-data"}};
        Mail mail{3, body};
        CHECK(deliver(peer, mail, patient(pace)).reason == Reason::ended);
        CHECK(mail.with(Outcome::delivered) == 3);
        check_truth(peer, mail);
        for (const auto& line : peer.log()) CHECK(nlohmann::json::parse(line).at("size") == body.size() + 13);
    }
}

TEST_CASE("through TLS and with a login it is the same, small messages and large ones")
{
    test::Scratch scratch;
    test::Authority authority{scratch.path()};
    const auto pair = authority.issue("server", "localhost");
    std::string body = "Subject: large\r\n\r\n";
    while (body.size() < 300'000) body += ".a line, and there are many of it\r\n";
    for (const auto security : {net::Security::implicit, net::Security::starttls}) {
        for (const auto pace : all_paces) {
            CAPTURE(name(pace));
            std::vector<std::string> options = {"--tls", pair.certificate, pair.key, "--auth", "user:secret"};
            if (security == net::Security::implicit) options.emplace_back("--implicit");
            SmtpPeer peer{options};
            auto door = plain_door(peer.port());
            door.endpoint.host = "localhost";
            door.endpoint.connect_to = "127.0.0.1";
            door.endpoint.security = security;
            door.endpoint.ca_file = authority.ca_file();
            door.login.username = "user";
            door.login.secret = "secret";
            Mail small{100};
            CHECK(deliver(door, small, patient(pace)).reason == Reason::ended);
            CHECK(small.with(Outcome::delivered) == 100);
            check_truth(peer, small);
            Mail large{3, body};
            CHECK(deliver(door, large, patient(pace)).reason == Reason::ended);
            CHECK(large.with(Outcome::delivered) == 3);
            CHECK(nlohmann::json::parse(peer.log().back()).at("data") == "X-Number: 2\r\n" + body);
        }
    }
}

TEST_CASE("a server that stops taking a large message is given up")
{
    std::string body = "Subject: large\r\n\r\n";
    while (body.size() < 20'000'000) body += "a line, and there are many of it\r\n";
    SmtpPeer peer{{"--on", "RCPT delay=5", "--no-data"}};
    Mail mail{1, body};
    auto options = hasty(Pace::chunked);
    options.timeouts.rcpt = 10s;
    const auto end = deliver(peer, mail, options);
    CHECK(end.reason == Reason::timed_out);
    CHECK(end.detail == "the server took nothing for 700 ms");
    CHECK(mail.with(Outcome::unsent) == 1);
}

TEST_CASE("an idle session is woken, and notices a goodbye")
{
    SmtpPeer peer{{"--on", "NOOP after=1 reply='421 4.4.2 idle' close=after"}};
    Mail mail{1};
    mail.linger = true;
    End end;
    auto work = [&](net::CurlDriver& driver) -> asio::awaitable<void> {
        auto connection = co_await reach(driver, peer.port());
        auto options = patient(Pace::overlapped);
        options.probe_after = 20ms;
        Session session{std::move(connection), options};
        asio::steady_timer timer{driver.executor()};
        mail.on_done = [&] {  // and then nothing to do, until it is woken for one more
            timer.expires_after(100ms);
            timer.async_wait([&](boost::system::error_code error) {
                if (error) return;
                ++mail.count;
                session.wake();
            });
        };
        end = co_await session.run(mail);
        timer.cancel();
    };
    test::run_loop(work);
    CHECK(end.reason == Reason::closing);
    CHECK(end.reply.code == 421);
    CHECK(mail.with(Outcome::delivered) == 2);  // the first, and the one after the first NOOP
    CHECK(mail.given == 2);
    check_truth(peer, mail);
}

TEST_CASE("a session runs again after its source has ended")
{
    SmtpPeer peer{{}};
    Mail mail{2};
    auto work = [&](net::CurlDriver& driver) -> asio::awaitable<void> {
        auto connection = co_await reach(driver, peer.port());
        Session session{std::move(connection), patient(Pace::chunked)};
        for (int round = 0; round < 3; ++round) {
            const auto end = co_await session.run(mail);
            CHECK(end.reason == Reason::ended);
            mail.count += 2;
        }
        co_await session.quit();
    };
    test::run_loop(work);
    CHECK(mail.with(Outcome::delivered) == 6);
    check_truth(peer, mail);
}

TEST_CASE("an aborted and a cancelled session give back what is in flight")
{
    for (const bool cancel : {false, true}) {
        CAPTURE(cancel);
        SmtpPeer peer{{"--on", "MESSAGE after=2 delay=30"}};
        Mail mail{10};
        End end;
        auto work = [&](net::CurlDriver& driver) -> asio::awaitable<void> {
            auto connection = co_await reach(driver, peer.port());
            Session session{std::move(connection), SessionOptions{}};
            asio::steady_timer timer{driver.executor()};
            mail.on_done = [&] {
                if (cancel || mail.answered != 2) return;
                timer.expires_after(50ms);
                timer.async_wait([&](boost::system::error_code error) {
                    if (!error) session.abort();
                });
            };
            if (cancel) {
                try {
                    end = co_await net::within(2s, session.run(mail));
                } catch (const boost::system::system_error&) {  // within() may say so
                    end.reason = Reason::aborted;
                }
            } else {
                end = co_await session.run(mail);
            }
        };
        test::run_loop(work);
        CHECK(end.reason == Reason::aborted);
        CHECK(mail.with(Outcome::delivered) == 2);
        CHECK(mail.answered == mail.given);
        check_truth(peer, mail);
    }
}

TEST_CASE("what the source throws comes out of run")
{
    SmtpPeer peer{{}};
    Mail mail{10};
    mail.on_done = [] { throw std::runtime_error("database is gone"); };
    CHECK_THROWS_WITH(deliver(peer, mail, patient(Pace::chunked)), "database is gone");
}
