#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "core/store/database.hpp"

/// Everything that is kept about one address, for whom it belongs to (GDPR article 15, law 09-08).
namespace majlis::store {

using PersonValue = std::variant<std::nullptr_t, std::int64_t, std::string>;
/// Columns in the order of the manual.
using PersonRow = std::vector<std::pair<std::string, PersonValue>>;
struct PersonPart {
    std::string name;  ///< "member", "subscriptions", ...
    std::vector<PersonRow> rows;
};
/// One part for each kind of thing, also where nothing is kept. Mails themselves are named, not copied.
std::vector<PersonPart> person_record(Database& db, std::string_view address_key);

struct Erased {
    std::int64_t subscriptions = 0;
    std::int64_t posts = 0;  ///< their text, subject and author are gone; what became of them stays without them
};
/// Removes everything about one address: member, subscriptions, roles, other addresses, requests, tokens, his posts' texts, what
/// the journal says of him. Open deliveries of his posts end. Bans stay, or he could not be kept out. One transaction; the
/// journal gets a line without the address.
Erased erase_person(Database& db, std::string_view address_key, const By& by);

}  // namespace majlis::store
