#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/smtp/offer.hpp"
#include "net/smtp/output.hpp"
#include "net/smtp/transaction.hpp"

namespace majlis::smtp {

/// The protocol without sockets or clock: transactions go in, commands come out, replies go in, results come out. Replies are
/// attributed by counting, so each command that was written has exactly one place among them.
///
/// A transaction moves through the steps RSET (only where an earlier one may have left the server in the middle), MAIL, RCPT...,
/// DATA, message; or RSET, MAIL, RCPT..., BDAT. With `chunked` several are in flight, each with its RSET: after a refused BDAT
/// some servers keep the sender, and would put the next recipient under it.
class Conversation {
public:
    struct Window {
        std::size_t transactions = 16;
        std::size_t bytes = 1024 * 1024;
    };
    enum class Trouble { none, closing, out_of_step };
    /// What the next reply is an answer to; `nothing`: none is awaited.
    enum class Awaited { nothing, noop, reset, mail, rcpt, data, final };

    Conversation(const Offer& offer, Pace pace, Window window);

    /// Takes transactions from the source while there is room. False: the source has ended, and all is answered.
    bool fill(Source& source);
    /// Reads whole replies from the front of `bytes`; returns how many bytes are done with. Stops at a reply to a message that is
    /// still being written (that reply waits), and at trouble.
    std::size_t feed(std::string_view bytes, Source& source);
    /// The peer no longer takes what we write: replies to messages not written to their end are believed all the same.
    void stop_writing() { writing_ = false; }
    /// The peer has closed: what stands behind a 421 was then not looked at any more.
    void peer_closed() { closed_ = true; }
    /// Gives back what is not answered, as unknown or unsent, with `why` as the text of its reply.
    void give_up(Source& source, std::string_view why);

    void reopen() { ended_ = false; }  ///< the source may have something again
    void probe();                      ///< NOOP; nothing is taken from the source until it is answered
    Output& output() { return output_; }
    Trouble trouble() const { return trouble_; }
    const std::string& detail() const { return detail_; }  ///< of the trouble, printable
    const Reply& farewell() const { return farewell_; }    ///< the 421
    Awaited awaited() const;
    bool idle() const { return count_ == 0 && !probing_; }
    /// A reply has come whose message is still being written.
    bool stalled() const { return stalled_; }

private:
    struct Flight {
        Transaction transaction;
        std::vector<Reply> refusals;  // one for each recipient; code 0: not refused
        std::vector<RecipientResult> results;
        Reply mail, data, final;
        Awaited step = Awaited::mail;
        std::size_t rcpt = 0;      // which, at step rcpt
        std::size_t accepted = 0;  // RCPTs
        bool whole = false;        // the message, to its end, is in the output
        bool empty = false;        // what is in the output is a lone dot
        bool over = false;         // no reply is awaited any more
        std::uint64_t asked = 0;   // offset in the output, of the command that is being answered, or of the first in its group
        std::uint64_t end = 0;     // offset in the output, of the message's end
    };

    std::size_t place(std::size_t n) const { return first_ + n < flights_.size() ? first_ + n : first_ + n - flights_.size(); }
    Flight& at(std::size_t n) { return flights_[place(n)]; }
    const Flight& at(std::size_t n) const { return flights_[place(n)]; }
    bool may_pull() const;
    bool runs_ahead() const { return pace_ != Pace::one_by_one; }

    void begin(Flight& flight);
    bool fits(Flight& flight) const;
    void say_all(Flight& flight);
    void say(Flight& flight, Awaited step);
    void say_message(Flight& flight);

    void hear(const Reply& reply, Source& source);
    void hear_step(Flight& flight, const Reply& reply);
    void hear_mail(Flight& flight, const Reply& reply);
    void hear_rcpt(Flight& flight, const Reply& reply);
    void hear_data(Flight& flight, const Reply& reply);
    void hear_final(Flight& flight, const Reply& reply);
    void go_to(Flight& flight, Awaited step);
    void after_rcpts(Flight& flight);
    bool must_wait() const;
    bool too_early(const Flight& flight) const;

    void settle(Source& source);
    void report(const Reply& why, Source& source);
    void judge(const Flight& flight, const Reply& why, RecipientResult& result) const;
    void out_of_step(std::string_view what, const Reply& reply);

    Offer offer_;
    Pace pace_;
    Window window_;
    Output output_;
    std::vector<Flight> flights_;  // a ring
    std::size_t first_ = 0;
    std::size_t count_ = 0;
    std::size_t bytes_ = 0;  // of the transactions in flight
    Reply reply_;
    Reply farewell_;
    Trouble trouble_ = Trouble::none;
    std::string detail_;
    bool needs_reset_ = false;
    bool probing_ = false;
    bool ended_ = false;
    bool writing_ = true;
    bool stalled_ = false;
    bool closed_ = false;
};

std::string_view name(Conversation::Awaited awaited);

}  // namespace majlis::smtp
