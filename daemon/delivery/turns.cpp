#include "daemon/delivery/turns.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace majlis::delivery {

std::size_t Turns::add(unsigned weight)
{
    waiting_.push_back(0);
    return shares_.add(weight);
}

bool Turns::first(std::size_t relay) const
{
    const auto order = shares_.order();
    const auto waits = [this](std::size_t other) { return waiting_[other] > 0; };
    return *std::ranges::find_if(order, waits) == relay;
}

boost::asio::awaitable<Turns::Turn> Turns::take(std::size_t relay)
{
    ++waiting_[relay];
    struct Waiting {
        std::size_t& count;
        ~Waiting() { --count; }
    };
    {
        const Waiting waiting{waiting_[relay]};
        // What wakes one connection wakes others too: all of them stand in line before the first one goes.
        co_await boost::asio::post(executor_, boost::asio::use_awaitable);
        for (bool ours = false; !ours;) {
            const auto seen = changed_.generation();
            ours = !taken_ && first(relay);
            if (!ours) co_await changed_.wait(seen, std::chrono::seconds{1});
        }
        taken_ = true;
    }
    Turn turn{*this};
    co_return turn;
}

void Turns::end()
{
    taken_ = false;
    changed_.notify();
}

}  // namespace majlis::delivery
