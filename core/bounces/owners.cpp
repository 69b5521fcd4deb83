#include "core/bounces/owners.hpp"

#include <algorithm>
#include <map>

#include "core/letters/in_charge.hpp"
#include "core/store/bounces.hpp"
#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/store/spent.hpp"
#include "core/store/status.hpp"
#include "core/text/date.hpp"

namespace majlis::bounces {
namespace {

constexpr std::int64_t day = 86'400, week = 7 * day;
constexpr std::int64_t challenges_a_day = 5;  // of one list that are shown
constexpr std::size_t most_news = 10'000;     // lines of a day that are read
constexpr std::size_t most_rows = 1'000;      // of one letter; 50 are shown, the others counted
constexpr std::string_view daily_mark = "bounces-daily";

const char* event_of(News news) { return news == News::suspended ? "bounce-suspended" : "bounce-removed"; }

Letter letter_to(const std::string& owner, const store::List& list, std::string name, NoticeValues values)
{
    Letter letter;
    letter.name = std::move(name);
    letter.to = owner;
    letter.list = list;
    letter.values = std::move(values);
    return letter;
}

/// What one owner reads in his daily letter.
struct Summary {
    store::List list;  ///< in whose name it goes: the first that has news
    NoticeValues values;
    std::vector<std::pair<std::string, std::string>> named;  ///< event and address that stand there already
};

/// The last answer of the member's server, while we know him.
std::string reason_for(store::Database& db, const std::string& address_key)
{
    const auto member = store::find_member(db, address_key);
    const auto bounces = member ? store::bounces_of(db, member->id, 1) : std::vector<store::Bounce>{};
    if (bounces.empty()) return {};
    return bounces.front().text.empty() ? bounces.front().status : bounces.front().text;
}

void add(store::Database& db, const SiteFace& site, const store::BounceNews& one, std::map<std::string, Summary>& letters)
{
    const auto list = store::find_list(db, one.list_id);
    if (!list || store::settings_of(db, list->id).bounce_notice != BounceNotice::daily) return;
    for (const auto& owner : in_charge(db, site, list->id, store::Holding::owners)) {
        auto& summary = letters.try_emplace(owner, Summary{*list, {}, {}}).first->second;
        const std::pair<std::string, std::string> what{one.event, one.address};
        auto& rows = summary.values.rows[one.event == event_of(News::removed) ? "removed" : "suspended"];
        if (rows.size() >= most_rows || std::ranges::find(summary.named, what) != summary.named.end()) continue;
        summary.named.push_back(what);
        rows.push_back({{"address", one.address}, {"name", list->name}, {"reason", reason_for(db, one.address)}});
    }
}

}  // namespace

bool tell_owners(store::Database& db, const SiteFace& site, const store::Member& member, const Happened& what, std::int64_t now)
{
    const std::string event = event_of(what.news);
    std::vector<std::string> told{member.address};  // he has a letter of his own
    for (const auto& subscription : store::subscriptions_of(db, member.id)) {
        const auto list = store::find_list(db, subscription.list_id);
        if (!list) continue;
        store::journal(db, {"majlisd", now},
                       {.event = event, .list_id = list->id, .address = member.address_key, .detail = what.detail});
        if (store::settings_of(db, list->id).bounce_notice != BounceNotice::each) continue;
        for (const auto& owner : in_charge(db, site, list->id, store::Holding::owners)) {
            if (std::ranges::find(told, owner) != told.end()) continue;
            told.push_back(owner);
            send_letter(db, site, letter_to(owner, *list, "owner-" + event, what.values), now);
        }
    }
    return told.size() > 1;
}

bool summarise(store::Database& db, const SiteFace& site, std::int64_t now)
{
    const auto before = store::told_at(db, daily_mark).value_or(now - day);
    if (!store::tell_once(db, daily_mark, now, day)) return false;
    std::map<std::string, Summary> letters;
    for (const auto& one : store::bounce_news(db, before, now, most_news)) add(db, site, one, letters);
    for (auto& [owner, summary] : letters) {
        auto& values = summary.values;
        values.text["count"] = std::to_string(summary.named.size());
        if (!values.rows["removed"].empty()) values.text["some_removed"] = "yes";
        if (!values.rows["suspended"].empty()) values.text["some_suspended"] = "yes";
        send_letter(db, site, letter_to(owner, summary.list, "owner-bounce-summary", std::move(values)), now);
    }
    return !letters.empty();
}

std::string show_challenge(store::Database& db, const SiteFace& site, const store::List& list, const std::string& sender,
                           const std::string& raw, std::int64_t now)
{
    if (!store::spend(db, "challenge-shown", std::to_string(list.id) + " " + sender, {1, week}, now))
        return "a challenge: its owners have seen one of this sender";
    if (!store::spend(db, "challenges-shown", std::to_string(list.id), {challenges_a_day, day}, now))
        return "a challenge: its owners have seen enough of them today";
    const auto owners = in_charge(db, site, list.id, store::Holding::owners);
    for (const auto& owner : owners) {
        NoticeValues values;
        values.text["sender"] = sender;
        auto letter = letter_to(owner, list, "owner-challenge", std::move(values));
        letter.original = raw;
        send_letter(db, site, letter, now);
    }
    store::journal(db, {"majlisd", now},
                   {.event = "challenge-received",
                    .list_id = list.id,
                    .address = sender,
                    .detail = "shown to " + std::to_string(owners.size()) + " of the owners, not answered"});
    return "a challenge for " + list.name + ": shown to its owners, not answered";
}

}  // namespace majlis::bounces
