#include <algorithm>

#include "core/store/dispatch.hpp"

/// What of the outbox a relay may take: by the lists that it may send for, and by the size of the mail (RFC 1870).
namespace majlis::store {
namespace {

/// What the copy of a list adds to a mail, its header and footer and their encoding: estimated, and rather too high. What is
/// larger nevertheless is found out when the copy has been made.
std::uint64_t with_room(std::uint64_t bytes) { return bytes + bytes / 16 + 8'192; }

bool is_left_to_another(const WorkRequest& request, std::uint64_t bytes, std::span<const std::int64_t> lists)
{
    if (request.largest == 0 || with_room(bytes) <= request.largest) return false;
    return request.another_takes && request.another_takes(with_room(bytes), lists);
}

/// The list alone; none for the site.
std::span<const std::int64_t> named(const std::int64_t& list) { return {&list, list == 0 ? 0U : 1U}; }

}  // namespace

bool Dispatcher::may_send(const Scope& scope, const WorkRequest& request) const
{
    return std::ranges::none_of(scope.targets, [&](std::int64_t list) { return request.lists_refused.contains(list); }) &&
           !is_left_to_another(request, scope.bytes, scope.targets);
}

/// One recipient's copy, in the name of `list`; 0: the site's.
bool Dispatcher::may_send(std::int64_t list, std::uint64_t bytes, const WorkRequest& request) const
{
    return !request.lists_refused.contains(list) && !is_left_to_another(request, bytes, named(list));
}

bool Dispatcher::left_to_another(const WorkRequest& request, const Work& work)
{
    if (work.kind == Work::Kind::post) return is_left_to_another(request, work.bytes, scope(work.delivery_id).targets);
    const auto list = work.list_id.value_or(0);
    return is_left_to_another(request, work.bytes, named(list));
}

}  // namespace majlis::store
