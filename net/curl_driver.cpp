#include <curl/curl.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <map>
#include <optional>
#include <utility>

#include "net/connection.hpp"

namespace majlis::net {

namespace {

/// One socket that libcurl waits for. The descriptor is libcurl's: released, never closed.
struct Watch {
    Watch(const asio::any_io_executor& executor, curl_socket_t socket) : descriptor(executor, socket) {}
    ~Watch() { release(); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

    void release()
    {
        if (descriptor.is_open()) descriptor.release();
    }

    asio::posix::stream_descriptor descriptor;
    int wanted = 0;        ///< CURL_POLL_*
    bool reading = false;  ///< a wait is under way
    bool writing = false;
};

/// Someone waits for the end of a transfer.
struct Transfer {
    explicit Transfer(const asio::any_io_executor& executor) : ended(executor, asio::steady_timer::time_point::max()) {}
    asio::steady_timer ended;  ///< cancelled at the end: a bell, not a clock
    std::optional<CURLcode> result;
};

void make_curl_ready()
{
    static const bool ready = [] {
        std::signal(SIGPIPE, SIG_IGN);
        return curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    }();
    if (!ready) throw std::runtime_error("libcurl can not be initialised");
}

}  // namespace

struct CurlDriver::State {
    explicit State(asio::any_io_executor loop) : executor(std::move(loop)), timer(executor) {}

    asio::any_io_executor executor;
    CURLM* multi = nullptr;
    asio::steady_timer timer;
    std::map<curl_socket_t, std::shared_ptr<Watch>> watches;
    std::map<CURL*, Transfer*> transfers;
    std::shared_ptr<State*> alive = std::make_shared<State*>(this);  ///< handlers look whether we still are

    static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
    static int on_timer(CURLM*, long milliseconds, void* self);
    void watch(curl_socket_t socket, const std::shared_ptr<Watch>& entry);
    void wait(curl_socket_t socket, const std::shared_ptr<Watch>& entry, int direction);
    void act(curl_socket_t socket, int mask);
    void collect();
};

int CurlDriver::State::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*)
{
    auto* state = static_cast<State*>(self);
    if (what == CURL_POLL_REMOVE) {
        // At once, though a handler may still hold the watch: the number may be closed, and given out again, right after this.
        const auto found = state->watches.find(socket);
        if (found == state->watches.end()) return 0;
        found->second->release();
        state->watches.erase(found);
        return 0;
    }
    try {  // no exception may pass through libcurl; -1 fails the transfer
        auto& entry = state->watches[socket];
        if (!entry) entry = std::make_shared<Watch>(state->executor, socket);
        entry->wanted = what;
        state->watch(socket, entry);
        return 0;
    } catch (const std::exception&) {
        state->watches.erase(socket);
        return -1;
    }
}

int CurlDriver::State::on_timer(CURLM*, long milliseconds, void* self)
{
    auto* state = static_cast<State*>(self);
    if (milliseconds < 0) {
        state->timer.cancel();
        return 0;
    }
    state->timer.expires_after(std::chrono::milliseconds(milliseconds));
    state->timer.async_wait([state, alive = std::weak_ptr(state->alive)](const boost::system::error_code& error) {
        if (!error && !alive.expired()) state->act(CURL_SOCKET_TIMEOUT, 0);
    });
    return 0;
}

void CurlDriver::State::watch(curl_socket_t socket, const std::shared_ptr<Watch>& entry)
{
    if ((entry->wanted & CURL_POLL_IN) != 0 && !entry->reading) wait(socket, entry, CURL_POLL_IN);
    if ((entry->wanted & CURL_POLL_OUT) != 0 && !entry->writing) wait(socket, entry, CURL_POLL_OUT);
}

void CurlDriver::State::wait(curl_socket_t socket, const std::shared_ptr<Watch>& entry, int direction)
{
    const bool in = direction == CURL_POLL_IN;
    (in ? entry->reading : entry->writing) = true;
    const auto kind = in ? asio::posix::descriptor_base::wait_read : asio::posix::descriptor_base::wait_write;
    entry->descriptor.async_wait(
        kind, [this, socket, in, weak = std::weak_ptr(entry), alive_too = std::weak_ptr(alive)](const auto& error) {
            const auto watched = weak.lock();
            if (alive_too.expired() || !watched) return;  // removed meanwhile: the number may be another's now
            (in ? watched->reading : watched->writing) = false;
            if (error == asio::error::operation_aborted) return;
            if ((watched->wanted & (in ? CURL_POLL_IN : CURL_POLL_OUT)) != 0)
                act(socket, in ? CURL_CSELECT_IN : CURL_CSELECT_OUT);
            if (watched.use_count() > 1) watch(socket, watched);  // still in the map
        });
}

void CurlDriver::State::act(curl_socket_t socket, int mask)
{
    int running = 0;
    curl_multi_socket_action(multi, socket, mask, &running);
    collect();
}

void CurlDriver::State::collect()
{
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
        const auto found = transfers.find(message->easy_handle);
        if (message->msg != CURLMSG_DONE || found == transfers.end()) continue;
        found->second->result = message->data.result;
        found->second->ended.cancel();
    }
}

CurlDriver::CurlDriver(asio::any_io_executor executor) : state_(std::make_unique<State>(std::move(executor)))
{
    make_curl_ready();
    state_->multi = curl_multi_init();
    if (state_->multi == nullptr) throw std::bad_alloc();
    curl_multi_setopt(state_->multi, CURLMOPT_SOCKETFUNCTION, &State::on_socket);
    curl_multi_setopt(state_->multi, CURLMOPT_SOCKETDATA, state_.get());
    curl_multi_setopt(state_->multi, CURLMOPT_TIMERFUNCTION, &State::on_timer);
    curl_multi_setopt(state_->multi, CURLMOPT_TIMERDATA, state_.get());
}

CurlDriver::~CurlDriver() { curl_multi_cleanup(state_->multi); }

asio::any_io_executor CurlDriver::executor() const { return state_->executor; }

asio::awaitable<int> CurlDriver::perform(void* easy)
{
    struct Registered {
        State& state;
        CURL* easy;
        Transfer transfer;
        ~Registered()
        {
            state.transfers.erase(easy);
            if (!transfer.result) curl_multi_remove_handle(state.multi, easy);
        }
    };
    Registered mine{*state_, easy, Transfer{state_->executor}};
    state_->transfers[easy] = &mine.transfer;
    if (curl_multi_add_handle(state_->multi, easy) != CURLM_OK) throw std::runtime_error("libcurl refuses a transfer");
    while (!mine.transfer.result) {
        boost::system::error_code woken;
        co_await mine.transfer.ended.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
    co_return static_cast<int>(*mine.transfer.result);
}

void CurlDriver::forget(void* easy) { curl_multi_remove_handle(state_->multi, easy); }

}  // namespace majlis::net
