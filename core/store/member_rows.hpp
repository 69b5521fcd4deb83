#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "core/store/members.hpp"

/// For the files that read member rows; nobody else includes it.
#define MAJLIS_MEMBER_COLUMNS \
    "SELECT m.id, m.address, m.address_key, m.name, coalesce(m.language, ''), m.created_at FROM member m "

namespace majlis::store {

/// Of a row with MAJLIS_MEMBER_COLUMNS.
Member read_member(const Prepared& row);

/// The member who is to be subscribed, made or brought up to date. Inside the caller's transaction.
Answer<std::int64_t> member_for_subscription(Database& db, const NewSubscription& order, const By& by);

}  // namespace majlis::store
