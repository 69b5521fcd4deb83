#pragma once
#include <compare>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/store/digest_backlog.hpp"
#include "core/store/modes.hpp"

/// Who reads digests, and what his subscriptions were: shared by the files that plan them; nobody else includes it.
namespace majlis::store::plan {

inline bool is_digest(Mode mode) { return mode == Mode::daily || mode == Mode::weekly; }

/// What a subscription was while these ticks lasted.
struct Held {
    std::int64_t list = 0;
    Mode mode = Mode::none;
    std::int64_t since = 0, until = 0;  // ticks
    std::size_t from = 0, to = 0;       // the same as places among the ticks of the deliveries
    enum class Is { past, current } is = Is::current;
};

struct Person {
    std::int64_t id = 0;
    std::string address, key, language;
    DigestFormat format = DigestFormat::mime;
    bool own_posts = true, duplicates = true;
    std::int64_t away_until = 0;
    std::int64_t mark = 0;
};
/// nullopt: he is gone, or his mail bounces.
std::optional<Person> find_reader(Database& db, std::int64_t member_id);

/// The subscriptions of people, without those from which they are banned.
class Subscriptions {
public:
    Subscriptions(Database& db, const Backlog& backlog);
    std::vector<Held> of(const Person& person);

private:
    void leave_out_banned(const Person& person, std::vector<Held>& rows);

    Database& db_;
    const Backlog& backlog_;
    std::set<std::string> banned_;  // addresses and "@domain"
};

/// Modes of one set of rows in trees, each reckoned once for all ticks between which nothing changed.
class Modes {
public:
    Modes(const std::vector<Tree>& trees, const std::vector<Held>& rows);

    /// By what he had at the tick of this place.
    Mode then(std::size_t tree, std::size_t place);
    /// By what he has today.
    Mode now(std::size_t tree);
    /// What a delivery was for him who left "each" before his copy of it was sent: the mode that he turned to.
    Mode turned_to(const Sent& sent) const;

private:
    template <class Has>
    Mode resolve(std::size_t tree, Has has) const;

    const std::vector<Tree>& trees_;
    const std::vector<Held>& rows_;
    std::set<std::size_t> edges_;
    std::map<std::pair<std::size_t, std::size_t>, Mode> known_;
    std::vector<std::optional<Mode>> now_;
};

}  // namespace majlis::store::plan
