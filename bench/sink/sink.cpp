// A light SMTP sink: takes everything, keeps nothing, counts. So that a measurement shows the sender and not the receiver.
//   sink [--port N] [--no-pipelining] [--no-chunking] [--no-8bitmime] [--no-smtputf8] [--no-dsn] [--acknowledge] [--record FILE]
// Prints "listening 127.0.0.1:PORT", and its counters at SIGTERM or SIGINT; the command XCOUNT tells them at any time, with the
// moments (CLOCK_MONOTONIC, microseconds) of the first RCPT and of the last message taken. XZERO begins anew.
// --acknowledge tells the peer's kernel at once what came, which helps a client that leaves Nagle's algorithm on.
// --record writes each accepted recipient as one line, when the message for him has been taken.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace {

constexpr std::size_t max_line = 8192;

struct Options {
    std::uint16_t port = 0;
    std::string ehlo;
    std::FILE* record = nullptr;
    bool acknowledge = false;
};

struct Counters {
    std::uint64_t connections = 0;
    std::uint64_t messages = 0;
    std::uint64_t recipients = 0;
    std::uint64_t bytes = 0;
    std::uint64_t first = 0;
    std::uint64_t last = 0;

    std::string text() const
    {
        return "connections=" + std::to_string(connections) + " messages=" + std::to_string(messages) +
               " recipients=" + std::to_string(recipients) + " bytes=" + std::to_string(bytes) +
               " first=" + std::to_string(first) + " last=" + std::to_string(last);
    }
};

std::uint64_t microseconds()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 + static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

[[noreturn]] void fail(const char* what)
{
    std::perror(what);
    std::exit(1);
}

bool begins(std::string_view line, std::string_view verb)
{
    return line.size() >= verb.size() && strncasecmp(line.data(), verb.data(), verb.size()) == 0;
}

