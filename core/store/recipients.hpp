#pragma once
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/store/database.hpp"
#include "core/store/modes.hpp"

struct sqlite3_stmt;

namespace majlis::store {

/// Somebody whom a delivery writes to, and the target list whose copy it is.
struct Recipient {
    std::int64_t member_id = 0;
    std::string address;
    std::int64_t list_id = 0;
    int attempts = 0;  // before this one
};

/// What a delivery reaches: its target lists with the trees below them, as they were recorded when it was accepted.
struct Scope {
    struct Node {
        std::int64_t list_id = 0;
        struct Place {
            std::size_t target = 0;  // index into targets
            int parent = -1;         // index into nodes; -1: the node is the target itself
        };
        std::vector<Place> places;  // a list may lie below several targets
    };
    std::int64_t delivery_id = 0;
    std::int64_t tick = 0;              // subscriptions that began later are not in
    std::int64_t last_member_id = 0;    // nor are later members
    std::vector<std::int64_t> targets;  // the narrowest tree first: its face is the one that a member of several sees
    std::vector<Node> nodes;
    std::vector<std::int64_t> earlier;  // deliveries of the same post whose recipients are skipped
    std::int64_t post_id = 0;           // 0: a notice
    std::int64_t author_id = 0;         // the member who wrote the post; 0: none
    std::int64_t accepted_at = 0;       // Unix seconds
};

/// One row of a member on a list, as the resolution of modes sees it.
struct Row {
    std::size_t node = 0;
    Mode mode = Mode::none;
};

/// The strongest mode over all targets, and the target that gives it: a row on the target itself decides, else the nearest
/// row below it on each branch, the strongest of them.
std::optional<std::pair<Mode, std::size_t>> resolve_mode(const Scope& scope, const std::vector<Row>& rows);

/// One list of the tree of one target, as `delivery_list` keeps it.
struct ScopeLine {
    std::int64_t target_id = 0;
    std::int64_t list_id = 0;
    std::int64_t parent_id = 0;  // 0: the target itself
};
Scope scope_of(std::span<const ScopeLine> lines);
Scope load_scope(Database& db, std::int64_t delivery_id);
/// Of a delivery to these lists that would begin now.
Scope future_scope(Database& db, std::span<const std::int64_t> list_ids);

/// Mode of one member in a delivery by today's rows; nullopt when he has none there.
std::optional<Mode> recipient_mode(Database& db, const Scope& scope, std::int64_t member_id);

/// Whether the member was a recipient of `scope`'s delivery when it was accepted, by what was recorded then, not by today's
/// rows. A later delivery of the same post asks this of every earlier one.
bool covers(Database& db, const Scope& scope, std::int64_t member_id);

/// Whether the member's preferences want a copy of the delivery's post: his own, one that names him, one of his vacation.
bool wants_copy(Database& db, const Scope& scope, std::int64_t member_id);

/// Merges the (list, member) index ranges of a delivery: each person once, in the order of member ids. Keeps its statements
/// between calls, one a list, and nothing else; memory does not grow with the number of members.
class RecipientWalk {
public:
    explicit RecipientWalk(Database& db) : db_{db} {}
    ~RecipientWalk();
    RecipientWalk(const RecipientWalk&) = delete;
    RecipientWalk& operator=(const RecipientWalk&) = delete;

    struct Step {
        std::vector<Recipient> recipients;
        std::int64_t reached = 0;  // every member up to this one is in `recipients` or gets no copy
    };
    /// The next recipients after `after` and up to `last`, at most `limit` of them; looks at no more than 5,000 rows, or 500
    /// where an earlier delivery is asked, so that a step takes a few milliseconds also where most are muted or covered.
    Step step(const Scope& scope, std::int64_t after, std::int64_t last, std::size_t limit);
    /// The SQL of a step, which runs for each list: a test reads its plan, as it is prepared beside the cache of the database.
    static std::string_view statement();

private:
    Database& db_;
    std::vector<sqlite3_stmt*> pool_;
};

}  // namespace majlis::store
