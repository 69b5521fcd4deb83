#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace majlis::queue {

enum class Unit { recipients, messages };

/// What a provider allows in any stretch of time of this length (rolling, not by the calendar).
struct Limit {
    std::uint64_t count = 0;
    Unit unit = Unit::recipients;
    std::chrono::seconds window{0};
};

struct ParsedLimit {
    std::optional<Limit> limit;
    std::string error;  ///< when there is none: what to write instead
};

/// Reads "60 recipients/minute", "100 messages/hour", "2000 recipients/day", "500 recipients/10 minutes". Spaces and plural are
/// free; units: second, minute, hour, day, week (s, m, h, d, w). The window may be up to 31 days.
ParsedLimit parse_limit(std::string_view text);

/// What a relay was asked to take from `start` (Unix seconds) on, during `width`. When exactly is not known, so it counts until
/// the last of it has left the window.
struct Usage {
    std::int64_t start = 0;
    std::chrono::seconds width{60};
    std::uint64_t recipients = 0;
    std::uint64_t messages = 0;
};

/// Urgent: notices and moderation, which may also use the reserve.
enum class Urgency { urgent, ordinary };

struct Allowance {
    static constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();
    std::uint64_t recipients = unlimited;
    std::uint64_t messages = unlimited;
    std::int64_t next_at = 0;  ///< when neither is 0: now. Else the Unix second when both may leave again

    /// Copies for one recipient each that may leave now.
    std::uint64_t copies() const { return recipients < messages ? recipients : messages; }
};

/// How much may leave at `now` (Unix seconds) under all of `limits`, after `usage` (any order). `reserve_percent` of each limit
/// (rounded down, so that a limit of 1 still lets posts through) is kept for what is urgent. Usage dated more than an hour ahead
/// of `now` is a clock that was wrong, and is left out.
Allowance allowance(std::span<const Limit> limits, std::span<const Usage> usage, std::int64_t now, unsigned reserve_percent,
                    Urgency urgency);

/// A relay's usage in memory: by second for the last two minutes, so that short windows roll smoothly, by minute before that.
/// Starts from what the database kept by minute.
class Ledger {
public:
    /// `limits` say how long anything must be remembered.
    explicit Ledger(std::vector<Limit> limits);

    void restore(std::int64_t minute, std::uint64_t recipients, std::uint64_t messages);  ///< minute: Unix seconds / 60
    void note(std::int64_t now, std::uint64_t recipients, std::uint64_t messages);
    /// What was reserved at `when` and then not asked for after all.
    void give_back(std::int64_t when, std::uint64_t recipients, std::uint64_t messages);
    Allowance allowed(std::int64_t now, unsigned reserve_percent, Urgency urgency) const;
    const std::vector<Limit>& limits() const { return limits_; }

private:
    void compact(std::int64_t now);

    std::vector<Limit> limits_;
    std::vector<Usage> usage_;  // by start
};

}  // namespace majlis::queue
