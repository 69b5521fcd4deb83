#include "core/bounces/complaint.hpp"

#include "core/address/address.hpp"
#include "core/store/journal.hpp"
#include "core/store/members.hpp"
#include "core/store/roles.hpp"

namespace majlis::bounces {
namespace {

/// Who also belongs to a list below would go on getting this one's posts through it: he is muted here instead.
void silence(store::Database& db, std::int64_t list_id, const store::Member& member, const store::By& by)
{
    const auto standing = store::standing(db, std::span{&list_id, 1}, member.address_key);
    const bool below = !standing.empty() && standing.front().below, here = !standing.empty() && standing.front().on_list;
    if (!below) {
        if (here) store::remove_member(db, list_id, member.id, by);
    } else if (here) {
        store::set_mode(db, list_id, member.id, store::Mode::none, by);
    } else if (const auto address = parse_address(member.address)) {
        store::add_member(db, list_id, {.address = *address, .name = {}, .language = {}, .mode = store::Mode::none}, by);
    }
}

}  // namespace

std::string take_complaint(store::Database& db, const Report& report, const store::By& by)
{
    const auto& type = report.classification.feedback.type;
    if (type == "not-spam") return "a reader says that it is no spam";
    const auto found = blame(db, report);
    std::string note;
    for (const auto& one : found.members) {
        const auto member = store::find_member(db, one.member_id);
        if (!member) continue;
        const bool proven = one.source == store::BounceSource::token && one.list_id.has_value();
        if (proven) silence(db, *one.list_id, *member, by);
        store::journal(db, by,
                       {.event = proven ? "complaint-unsubscribed" : "complaint-received",
                        .list_id = one.list_id,
                        .address = member->address_key,
                        .detail = "delivery " + std::to_string(one.delivery_id) + ", " + type});
        note += (note.empty() ? "" : "; ") + member->address_key +
                (proven ? " complained and was unsubscribed" : " may have complained");
    }
    return note.empty() ? "a complaint: " + found.note : note;
}

}  // namespace majlis::bounces
