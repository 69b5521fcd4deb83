#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"
#include "core/store/preferences.hpp"

/// Digests: who gets which posts, and how far that has come. What somebody gets follows from what his subscriptions were when a
/// post was accepted: so a new member gets nothing older, and who leaves digest mode gets what was waiting for him. A run
/// fixes the last delivery that is in it, goes through the members in bounded transactions, and goes on where a crash left it.
namespace majlis::store {

/// `[digest]` of the configuration.
struct DigestRules {
    std::chrono::minutes at{18 * 60};  ///< since midnight, local
    std::chrono::weekday weekly{std::chrono::Sunday};
    std::string timezone = "UTC";  ///< IANA
    std::int64_t max_posts = 0;    ///< waiting for one person: more are sent at once; 0: never
    std::int64_t max_bytes = 0;    ///< the same; of a post no more than max_counted_bytes
};
constexpr std::int64_t max_counted_bytes = 64 * 1024;    ///< a digest carries the text of a post, not its files
constexpr std::int64_t digest_reach = 45 * 86'400;       ///< older posts (seconds) are left out: their bytes are kept for 60 days
constexpr std::int64_t digest_most_deliveries = 20'000;  ///< of one run; the newest are taken

/// The last moments at or before `now` at which digests were due, Unix seconds.
struct DigestMoments {
    std::int64_t daily = 0, weekly = 0;
};
DigestMoments digest_moments(const DigestRules& rules, std::int64_t now);

enum class DigestReason {
    due,   ///< its hour has come
    full,  ///< for those who have more waiting than max_posts or max_bytes
    asked  ///< for the members of some lists, whatever waits
};
std::string_view digest_reason_name(DigestReason reason);

struct DigestRun {
    std::int64_t id = 0;  ///< 0: not begun
    DigestReason reason = DigestReason::due;
    std::optional<std::int64_t> daily_at, weekly_at;  ///< due: for which moments; else both kinds are meant
    std::vector<std::int64_t> lists;                  ///< asked: with those below them
    std::int64_t max_posts = 0, max_bytes = 0;        ///< full; due: whose daily digest brings the weekly ones too. 0: never
    std::int64_t delivery_id = 0;                     ///< the last one that is in
    std::int64_t after_member = 0;                    ///< members up to this one are done
    std::int64_t created_at = 0;
};
/// A run that was begun and is not through: nobody begins another before it is.
std::optional<DigestRun> unfinished_digests(Database& db);
/// What is due now; nullopt: nothing. Changes nothing.
std::optional<DigestRun> due_digests(Database& db, const DigestRules& rules, std::int64_t now);
/// Those who may have more waiting than the rules allow; nullopt: surely nobody, or no post came since the last such run.
/// Changes nothing.
std::optional<DigestRun> full_digests(Database& db, const DigestRules& rules, std::int64_t now);
/// Everything that waits for members of these lists and those below.
DigestRun asked_digests(Database& db, std::vector<std::int64_t> lists, std::int64_t now);
/// Puts it into the store, or gives the one that another process has begun meanwhile.
DigestRun begin_digests(Database& db, const DigestRun& run);

/// The posts of one digest, by the lists under which they stand, in the order of the tree.
struct DigestPosts {
    struct Section {
        std::int64_t list_id = 0;
        std::vector<std::int64_t> posts;  ///< ids, in the order in which they were accepted
    };
    std::vector<Section> sections;
    std::int64_t count = 0;
    std::int64_t bytes = 0;  ///< as max_bytes counts
};
struct PlannedDigest {
    std::int64_t member_id = 0;
    std::string address, language;
    DigestFormat format = DigestFormat::mime;
    std::shared_ptr<const DigestPosts> posts;
    enum class Holds { what_is_due, all_that_waits } holds = Holds::what_is_due;
};

/// Who gets what in a run. People with the same subscriptions share the work; its memory grows with the posts, not with members,
/// and what it remembers of different digests is bounded.
class DigestPlanner {
public:
    DigestPlanner(Database& db, DigestRun run);
    ~DigestPlanner();
    DigestPlanner(const DigestPlanner&) = delete;
    DigestPlanner& operator=(const DigestPlanner&) = delete;

