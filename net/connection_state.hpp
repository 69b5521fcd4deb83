#pragma once

#include <curl/curl.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "net/connection.hpp"

namespace majlis::net {

struct CurlClose {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using Easy = std::unique_ptr<CURL, CurlClose>;
using HostList = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

/// What connecting.cpp makes, and connection.cpp reads from and writes to.
struct Connection::State {
    State(CurlDriver& owner, Endpoint where) : driver(owner), descriptor(owner.executor()), endpoint(std::move(where)) {}
    ~State()
    {
        // Released first: as long as libcurl's number for the socket is open, closing ours does not take it out of the epoll set.
        if (descriptor.is_open()) ::close(descriptor.release());
        if (easy && connected) driver.forget(easy.get());
    }
    State(const State&) = delete;
    State& operator=(const State&) = delete;

    CurlDriver& driver;
    HostList hosts{nullptr, &curl_slist_free_all};
    Easy easy;
    bool connected = false;
    unsigned read_at_once = 0;  // by read_now, with nothing between
    bool drained = false;       // the last read left nothing in the kernel, and nothing was waited for since
    bool owes_ack = false;      // something came, and nothing was written since
    asio::posix::stream_descriptor descriptor;
    Endpoint endpoint;
    std::vector<std::string> capabilities;
    std::array<char, CURL_ERROR_SIZE> error{};

    /// Tells the peer at once what came, for we have nothing to say that would carry it: where Nagle's algorithm holds his next
    /// small segment back until then, a delayed acknowledgement costs 40 ms. The kernel forgets it as soon as we write.
    void acknowledge();
    /// Bytes that are there now; nullopt: none. 0: the peer has closed.
    std::optional<std::size_t> receive(std::span<char> buffer);
    std::optional<std::size_t> receive_decrypted(std::span<char> buffer);
    /// As curl does it, and without what it looks up for each call.
    std::optional<std::size_t> receive_plain(std::span<char> buffer);
    [[noreturn]] void lost(CURLcode code) const;
    [[noreturn]] void lost(int system_error) const;
};

}  // namespace majlis::net
