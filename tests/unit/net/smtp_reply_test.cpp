#include <doctest/doctest.h>

#include "net/smtp/commands.hpp"
#include "net/smtp/offer.hpp"
#include "net/smtp/reply_reader.hpp"

using namespace majlis::smtp;
using What = Reading::What;

namespace {

struct Read {
    Reading reading;
    Reply reply;
};

Read read(std::string_view bytes)
{
    Read result;
    result.reading = read_reply(bytes, result.reply);
    return result;
}

}  // namespace

TEST_CASE("a reply is code, enhanced status and text")
{
    const auto [reading, reply] = read("250 2.1.5 Ok: queued as 4711\r\n354 go\r\n");
    CHECK(reading.what == What::reply);
    CHECK(reading.length == 30);
    CHECK(reply.code == 250);
    CHECK(reply.status == "2.1.5");
    CHECK(reply.text == "Ok: queued as 4711");
}

TEST_CASE("the lines of a reply are joined, its status said once")
{
    const auto [reading, reply] = read("550-5.7.1 Our system has detected\r\n550-5.7.1 something\r\n550 5.7.1 odd.\r\n");
    CHECK(reading.what == What::reply);
    CHECK(reply.status == "5.7.1");
    CHECK(reply.text == "Our system has detected something odd.");
}

TEST_CASE("odd but readable replies are read")
{
    struct Case {
        const char* bytes;
        int code;
        const char* status;
        const char* text;
    };
    const Case cases[] = {
        {"250\r\n", 250, "", ""},
        {"250 \n", 250, "", ""},
        {"250-\r\n250 x\r\n", 250, "", "x"},
        {"550 4.1.1 no\r\n", 550, "", "4.1.1 no"},
        {"550 5.1.1\r\n", 550, "5.1.1", ""},
        {"550 5.1.1no\r\n", 550, "", "5.1.1no"},
        {"550 5.1000.1 no\r\n", 550, "", "5.1000.1 no"},
        {"550 5..1 no\r\n", 550, "", "5..1 no"},
        {"354 3.0.0 go\r\n", 354, "", "3.0.0 go"},
        {"550-5.1.1 no\r\n450 later\r\n", 450, "", "no later"},
        {"550 a\x01\x1b[31mb\r\n", 550, "", "a??[31mb"},
    };
    for (const auto& c : cases) {
        CAPTURE(c.bytes);
        const auto [reading, reply] = read(c.bytes);
        CHECK(reading.what == What::reply);
        CHECK(reply.code == c.code);
        CHECK(reply.status == c.status);
        CHECK(reply.text == c.text);
    }
}

TEST_CASE("half a reply is waited for, wherever it is cut")
{
    const std::string_view whole = "250-2.0.0 one\r\n250 2.0.0 two\r\n";
    for (std::size_t length = 0; length < whole.size(); ++length) {
        CAPTURE(length);
        CHECK(read(whole.substr(0, length)).reading.what == What::incomplete);
    }
    CHECK(read(whole).reading.what == What::reply);
}

TEST_CASE("garbage is known at its first bytes")
{
    for (const char* bytes :
         {"HTTP/1.1 400 Bad Request\r\n", "\r\n", "25\r\n", "250+x\r\n", "150 x\r\n", "650 x", "2x", "-", "999"}) {
        CAPTURE(bytes);
        CHECK(read(bytes).reading.what == What::garbage);
    }
    CHECK(read(std::string_view{"\0\0\0\0", 4}).reading.what == What::garbage);
}

TEST_CASE("lines and replies without end are garbage")
{
    CHECK(read("250 " + std::string(max_reply_line, 'x')).reading.what == What::garbage);
    std::string endless;
    for (std::size_t i = 0; i < max_reply_lines; ++i) endless += "250-x\r\n";
    CHECK(read(endless).reading.what == What::garbage);
}

TEST_CASE("the text of a reply is bounded and printable")
{
    std::string bytes;
    for (int i = 0; i < 20; ++i) bytes += "550-" + std::string(100, 'x') + "\xff\xc3\xa9\r\n";
    const auto [reading, reply] = read(bytes + "550 end\r\n");
    CHECK(reading.what == What::reply);
    CHECK(reply.text.size() <= max_reply_text);
    CHECK(reply.text.size() > 400);
}

TEST_CASE("what a server offers is read from its EHLO lines")
{
    const auto offer =
        parse_offer({"PIPELINING", "size 10240000", "8bitmime", "CHUNKING", "DSN", "AUTH PLAIN LOGIN", "SMTPUTF8 x"});
    CHECK(offer.pipelining);
    CHECK(offer.chunking);
    CHECK(offer.eight_bit);
    CHECK(offer.dsn);
    CHECK(offer.smtputf8);
    CHECK(offer.size);
    CHECK(offer.max_size == 10'240'000);
    CHECK(parse_offer({"SIZE"}).max_size == 0);
    CHECK(parse_offer({"SIZE 99999999999999999999999"}).max_size == 0);
    CHECK(!parse_offer({"XPIPELINING", ""}).pipelining);
}

TEST_CASE("the pace is what is wished, as far as it is offered")
{
    Offer offer;
    CHECK(fitting_pace(Pace::chunked, offer) == Pace::one_by_one);
    offer.pipelining = true;
    CHECK(fitting_pace(Pace::chunked, offer) == Pace::overlapped);
    offer.chunking = true;
    CHECK(fitting_pace(Pace::chunked, offer) == Pace::chunked);
    CHECK(fitting_pace(Pace::grouped, offer) == Pace::grouped);
    CHECK(slower(slower(slower(slower(Pace::chunked)))) == Pace::one_by_one);
}

TEST_CASE("what xtext can not hold is escaped")
{
    CHECK(xtext("a+b=c d\xc3\xa9") == "a+2Bb+3Dc+20d+C3+A9");
    CHECK(xtext("plain@example.org") == "plain@example.org");
}

TEST_CASE("an address that no command can hold is refused before it is said")
{
    const auto refused = [](std::string address) { return unfit(Recipient{std::move(address), ""}, Offer{}).has_value(); };
    for (const char* address :
         {"", "a@b\r\nRCPT TO:<c@d>", "a b@c", "a>@b", "<a@b", "\"a@b", "\"a\\", "a\\ b@c", "a\x7f@b", "\xc3\xa9@b"}) {
        CAPTURE(address);
        CHECK(refused(address));
    }
    CHECK(refused(std::string(321, 'a')));
    for (const char* address : {"a@b", "\"a b\"@c", "\"a\\\"> b\"@c", "a@[127.0.0.1]", "o'neil+x@example.org"}) {
        CAPTURE(address);
        CHECK(!refused(address));
    }
}
