#pragma once
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "core/queue/portion.hpp"
#include "daemon/delivery/relay.hpp"
#include "net/smtp/session.hpp"

namespace majlis::delivery {

/// One connection of a relay, from one end of its life to the other: sessions come and go.
struct Relay::Line {
    explicit Line(std::vector<smtp::Session*>& all) : sessions{all} {}
    ~Line() { close(); }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    void close()
    {
        std::erase(sessions, session.get());
        session.reset();
        opened_at = used_at = 0;
        outdated = false;
    }

    /// The server may have gone meanwhile, or offer something else.
    bool rested(std::int64_t now) const { return session && (used_at != 0 || now - opened_at > 1); }

    std::vector<smtp::Session*>& sessions;
    std::unique_ptr<smtp::Session> session;
    std::int64_t opened_at = 0;  // Unix seconds
    std::int64_t used_at = 0;    // 0: nothing was sent on it yet
    bool outdated = false;       // what its server offers may no longer be true: a new one is opened for the next batch
    queue::Portion portion;
};

}  // namespace majlis::delivery
