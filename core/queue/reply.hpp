#pragma once

#include <string>

namespace majlis::smtp {

/// Where in a transaction a reply came. `connect` is all before MAIL: greeting, EHLO, STARTTLS, AUTH. `data` is the answer to the
/// command DATA, `final` the one to the message itself (its last dot, or BDAT ... LAST).
enum class Stage { connect, mail, rcpt, data, final };

/// What a server said. A refusal is an answer, not an error.
struct Reply {
    int code = 0;        ///< 0: none came
    std::string status;  ///< enhanced code "5.1.1" (RFC 3463) where it agrees with `code`, else empty
    std::string text;    ///< lines joined, printable, at most 500 bytes, without code and status

    bool positive() const { return code >= 200 && code < 300; }
    bool temporary() const { return code >= 400 && code < 500; }
    bool permanent() const { return code >= 500 && code < 600; }
};

}  // namespace majlis::smtp
