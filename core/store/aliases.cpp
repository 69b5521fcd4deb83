#include "core/store/aliases.hpp"

#include "core/store/journal.hpp"
#include "core/store/member_rows.hpp"

namespace majlis::store {

std::optional<Member> find_person(Database& db, std::string_view address_key)
{
    if (auto member = find_member(db, address_key)) return member;
    auto row =
        db.prepared(MAJLIS_MEMBER_COLUMNS "WHERE m.id = (SELECT member_id FROM member_alias a WHERE a.address_key = :key)");
    if (!row.bind(":key", address_key).step()) return std::nullopt;
    return read_member(row);
}

std::vector<std::string> aliases_of(Database& db, std::int64_t member_id)
{
    auto rows = db.prepared("SELECT address FROM member_alias WHERE member_id = :member ORDER BY address_key");
    rows.bind(":member", member_id);
    std::vector<std::string> all;
    while (rows.step()) all.push_back(rows.text(0));
    return all;
}

Answer<bool> add_alias(Database& db, std::int64_t member_id, const Address& address, const By& by)
{
    Transaction transaction{db};
    const auto key = address.key();
    if (const auto list = own_address(db, key))
        return text::Problem{address.text() + " is an address of the list '" + *list + "'"};
    if (const auto owner = find_person(db, key)) {
        if (owner->id == member_id) return {boost::system::in_place_value, false};
        return text::Problem{address.text() + " belongs to another member"};
    }
    if (aliases_of(db, member_id).size() >= most_aliases)
        return text::Problem{"a member has at most " + std::to_string(most_aliases) + " other addresses"};
    auto insert = db.prepared(
        "INSERT INTO member_alias (address_key, address, member_id, created_at) VALUES (:key, :address, :member, :now)");
    insert.bind(":key", key).bind(":address", address.text()).bind(":member", member_id).bind(":now", by.at).run();
    journal(db, by, {"alias-added", std::nullopt, find_member(db, member_id)->address_key, key});
    transaction.commit();
    return {boost::system::in_place_value, true};
}

bool remove_alias(Database& db, std::int64_t member_id, std::string_view address_key, const By& by)
{
    Transaction transaction{db};
    auto remove = db.prepared("DELETE FROM member_alias WHERE address_key = :key AND member_id = :member");
    if (remove.bind(":key", address_key).bind(":member", member_id).run() == 0) return false;
    journal(db, by, {"alias-removed", std::nullopt, find_member(db, member_id)->address_key, std::string{address_key}});
    transaction.commit();
    return true;
}

}  // namespace majlis::store
