#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/queue/limits.hpp"
#include "core/queue/portion.hpp"
#include "core/store/relays.hpp"
#include "daemon/delivery/abilities.hpp"
#include "daemon/delivery/feed.hpp"
#include "daemon/delivery/health.hpp"
#include "daemon/delivery/workshop.hpp"

namespace majlis::delivery {

/// idle: this connection has nothing to do. more: it will soon have nothing. what_is_new: something may have to go first.
enum class Look { idle, more, what_is_new };

/// What one look into the outbox gave.
struct Lease {
    std::shared_ptr<Batch> batch;
    std::int64_t wait_until = 0;  // Unix seconds: look again then, or when told
    bool again = false;           // nobody to write to so far, and members left to look at: at once
    bool trial = false;           // whether the relay works again is seen by this batch
};

/// None of the batch was tried.
void put_back(Batch& batch);

/// How one relay takes batches out of the outbox, within its limits and in its turn, and gives back what it did not send.
class Leasing {
public:
    Leasing(const RelayConfig& config, Workshop& shop, Health& health, Abilities& abilities);
    /// What was sent before this life counts in the limits.
    void restore(const std::vector<store::Usage>& usage);

    boost::asio::awaitable<Lease> lease(Look look, const queue::Portion& portion);
    /// All of it has come back, with an outcome or without.
    boost::asio::awaitable<void> end(std::shared_ptr<Batch> batch);

    /// The batch's delivery asks for more than this relay's server takes, which is remembered: no lease of this relay brings it
    /// for a while, if another may take it as far as is known. ended: it is held already, or no more.
    enum class Left { to_another, to_nobody, ended };
    boost::asio::awaitable<Left> leave_to_another(std::shared_ptr<Batch> batch, Demand demand);

    /// A backup relay works only while all others rest.
    bool stands_back(std::int64_t now) const;
    std::size_t share() const { return share_; }              ///< which of the relays it is, in turns and sent
    std::size_t per_message() const { return per_message_; }  ///< recipients of one message, at most
    void take_per_message(std::size_t recipients) { per_message_ = recipients; }

private:
    bool waits(Look look, std::int64_t now) const;
    bool another_may_take(std::int64_t delivery, const std::vector<std::string>& senders, std::int64_t now) const;
    store::WorkRequest request(std::int64_t now, Look look, const queue::Portion& portion, const queue::Allowance& ordinary,
                               const queue::Allowance& urgent) const;

    const RelayConfig& config_;
    Workshop& shop_;
    Health& health_;
    Abilities& abilities_;
    queue::Ledger ledger_;
    std::size_t per_message_;
    std::size_t share_;
};

}  // namespace majlis::delivery
