#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/store/database.hpp"

namespace majlis::store {

/// How far a range has come: everybody up to `done_id` has an outcome in the same transaction or an earlier one.
struct RangeProgress {
    std::int64_t delivery_id = 0;
    std::int64_t first_id = 0;
    std::int64_t done_id = 0;
    std::int64_t accepted = 0;  // copies taken since the last report
    std::string relay;
};

/// What the next hop said about one recipient who has, or now gets, a row of his own.
struct RecipientOutcome {
    enum class Kind {
        sent,
        deferred,   // his: 4xx
        set_aside,  // perhaps the relay's or the post's fault: tried again, nothing counts against him
        failed,     // his: 5xx
        refused     // this copy was, and nobody is blamed
    };
    std::int64_t delivery_id = 0;
    std::int64_t member_id = 0;
    std::string address;
    std::int64_t list_id = 0;
    Kind kind = Kind::deferred;
    int code = 0;
    std::string status;
    std::string text;
    std::string relay;
    std::int64_t next_attempt_at = 0;
};

/// A delivery that has just come to its end.
struct Finished {
    std::int64_t delivery_id = 0;
    std::int64_t failed = 0;
};

/// One transaction: watermarks, replies and next tries change together or not at all. A deferred recipient expires when he has
/// spent `retry_for` seconds between attempts; time that his row waited longer than planned does not count.
std::vector<Finished> record_outcomes(Database& db, std::span<const RangeProgress> ranges,
                                      std::span<const RecipientOutcome> recipients, std::int64_t retry_for, std::int64_t now);

}  // namespace majlis::store