/// One client: what it says is eaten as it comes, what it is told gathers in `out` and leaves in one write.
class Client {
public:
    Client(int socket, const Options& options, Counters& counters) : socket_(socket), options_(options), counters_(counters)
    {
        out_ = "220 sink ESMTP\r\n";
    }
    ~Client() { ::close(socket_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    /// Reads all that is there and answers. False: gone.
    bool serve()
    {
        static char buffer[256 * 1024];
        const auto length = ::recv(socket_, buffer, sizeof buffer, MSG_DONTWAIT);
        if (length == 0) return false;
        if (length < 0) return errno == EAGAIN || errno == EINTR;
        if (options_.acknowledge) acknowledge();
        hear({buffer, static_cast<std::size_t>(length)});
        return flush() && !(bye_ && out_.empty());
    }

    bool flush()
    {
        while (!out_.empty()) {
            const auto sent = ::send(socket_, out_.data(), out_.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
            if (sent < 0) return errno == EAGAIN || errno == EINTR;
            out_.erase(0, static_cast<std::size_t>(sent));
        }
        return true;
    }
    bool wants_to_write() const { return !out_.empty(); }

private:
    enum class Mode { command, data, chunk };

    void acknowledge() const
    {
        const int at_once = 1;
        ::setsockopt(socket_, IPPROTO_TCP, TCP_QUICKACK, &at_once, sizeof at_once);
    }

    /// What is eaten where it lies is not copied: only what wants more to come is kept.
    void hear(std::string_view heard)
    {
        const auto taken = counters_.messages;
        if (in_.empty()) {
            in_ = eat(heard);
        } else {
            in_.append(heard);
            in_.erase(0, in_.size() - eat(in_).size());
        }
        if (counters_.messages > taken) counters_.last = microseconds();
    }

    /// What is left of it.
    std::string_view eat(std::string_view rest)
    {
        while (!rest.empty() && !bye_) {
            const auto before = rest.size();
            if (mode_ == Mode::command) {
                eat_line(rest);
            } else if (mode_ == Mode::data) {
                eat_data(rest);
            } else {
                eat_chunk(rest);
            }
            if (rest.size() == before) break;
        }
        return rest;
    }

    void eat_line(std::string_view& rest)
    {
        const auto end = rest.find('\n');
        if (end == std::string_view::npos) {
            bye_ = rest.size() > max_line;
            return;
        }
        command(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }

    /// Looks for the last dot; keeps what may be the beginning of its line.
    void eat_data(std::string_view& rest)
    {
        if (fresh_ && rest.size() < 3) return;
        if (fresh_ && rest.starts_with(".\r\n")) return take(rest, 3);
        fresh_ = false;
        const void* found = ::memmem(rest.data(), rest.size(), "\r\n.\r\n", 5);
        if (found != nullptr) return take(rest, static_cast<std::size_t>(static_cast<const char*>(found) - rest.data()) + 5);
        const auto done = rest.size() < 5 ? 0 : rest.size() - 4;
        counters_.bytes += done;
        rest.remove_prefix(done);
    }

    void take(std::string_view& rest, std::size_t length)
    {
        counters_.bytes += length;
        rest.remove_prefix(length);
        mode_ = Mode::command;
        taken();
    }

    void eat_chunk(std::string_view& rest)
    {
        const auto length = std::min<std::uint64_t>(left_, rest.size());
        left_ -= length;
        counters_.bytes += length;
        rest.remove_prefix(length);
        if (left_ == 0) chunk_done();
    }

    void chunk_done()
    {
        mode_ = Mode::command;
        if (last_) {
            taken();
        } else {
            out_ += "250 2.0.0 ok\r\n";
        }
    }

    void taken()
    {
        if (recipients_ == 0) {
            out_ += "554 5.5.1 no valid recipients\r\n";
        } else {
            out_ += "250 2.0.0 Ok: queued as " + std::to_string(++counters_.messages) + "\r\n";
            counters_.recipients += recipients_;
            if (options_.record != nullptr) std::fwrite(names_.data(), 1, names_.size(), options_.record);
        }
        reset();
    }

    void reset()
    {
        mail_ = false;
        recipients_ = 0;
        names_.clear();
    }

    void command(std::string_view line)
    {
        if (begins(line, "MAIL FROM:")) {
            out_ += mail_ ? "503 5.5.1 nested MAIL\r\n" : "250 2.1.0 Ok\r\n";
            mail_ = true;
        } else if (begins(line, "RCPT TO:")) {
            rcpt(line);
        } else if (begins(line, "DATA")) {
            out_ += recipients_ > 0 ? "354 go\r\n" : "554 5.5.1 no valid recipients\r\n";
            if (recipients_ > 0) mode_ = Mode::data;
            fresh_ = true;
        } else if (begins(line, "BDAT ")) {
            bdat(line.substr(5));
        } else if (begins(line, "RSET")) {
            reset();
            out_ += "250 2.0.0 Ok\r\n";
        } else if (begins(line, "EHLO")) {
            out_ += options_.ehlo;
        } else if (begins(line, "QUIT")) {
            out_ += "221 2.0.0 bye\r\n";
            bye_ = true;
        } else if (begins(line, "XCOUNT")) {
            out_ += "250 2.0.0 " + counters_.text() + "\r\n";
        } else if (begins(line, "XZERO")) {
            counters_ = {};
            out_ += "250 2.0.0 Ok\r\n";
        } else {
            out_ += begins(line, "NOOP") || begins(line, "HELO") ? "250 2.0.0 Ok\r\n" : "500 5.5.2 what?\r\n";
        }
    }

    void rcpt(std::string_view line)
    {
        if (!mail_) {
            out_ += "503 5.5.1 need MAIL\r\n";
            return;
        }
        ++recipients_;
        if (counters_.first == 0) counters_.first = microseconds();
        out_ += "250 2.1.5 Ok\r\n";
        if (options_.record == nullptr) return;
        const auto begin = line.find('<');
        const auto end = line.find('>');
        if (begin < end && end != std::string_view::npos) names_.append(line.substr(begin + 1, end - begin - 1)).append("\n");
    }

    void bdat(std::string_view rest)
    {
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), left_);
        if (error != std::errc{}) {
            out_ += "501 5.5.4 syntax\r\n";
            bye_ = true;
            return;
        }
        last_ = rest.find("LAST") != std::string_view::npos;
        mode_ = Mode::chunk;
        if (left_ == 0) chunk_done();
    }

    int socket_;
    const Options& options_;
    Counters& counters_;
    std::string in_;
    std::string out_;
    std::string names_;
    std::uint64_t recipients_ = 0;
    std::uint64_t left_ = 0;
    Mode mode_ = Mode::command;
    bool mail_ = false;
    bool last_ = false;
    bool fresh_ = false;  // nothing of the message has come
    bool bye_ = false;
};

Options read_options(int argc, char** argv)
{
    Options options;
    std::vector<std::string> offers = {"PIPELINING",          "CHUNKING",      "8BITMIME", "SMTPUTF8", "DSN",
                                       "ENHANCEDSTATUSCODES", "SIZE 104857600"};
    for (int i = 1; i < argc; ++i) {
        const std::string option = argv[i];
        if (option == "--port" && i + 1 < argc) {
            options.port = static_cast<std::uint16_t>(std::atoi(argv[++i]));
        } else if (option == "--record" && i + 1 < argc) {
            options.record = std::fopen(argv[++i], "w");
            if (options.record == nullptr) fail("--record");
        } else if (option == "--acknowledge") {
            options.acknowledge = true;
        } else if (option.starts_with("--no-")) {
            auto name = option.substr(5);
            std::transform(name.begin(), name.end(), name.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
            std::erase(offers, name);
        } else {
            std::fprintf(stderr, "sink: unknown option %s\n", argv[i]);
            std::exit(2);
        }
    }
    options.ehlo = "250-sink\r\n";
    for (std::size_t i = 0; i < offers.size(); ++i)
        options.ehlo += (i + 1 < offers.size() ? "250-" : "250 ") + offers[i] + "\r\n";
    return options;
}

int listen_on(std::uint16_t port)
{
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int one = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind");
    if (::listen(socket, 1024) != 0) fail("listen");
    socklen_t length = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
    std::printf("listening 127.0.0.1:%u\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return socket;
}

int signals()
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, nullptr);
    return ::signalfd(-1, &set, SFD_CLOEXEC);
}

void watch(int poll, int operation, int socket, std::uint32_t events)
{
    epoll_event event{};
    event.events = events;
    event.data.fd = socket;
    ::epoll_ctl(poll, operation, socket, &event);
}

}  // namespace

int main(int argc, char** argv)
{
    const auto options = read_options(argc, argv);
    Counters counters;
    std::unordered_map<int, std::unique_ptr<Client>> clients;
    const int stop = signals();
    const int server = listen_on(options.port);
    const int poll = ::epoll_create1(EPOLL_CLOEXEC);
    watch(poll, EPOLL_CTL_ADD, server, EPOLLIN);
    watch(poll, EPOLL_CTL_ADD, stop, EPOLLIN);
    for (;;) {
        epoll_event events[64];
        const int count = ::epoll_wait(poll, events, 64, -1);
        for (int i = 0; i < count; ++i) {
            const int socket = events[i].data.fd;
            if (socket == stop) {
                std::printf("%s\n", counters.text().c_str());
                if (options.record != nullptr) std::fclose(options.record);
                return 0;
            }
            if (socket == server) {
                const int accepted = ::accept4(server, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
                if (accepted < 0) continue;
                const int one = 1;
                ::setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
                ++counters.connections;
                auto& client = clients[accepted];
                client = std::make_unique<Client>(accepted, options, counters);
                client->flush();
                watch(poll, EPOLL_CTL_ADD, accepted, EPOLLIN);
                continue;
            }
            auto& client = *clients.at(socket);
            const bool wrote = (events[i].events & EPOLLOUT) != 0;
            const bool alive = wrote ? client.flush() : client.serve();
            if (!alive) {
                clients.erase(socket);
            } else if (wrote != client.wants_to_write()) {
                watch(poll, EPOLL_CTL_MOD, socket, wrote ? EPOLLIN : EPOLLOUT);
            }
        }
    }
}
