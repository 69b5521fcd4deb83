#include <algorithm>
#include <array>

#include "core/store/archive.hpp"
#include "core/store/lists.hpp"
#include "core/store/roles.hpp"

namespace majlis::store {
namespace {

bool belongs(const Standing& standing) { return standing.on_list || standing.below; }

}  // namespace

bool may_read(Database& db, std::int64_t list_id, std::optional<std::int64_t> member_id)
{
    const auto visibility = settings_of(db, list_id).visibility;
    if (visibility == Visibility::everyone) return true;
    const auto member = member_id ? find_member(db, *member_id) : std::nullopt;
    if (!member) return false;
    const auto here = standing(db, std::array{list_id}, member->address_key).front();
    if (here.moderator) return true;
    switch (visibility) {
        case Visibility::members:
            return here.receiver;
        case Visibility::tree: {
            const auto above = ancestors(db, list_id);
            if (above.empty()) return false;
            return belongs(standing(db, std::array{above.back().id}, member->address_key).front());
        }
        case Visibility::everyone:
        case Visibility::moderators:
            break;
    }
    return false;
}

Readable readable_by(Database& db, std::optional<std::int64_t> member_id)
{
    Readable readable;
    for (const auto& node : list_tree(db))
        if (may_read(db, node.list.id, member_id)) readable.lists.push_back(node.list.id);
    return readable;
}

Readable all_readable() { return {Readable::Scope::all, {}}; }

}  // namespace majlis::store
