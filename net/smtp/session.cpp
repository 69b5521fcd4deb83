#include "net/smtp/session.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <exception>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "core/text/printable.hpp"
#include "net/smtp/conversation.hpp"
#include "net/smtp/reply_reader.hpp"
#include "net/within.hpp"

namespace majlis::smtp {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;
using Awaited = Conversation::Awaited;

namespace {

constexpr std::size_t block = 128 * 1024;        // written at a time, within Timeouts::block
constexpr std::size_t reply_buffer = 16 * 1024;  // the longest reply, of all its lines

std::chrono::milliseconds patience(const Timeouts& timeouts, Awaited awaited)
{
    switch (awaited) {
        case Awaited::rcpt:
            return timeouts.rcpt;
        case Awaited::data:
            return timeouts.data;
        case Awaited::final:
            return timeouts.final;
        default:
            return timeouts.mail;
    }
}

/// No limit but `quit` is below this, so whoever looks so often is never late.
std::chrono::milliseconds shortest(const Timeouts& t) { return std::min({t.mail, t.rcpt, t.data, t.block, t.final}); }

std::string seconds_text(std::chrono::milliseconds limit)
{
    return limit.count() % 1000 == 0 ? std::to_string(limit.count() / 1000) + " s" : std::to_string(limit.count()) + " ms";
}

}  // namespace

std::string_view name(End::Reason reason)
{
    switch (reason) {
        case End::Reason::ended:
            return "ended";
        case End::Reason::closed:
            return "closed";
        case End::Reason::closing:
            return "closing";
        case End::Reason::timed_out:
            return "timed-out";
        case End::Reason::out_of_step:
            return "out-of-step";
        case End::Reason::aborted:
            return "aborted";
    }
    return "closed";
}

/// Three coroutines speak: one writes, one reads, one watches the clock. The first to finish ends the session's run.
struct Session::State {
    State(net::Connection peer, SessionOptions wishes)
        : connection(std::move(peer)),
          options(wishes),
          offer(parse_offer(connection.capabilities())),
          talk(offer, wishes.pace, {wishes.window, wishes.window_bytes}),
          event(connection.executor(), Clock::time_point::max()),
          room(connection.executor(), Clock::time_point::max()),
          watch_timer(connection.executor())
    {
        talk.output().share_from(connection.plain() ? Output::worth_a_vector : Output::worth_a_write);
    }

    asio::awaitable<void> write(Source& source);
    asio::awaitable<bool> write_block(std::span<const std::string_view> pieces);
    void answer(Source& source);
    asio::awaitable<void> read(Source& source);
    asio::awaitable<bool> digest(Source& source);
    asio::awaitable<void> watch();
    asio::awaitable<void> say_goodbye();
    asio::awaitable<void> hear_goodbye();
    void poke();
    void finish(End::Reason reason, std::string detail);
    void finish_lost(const std::string& detail);
    std::optional<Clock::time_point> deadline() const;
    void overdue();

