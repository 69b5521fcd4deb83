#include "core/store/members.hpp"

#include <array>

#include "core/store/journal.hpp"
#include "core/store/list_names.hpp"
#include "core/store/lists.hpp"
#include "core/store/member_rows.hpp"

namespace majlis::store {

Member read_member(const Prepared& row)
{
    return {row.integer(0), row.text(1), row.text(2), row.text(3), row.text(4), row.integer(5)};
}

std::optional<std::string> own_address(Database& db, std::string_view address_key)
{
    auto id = find_list_by_key(db, address_key);
    for (const auto& base : possible_lists(address_key))
        if (!id) id = find_list_by_key(db, base);
    if (!id) return std::nullopt;
    return find_list(db, *id)->name;
}

namespace {

Answer<void> check_language(std::string_view language)
{
    if (language.empty() || language == "fr" || language == "ar" || language == "en") return {};
    return text::Problem{"the language is fr, ar or en"};
}

std::optional<Member> one(Prepared& row)
{
    if (!row.step()) return std::nullopt;
    return read_member(row);
}

std::int64_t insert_member(Database& db, const Address& address, const std::string& key, std::string_view name,
                           std::string_view language, std::int64_t now)
{
    auto insert = db.prepared(
        "INSERT INTO member (address, address_key, name, language, created_at) "
        "VALUES (:address, :key, :name, nullif(:language, ''), :now)");
    insert.bind(":address", address.text())
        .bind(":key", key)
        .bind(":name", name)
        .bind(":language", language)
        .bind(":now", now)
        .run();
    return db.last_id();
}

}  // namespace

Answer<std::int64_t> ensure_member(Database& db, const Address& address, std::string_view name, const By& by)
{
    Transaction transaction{db};
    const auto key = address.key();
    auto id = find_member(db, std::string_view{key});
    if (id) return id->id;
    if (const auto list = own_address(db, key))
        return text::Problem{address.text() + " is an address of the list '" + *list +
                             "': mail to it would go round in a circle"};
    const auto added = insert_member(db, address, key, name, "", by.at);
    transaction.commit();
    return added;
}

void set_name(Database& db, std::int64_t member_id, std::string_view name, const By& by)
{
    Transaction transaction{db};
    auto update = db.prepared("UPDATE member SET name = :name WHERE id = :id AND name <> :name");
    if (update.bind(":name", name).bind(":id", member_id).run() != 0) {
        const auto member = find_member(db, member_id);
        journal(db, by, {"member-named", std::nullopt, member->address_key, std::string{name}});
    }
    transaction.commit();
}

Answer<void> set_language(Database& db, std::int64_t member_id, std::string_view language, const By& by)
{
    if (const auto checked = check_language(language); !checked) return checked.error();
    Transaction transaction{db};
    auto update =
        db.prepared("UPDATE member SET language = nullif(:language, '') WHERE id = :id AND coalesce(language, '') <> :language");
    if (update.bind(":language", language).bind(":id", member_id).run() != 0) {
        const auto member = find_member(db, member_id);
        journal(db, by, {"member-language", std::nullopt, member->address_key, std::string{language}});
    }
    transaction.commit();
    return {};
}

Answer<void> change_address(Database& db, std::int64_t member_id, const Address& address, const By& by)
{
    Transaction transaction{db};
    const auto member = find_member(db, member_id);
    if (!member) return text::Problem{"there is no such member"};
    const auto key = address.key();
    if (const auto list = own_address(db, key))
        return text::Problem{address.text() + " is an address of the list '" + *list + "'"};
    if (const auto other = find_member(db, std::string_view{key}); other && other->id != member_id)
        return text::Problem{other->address + " is a member already; remove one of the two"};
    auto update = db.prepared("UPDATE member SET address = :address, address_key = :key WHERE id = :id");
    update.bind(":address", address.text()).bind(":key", key).bind(":id", member_id).run();
    journal(db, by, {"member-moved", std::nullopt, member->address_key, "now " + key});
    journal(db, by, {"member-moved", std::nullopt, key, "was " + member->address_key});
    transaction.commit();
    return {};
}

std::optional<Member> find_member(Database& db, std::int64_t id)
{
    auto row = db.prepared(MAJLIS_MEMBER_COLUMNS "WHERE m.id = :id");
    return one(row.bind(":id", id));
}

std::optional<Member> find_member(Database& db, std::string_view address_key)
{
    auto row = db.prepared(MAJLIS_MEMBER_COLUMNS "WHERE m.address_key = :key");
    return one(row.bind(":key", address_key));
}

Answer<std::int64_t> member_for_subscription(Database& db, const NewSubscription& order, const By& by)
{
    if (const auto checked = check_language(order.language); !checked) return checked.error();
    const auto key = order.address.key();
    const auto known = find_member(db, std::string_view{key});
    if (known) {
        if (!order.name.empty()) set_name(db, known->id, order.name, by);
        if (!order.language.empty())
            if (const auto set = set_language(db, known->id, order.language, by); !set) return set.error();
        return known->id;
    }
    if (const auto list = own_address(db, key))
        return text::Problem{order.address.text() + " is an address of the list '" + *list +
                             "': mail to it would go round in a circle"};
    return insert_member(db, order.address, key, order.name, order.language, by.at);
}

}  // namespace majlis::store
