// How fast one thread hands personal copies to a relay: smtp_sessions PORT [--connections N] [--messages N] [--pace PACE]
// [--window N] [--recipients N] [--size BYTES]. Prints messages/s, recipients/s and CPU time a message.
#include <sys/resource.h>

#include <algorithm>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>

#include "net/connection.hpp"
#include "net/smtp/session.hpp"

namespace {

namespace asio = boost::asio;
using namespace majlis;

struct Options {
    unsigned port = 0;
    std::size_t connections = 4;
    std::size_t messages = 20'000;
    std::size_t recipients = 1;
    std::size_t window = 16;
    std::size_t size = 4700;
    smtp::Pace pace = smtp::Pace::chunked;
};

/// All sessions draw on one stock of messages, each with an envelope and fields of its own.
class Stock : public smtp::Source {
public:
    explicit Stock(const Options& options) : options_(options), left_(options.messages)
    {
        head_ =
            "From: Listes <rabat@maimc.example>\r\nTo: rabat@maimc.example\r\nSubject: A measured post\r\n"
            "Message-ID: <1@bench.example>\r\n";
        tail_ = "\r\n";
        while (tail_.size() + head_.size() + 100 < options.size) {
            tail_ += "The quick brown fox jumps over the lazy dog, and does so at length.\r\n";
        }
    }
    Next next(smtp::Transaction& out) override
    {
        if (left_ == 0) return Next::end;
        const auto number = std::to_string(left_--);
        out.mail_from.assign("rabat+bounce-").append(number).append("@maimc.example");
        out.recipients.resize(options_.recipients);
        for (std::size_t i = 0; i < out.recipients.size(); ++i) {
            out.recipients[i]
                .address.assign("member")
                .append(number)
                .append(".")
                .append(std::to_string(i))
                .append("@example.org");
        }
        out.head = {head_, head_};
        out.personal.assign("List-Unsubscribe: <mailto:rabat+unsubscribe-").append(number).append("@maimc.example>\r\n");
        out.tail = {tail_, tail_};
        return Next::given;
    }
    void done(const smtp::TransactionResult& result) override
    {
        for (const auto& recipient : result.recipients) delivered_ += recipient.delivered() ? 1 : 0;
    }
    std::size_t delivered() const { return delivered_; }

private:
    const Options& options_;
    std::size_t left_;
    std::size_t delivered_ = 0;
    std::string head_;
    std::string tail_;
};

asio::awaitable<void> deliver(net::CurlDriver& driver, const Options& options, Stock& stock)
{
    net::Endpoint endpoint;
    endpoint.scheme = net::Scheme::smtp;
    endpoint.host = "127.0.0.1";
    endpoint.port = options.port;
    endpoint.security = net::Security::none;
    const net::Login nobody;
    auto connection = co_await net::connect(driver, endpoint, nobody, std::chrono::seconds{10});
    smtp::SessionOptions wishes;
    wishes.pace = options.pace;
    wishes.window = options.window;
    smtp::Session session{std::move(connection), wishes};
    const auto end = co_await session.run(stock);
    if (end.reason != smtp::End::Reason::ended) std::fprintf(stderr, "%s: %s\n", name(end.reason).data(), end.detail.c_str());
    co_await session.quit();
}

Options read_options(int argc, char** argv)
{
    Options options;
    if (argc < 2) throw std::runtime_error("smtp_sessions PORT [--connections N] [--messages N] [--pace PACE] [--window N]");
    options.port = static_cast<unsigned>(std::stoul(argv[1]));
    for (int i = 2; i + 1 < argc; i += 2) {
        const std::string key = argv[i];
        const std::string value = argv[i + 1];
        if (key == "--connections") options.connections = std::stoul(value);
        if (key == "--messages") options.messages = std::stoul(value);
        if (key == "--recipients") options.recipients = std::stoul(value);
        if (key == "--window") options.window = std::stoul(value);
        if (key == "--size") options.size = std::stoul(value);
        using enum smtp::Pace;
        for (const auto pace : {one_by_one, grouped, overlapped, chunked}) {
            if (key == "--pace" && value == name(pace)) options.pace = pace;
        }
    }
    return options;
}

double cpu_seconds()
{
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

int measure(const Options& options)
{
    asio::io_context loop{1};
    net::CurlDriver driver{loop.get_executor()};
    Stock stock{options};
    int failures = 0;
    std::size_t running = options.connections;
    const auto begin = std::chrono::steady_clock::now();
    auto ended = begin;
    for (std::size_t i = 0; i < options.connections; ++i) {
        asio::co_spawn(loop, deliver(driver, options, stock), [&](std::exception_ptr error) {
            if (error) {
                ++failures;
                try {
                    std::rethrow_exception(error);
                } catch (const std::exception& why) {
                    std::fprintf(stderr, "%s\n", why.what());
                }
            }
            ended = std::chrono::steady_clock::now();
            if (--running == 0) loop.stop();
        });
    }
    loop.run();
    const double seconds = std::chrono::duration<double>(ended - begin).count();
    const double messages = static_cast<double>(options.messages);
    std::printf("%-12s connections %2zu  %8.0f messages/s  %8.0f recipients/s  %6.1f us CPU/message  delivered %zu\n",
                name(options.pace).data(), options.connections, messages / seconds,
                static_cast<double>(stock.delivered()) / seconds, cpu_seconds() / messages * 1e6, stock.delivered());
    return failures == 0 && stock.delivered() == options.messages * options.recipients ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        return measure(read_options(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
