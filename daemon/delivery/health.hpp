#pragma once
#include <boost/asio/awaitable.hpp>
#include <cstdint>
#include <functional>
#include <string>

#include "core/store/relays.hpp"
#include "daemon/store_thread.hpp"

namespace majlis::delivery {

/// Whether one relay works, as all its connections know it. After a failure it rests; then one connection tries with a few
/// recipients, and the others wait for what it finds.
class Health {
public:
    Health(std::string relay, StoreThread& store, const std::function<double()>& random)
        : relay_{std::move(relay)}, store_{store}, random_{random}
    {
    }

    /// What the database says: of earlier lives, or what an operator has decided meanwhile.
    void learn(const store::RelayState& state);
    bool resting(std::int64_t now) const { return paused_until_ > now; }
    std::int64_t paused_until() const { return paused_until_; }  ///< Unix seconds
    std::int64_t failures() const { return failures_; }          ///< in a row
    bool needs_a_person() const { return lasting_; }

    /// The failure that comes next is, or is not, one that time alone does not mend.
    void set_lasting(bool lasting) { lasting_ = lasting; }
    /// The relay itself failed: it rests from now on. False: another connection has found out before.
    boost::asio::awaitable<bool> failed(std::string reason);
    /// It took something.
    boost::asio::awaitable<void> worked();

    bool on_trial() const { return on_trial_; }
    /// A batch is leased. True: it is the trial, until end_trial().
    bool begin_trial() { return on_trial_ = failures_ > 0; }
    void end_trial() { on_trial_ = false; }

private:
    std::string relay_;
    StoreThread& store_;
    const std::function<double()>& random_;
    std::int64_t paused_until_ = 0;
    std::int64_t failures_ = 0;
    std::int64_t worked_at_ = 0;  // last time that the database was told
    bool on_trial_ = false;
    bool lasting_ = false;
};

}  // namespace majlis::delivery
