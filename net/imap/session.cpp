#include "net/imap/session.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "core/text/ascii.hpp"
#include "core/text/printable.hpp"
#include "net/within.hpp"

namespace majlis::imap {

namespace {

constexpr std::size_t buffer_bytes = 64U << 10U;
constexpr std::size_t max_folders = 100'000;

std::string tag_text(Session::Tag tag) { return "m" + std::to_string(tag); }

std::optional<Session::Tag> tag_number(std::string_view text)
{
    Session::Tag tag = 0;
    const auto* end = text.data() + text.size();
    if (!text.starts_with('m') || std::from_chars(text.data() + 1, end, tag).ptr != end) return std::nullopt;
    return tag;
}

/// The number in "UIDVALIDITY 7"; nothing when the code is another.
std::optional<std::uint32_t> code_number(std::string_view code, std::string_view name)
{
    if (code.size() <= name.size() + 1 || !text::starts_with_nocase(code, name) || code[name.size()] != ' ') return std::nullopt;
    std::uint32_t value = 0;
    const auto digits = text::trim(code.substr(name.size() + 1));
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc{}) return std::nullopt;
    return value;
}

}  // namespace

bool Reply::has_code(std::string_view name) const
{
    return text::equal_nocase(std::string_view(code).substr(0, code.find(' ')), name);
}

Session::Session(net::Connection connection, Limits limits, Times times)
    : connection_(std::move(connection)), limits_(limits), times_(times), splitter_(limits), buffer_(buffer_bytes)
{
}

asio::awaitable<std::unique_ptr<Session>> Session::open(net::Connection connection, Limits limits, Times times)
{
    auto session = std::make_unique<Session>(std::move(connection), limits, times);
    std::string command = "CAPABILITY";
    const auto reply = co_await session->run(std::move(command));
    session->require(reply, "CAPABILITY");
    co_await session->find_name_space();
    co_return session;
}

bool Session::offers(std::string_view capability) const
{
    return std::any_of(capabilities_.begin(), capabilities_.end(),
                       [&](const std::string& each) { return text::equal_nocase(each, capability); });
}

void Session::forget_capability(std::string_view capability)
{
    std::erase_if(capabilities_, [&](const std::string& each) { return text::equal_nocase(each, capability); });
}

// Commands --------------------------------------------------------------------------------------------------------------

Session::Tag Session::queue(std::string_view command)
{
    const Tag tag = ++last_tag_;
    out_ += tag_text(tag);
    out_ += ' ';
    out_ += command;
    out_ += "\r\n";
    return tag;
}

asio::awaitable<void> Session::flush()
{
    if (out_.empty()) co_return;
    const std::string bytes = std::exchange(out_, {});  // what is being sent must not grow
    try {
        co_await net::within(times_.silence, connection_.write(bytes));
    } catch (const boost::system::system_error& error) {
        if (error.code() != asio::error::timed_out) throw;
        throw net::ConnectionLost(endpoint().text() + ": the server takes nothing any more");
    }
}

asio::awaitable<Response> Session::next()
{
    for (;;) {
        if (auto raw = splitter_.take(rest_)) co_return parse_response(std::move(*raw), limits_);
        std::size_t count = connection_.read_now(buffer_);
        if (count == 0) {
            try {
                count = co_await net::within(times_.silence, connection_.read_some(buffer_));
            } catch (const boost::system::system_error& error) {
                if (error.code() != asio::error::timed_out) throw;
                throw net::ConnectionLost(endpoint().text() + ": the server has gone silent");
            }
        }
        end_buffer(count);
    }
}

void Session::end_buffer(std::size_t count)
{
    if (count == 0) throw net::ConnectionLost(endpoint().text() + ": the server closed the connection");
    rest_ = {buffer_.data(), count};
}

asio::awaitable<Reply> Session::finish(Tag tag)
{
    co_await flush();
    const auto end = std::chrono::steady_clock::now() + times_.command;
    while (!replies_.contains(tag)) {
        auto response = co_await next();
        note(std::move(response));
        if (std::chrono::steady_clock::now() > end) throw net::ConnectionLost(endpoint().text() + ": a command does not end");
    }
    auto node = replies_.extract(tag);
    co_return std::move(node.mapped());
}

