#include <charconv>

#include "core/text/ascii.hpp"
#include "net/imap/session.hpp"
#include "net/within.hpp"

namespace majlis::imap {

asio::awaitable<Reply> Session::append_in_parts(std::string name, std::uint64_t size, PartSource next_part)
{
    continued_ = false;
    const auto tag = queue("APPEND " + quoted_string(name) + " {" + std::to_string(size) + "}");
    co_await flush();
    while (!continued_ && !replies_.contains(tag)) {
        auto response = co_await next();
        note(std::move(response));
    }
    if (!continued_) co_return co_await finish(tag);
    for (std::uint64_t sent = 0; sent < size;) {
        const std::string part = co_await next_part();
        // A literal that is not as long as announced would make the rest of the conversation part of the mail.
        if (part.empty() || part.size() > size - sent) throw net::ConnectionLost(endpoint().text() + ": a mail changed its size");
        try {
            co_await net::within(times_.silence, connection_.write(part));
        } catch (const boost::system::system_error& error) {
            if (error.code() != asio::error::timed_out) throw;
            throw net::ConnectionLost(endpoint().text() + ": the server takes nothing any more");
        }
        sent += part.size();
    }
    out_ = "\r\n" + out_;
    co_return co_await finish(tag);
}

std::optional<AppendedAt> appended_at(const Reply& reply)
{
    if (!reply.has_code("APPENDUID")) return std::nullopt;
    AppendedAt at;
    auto numbers = text::trim(std::string_view{reply.code}.substr(9));
    const auto* end = numbers.data() + numbers.size();
    const auto first = std::from_chars(numbers.data(), end, at.uidvalidity);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ' ') return std::nullopt;
    if (std::from_chars(first.ptr + 1, end, at.uid).ptr != end) return std::nullopt;  // a set: not of one message
    return at;
}

}  // namespace majlis::imap
