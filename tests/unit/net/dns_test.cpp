#include <doctest/doctest.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>
#include <exception>

#include "dns_peer.hpp"
#include "net/dns/author_policy.hpp"
#include "net/dns/records.hpp"
#include "net/dns/resolver.hpp"

using namespace majlis;
using dns::Records;
namespace asio = boost::asio;
using namespace std::chrono_literals;

namespace {

/// Runs `work` on a loop until nothing is left to do; its own limit catches what would never end.
template <class Work>
void run(Work work)
{
    asio::io_context loop;
    std::exception_ptr failure;
    asio::co_spawn(
        loop, [&]() -> asio::awaitable<void> { co_await work(loop); }, [&](std::exception_ptr e) { failure = e; });
    loop.run_for(30s);
    REQUIRE(loop.stopped());
    if (failure) std::rethrow_exception(failure);
}

dns::ResolverOptions at(const test::DnsPeer& peer, std::chrono::milliseconds limit = 5s)
{
    dns::ResolverOptions options;
    options.servers = peer.server();
    options.limit = limit;
    return options;
}

Records ask_txt(const test::DnsPeer& peer, const std::string& name, std::chrono::milliseconds limit = 5s)
{
    Records records;
    auto work = [&](asio::io_context& loop) -> asio::awaitable<void> {
        dns::Resolver resolver{loop.get_executor(), at(peer, limit)};
        records = co_await resolver.txt(name);
    };
    run(work);
    return records;
}

dmarc::Policy policy(const test::DnsPeer& peer, const std::string& domain)
{
    dmarc::Outcome outcome;
    auto work = [&](asio::io_context& loop) -> asio::awaitable<void> {
        dns::Resolver resolver{loop.get_executor(), at(peer, 2s)};
        const PublicSuffixes suffixes;
        outcome = co_await dns::author_policy(resolver, domain, suffixes);
    };
    run(work);
    return outcome.policy;
}

}  // namespace

TEST_CASE("a TXT record's strings are joined, and its TTL is told")
{
    const std::string text(600, 'x');
    const test::DnsPeer peer{{"a.example TXT/300 " + text, "a.example TXT/120 second", "a.example MX 5 mail.example"}};
    const Records records = ask_txt(peer, "a.example");
    CHECK(records.kind == Records::Kind::found);
    CHECK(records.values == std::vector<std::string>{text, "second"});
    CHECK(records.ttl == 120s);
}

TEST_CASE("a name that does not exist and one without this type are both an answer: none")
{
    const test::DnsPeer peer{{"a.example MX 5 mail.example"}};
    CHECK(ask_txt(peer, "b.example").kind == Records::Kind::none);
    CHECK(ask_txt(peer, "a.example").kind == Records::Kind::none);
}

TEST_CASE("whatever else a name server does is a failure, in good time")
{
    const test::DnsPeer peer{{"fails.example SERVFAIL", "refuses.example REFUSED", "garbage.example GARBAGE",
                              "silent.example SILENT", "loop.example CNAME pool.example", "pool.example CNAME loop.example"}};
    const auto began = std::chrono::steady_clock::now();
    for (const char* name : {"fails.example", "refuses.example", "garbage.example", "silent.example", "loop.example"}) {
        CAPTURE(name);
        const Records records = ask_txt(peer, name, 500ms);
        CHECK(records.kind == Records::Kind::failed);
        CHECK(!records.error.empty());
    }
    CHECK(std::chrono::steady_clock::now() - began < 10s);
}

TEST_CASE("no name server at all is a failure")
{
    Records records;
    auto work = [&](asio::io_context& loop) -> asio::awaitable<void> {
        dns::ResolverOptions options;
        options.servers = "127.0.0.1:9";
        options.limit = 2s;
        dns::Resolver resolver{loop.get_executor(), options};
        records = co_await resolver.txt("a.example");
    };
    run(work);
    CHECK(records.kind == Records::Kind::failed);
}

TEST_CASE("an answer too long for UDP is fetched over TCP, and aliases are followed")
{
    test::DnsPeer peer{{"long.example TXT text", "long.example TRUNCATED", "Alias.example CNAME Long.Example"}};
    CHECK(ask_txt(peer, "long.example").values == std::vector<std::string>{"text"});
    CHECK(peer.asked(2).back() == "long.example tcp");
    CHECK(ask_txt(peer, "ALIAS.example").values == std::vector<std::string>{"text"});
}

TEST_CASE("mail exchangers come in the order of their preference")
{
    const test::DnsPeer peer{{"a.example MX 20 second.example", "a.example MX 10 first.example"}};
    Records records;
    auto work = [&](asio::io_context& loop) -> asio::awaitable<void> {
        dns::Resolver resolver{loop.get_executor(), at(peer)};
        records = co_await resolver.mx("a.example");
    };
    run(work);
    CHECK(records.values == std::vector<std::string>{"first.example", "second.example"});
}

