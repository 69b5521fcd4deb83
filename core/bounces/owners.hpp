#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "core/letters/letter.hpp"
#include "core/store/members.hpp"

/// What owners hear of members whose mail comes back: as each list's bounce_notice has it.
namespace majlis::bounces {

enum class News { suspended, removed };  ///< his mail is switched off; he is taken off all lists
struct Happened {
    News news = News::suspended;
    std::string detail;   ///< for the journal
    NoticeValues values;  ///< of the letter: address, reason
};
/// Journals it for each list that he is on, and writes to the owners of those that want to hear of each at once: one letter to
/// each owner. True when the outbox has something new. Inside the caller's transaction.
bool tell_owners(store::Database& db, const SiteFace& site, const store::Member& member, const Happened& what, std::int64_t now);

/// Once a day, to the owners of lists that want it daily: whose mail was switched off and who was removed since the last time.
/// True when the outbox has something new. Inside the caller's transaction.
bool summarise(store::Database& db, const SiteFace& site, std::int64_t now);

/// A challenge to prove who sends came to this list: its owners see it, once a week for each sender and five a day at most, for
/// anybody may write any sender there; nobody answers it. What became of it, for people.
std::string show_challenge(store::Database& db, const SiteFace& site, const store::List& list, const std::string& sender,
                           const std::string& raw, std::int64_t now);

}  // namespace majlis::bounces
