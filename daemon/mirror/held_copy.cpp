#include "daemon/mirror/held_copy.hpp"

#include "core/store/content.hpp"
#include "core/text/printable.hpp"
#include "core/text/words.hpp"
#include "daemon/patience.hpp"

namespace majlis::mirror {

namespace asio = boost::asio;

std::string cleaned(std::string_view chunk, char& before)
{
    std::string out;
    out.reserve(chunk.size() + chunk.size() / 16);
    for (const char c : chunk) {
        if (c == '\0') continue;
        if (c == '\n' && before != '\r') out += '\r';
        if (before == '\r' && c != '\n') out += '\n';
        out += c;
        before = c;
    }
    return out;
}

HeldCopy::HeldCopy(StoreThread& store, const store::HeldPost& post, std::string_view token)
    : store_{store}, content_id_{post.content_id}
{
    fields_ = "X-Majlis-Token: " + std::string{token} +
              "\r\nX-Majlis-List: " + text::encode_words(text::printable(post.list), 15) +
              "\r\nX-Majlis-Held: " + text::encode_words(text::printable(std::to_string(post.id) + " " + post.reason, 300), 15) +
              "\r\n";
}

asio::awaitable<std::string> HeldCopy::chunk()
{
    auto load = [id = content_id_, n = n_](store::Database& db) { return store::load_chunk(db, id, n); };
    auto bytes = co_await run_patiently(store_, std::move(load));
    // A first line "From ..." of an mbox file would make a body of the fields below it.
    if (n_ == 0 && bytes.starts_with("From ")) bytes.erase(0, std::min(bytes.find('\n'), bytes.size() - 1) + 1);
    ++n_;
    co_return bytes;
}

asio::awaitable<std::uint64_t> HeldCopy::size()
{
    std::uint64_t total = fields_.size();
    char before = 0;
    n_ = 0;
    for (;;) {
        const auto bytes = co_await chunk();
        if (bytes.empty()) break;
        total += cleaned(bytes, before).size();
    }
    n_ = 0;
    if (before == '\r') ++total;
    co_return total;
}

asio::awaitable<std::string> HeldCopy::next()
{
    if (!begun_) {
        begun_ = true;
        co_return fields_;
    }
    for (;;) {
        const auto bytes = co_await chunk();
        if (bytes.empty()) break;
        auto clean = cleaned(bytes, before_);
        if (!clean.empty()) co_return clean;
    }
    const bool open_end = before_ == '\r';
    before_ = '\n';
    co_return open_end ? std::string{"\n"} : std::string{};
}

}  // namespace majlis::mirror
