#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/members.hpp"

/// Several addresses of one person: mail comes to the first, and he may post and command from all.
namespace majlis::store {

/// The member whose address or other address this is.
std::optional<Member> find_person(Database& db, std::string_view address_key);

/// His other addresses, as they were given.
std::vector<std::string> aliases_of(Database& db, std::int64_t member_id);

constexpr std::size_t most_aliases = 10;  ///< of one person

/// False when it was his already. Refuses an address of another person, of a list, and one too many.
Answer<bool> add_alias(Database& db, std::int64_t member_id, const Address& address, const By& by);
/// False when it was none of his.
bool remove_alias(Database& db, std::int64_t member_id, std::string_view address_key, const By& by);

}  // namespace majlis::store