TEST_CASE("so many are asked at one time, further ones wait, and the last ones fail at once")
{
    const test::DnsPeer peer{{"* DELAY 0.3", "a.example TXT text"}};
    int found = 0, failed = 0;
    auto work = [&](asio::io_context& loop) -> asio::awaitable<void> {
        auto options = at(peer);
        options.parallel = 2;
        options.waiting = 3;
        dns::Resolver resolver{loop.get_executor(), options};
        int open = 6;
        asio::steady_timer all{loop, 20s};
        auto one = [&]() -> asio::awaitable<void> {
            const Records records = co_await resolver.txt("a.example");
            ++(records.kind == Records::Kind::found ? found : failed);
            if (--open == 0) all.cancel();
        };
        for (int i = 0; i < 6; ++i) asio::co_spawn(loop, one(), [](std::exception_ptr) {});
        boost::system::error_code error;
        co_await all.async_wait(asio::redirect_error(asio::use_awaitable, error));
    };
    const auto began = std::chrono::steady_clock::now();
    run(work);
    CHECK(found == 5);
    CHECK(failed == 1);
    CHECK(std::chrono::steady_clock::now() - began >= 800ms);  // three rounds
}

TEST_CASE("a question may be cancelled, in the queue as well, and the others go on")
{
    const test::DnsPeer peer{{"silent.example SILENT", "a.example TXT text"}};
    int cancelled = 0;
    Records records;
    auto work = [&](asio::io_context& loop) -> asio::awaitable<void> {
        auto options = at(peer);
        options.parallel = 1;
        dns::Resolver resolver{loop.get_executor(), options};
        asio::cancellation_signal asking, queued;
        const auto ended = [&](std::exception_ptr error, Records) { cancelled += error ? 1 : 0; };
        asio::co_spawn(loop, resolver.txt("silent.example"), asio::bind_cancellation_slot(asking.slot(), ended));
        asio::co_spawn(loop, resolver.txt("silent.example"), asio::bind_cancellation_slot(queued.slot(), ended));
        asio::steady_timer moment{loop, 50ms};
        co_await moment.async_wait(asio::use_awaitable);
        queued.emit(asio::cancellation_type::terminal);
        asking.emit(asio::cancellation_type::terminal);
        records = co_await resolver.txt("a.example");
    };
    run(work);
    CHECK(cancelled == 2);
    CHECK(records.kind == Records::Kind::found);
}

TEST_CASE("questions that wait when the resolver ends have failed")
{
    const test::DnsPeer peer{{"silent.example SILENT"}};
    std::vector<std::string> errors;
    asio::io_context loop;
    auto options = at(peer);
    options.parallel = 1;
    auto resolver = std::make_unique<dns::Resolver>(loop.get_executor(), options);
    for (int i = 0; i < 2; ++i)
        asio::co_spawn(loop, resolver->txt("silent.example"), [&](std::exception_ptr, Records r) { errors.push_back(r.error); });
    loop.run_for(50ms);
    resolver.reset();
    loop.run_for(1s);
    CHECK(loop.stopped());
    CHECK(errors.size() == 2);
}

TEST_CASE("a server that is no address is refused")
{
    asio::io_context loop;
    dns::ResolverOptions options;
    options.servers = "not an address";
    CHECK_THROWS_AS((dns::Resolver{loop.get_executor(), options}), std::invalid_argument);
}

TEST_CASE("an author's policy is that of his domain, else of its organisation for those below")
{
    const test::DnsPeer peer{{"_dmarc.bank.example TXT v=DMARC1; p=reject; sp=quarantine",
                              "_DMARC.Shop.Example TXT v=DMARC1;p=quarantine", "_dmarc.news.bank.example TXT v=DMARC1; p=none",
                              "_dmarc.alias.example CNAME _dmarc.bank.example", "_dmarc.twice.example TXT v=DMARC1; p=reject",
                              "_dmarc.twice.example TXT v=DMARC1; p=none", "_dmarc.fails.example SERVFAIL"}};
    CHECK(policy(peer, "bank.example") == dmarc::Policy::reject);
    CHECK(policy(peer, "a.b.bank.example") == dmarc::Policy::quarantine);
    CHECK(policy(peer, "news.bank.example") == dmarc::Policy::none);
    CHECK(policy(peer, "SHOP.example.") == dmarc::Policy::quarantine);
    CHECK(policy(peer, "alias.example") == dmarc::Policy::reject);
    CHECK(policy(peer, "twice.example") == dmarc::Policy::none);
    CHECK(policy(peer, "fails.example") == dmarc::Policy::unknown);
    CHECK(policy(peer, "nothing.example") == dmarc::Policy::none);
    CHECK(policy(peer, "[192.0.2.1]") == dmarc::Policy::none);
}

TEST_CASE("an answer that is no DNS message, or is cut anywhere, is a failure or holds less, never more")
{
    const unsigned char answer[] = {0,    1,   0x81, 0x80, 0,  1, 0, 1, 0, 0,  0, 0,  // header
                                    1,    'a', 0,    0,    16, 0, 1,                  // question
                                    0xc0, 12,  0,    16,   0,  1, 0, 0, 0, 60, 0, 5, 4, 't', 'e', 'x', 't'};
    CHECK(dns::read_records(answer, sizeof answer, dns::Type::txt).values == std::vector<std::string>{"text"});
    for (std::size_t size = 0; size < sizeof answer; ++size) {
        CAPTURE(size);
        CHECK(dns::read_records(answer, size, dns::Type::txt).values.empty());
    }
}