asio::awaitable<Reply> Session::run(std::string command)
{
    const Tag tag = queue(command);
    co_return co_await finish(tag);
}

Reply Session::require(Reply reply, std::string_view what) const
{
    if (reply.ok()) return reply;
    throw Refused(endpoint().text() + ": " + std::string(what) + " is refused: " + text::printable(reply.text), reply.code);
}

void Session::note_status(const Response& response)
{
    if (response.status == Status::bye && !leaving_) {
        throw net::ConnectionLost(endpoint().text() + ": the server says goodbye: " + text::printable(response.text));
    }
    if (const auto number = code_number(response.code, "UIDVALIDITY")) mailbox_.uidvalidity = *number;
    if (const auto number = code_number(response.code, "UIDNEXT")) mailbox_.uidnext = *number;
}

void Session::note(Response&& response)
{
    switch (response.kind) {
        case Response::Kind::tagged: {
            const auto tag = tag_number(response.tag);
            if (tag && *tag <= last_tag_) {
                replies_[*tag] = Reply{response.status, std::move(response.code), std::move(response.text)};
            }
            break;
        }
        case Response::Kind::status:
            note_status(response);
            break;
        case Response::Kind::continuation:
            continued_ = true;
            break;
        case Response::Kind::exists:
            news_ = news_ || response.number > 0;  // also an equal number: one may have gone as another came
            mailbox_.exists = response.number;
            break;
        case Response::Kind::expunge:
            if (mailbox_.exists > 0) --mailbox_.exists;
            news_ = news_ || changes_are_news_;
            break;
        case Response::Kind::fetch:
            news_ = news_ || changes_are_news_;
            if (fetch_sink_ && response.fetch.uid != 0) fetch_sink_(std::move(response.fetch));
            break;
        case Response::Kind::capability:
            capabilities_ = std::move(response.words);
            break;
        case Response::Kind::search:
            if (response.numbers.size() > limits_.numbers - std::min(limits_.numbers, numbers_.size()))
                throw ProtocolError(too_many_found);
            numbers_.insert(numbers_.end(), response.numbers.begin(), response.numbers.end());
            break;
        case Response::Kind::list:
            if (folders_.size() < max_folders) folders_.push_back(std::move(response.folder));
            break;
        case Response::Kind::name_space:
            name_space_ = {std::move(response.folder.name), response.folder.separator};
            break;
        case Response::Kind::other:
            break;  // untagged junk: the stream is in step all the same
    }
}

// Waiting ---------------------------------------------------------------------------------------------------------------

bool Session::take_news() { return std::exchange(news_, false); }

asio::awaitable<bool> Session::begin_idle()
{
    continued_ = false;
    idle_tag_ = queue("IDLE");
    co_await flush();
    const auto end = std::chrono::steady_clock::now() + times_.silence;
    while (!continued_ && !replies_.contains(idle_tag_)) {
        auto response = co_await next();
        note(std::move(response));
        if (std::chrono::steady_clock::now() > end) throw net::ConnectionLost(endpoint().text() + ": a command does not end");
    }
    if (continued_) co_return true;
    replies_.erase(idle_tag_);
    forget_capability("IDLE");
    co_return false;
}

asio::awaitable<void> Session::wait_idle(const Bell& bell)
{
    while (!news_ && !replies_.contains(idle_tag_)) {
        if (auto raw = splitter_.take(rest_)) {
            note(parse_response(std::move(*raw), limits_));
            continue;
        }
        const auto count = co_await net::until(bell(), connection_.read_some(buffer_));
        if (!count) co_return;
        end_buffer(*count);
    }
}

Session::Tag Session::end_idle()
{
    if (!replies_.contains(idle_tag_)) out_ += "DONE\r\n";
    return idle_tag_;
}

asio::awaitable<void> Session::logout()
{
    leaving_ = true;
    try {
        std::string command = "LOGOUT";
        co_await net::within(std::chrono::seconds{5}, run(std::move(command)));
    } catch (const net::ConnectionLost&) {  // it has hung up first: as good as a goodbye
    } catch (const ProtocolError&) {
    } catch (const boost::system::system_error&) {
    }
}

}  // namespace majlis::imap
