#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace majlis::smtp {

/// What the server offered in its last EHLO.
struct Offer {
    bool pipelining = false;     // RFC 2920
    bool chunking = false;       // RFC 3030
    bool eight_bit = false;      // RFC 6152
    bool smtputf8 = false;       // RFC 6531
    bool dsn = false;            // RFC 3461
    bool size = false;           // RFC 1870
    std::uint64_t max_size = 0;  ///< bytes; 0: not told
};

/// Reads EHLO's lines as net::Connection::capabilities() gives them ("SIZE 30720000", "PIPELINING").
Offer parse_offer(const std::vector<std::string>& lines);

/// How far we run ahead of the replies, slowest first.
enum class Pace {
    one_by_one,  ///< each command waits for its reply
    grouped,     ///< MAIL, RCPT, DATA in one write, then the message, then the next
    overlapped,  ///< the next MAIL, RCPT, DATA in the same write as the final dot
    chunked,     ///< BDAT, a window of whole transactions in flight
};

/// The fastest pace that the server offers, not above `wish`.
Pace fitting_pace(Pace wish, const Offer& offer);

/// What to try with this relay after End::out_of_step; one_by_one stays.
Pace slower(Pace pace);

std::string_view name(Pace pace);

}  // namespace majlis::smtp
