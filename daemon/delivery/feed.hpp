#pragma once
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/queue/fault.hpp"
#include "core/queue/pace.hpp"
#include "core/queue/shares.hpp"
#include "core/store/dispatch.hpp"
#include "core/token/token.hpp"
#include "daemon/counted.hpp"
#include "daemon/delivery/copies.hpp"
#include "daemon/delivery/recorder.hpp"
#include "net/smtp/transaction.hpp"

namespace majlis::delivery {

/// Leased work with the copies that it sends: one for each list in whose name.
struct Batch {
    store::Work work;
    std::map<std::int64_t, std::shared_ptr<const Copy>> copies;
    std::size_t per_message = 1;
    std::int64_t booked_at = 0;  // Unix seconds, in the relay's limits
    std::size_t booked_per_message = 1;
    std::size_t given = 0;            // recipients handed to the session
    std::size_t answered = 0;         // recipients that came back, in whatever way
    std::vector<std::size_t> unused;  // of them, never really tried
    bool gap = false;                 // somebody came back without an outcome: the watermark stays before him
    bool overtaken = false;           // by a batch of another delivery: that happens to it once
    std::optional<Counted> out;       // while it is in a relay's hands
};

/// How one relay sends, fixed for a connection.
struct Manner {
    std::string relay;
    std::string token_key;       // seals bounce and unsubscribe tokens
    std::string fixed_envelope;  // envelope = "fixed": its address; else ""
    bool smtputf8 = false;       // what the relay offers
    queue::Shares& sent;         // of all relays
    std::size_t share = 0;       // which of them this relay is
    queue::Pace& pace;
};

/// Turns batches into transactions and their replies into outcomes. Decides nothing about the relay: `verdict` says what the
/// replies mean for it.
class Feed final : public smtp::Source {
public:
    /// A mark that a streak may still withdraw: of the whole relay, as the streak is.
    struct Mark {
        std::int64_t delivery_id = 0;
        std::int64_t list_id = 0;
        store::Recipient recipient;
    };
    Feed(Manner manner, Recorder& recorder, queue::StreakDetector& streak, std::deque<Mark>& marks,
         std::function<double()> random)
        : manner_{std::move(manner)},
          sealer_{manner_.token_key},
          recorder_{recorder},
          streak_{streak},
          marks_{marks},
          random_{std::move(random)}
    {
    }

    /// True when nothing new is to be given out: the daemon stops.
    std::function<bool()> stopping;

    /// Asked when the last batch is half through; whoever provides one calls add(), or none() when there is nothing.
    std::function<void()> want_more;
    /// Called with each batch all of whose recipients have come back.
    std::function<void(std::shared_ptr<Batch>)> batch_ended;

    /// What was asked for. A batch of another delivery goes before the rest of the present one, so that neither a short post
    /// nor a notice waits for a thousand recipients of a long one.
    void add(std::shared_ptr<Batch> batch);
    /// Something new that nobody had asked for: goes first.
    void add_new(std::shared_ptr<Batch> batch);
    void none() { asking_ = false, dry_ = true; }
    /// No new transactions: what is in flight is finished.
    void close() { closed_ = true; }

    Next next(smtp::Transaction& out) override;
    void done(const smtp::TransactionResult& result) override;
    /// The session is over: what was never given to it is given back.
    void give_back();

    /// The relay, or a delivery, is at fault: nothing more goes out on this connection.
    struct Trouble {
        queue::Fault fault = queue::Fault::relay;
        std::int64_t delivery_id = 0;
        std::string text;  // the reply, for people
    };
    const std::optional<Trouble>& trouble() const { return trouble_; }
    std::size_t delivered() const { return delivered_; }
    std::size_t given() const { return given_; }  ///< recipients handed to the session
    /// The relay took fewer recipients of a message than it was given: so many (0: it never said so).
    std::size_t recipients_taken() const { return recipients_taken_; }

private:
    struct Flight {
        std::shared_ptr<Batch> batch;
        std::size_t first = 0, count = 0;
        bool local = false;  // never sent: refused here
    };
    bool fill(smtp::Transaction& out);
    void answer(Batch& batch, std::size_t index, const smtp::RecipientResult& result, const queue::Copy& copy, bool last);
    void pass(Batch& batch, const store::Recipient& recipient, bool last, int accepted);
    void settle_row(Batch& batch, const store::Recipient& recipient, store::RecipientOutcome::Kind kind, const smtp::Reply& reply,
                    std::int64_t wait);
    void refused(Batch& batch, const store::Recipient& recipient, const smtp::RecipientResult& result, const queue::Copy& copy,
                 bool last);
    void stop(const queue::Judgement& judgement, Batch& batch, const smtp::Reply& reply);
    void local_answers();
    void overtake(std::shared_ptr<Batch> batch);
    void written(std::size_t recipients);
    void taken_back(std::size_t recipients);
    void came_back(const std::shared_ptr<Batch>& batch, std::size_t count);

    void fill_sender(smtp::Transaction& out, const Batch& batch, const Copy& copy, std::int64_t member);

    Manner manner_;
    token::Sealer sealer_;
    Recorder& recorder_;
    queue::StreakDetector& streak_;
    std::deque<Mark>& marks_;
    std::function<double()> random_;
    std::deque<std::shared_ptr<Batch>> batches_;  // the first one is being given out
    std::deque<Flight> flights_;                  // in the order of next()
    std::optional<Trouble> trouble_;
    std::size_t delivered_ = 0;
    std::size_t given_ = 0;
    std::size_t recipients_taken_ = 0;
    bool asking_ = false, dry_ = false, closed_ = false;
};

}  // namespace majlis::delivery
