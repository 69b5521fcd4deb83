#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "net/smtp/offer.hpp"

namespace majlis::delivery {

/// What a copy asks of the server that takes it.
struct Demand {
    std::uint64_t bytes = 0;
    bool smtputf8 = false;  // RFC 6531: an address in its header is not ASCII
};

/// What one relay's server takes, as it last said, and the deliveries that were found to ask for more.
class Abilities {
public:
    void learn(const smtp::Offer& offer);
    /// Why the server does not take it; "" where it does.
    std::string lacks(const Demand& demand) const;

    /// A delivery that was found to be beyond it, with the lists in whose name it speaks (none: the site's): remembered for
    /// `memory` seconds, as a server may be given another limit. False: too many are.
    bool note_unfit(std::int64_t delivery, const Demand& demand, std::vector<std::string> senders, std::int64_t now);
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
    bool holds(const Found& found, std::int64_t now) const { return now < found.until && !lacks(found.demand).empty(); }

    std::uint64_t largest_ = 0;  // bytes; 0: no limit was named (RFC 1870), or nothing heard yet
    bool smtputf8_ = true;
    std::map<std::int64_t, Found> found_;
};

}  // namespace majlis::delivery
