// A long way to a server: passes bytes on after a delay, in each direction, and holds back nothing else (no limit of bandwidth).
//   link PORT --delay MILLISECONDS
// Prints "listening 127.0.0.1:PORT". Ends at SIGTERM.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <deque>
#include <list>
#include <string>
#include <string_view>

namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what)
{
    std::perror(what);
    std::exit(1);
}

struct Piece {
    Clock::time_point due;
    std::string bytes;  // empty: the end
};

struct Way;

/// One of the two sockets of a pair; `way` is what it reads into, `other` what is written to it.
struct Side {
    int socket = -1;
    Way* way = nullptr;
    Way* other = nullptr;
};

struct Way {
    Side* to = nullptr;
    std::deque<Piece> pieces;
    std::size_t offset = 0;
    bool blocked = false;  // its socket takes no more
};

struct Pair {
    Side client, server;
    Way up, down;
    bool gone = false;
};

sockaddr_in loopback(std::uint16_t port)
{
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

int listen_anywhere()
{
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    auto address = loopback(0);
    if (::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind");
    if (::listen(socket, 1024) != 0) fail("listen");
    socklen_t length = sizeof address;
    ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &length);
    std::printf("listening 127.0.0.1:%u\n", ntohs(address.sin_port));
    std::fflush(stdout);
    return socket;
}

class Link {
public:
    Link(std::uint16_t target, std::chrono::milliseconds delay)
        : target_(target), delay_(delay), listener_(listen_anywhere()), poll_(::epoll_create1(EPOLL_CLOEXEC))
    {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = nullptr;
        ::epoll_ctl(poll_, EPOLL_CTL_ADD, listener_, &event);
    }

    [[noreturn]] void run()
    {
        for (;;) {
            epoll_event events[64];
            const int count = wait(events, 64);
            for (int i = 0; i < count; ++i) serve(static_cast<Side*>(events[i].data.ptr), events[i].events);
            pass_on();
        }
    }

private:
    /// When the next piece is due; max() when nothing is on its way.
    Clock::time_point next_due() const
    {
        auto next = Clock::time_point::max();
        for (const auto& pair : pairs_)
            for (const auto* way : {&pair.up, &pair.down})
                if (!way->pieces.empty() && !way->blocked) next = std::min(next, way->pieces.front().due);
        return next;
    }

    /// Waits for what comes, and for what is due: to the microsecond, for a millisecond late would be two of a hundred.
    int wait(epoll_event* events, int most) const
    {
        const auto next = next_due();
        if (next == Clock::time_point::max()) return ::epoll_pwait2(poll_, events, most, nullptr, nullptr);
        const auto left = std::max<std::int64_t>(std::chrono::nanoseconds{next - Clock::now()}.count(), 0);
        const timespec limit{left / 1'000'000'000, left % 1'000'000'000};
        return ::epoll_pwait2(poll_, events, most, &limit, nullptr);
    }

    void serve(Side* side, std::uint32_t events)
    {
        if (side == nullptr) return accept();
        if ((events & EPOLLOUT) != 0) {
            side->other->blocked = false;
            watch(*side, EPOLL_CTL_MOD);
        }
        if ((events & ~static_cast<std::uint32_t>(EPOLLOUT)) != 0) read(*side);
    }

    void accept()
    {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (client < 0) return;
        const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const auto address = loopback(target_);
        if (::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
            ::close(client);
            ::close(server);
            return;
        }
        auto& pair = pairs_.emplace_back();
        pair.client = {client, &pair.up, &pair.down};
        pair.server = {server, &pair.down, &pair.up};
        pair.up.to = &pair.server;
        pair.down.to = &pair.client;
        for (auto* side : {&pair.client, &pair.server}) {
            const int one = 1;
            ::setsockopt(side->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
            watch(*side, EPOLL_CTL_ADD);
        }
    }

    void watch(Side& side, int operation)
    {
        epoll_event event{};
        event.events = EPOLLIN | (side.other->blocked ? static_cast<std::uint32_t>(EPOLLOUT) : 0U);
        event.data.ptr = &side;
        ::epoll_ctl(poll_, operation, side.socket, &event);
    }

    void read(Side& side)
    {
        static char buffer[256 * 1024];
        const auto length = ::recv(side.socket, buffer, sizeof buffer, MSG_DONTWAIT);
        if (length < 0 && (errno == EAGAIN || errno == EINTR)) return;
        const auto due = Clock::now() + delay_;
        if (length > 0) {
            side.way->pieces.push_back({due, std::string(buffer, static_cast<std::size_t>(length))});
            return;
        }
        ::epoll_ctl(poll_, EPOLL_CTL_DEL, side.socket, nullptr);
        side.way->pieces.push_back({due, {}});
    }

    void pass_on()
    {
        const auto now = Clock::now();
        for (auto& pair : pairs_) {
            for (auto* way : {&pair.up, &pair.down})
                while (!pair.gone && !way->blocked && !way->pieces.empty() && way->pieces.front().due <= now) write(pair, *way);
        }
        for (auto pair = pairs_.begin(); pair != pairs_.end();) pair = pair->gone ? close(pair) : std::next(pair);
    }

    void write(Pair& pair, Way& way)
    {
        auto& piece = way.pieces.front();
        if (piece.bytes.empty()) {
            pair.gone = true;
            return;
        }
        const auto rest = std::string_view{piece.bytes}.substr(way.offset);
        const auto sent = ::send(way.to->socket, rest.data(), rest.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (sent < 0 && errno == EAGAIN) {
            way.blocked = true;
            watch(*way.to, EPOLL_CTL_MOD);
        } else if (sent < 0) {
            pair.gone = true;
        } else if (static_cast<std::size_t>(sent) == rest.size()) {
            way.pieces.pop_front();
            way.offset = 0;
        } else {
            way.offset += static_cast<std::size_t>(sent);
        }
    }

    std::list<Pair>::iterator close(std::list<Pair>::iterator pair)
    {
        ::close(pair->client.socket);
        ::close(pair->server.socket);
        return pairs_.erase(pair);
    }

    std::uint16_t target_;
    std::chrono::milliseconds delay_;
    int listener_;
    int poll_;
    std::list<Pair> pairs_;
};

}  // namespace

int main(int argc, char** argv)
{
    if (argc != 4 || std::string_view{argv[2]} != "--delay") {
        std::fprintf(stderr, "link PORT --delay MILLISECONDS\n");
        return 2;
    }
    Link link{static_cast<std::uint16_t>(std::atoi(argv[1])), std::chrono::milliseconds{std::atoi(argv[3])}};
    link.run();
}
