#include "net/dns/resolver.hpp"

#include <ares.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>
#include <deque>
#include <map>
#include <stdexcept>
#include <utility>

#include "net/dns/records.hpp"

namespace majlis::dns {
namespace {

namespace asio = boost::asio;
using std::chrono::milliseconds;

constexpr int first_wait_ms = 1'500;                    // for a server, before it is asked again; doubles
constexpr int tries = 2;                                // for each server
constexpr std::chrono::seconds configuration_life{60};  // of /etc/resolv.conf, which may change under a daemon

/// Rings once: whoever waits goes on, now or when he comes.
class Bell {
public:
    explicit Bell(const asio::any_io_executor& executor) : timer_{executor, asio::steady_timer::time_point::max()} {}
    void within(milliseconds limit) { timer_.expires_after(limit); }
    void ring()
    {
        rung_ = true;
        timer_.cancel();
    }
    bool rung() const { return rung_; }
    /// Returns when it rang or its time is over; throws when the coroutine is cancelled.
    asio::awaitable<void> wait()
    {
        if (rung_) co_return;
        boost::system::error_code error;
        co_await timer_.async_wait(asio::redirect_error(asio::use_awaitable, error));
        if (error && !rung_) throw boost::system::system_error{error};
    }

private:
    asio::steady_timer timer_;
    bool rung_ = false;
};

/// One question. c-ares holds it until it has answered, whoever still waits.
struct Question {
    explicit Question(const asio::any_io_executor& executor, Type asked) : bell{executor}, type{asked} {}
    Bell bell;
    Type type;
    Records records;
};

Records failure(std::string why) { return {Records::Kind::failed, {}, {}, std::move(why)}; }

/// c-ares calls this once for each question, also when the channel ends. Nothing resumes in here.
void answered(void* argument, int status, int, unsigned char* bytes, int size)
{
    const std::unique_ptr<std::shared_ptr<Question>> owner{static_cast<std::shared_ptr<Question>*>(argument)};
    Question& question = **owner;
    if (status == ARES_ENOTFOUND || status == ARES_ENODATA)
        question.records.kind = Records::Kind::none;
    else if (status == ARES_SUCCESS)
        question.records = read_records(bytes, static_cast<std::size_t>(size), question.type);
    else
        question.records = failure(ares_strerror(status));
    question.bell.ring();
}

/// A socket of c-ares, watched by the loop. c-ares opens and closes it.
struct Watched {
    explicit Watched(const asio::any_io_executor& executor, int socket) : descriptor{executor, socket} {}
    ~Watched() { let_go(); }
    Watched(const Watched&) = delete;
    Watched& operator=(const Watched&) = delete;
    /// Before c-ares closes it: its number may be another socket's in the next moment.
    void let_go()
    {
        if (descriptor.is_open()) descriptor.release();
    }
    asio::posix::stream_descriptor descriptor;
    bool reads = false, writes = false;  // what c-ares waits for
    bool read_armed = false, write_armed = false;
};

}  // namespace

struct Resolver::State : std::enable_shared_from_this<Resolver::State> {
    State(asio::any_io_executor on, ResolverOptions how) : executor{std::move(on)}, options{std::move(how)}, timer{executor} {}
    ~State() { close(); }

    void open()
    {
        close();
        ares_options settings{};
        settings.timeout = first_wait_ms;
        settings.tries = tries;
        settings.sock_state_cb = socket_changed;
        settings.sock_state_cb_data = this;
        settings.flags = ARES_FLAG_EDNS | ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES;
        const int mask = ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_SOCK_STATE_CB | ARES_OPT_FLAGS;
        if (const int status = ares_init_options(&channel, &settings, mask); status != ARES_SUCCESS) {
            channel = nullptr;
            throw std::runtime_error{std::string{"DNS: "} + ares_strerror(status)};
        }
        opened = std::chrono::steady_clock::now();
        if (options.servers.empty()) return;
        if (ares_set_servers_ports_csv(channel, options.servers.c_str()) != ARES_SUCCESS) {
            close();
            throw std::invalid_argument{"\"" + options.servers + "\" is no name server's address"};
        }
    }

    /// Every question ends as failed.
    void close()
    {
        if (!channel) return;
        ares_destroy(std::exchange(channel, nullptr));
        timer.cancel();
        sockets.clear();
    }

    static void socket_changed(void* self, ares_socket_t socket, int reads, int writes)
    {
        static_cast<State*>(self)->watch(socket, reads != 0, writes != 0);
    }

    void watch(ares_socket_t socket, bool reads, bool writes)
    {
        const auto known = sockets.find(socket);
        if (!reads && !writes) {
            if (known != sockets.end()) known->second->let_go();
            if (known != sockets.end()) sockets.erase(known);
            return;
        }
        std::shared_ptr<Watched> watched = known == sockets.end() ? nullptr : known->second;
        try {
            if (!watched) watched = std::make_shared<Watched>(executor, socket);
        } catch (const boost::system::system_error&) {
            return;  // the kernel watches no more sockets: the question's own limit ends it
        }
        sockets[socket] = watched;
        watched->reads = reads;
        watched->writes = writes;
        arm(socket, watched);
    }

