#include "core/store/moderators.hpp"

#include "core/store/journal.hpp"
#include "core/store/lists.hpp"
#include "core/store/roles.hpp"

namespace majlis::store {
namespace {

constexpr std::pair<std::string_view, HeldNotice> names[] = {
    {"each", HeldNotice::each}, {"daily", HeldNotice::daily}, {"none", HeldNotice::none}};

std::optional<HeldNotice> notice_named(std::string_view name)
{
    for (const auto& [text, notice] : names)
        if (text == name) return notice;
    return std::nullopt;
}

}  // namespace

std::vector<Moderator> moderators_of(Database& db, std::int64_t list_id, std::size_t limit)
{
    const auto of_list = settings_of(db, list_id).held_notice;
    std::vector<Moderator> found;
    auto row = db.prepared("SELECT held_notice, coalesce(held_told_at, 0) FROM member WHERE id = :id");
    for (auto& member : reachable_holders(db, list_id, Holding::owners_and_moderators, limit)) {
        Moderator moderator{.member = std::move(member), .notice = of_list, .told_at = 0};
        row->reset();
        if (row.bind(":id", moderator.member.id).step()) {
            moderator.notice = notice_named(row.text(0)).value_or(of_list);
            moderator.told_at = row.integer(1);
        }
        found.push_back(std::move(moderator));
    }
    return found;
}

void set_held_notice(Database& db, std::int64_t member_id, std::optional<HeldNotice> notice, const By& by)
{
    Transaction transaction{db};
    std::optional<std::string> name;
    for (const auto& [text, value] : names)
        if (notice && value == *notice) name = std::string{text};
    db.prepared("UPDATE member SET held_notice = :notice WHERE id = :id").bind(":notice", name).bind(":id", member_id).run();
    const auto member = find_member(db, member_id);
    journal(db, by,
            {.event = "member-changed",
             .list_id = std::nullopt,
             .address = member ? member->address_key : std::string{},
             .detail = "notices of held posts: " + name.value_or("as each list says")});
    transaction.commit();
}

void note_held_told(Database& db, std::int64_t member_id, std::int64_t now)
{
    db.prepared("UPDATE member SET held_told_at = :now WHERE id = :id").bind(":now", now).bind(":id", member_id).run();
}

}  // namespace majlis::store
