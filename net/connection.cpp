#include "net/connection.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "core/text/ascii.hpp"
#include "net/connection_state.hpp"

namespace majlis::net {

namespace {

constexpr unsigned reads_at_once = 16;

}  // namespace

void Connection::State::acknowledge()
{
    const int at_once = 1;
    static_cast<void>(::setsockopt(descriptor.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &at_once, sizeof at_once));
    owes_ack = false;
}

std::optional<std::size_t> Connection::State::receive(std::span<char> buffer)
{
    const auto count = endpoint.security == Security::none ? receive_plain(buffer) : receive_decrypted(buffer);
    // With TLS there may be more that curl has read already.
    drained = count && *count > 0 && *count < buffer.size() && endpoint.security == Security::none;
    if (count) owes_ack = *count > 0;
    return count;
}

std::optional<std::size_t> Connection::State::receive_decrypted(std::span<char> buffer)
{
    std::size_t count = 0;
    const CURLcode code = curl_easy_recv(easy.get(), buffer.data(), buffer.size(), &count);
    if (code == CURLE_AGAIN) return std::nullopt;
    if (code != CURLE_OK) lost(code);
    return count;
}

std::optional<std::size_t> Connection::State::receive_plain(std::span<char> buffer)
{
    const auto count = ::recv(descriptor.native_handle(), buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) lost(errno);
    return std::nullopt;
}

void Connection::State::lost(CURLcode code) const
{
    const std::string why = error[0] != '\0' ? error.data() : curl_easy_strerror(code);
    throw ConnectionLost(endpoint.text() + ": connection lost: " + why);
}

void Connection::State::lost(int system_error) const
{
    throw ConnectionLost(endpoint.text() + ": connection lost: " + std::generic_category().message(system_error));
}

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;
Connection::~Connection() = default;

asio::awaitable<std::size_t> Connection::read_some(std::span<char> buffer)
{
    for (;;) {
        if (!std::exchange(state_->drained, false)) {
            if (const auto count = state_->receive(buffer)) co_return *count;
        }
        // What we write now carries the acknowledgement: whoever was woken by what has just been read goes first.
        if (state_->owes_ack) co_await asio::post(asio::use_awaitable);
        if (state_->owes_ack) state_->acknowledge();
        co_await state_->descriptor.async_wait(asio::posix::descriptor_base::wait_read, asio::use_awaitable);
    }
}

std::size_t Connection::read_now(std::span<char> buffer)
{
    // Who never stops talking must not have the loop for himself: now and then his reader waits as if nothing were there.
    if (++state_->read_at_once > reads_at_once) {
        state_->read_at_once = 0;
        return 0;
    }
    const auto count = state_->receive(buffer);
    if (!count) {
        state_->read_at_once = 0;
        return 0;
    }
    if (*count == 0) throw ConnectionLost(state_->endpoint.text() + ": the server closed the connection");
    return *count;
}

asio::awaitable<void> Connection::write(std::string_view bytes)
{
    if (plain()) {
        const std::array<std::string_view, 1> piece{bytes};
        co_await write(std::span<const std::string_view>{piece});
        co_return;
    }
    while (!bytes.empty()) {
        std::size_t count = 0;
        const CURLcode code = curl_easy_send(state_->easy.get(), bytes.data(), bytes.size(), &count);
        if (code != CURLE_OK && code != CURLE_AGAIN) state_->lost(code);
        if (count > 0) state_->owes_ack = false;
        bytes.remove_prefix(count);
        if (code == CURLE_AGAIN) {
            co_await state_->descriptor.async_wait(asio::posix::descriptor_base::wait_write, asio::use_awaitable);
        }
    }
}

namespace {

/// Bytes sent, of `pieces` from `offset` in the first on; -1 with errno.
ssize_t send_pieces(int socket, std::span<const std::string_view> pieces, std::size_t offset)
{
    std::array<iovec, 256> parts;  // filled as far as it is used
    const auto count = std::min(parts.size(), pieces.size());
    for (std::size_t i = 0; i < count; ++i) {
        const auto piece = i == 0 ? pieces[i].substr(offset) : pieces[i];
        parts[i] = {const_cast<char*>(piece.data()), piece.size()};  // sendmsg() only reads
    }
    msghdr message{};
    message.msg_iov = parts.data();
    message.msg_iovlen = count;
    return ::sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

asio::awaitable<void> Connection::write(std::span<const std::string_view> pieces)
{
    if (!plain()) {
        for (const auto piece : pieces) co_await write(piece);
        co_return;
    }
    std::size_t offset = 0;
    while (!pieces.empty()) {
        const auto sent = send_pieces(state_->descriptor.native_handle(), pieces, offset);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK) state_->lost(errno);
        if (sent < 0) {
            co_await state_->descriptor.async_wait(asio::posix::descriptor_base::wait_write, asio::use_awaitable);
            continue;
        }
        state_->owes_ack = false;
        offset += static_cast<std::size_t>(sent);
        while (!pieces.empty() && offset >= pieces.front().size()) {
            offset -= pieces.front().size();
            pieces = pieces.subspan(1);
        }
    }
}

std::size_t Connection::write_now(std::span<const std::string_view> pieces)
{
    const auto sent = send_pieces(state_->descriptor.native_handle(), pieces, 0);
    if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) state_->lost(errno);
    if (sent < 0) return 0;
    state_->owes_ack = false;
    return static_cast<std::size_t>(sent);
}

bool Connection::plain() const { return state_->endpoint.security == Security::none; }

const std::vector<std::string>& Connection::capabilities() const { return state_->capabilities; }

bool Connection::offers(std::string_view keyword) const
{
    return std::any_of(state_->capabilities.begin(), state_->capabilities.end(), [&](const std::string& line) {
        return text::equal_nocase(std::string_view(line).substr(0, line.find(' ')), keyword);
    });
}

std::string Connection::parameters(std::string_view keyword) const
{
    for (const auto& line : state_->capabilities) {
        const auto space = line.find(' ');
        if (space != std::string::npos && text::equal_nocase(std::string_view(line).substr(0, space), keyword)) {
            return line.substr(space + 1);
        }
    }
    return {};
}

const Endpoint& Connection::endpoint() const { return state_->endpoint; }

asio::any_io_executor Connection::executor() const { return state_->driver.executor(); }

}  // namespace majlis::net
