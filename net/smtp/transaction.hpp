#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/queue/reply.hpp"

namespace majlis::smtp {

struct Recipient {
    std::string address;  ///< as it goes between < and >: domain in A-labels, or UTF-8 where SMTPUTF8 is offered
    std::string orcpt;    ///< the address for DSN's ORCPT (rfc822 or utf-8, made xtext here); empty: none
};

/// A stretch of a message in both its forms, the same bytes where no line begins with a dot. It begins at the start of a line.
struct Segment {
    std::string_view plain;    ///< CRLF line ends only
    std::string_view stuffed;  ///< with dots doubled (RFC 5321, 4.5.2), for DATA
};

/// One mail transaction: the envelope, and a message of head + personal + tail. The session hands the same object out again and
/// again to be filled, so that its strings keep their memory: set every member, resize `recipients`, assign to its elements.
struct Transaction {
    std::uint64_t id = 0;   ///< the caller's own
    std::string mail_from;  ///< empty: <>
    std::vector<Recipient> recipients;
    Segment head;                       ///< shared; must live until done() for this transaction
    std::string personal;               ///< header fields for this copy alone; CRLF line ends, no line begins with a dot
    Segment tail;                       ///< shared; empty line and body
    std::shared_ptr<const void> owner;  ///< may keep head and tail alive; let go after done()
    bool eight_bit = false;             ///< the message has bytes above 127
    bool smtputf8 = false;              ///< header or envelope need SMTPUTF8
    std::string envid;                  ///< DSN; empty: none

    std::uint64_t size() const { return head.plain.size() + personal.size() + tail.plain.size(); }
};

enum class Outcome {
    delivered,  ///< the server took it
    refused,    ///< the server said no, at `stage` with `reply`
    unknown,    ///< all was sent and no answer came: it may have been delivered
    unsent,     ///< certainly not delivered: never sent to its end, or the server had already given up
};

/// What became of one recipient.
struct RecipientResult {
    std::size_t index = 0;  ///< in Transaction::recipients
    Outcome outcome = Outcome::unsent;
    Stage stage = Stage::final;    ///< of the reply, or which reply was awaited when all ended
    const Reply* reply = nullptr;  ///< never null; valid during done(). Code 0 and the reason when none came

    bool delivered() const { return outcome == Outcome::delivered; }
};

struct TransactionResult {
    const Transaction& transaction;
    std::span<const RecipientResult> recipients;  ///< one for each, in their order
    std::size_t accepted = 0;                     ///< RCPTs that the server accepted, whatever came later
};

/// Where transactions come from and their results go. Called on the loop's thread, between two waits; must not block.
class Source {
public:
    enum class Next {
        given,  ///< `out` is filled
        wait,   ///< nothing now; asked again after the next reply and after Session::wake()
        end,    ///< no more: finish what is in flight, then return
    };
    virtual Next next(Transaction& out) = 0;
    /// Exactly once for each transaction given, in the order of next(). What it throws ends the session.
    virtual void done(const TransactionResult& result) = 0;

protected:
    ~Source() = default;
};

}  // namespace majlis::smtp
