#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "net/smtp/offer.hpp"

namespace majlis::delivery {

/// What a copy asks of the server that takes it.
struct Demand {
    std::uint64_t bytes = 0;
    bool smtputf8 = false;  // RFC 6531: an address in its header is not ASCII
};

/// Why a server that offers this does not take it; "" where it does.
std::string lacks(const smtp::Offer& offer, const Demand& demand);

/// What one relay's server offered to the connection that was opened last, and the deliveries that were found to ask for more.
class Abilities {
public:
    void learn(const smtp::Offer& offer) { offer_ = offer; }
    bool take(const Demand& demand) const { return lacks(offer_, demand).empty(); }

    /// A delivery that was found to be beyond it, with the lists in whose name it speaks (none: the site's): remembered for
    /// `memory` seconds, as a server may be given another limit. False: too many are.
    bool note_unfit(std::int64_t delivery, const Demand& demand, std::vector<std::string> senders, std::int64_t now);
    /// It is held, and a person may mend the relay before it goes on.
    void forget(std::int64_t delivery) { found_.erase(delivery); }
    /// Found to be beyond it, and still so.
    bool unfit(std::int64_t delivery, std::int64_t now) const;

    struct Unfit {
        std::int64_t delivery;
        const std::vector<std::string>* senders;
    };
    std::vector<Unfit> all_unfit(std::int64_t now) const;

    static constexpr std::int64_t memory = 600;  // seconds
    static constexpr std::size_t most_remembered = 1'000;

private:
    struct Found {
        Demand demand;
        std::vector<std::string> senders;
        std::int64_t until = 0;  // Unix seconds
    };
    bool holds(const Found& found, std::int64_t now) const;

    smtp::Offer offer_;
    std::map<std::int64_t, Found> found_;
};

}  // namespace majlis::delivery