    auto ready(ares_socket_t socket, const std::shared_ptr<Watched>& watched, ares_socket_t readable, ares_socket_t writable)
    {
        return [weak = weak_from_this(), seen = std::weak_ptr{watched}, socket, readable, writable](const auto& error) {
            const auto self = weak.lock();
            const auto still = seen.lock();
            if (error || !self || !still || !self->channel) return;
            (readable == socket ? still->read_armed : still->write_armed) = false;
            self->process(readable, writable);
            const auto found = self->sockets.find(socket);
            if (found != self->sockets.end() && found->second == still) self->arm(socket, still);
        };
    }

    void arm(ares_socket_t socket, const std::shared_ptr<Watched>& watched)
    {
        using Side = asio::posix::descriptor_base;
        if (watched->reads && !std::exchange(watched->read_armed, true))
            watched->descriptor.async_wait(Side::wait_read, ready(socket, watched, socket, ARES_SOCKET_BAD));
        if (watched->writes && !std::exchange(watched->write_armed, true))
            watched->descriptor.async_wait(Side::wait_write, ready(socket, watched, ARES_SOCKET_BAD, socket));
    }

    void process(ares_socket_t readable, ares_socket_t writable)
    {
        ares_process_fd(channel, readable, writable);
        set_timer();
    }

    void set_timer()
    {
        timeval storage{};
        const timeval* next = ares_timeout(channel, nullptr, &storage);
        if (!next) {
            timer.cancel();
            return;
        }
        timer.expires_after(std::chrono::seconds{next->tv_sec} + std::chrono::microseconds{next->tv_usec});
        timer.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
            const auto self = weak.lock();
            if (!error && self && self->channel) self->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
        });
    }

    /// A place among those who may ask, given back at the end of its life.
    struct Turn {
        explicit Turn(std::shared_ptr<State> of) : state{std::move(of)} { ++state->asking; }
        ~Turn()
        {
            --state->asking;
            if (state->queue.empty()) return;
            state->queue.front()->ring();
            state->queue.pop_front();
        }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        std::shared_ptr<State> state;
    };

    /// A place in the queue; who is cancelled leaves it.
    struct Place {
        explicit Place(State& of) : state{of}, bell{std::make_shared<Bell>(of.executor)} { state.queue.push_back(bell); }
        ~Place() { std::erase(state.queue, bell); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;
        State& state;
        std::shared_ptr<Bell> bell;
    };

    asio::any_io_executor executor;
    ResolverOptions options;
    asio::steady_timer timer;
    ares_channel channel = nullptr;
    std::chrono::steady_clock::time_point opened{};
    std::map<ares_socket_t, std::shared_ptr<Watched>> sockets;
    std::deque<std::shared_ptr<Bell>> queue;
    unsigned asking = 0;
    bool ended = false;

    /// Waits for a place. False: there are too many, or the resolver ends.
    asio::awaitable<bool> wait_turn()
    {
        while (asking >= options.parallel) {
            if (queue.size() >= options.waiting) co_return false;
            const Place place{*this};
            co_await place.bell->wait();
            if (ended) co_return false;
        }
        co_return !ended;
    }

    void begin(const std::string& name, const std::shared_ptr<Question>& question)
    {
        const bool old = std::chrono::steady_clock::now() - opened > configuration_life;
        if (!channel || (asking == 1 && old && sockets.empty())) open();
        auto argument = std::make_unique<std::shared_ptr<Question>>(question);
        ares_query(channel, name.c_str(), 1, static_cast<int>(question->type), answered, argument.release());
        set_timer();
    }

    static asio::awaitable<Records> ask(std::shared_ptr<State> state, std::string name, Type type)
    {
        const bool may = co_await state->wait_turn();
        if (!may) co_return failure(state->ended ? "the resolver has ended" : "too many questions at once");
        const Turn turn{state};
        auto question = std::make_shared<Question>(state->executor, type);
        question->bell.within(state->options.limit);
        state->begin(name, question);
        co_await question->bell.wait();
        if (!question->bell.rung()) co_return failure("no answer in time");
        co_return std::move(question->records);
    }
};

Resolver::Resolver(asio::any_io_executor executor, ResolverOptions options)
    : state_{std::make_shared<State>(std::move(executor), std::move(options))}
{
    state_->open();
}

Resolver::~Resolver()
{
    state_->ended = true;
    state_->close();
    for (const auto& bell : state_->queue) bell->ring();
    state_->queue.clear();
}

asio::awaitable<Records> Resolver::txt(std::string name)
{
    auto state = state_;
    auto records = co_await State::ask(std::move(state), std::move(name), Type::txt);
    co_return records;
}

asio::awaitable<Records> Resolver::mx(std::string name)
{
    auto state = state_;
    auto records = co_await State::ask(std::move(state), std::move(name), Type::mx);
    co_return records;
}

}  // namespace majlis::dns