    const DigestRun& run() const;
    struct Step {
        std::vector<PlannedDigest> digests;
        std::int64_t reached = 0;  ///< every member up to this one is in `digests` or gets none
        enum class More { yes, no } more = More::no;
    };
    /// The next members after `after`: `limit` of those who have a digest mode.
    Step step(std::int64_t after, std::size_t limit);

private:
    struct Plan;
    std::unique_ptr<Plan> plan_;
};

struct DigestProgress {
    std::int64_t digests = 0;  ///< given to members in this step
    std::int64_t mails = 0;    ///< different ones of the whole run, at its end
    enum class Run { goes_on, planned } run = Run::goes_on;
};
/// One transaction: the digests of the next members of a run that was begun, the run's own place, and at its end the clocks.
/// Another process that works on the same run is welcome: each takes what is next.
DigestProgress plan_some_digests(Database& db, DigestPlanner& planner, const DigestRules& rules, const By& by,
                                 std::size_t limit = 500);

// The mails -----------------------------------------------------------------------------------------------------------

struct DigestRootIssue {
    std::int64_t list_id = 0;
    std::int64_t volume = 1, issue = 1;
};
/// One mail for many.
struct DigestGroup {
    std::int64_t id = 0;
    enum class State { waiting, written } state = State::waiting;  ///< written: some recipients may still be missing
    std::string language;
    DigestFormat format = DigestFormat::mime;
    std::vector<DigestPosts::Section> sections;
    std::vector<DigestRootIssue> roots;  ///< of its sections, in the order of the tree
    std::int64_t created_at = 0;         ///< of its run
};
/// The first one after `after_id` that has not left wholly, of runs that are planned, whatever its row says: one that can not be
/// read must not hide those behind it.
std::optional<std::int64_t> next_digest_group_id(Database& db, std::int64_t after_id);
/// The same, read.
std::optional<DigestGroup> next_digest_group(Database& db, std::int64_t after_id);
/// Groups that have not left wholly, of any run.
std::int64_t open_digest_groups(Database& db);

struct DigestPost {
    std::int64_t id = 0, content_id = 0, size = 0;
    std::string message_id;
    std::int64_t received_at = 0;
    std::int64_t thread = 0;  ///< 0: not known
    std::string sender;       ///< key of its From address; "" where there is none
};
/// nullopt: it is to be left out, as its text is gone, or it was removed from the archive of this list.
std::optional<DigestPost> digest_post(Database& db, std::int64_t list_id, std::int64_t post_id);

/// The mail is there: from now on it is a delivery, in the name of `list_id`, that reaches those whom fill_digest() adds. nullopt
/// and nothing done: one of the posts that are `in` it has been taken away since it was read; write it again.
std::optional<std::int64_t> digest_written(Database& db, std::int64_t group_id, std::string_view bytes, std::int64_t list_id,
                                           const std::vector<DigestPosts::Section>& in, std::int64_t now);
/// Puts the next recipients into the outbox. `done` when there were no more.
enum class DigestFill { more, done };
DigestFill fill_digest(Database& db, std::int64_t group_id, std::int64_t now, std::size_t limit = 500);
/// Nothing of it is left, or it cannot be written: nobody gets it.
void drop_digest(Database& db, std::int64_t group_id, std::string_view why, const By& by);

/// The delivery of a digest with this post in it that has not reached everybody; nullopt: there is none. Those that are not
/// written yet do not count: they leave out what is gone.
std::optional<std::int64_t> digest_on_its_way(Database& db, std::int64_t post_id);
/// The bytes of all digests with this post that have been delivered. Inside the caller's transaction.
void forget_digests_with(Database& db, std::int64_t post_id);

/// The bytes of digests of runs before `before` that have been delivered: each is its own mail, and the posts are kept anyway. At
/// most `limit` mails; how many. Inside the caller's transaction.
std::int64_t forget_digest_bytes(Database& db, std::int64_t before, std::int64_t limit);

/// Runs before `before` and their rows, at most about `limit` of them; how many were removed. Inside the caller's transaction.
std::int64_t purge_digests(Database& db, std::int64_t before, std::int64_t limit);

}  // namespace majlis::store
