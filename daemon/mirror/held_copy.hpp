#pragma once

#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/store/held.hpp"
#include "daemon/store_thread.hpp"

namespace majlis::mirror {

/// A held mail as it is shown: our fields on top, then the mail as it came with its line ends made right, in parts of a chunk.
class HeldCopy {
public:
    HeldCopy(StoreThread& store, const store::HeldPost& post, std::string_view token);

    /// Bytes of all of it. Reads the mail once, chunk by chunk.
    boost::asio::awaitable<std::uint64_t> size();
    /// The next part; "" after the last one.
    boost::asio::awaitable<std::string> next();

private:
    boost::asio::awaitable<std::string> chunk();

    StoreThread& store_;
    std::int64_t content_id_;
    std::string fields_;
    std::int64_t n_ = 0;
    char before_ = 0;  // last byte of the mail so far
    bool begun_ = false;
};

/// The bytes of one chunk, CRLF only and without NUL; `before` is the last byte that was given before it.
std::string cleaned(std::string_view chunk, char& before);

}  // namespace majlis::mirror
