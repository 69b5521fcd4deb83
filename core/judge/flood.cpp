#include "core/judge/record.hpp"
#include "core/letters/in_charge.hpp"
#include "core/letters/letter.hpp"
#include "core/moderation/held_mail.hpp"
#include "core/store/journal.hpp"
#include "core/store/spent.hpp"
#include "core/text/date.hpp"

namespace majlis::record {
namespace {

constexpr std::int64_t told_within = 86'400;  // seconds: once a day where the switch is not ours to turn

}  // namespace

bool stop_flood(const Case& c, const JudgedList& judged)
{
    const store::By by{"majlisd", c.now};
    const auto& flood = judged.settings.flood;
    const auto set = store::set_setting(c.db, judged.list.id, "emergency", "on", Fixed::no, by);
    if (!set && !store::spend(c.db, "flood-told", std::to_string(judged.list.id), {.times = 1, .window = told_within}, c.now))
        return false;
    const auto minutes = (flood.seconds + 59) / 60;
    auto detail = "more than " + std::to_string(flood.posts) + " posts in " + std::to_string(minutes) + " minutes";
    if (!set) detail += "; moderation could not be turned on: " + set.error().message;
    store::journal(c.db, by, {.event = "flood", .list_id = judged.list.id, .address = c.mail.identity.sender, .detail = detail});
    for (const auto& address : in_charge(c.db, c.context.site, judged.list.id, store::Holding::owners)) {
        Letter letter;
        letter.name = "owner-flood";
        letter.to = address;
        letter.list = judged.list;
        letter.values.text = {{"posts", std::to_string(flood.posts)},
                              {"minutes", std::to_string(minutes)},
                              {"since", moderation::day_of(c.now) + " " + text::format_date(c.now).substr(17, 5) + " UTC"},
                              {"sender", c.mail.identity.sender}};
        letter.priority = store::Priority::urgent;
        send_letter(c.db, c.context.site, letter, c.now);
    }
    return true;
}

}  // namespace majlis::record
