#include "core/queue/shares.hpp"

#include <algorithm>
#include <numeric>

namespace majlis::queue {

std::size_t Shares::add(unsigned weight)
{
    takers_.push_back({static_cast<double>(std::max(weight, 1U)), furthest_});
    return takers_.size() - 1;
}

void Shares::took(std::size_t taker, std::uint64_t recipients)
{
    auto& he = takers_[taker];
    he.progress = std::max(he.progress, furthest_ - credit);
    furthest_ = std::max(furthest_, he.progress);
    he.progress += static_cast<double>(recipients) / he.weight;
}

void Shares::gave_back(std::size_t taker, std::uint64_t recipients)
{
    auto& he = takers_[taker];
    he.progress -= static_cast<double>(recipients) / he.weight;
}

std::vector<std::size_t> Shares::order() const
{
    std::vector<std::size_t> order(takers_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [this](std::size_t taker) { return takers_[taker].progress; });
    return order;
}

}  // namespace majlis::queue