    net::Connection connection;
    SessionOptions options;
    Offer offer;
    Conversation talk;
    asio::steady_timer event;        // cancelled: the writer looks again
    asio::steady_timer room;         // cancelled: a stalled reader looks again
    asio::steady_timer watch_timer;  // cancelled: a shorter limit holds, or abort()
    std::array<char, reply_buffer> buffer{};
    std::size_t used = 0;
    Clock::time_point progress = Clock::now();  // last whole reply, or last block written
    Clock::time_point writing_since;
    bool writing = false;
    bool resting = false;  // the writer waits for something to say
    bool poked = false;
    std::vector<std::string_view> unsent;  // taken for writing, and not yet taken by the kernel
    bool broken = false;                   // the peer takes no more
    std::string broken_why;
    bool aborted = false;
    bool usable = true;
    std::optional<End> end;
};

void Session::State::poke()
{
    if (poked) return;
    poked = true;
    event.cancel();
}

void Session::State::finish(End::Reason reason, std::string detail)
{
    if (end) return;
    end = End{reason, std::move(detail), talk.farewell()};
}

/// The connection is gone; after a 421 that was to be expected.
void Session::State::finish_lost(const std::string& detail)
{
    finish(talk.farewell().code != 0 ? End::Reason::closing : End::Reason::closed, detail);
}

asio::awaitable<void> Session::State::write(Source& source)
{
    for (;;) {
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (end || cancelled.cancelled() != asio::cancellation_type::none) co_return;
        poked = false;
        if (talk.idle() && Clock::now() - progress > options.probe_after) talk.probe();
        if (!talk.fill(source)) {
            finish(End::Reason::ended, "");
            co_return;
        }
        const auto rest = std::exchange(unsent, {});
        const auto pieces = rest.empty() ? talk.output().next(block) : std::span<const std::string_view>{rest};
        if (!pieces.empty()) {
            const bool written = co_await write_block(pieces);
            if (written) continue;
        }
        resting = true;
        if (!poked) co_await event.async_wait(asio::as_tuple(asio::use_awaitable));
        resting = false;
        while (broken) co_await event.async_wait(asio::as_tuple(asio::use_awaitable));  // the reader looks for last replies
    }
}

/// What replies have made room for is said by who has read them, without waking the writer, as far as the kernel takes it at
/// once. He goes on with the rest, with what TLS makes of it, and with the end.
void Session::State::answer(Source& source)
{
    if (!resting || poked || broken || !connection.plain() || !talk.fill(source)) return poke();
    const auto pieces = talk.output().next(block);
    if (pieces.empty()) return;
    std::size_t sent = 0;
    try {
        sent = connection.write_now(pieces);
    } catch (const net::ConnectionLost&) {  // he meets it again
    }
    talk.output().wrote(sent);
    for (const auto piece : pieces) {
        const auto done = std::min(sent, piece.size());
        sent -= done;
        if (done < piece.size()) unsent.push_back(piece.substr(done));
    }
    if (!unsent.empty() || !talk.output().empty()) poke();
}

asio::awaitable<bool> Session::State::write_block(std::span<const std::string_view> pieces)
{
    writing = true;
    writing_since = Clock::now();
    try {
        co_await connection.write(pieces);
        for (const auto piece : pieces) talk.output().wrote(piece.size());
    } catch (const net::ConnectionLost& error) {
        broken = true;
        broken_why = error.what();
        talk.stop_writing();
        watch_timer.cancel();
    }
    writing = false;
    progress = Clock::now();
    if (talk.stalled()) room.cancel();
    co_return !broken;
}

asio::awaitable<void> Session::State::read(Source& source)
{
    for (;;) {
        std::size_t length = 0;
        std::string lost;
        try {
            length = co_await connection.read_some(std::span<char>{buffer}.subspan(used));
            if (length == 0) lost = "the server closed the connection";
        } catch (const net::ConnectionLost& error) {
            lost = error.what();
        }
        if (!lost.empty()) {
            talk.peer_closed();
            finish_lost(broken ? broken_why : lost);
            co_return;
        }
        used += length;
        const bool go_on = co_await digest(source);
        if (!go_on) co_return;
    }
}

/// Reads the replies in the buffer; waits while one of them answers what is still being written. False: trouble.
asio::awaitable<bool> Session::State::digest(Source& source)
{
    for (;;) {
        const auto done = talk.feed({buffer.data(), used}, source);
        if (done > 0) {
            progress = Clock::now();
            std::memmove(buffer.data(), buffer.data() + done, used - done);
            used -= done;
        }
        if (talk.trouble() == Conversation::Trouble::closing) finish(End::Reason::closing, "the server said goodbye");
        if (talk.trouble() == Conversation::Trouble::out_of_step) finish(End::Reason::out_of_step, talk.detail());
        if (used == buffer.size() && done == 0 && !talk.stalled()) finish(End::Reason::out_of_step, "a reply without end");
        if (end) co_return false;
        if (talk.farewell().code != 0) watch_timer.cancel();
        const auto written = talk.output().written();
        if (done > 0) answer(source);
        if (!talk.stalled()) co_return true;
        if (talk.output().written() != written) continue;  // it was ours to say, and nobody else will wake us
        co_await room.async_wait(asio::as_tuple(asio::use_awaitable));
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (cancelled.cancelled() != asio::cancellation_type::none) co_return false;
    }
}

std::optional<Clock::time_point> Session::State::deadline() const
{
    if (broken || talk.farewell().code != 0) return progress + options.timeouts.quit;
    if (writing) return writing_since + options.timeouts.block;
    const auto awaited = talk.awaited();
    if (awaited == Awaited::nothing) return std::nullopt;
    return progress + patience(options.timeouts, awaited);
}

void Session::State::overdue()
{
    if (broken) return finish_lost(broken_why);
    if (talk.farewell().code != 0) return finish(End::Reason::closing, "the server said goodbye");
    if (writing) {
        return finish(End::Reason::timed_out, "the server took nothing for " + seconds_text(options.timeouts.block));
    }
    const auto awaited = talk.awaited();
    finish(End::Reason::timed_out,
           "no reply to " + std::string{name(awaited)} + " within " + seconds_text(patience(options.timeouts, awaited)));
}

asio::awaitable<void> Session::State::watch()
{
    for (;;) {
        const auto cancelled = co_await asio::this_coro::cancellation_state;
        if (aborted) finish(End::Reason::aborted, "stopped by us");
        if (end || cancelled.cancelled() != asio::cancellation_type::none) co_return;
        const auto now = Clock::now();
        const auto limit = deadline();
        if (limit && *limit <= now) {
            overdue();
            co_return;
        }
        const auto look_again = now + shortest(options.timeouts);
        watch_timer.expires_at(limit ? std::min(*limit, look_again) : look_again);
        co_await watch_timer.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

/// QUIT, heard out: whoever has said a reply too many seemed to answer the last message before he read it, and to close on what
/// he still says would reset the connection (RFC 1122, 4.2.2.13) and take that message from him.
asio::awaitable<void> Session::State::say_goodbye()
{
    try {
        co_await net::within(options.timeouts.quit, connection.write("QUIT\r\n"));
        co_await net::within(options.timeouts.quit, hear_goodbye());
    } catch (const std::exception&) {  // of what has been reported nothing changes
    }
}

/// To the 221, a 421 or the end, and no further than the buffer reaches: whoever never stops talking is left.
asio::awaitable<void> Session::State::hear_goodbye()
{
    Reply reply;
    std::size_t at = 0;
    for (;;) {
        const auto reading = read_reply({buffer.data() + at, used - at}, reply);
        if (reading.what == Reading::What::garbage) co_return;
        if (reading.what == Reading::What::reply) {
            if (reply.code == 221 || reply.code == 421) co_return;
            at += reading.length;
            continue;
        }
        if (used == buffer.size()) co_return;
        const auto length = co_await connection.read_some(std::span<char>{buffer}.subspan(used));
        if (length == 0) co_return;
        used += length;
    }
}

Session::Session(net::Connection connection, SessionOptions options)
    : state_(std::make_unique<State>(std::move(connection), options))
{
}

Session::~Session() = default;

const Offer& Session::offer() const { return state_->offer; }

Pace Session::pace() const { return fitting_pace(state_->options.pace, state_->offer); }

void Session::wake() { state_->poke(); }

void Session::abort()
{
    state_->aborted = true;
    state_->watch_timer.cancel();
}

asio::awaitable<End> Session::run(Source& source)
{
    auto& state = *state_;
    if (!state.usable) co_return End{End::Reason::closed, "this session has ended", {}};
    state.end.reset();
    state.talk.reopen();
    const auto executor = state.connection.executor();
    auto race = asio::experimental::make_parallel_group(asio::co_spawn(executor, state.write(source), asio::deferred),
                                                        asio::co_spawn(executor, state.read(source), asio::deferred),
                                                        asio::co_spawn(executor, state.watch(), asio::deferred));
    const auto [order, writer, reader, watcher] =
        co_await race.async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
    const std::array<std::exception_ptr, 3> errors = {writer, reader, watcher};
    state.usable = state.end && state.end->reason == End::Reason::ended && state.talk.trouble() == Conversation::Trouble::none;
    if (!state.end && errors[order[0]]) {
        try {
            std::rethrow_exception(errors[order[0]]);
        } catch (const boost::system::system_error& error) {
            if (error.code() != asio::error::operation_aborted) throw;  // else run() itself was cancelled
        }
    }
    if (!state.end) state.finish(End::Reason::aborted, "cancelled");
    const bool all_answered = state.talk.idle();
    state.talk.give_up(source, state.end->detail);
    End end = *state.end;
    const bool said_too_much = state.talk.trouble() == Conversation::Trouble::out_of_step;
    if (said_too_much && all_answered) co_await state.say_goodbye();
    co_return end;
}

asio::awaitable<void> Session::quit()
{
    auto& state = *state_;
    if (!state.usable) co_return;
    state.usable = false;
    co_await state.say_goodbye();
}

}  // namespace majlis::smtp
