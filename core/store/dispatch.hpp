#pragma once
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/store/database.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/domain_limits.hpp"
#include "core/store/recipients.hpp"

namespace majlis::store {

/// What a connection asks for.
struct WorkRequest {
    std::string relay;
    std::size_t want = 1;                       // recipients at most; the relay's limits are counted in
    std::size_t want_urgent = 1;                // the same for notices, which may use the reserve
    std::size_t per_message = 1;                // recipients that share one message, for the count of messages
    std::set<std::int64_t> lists_refused;       // lists that this relay may not send for
    std::set<std::int64_t> deliveries_refused;  // left to another relay: they ask for more than this one offers
    /// what_is_new: notices, and posts of which nobody has got a copy yet. For a connection that has work already.
    enum class Look { anything, what_is_new } look = Look::anything;
    std::int64_t now = 0;
    bool counted = true;                 // somebody counts what is sent: the reservation is on disk before the first MAIL
    std::chrono::milliseconds slice{8};  // then a lease that has found nobody so far ends, between two steps
};

/// Work for one connection: recipients of one delivery, in order.
struct Work {
    std::int64_t delivery_id = 0;
    std::int64_t content_id = 0;
    std::optional<std::int64_t> list_id;  // notice: in whose name; none: the site's
    enum class Kind { post, notice } kind = Kind::post;
    Priority priority = Priority::post;
    std::int64_t created_at = 0;  // of the delivery
    /// Set for members found by walking: their progress is the watermark of this range. Without it each has a row of his own.
    std::optional<std::int64_t> range;  // first_id of the range
    std::int64_t range_done = 0;        // the watermark to report when all of `recipients` have an outcome
    std::vector<Recipient> recipients;
};

/// Hands out work: rows that are due, urgent ones first; what a crash or a lost connection left; then a new range of the
/// delivery that has waited longest. Lives on the thread that owns the database.
class Dispatcher {
public:
    explicit Dispatcher(Database& db, DomainLimits domains = {}) : db_{db}, walk_{db}, domains_{std::move(domains)} {}

    /// After a start: what an earlier run had leased is free again, and who waits for a limit that is no more waits no longer.
    void recover();

    /// One transaction leases the work and reserves its quota, before anything is sent. nullopt: nothing to do now, or nobody
    /// found yet: see unfinished().
    std::optional<Work> lease(const WorkRequest& request);
    /// The last lease() ended with its slice, having found only people who get no copy: ask again at once.
    bool unfinished() const { return unfinished_; }

    /// The connection is through with it, as far as outcomes have been recorded: the rest is free for another one, and
    /// the `unused` (by their index) go back to the quotas of relay and domains. `now`: when they were leased.
    void release(const Work& work, const std::string& relay, const std::vector<std::size_t>& unused, std::size_t per_message,
                 std::int64_t now);

    /// Addresses of all lists in whose name the delivery speaks, whomever this work is for; none: the site's. nullopt: it is held or
    /// has ended meanwhile.
    std::optional<std::vector<std::string>> senders(const Work& work);

    /// When the next row becomes due, or a domain has room for who waits for it (Unix seconds), or nullopt.
    std::optional<std::int64_t> next_due(std::int64_t now);

private:
    bool anything_to_do(std::int64_t now);
    std::optional<Work> lease_rows(const WorkRequest& request, Priority from, Priority to);
    std::optional<Work> lease_open_range(const WorkRequest& request);
    std::optional<Work> lease_new_range(const WorkRequest& request);
    std::optional<Work> lease_first_range(const WorkRequest& request);
    std::optional<Work> cut(std::int64_t delivery_id, const WorkRequest& request);
    const Scope& scope(std::int64_t delivery_id);
    bool may_send(const Scope& scope, const WorkRequest& request) const;
    static bool may_send(std::int64_t delivery, std::int64_t list, const WorkRequest& request);
    bool slice_over();
    void fill_delivery(Work& work);

    /// The lease in the making, as the limits of domains see it.
    struct Admission {
        std::int64_t now = 0;
        std::vector<std::optional<std::uint64_t>> left;  // by rule; asked for when somebody needs it
        std::vector<std::uint64_t> taken;
        queue::Urgency urgency = queue::Urgency::ordinary;
    };
    void forget_old_limits();
    void book_domains();
    void open_admission(std::int64_t now, Priority priority);
    std::uint64_t left_of(std::size_t rule);
    std::optional<std::size_t> kept_back_by(const Recipient& recipient);
    void put_back_who_must_wait(std::int64_t delivery_id, std::vector<Recipient>& recipients);
    void wait_in_row(std::int64_t delivery_id, const Recipient& recipient, std::size_t rule);
    bool anybody_waits(std::size_t rule, Priority from, Priority to);
    std::optional<Work> lease_limited(const WorkRequest& request, Priority from, Priority to);
    std::optional<std::int64_t> next_limited(std::size_t rule, Priority priority, std::int64_t after);
    std::optional<Work> lease_limited(const WorkRequest& request, std::size_t rule, Priority priority, std::int64_t delivery_id);

    Database& db_;
    RecipientWalk walk_;
    DomainLimits domains_;
    Admission admission_;
    std::map<std::pair<std::size_t, Priority>, std::int64_t> limited_served_;  // the delivery that had its turn last
    std::map<std::int64_t, Scope> scopes_;                                     // immutable once recorded; at most 64
    std::map<std::int64_t, std::size_t> cut_;                                  // recipients cut so far: ranges grow with it
    std::set<std::pair<std::int64_t, std::pair<std::int64_t, std::string>>> rows_out_;  // rows in a connection's hands
    std::int64_t last_served_ = 0;
    unsigned turn_ = 0;
    std::chrono::steady_clock::time_point slice_end_;
    bool unfinished_ = false;
};

}  // namespace majlis::store
