#pragma once

#include <cstddef>
#include <string_view>

#include "core/queue/reply.hpp"

namespace majlis::smtp {

/// Longest line and longest reply that we read: RFC 5321 says 512 bytes a line, servers say more.
constexpr std::size_t max_reply_line = 2000;
constexpr std::size_t max_reply_lines = 100;
constexpr std::size_t max_reply_text = 500;

struct Reading {
    enum class What { incomplete, reply, garbage };
    What what = What::incomplete;
    std::size_t length = 0;  ///< of the whole reply in bytes, with its last line end
};

/// Reads the reply at the front of `bytes` into `reply`, whose strings keep their memory, and which is of no use where the reply
/// is not whole. Bare LF is taken for a line end; the last line's code counts. Garbage: what does not begin like a reply, a code
/// outside 200 to 599, and lines or replies without end.
Reading read_reply(std::string_view bytes, Reply& reply);

}  // namespace majlis::smtp
