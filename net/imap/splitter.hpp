#pragma once

#include <optional>
#include <string_view>

#include "net/imap/response.hpp"

namespace majlis::imap {

/// Cuts the server's bytes, as they come, into responses, and takes the literals out of them. Reads each byte once.
class Splitter {
public:
    explicit Splitter(Limits limits = {}) : limits_(limits) {}

    /// Takes from the front of `bytes` until a response is whole. Nothing: all was taken, and more is needed.
    /// Throws ProtocolError beyond the limits.
    std::optional<RawResponse> take(std::string_view& bytes);

private:
    void take_literal(std::string_view& bytes);
    std::optional<RawResponse> end_line();
    bool may_hold_literals() const;
    void begin_literal(std::uint64_t size);

    Limits limits_;
    RawResponse response_;
    std::size_t line_start_ = 0;      ///< in response_.text: where the line began that is being read
    std::size_t kept_ = 0;            ///< bytes of the literals kept so far
    std::uint64_t literal_left_ = 0;  ///< bytes of the current literal that are still to come
};

}  // namespace majlis::imap
