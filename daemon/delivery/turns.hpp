#pragma once
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <cstddef>
#include <utility>
#include <vector>

#include "core/queue/shares.hpp"
#include "daemon/event.hpp"

namespace majlis::delivery {

/// In which order connections of several relays that are free at the same time look for work: by the weights of the relays.
/// One looks at a time, and whoever finds nothing makes room at once, so that no connection stays idle for another's sake.
class Turns {
public:
    explicit Turns(boost::asio::any_io_executor executor) : executor_{executor}, changed_{executor} {}
    std::size_t add(unsigned weight);

    /// Held while a connection looks; gives way to the next one when it goes.
    class Turn {
    public:
        explicit Turn(Turns& turns) : turns_{&turns} {}
        Turn(Turn&& other) noexcept : turns_{std::exchange(other.turns_, nullptr)} {}
        Turn& operator=(Turn&&) = delete;
        ~Turn()
        {
            if (turns_ != nullptr) turns_->end();
        }

    private:
        Turns* turns_;
    };
    boost::asio::awaitable<Turn> take(std::size_t relay);
    void took(std::size_t relay, std::size_t recipients) { shares_.took(relay, recipients); }
    void gave_back(std::size_t relay, std::size_t recipients) { shares_.gave_back(relay, recipients); }

private:
    bool first(std::size_t relay) const;
    void end();

    boost::asio::any_io_executor executor_;
    Event changed_;
    queue::Shares shares_;
    std::vector<std::size_t> waiting_;  // connections, by relay
    bool taken_ = false;
};

}  // namespace majlis::delivery
