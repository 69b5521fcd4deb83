// What SMTP over one thread can do with nothing behind it: no database, no composing, no recovery; sockets and epoll alone.
//   bare PORT [--connections N] [--messages N] [--size BYTES] [--window N] [--data]
// Each message has an envelope and a header field of its own. With CHUNKING `window` transactions are in flight, with --data the
// next envelope goes out with the final dot. Prints messages/s.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace {

struct Options {
    std::uint16_t port = 0;
    std::size_t connections = 4;
    std::size_t messages = 100'000;
    std::size_t size = 4700;
    std::size_t window = 16;
    bool chunking = true;
};

/// What is left to send, and the bytes that all messages share.
struct Stock {
    explicit Stock(const Options& options) : left(options.messages)
    {
        head =
            "From: Listes <rabat@maimc.example>\r\nTo: rabat@maimc.example\r\nSubject: A measured post\r\n"
            "Message-ID: <1@bench.example>\r\n";
        tail = "\r\n";
        while (head.size() + tail.size() + 80 < options.size)
            tail += "The quick brown fox jumps over the lazy dog at length.\r\n";
    }
    std::size_t left;
    std::size_t taken = 0;
    std::string head;
    std::string tail;
};

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what + ": " + std::strerror(errno)); }

class Line {
public:
    Line(const Options& options, Stock& stock) : options_(options), stock_(stock), socket_(::socket(AF_INET, SOCK_STREAM, 0))
    {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(options.port);
        if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("connect");
        const int one = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        greet();
    }
    ~Line() { ::close(socket_); }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;

    int socket() const { return socket_; }
    bool over() const { return stock_.left == 0 && sent_ == answered_; }
    bool wants_to_write() const { return offset_ < out_.size(); }

    /// Says as much as the pace allows, in one write.
    void speak()
    {
        while (!wants_to_write() && may_add()) options_.chunking ? add_chunks() : add_envelope();
        flush();
    }

    void flush()
    {
        while (wants_to_write()) {
            const auto sent = ::send(socket_, out_.data() + offset_, out_.size() - offset_, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent < 0 && errno == EAGAIN) return;
            if (sent < 0) fail("send");
            offset_ += static_cast<std::size_t>(sent);
        }
        out_.clear();
        offset_ = 0;
    }

    void hear()
    {
        char buffer[16 * 1024];
        const auto length = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
        if (length == 0) throw std::runtime_error("the server closed the connection");
        if (length < 0) return;
        for (const char c : std::string_view{buffer, static_cast<std::size_t>(length)}) {
            if (begins_ && c != '2' && c != '3') throw std::runtime_error("the server refused");
            begins_ = c == '\n';
            if (begins_) reply();
        }
    }

private:
    void greet()
    {
        static constexpr std::string_view hello = "EHLO bench.example\r\n";
        read_until("220 ");
        if (::send(socket_, hello.data(), hello.size(), MSG_NOSIGNAL) < 0) fail("send");
        read_until("250 ");
    }

    void read_until(std::string_view code)
    {
        std::string heard;
        char c = 0;
        for (;;) {
            if (::recv(socket_, &c, 1, 0) != 1) fail("no greeting");
            heard += c;
            if (c != '\n') continue;
            if (heard.starts_with(code)) return;
            heard.clear();
        }
    }

    bool may_add() const { return options_.chunking ? stock_.left > 0 && sent_ - answered_ < options_.window : may_speak_; }

    void add_mail()
    {
        const auto number = std::to_string(stock_.left--);
        personal_ = "List-Unsubscribe: <mailto:rabat+unsubscribe-" + number + "@maimc.example>\r\n";
        out_.append("MAIL FROM:<rabat+bounce-").append(number).append("@maimc.example>\r\nRCPT TO:<member");
        out_.append(number).append("@members.example>\r\n");
        ++sent_;
    }

    void add_message() { out_.append(stock_.head).append(personal_).append(stock_.tail); }

    void add_chunks()
    {
        while (may_add()) {
            add_mail();
            const auto size = stock_.head.size() + personal_.size() + stock_.tail.size();
            out_.append("BDAT ").append(std::to_string(size)).append(" LAST\r\n");
            add_message();
        }
    }

    /// The message whose DATA was granted, and the next one's envelope behind it.
    void add_envelope()
    {
        may_speak_ = false;
        if (granted_) {
            add_message();
            out_.append(".\r\n");
        }
        granted_ = false;
        if (stock_.left == 0) return;
        add_mail();
        out_.append("DATA\r\n");
    }

    void reply()
    {
        // MAIL, RCPT, and BDAT's or the message's own; with DATA one more before the message.
        const std::size_t replies = options_.chunking ? 3 : 4;
        ++replies_;
        if (!options_.chunking && replies_ == 3) granted_ = may_speak_ = true;
        if (replies_ < replies) return;
        replies_ = 0;
        ++answered_;
        ++stock_.taken;
    }

    const Options& options_;
    Stock& stock_;
    int socket_;
    std::string out_;
    std::string personal_;
    std::size_t offset_ = 0;
    std::size_t sent_ = 0;
    std::size_t answered_ = 0;
    std::size_t replies_ = 0;
    bool begins_ = true;
    bool may_speak_ = true;
    bool granted_ = false;
};

Options read_options(int argc, char** argv)
{
    if (argc < 2) throw std::runtime_error("bare PORT [--connections N] [--messages N] [--size BYTES] [--window N] [--data]");
    Options options;
    options.port = static_cast<std::uint16_t>(std::stoul(argv[1]));
    for (int i = 2; i < argc; ++i) {
        const std::string key = argv[i];
        if (key == "--data") {
            options.chunking = false;
            continue;
        }
        if (i + 1 == argc) throw std::runtime_error(key + " wants a number");
        const std::size_t value = std::stoul(argv[++i]);
        if (key == "--connections") options.connections = value;
        if (key == "--messages") options.messages = value;
        if (key == "--size") options.size = value;
        if (key == "--window") options.window = value;
    }
    return options;
}

void watch(int poll, int operation, Line& line)
{
    epoll_event event{};
    event.events = EPOLLIN | (line.wants_to_write() ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
    event.data.ptr = &line;
    ::epoll_ctl(poll, operation, line.socket(), &event);
}

void run(const Options& options, Stock& stock, std::vector<std::unique_ptr<Line>>& lines)
{
    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    for (auto& line : lines) {
        line->speak();
        watch(poll, EPOLL_CTL_ADD, *line);
    }
    epoll_event events[64];
    while (stock.taken < options.messages) {
        const int count = ::epoll_wait(poll, events, 64, 10'000);
        if (count == 0) throw std::runtime_error("no reply for 10 s");
        for (int i = 0; i < count; ++i) {
            auto& line = *static_cast<Line*>(events[i].data.ptr);
            if ((events[i].events & EPOLLOUT) != 0) line.flush();
            const bool was_waiting = (events[i].events & EPOLLOUT) != 0;
            if ((events[i].events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) line.hear();
            line.speak();
            if (was_waiting || line.wants_to_write()) watch(poll, EPOLL_CTL_MOD, line);
        }
    }
    ::close(poll);
}

int measure(const Options& options)
{
    Stock stock{options};
    std::vector<std::unique_ptr<Line>> lines;
    for (std::size_t i = 0; i < options.connections; ++i) lines.push_back(std::make_unique<Line>(options, stock));
    const auto begin = std::chrono::steady_clock::now();
    run(options, stock, lines);
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::printf("%.0f messages/s\n", static_cast<double>(options.messages) / seconds);
    return 0;
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        return measure(read_options(argc, argv));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "bare: %s\n", error.what());
        return 1;
    }
}
