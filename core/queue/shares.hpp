#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace majlis::queue {

/// Divides something among takers in proportion to their weights: whoever is furthest behind goes first (start-time fair
/// queueing, counted in recipients). It only orders those who want: nobody is ever kept from taking what no other wants. Who
/// took nothing for a while is not behind by more than `credit` recipients of weight 1, so that he does not take all when he
/// comes back.
class Shares {
public:
    static constexpr double credit = 2'000;

    std::size_t add(unsigned weight);
    void took(std::size_t taker, std::uint64_t recipients);
    void gave_back(std::size_t taker, std::uint64_t recipients);
    /// How far he is: what he took, divided by his weight. The smallest goes first.
    double progress(std::size_t taker) const { return takers_[taker].progress; }
    /// All takers, the one furthest behind first; equals in the order in which they were added.
    std::vector<std::size_t> order() const;

private:
    struct Taker {
        double weight = 1;
        double progress = 0;
    };
    std::vector<Taker> takers_;
    double furthest_ = 0;  // what a taker who goes on had reached before
};

}  // namespace majlis::queue
