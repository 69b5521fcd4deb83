#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/classify/classify.hpp"
#include "core/route/route.hpp"
#include "core/store/bounces.hpp"

/// Whose copy a report is about.
namespace majlis::bounces {

/// A report as it came.
struct Report {
    const Classification& classification;
    std::span<const Target> targets;  ///< the bounce addresses that it came to, with their tokens
};

struct Blamed {
    std::int64_t member_id = 0;
    std::optional<std::int64_t> list_id;
    std::int64_t delivery_id = 0;
    Failure failure;  ///< what the report says of him
    /// token: the sealed token of his own copy, or of a copy for many to whom he belongs, names him. report: only its words and
    /// the Message-ID of a post that he was sent do; anybody who reads the list could write that.
    store::BounceSource source = store::BounceSource::report;
};

struct Blame {
    std::vector<Blamed> members;
    std::string note;  ///< why there is nobody, or what was left aside; for people
};

/// The token first, then the addresses in the report, then the returned header. A forged or foreign token counts for nothing, and
/// neither does what else such a report says. Reads only.
Blame blame(store::Database& db, const Report& report);

/// Half points: 2 for an address that is dead, 1 for one that may mend, 0 for what is not the member's fault. What only a
/// report's words say is never more than 1.
int weight_of(const Blamed& blamed);

}  // namespace majlis::bounces
