#include <algorithm>

#include "core/store/journal.hpp"
#include "core/store/lists.hpp"

namespace majlis::store {
namespace {

/// Name of the list above that binds this key; "" where none does.
std::string bound_by(Database& db, std::int64_t list_id, std::string_view key)
{
    const auto chain = setting_chain(db, list_id);
    for (const auto& setting : resolve_each(chain))
        if (setting.key == key && setting.above == Fixed::yes) return setting.bound_by;
    return {};
}

std::vector<StoredSetting> stored_on(Database& db, std::int64_t list_id)
{
    auto rows = db.prepared("SELECT key, value, fixed FROM list_setting WHERE list_id = :list");
    rows.bind(":list", list_id);
    std::vector<StoredSetting> stored;
    while (rows.step()) stored.push_back({rows.text(0), rows.text(1), rows.integer(2) != 0 ? Fixed::yes : Fixed::no});
    return stored;
}

}  // namespace

Answer<std::string> set_setting(Database& db, std::int64_t list_id, std::string_view key, std::string_view value, Fixed fixed,
                                const By& by)
{
    const auto normal = check_setting(key, value);
    if (!normal) return normal.error();
    if (fixed == Fixed::yes)
        if (const auto checked = check_fixed(key); !checked) return checked.error();
    Transaction transaction{db};
    if (!find_list(db, list_id)) return text::Problem{"there is no such list"};
    if (const auto where = bound_by(db, list_id, key); !where.empty())
        return text::Problem{"'" + std::string{key} + "' is fixed by '" + where + "' for all lists below it; change it there"};
    auto upsert = db.prepared(
        "INSERT INTO list_setting (list_id, key, value, fixed) VALUES (:list, :key, :value, :fixed) "
        "ON CONFLICT DO UPDATE SET value = excluded.value, fixed = excluded.fixed");
    upsert.bind(":list", list_id).bind(":key", key).bind(":value", *normal).bind(":fixed", fixed == Fixed::yes ? 1 : 0).run();
    journal(db, by, {"list-set", list_id, "", std::string{key} + "=" + *normal + (fixed == Fixed::yes ? " (fixed)" : "")});
    transaction.commit();
    return {boost::system::in_place_value, *normal};
}

Answer<bool> unset_setting(Database& db, std::int64_t list_id, std::string_view key, const By& by)
{
    if (find_setting(key) == nullptr) return check_setting(key, "").error();
    Transaction transaction{db};
    auto remove = db.prepared("DELETE FROM list_setting WHERE list_id = :list AND key = :key");
    const bool was_there = remove.bind(":list", list_id).bind(":key", key).run() != 0;
    if (was_there) journal(db, by, {"list-unset", list_id, "", std::string{key}});
    transaction.commit();
    return was_there;
}

std::vector<ListSettings> setting_chain(Database& db, std::int64_t list_id)
{
    std::vector<ListSettings> chain;
    for (const auto& list : ancestors(db, list_id)) chain.push_back({list.name, stored_on(db, list.id)});
    if (!db.site_language().empty()) chain.push_back({"", {{"language", db.site_language(), Fixed::no}}});
    std::ranges::reverse(chain);
    return chain;
}

Settings settings_of(Database& db, std::int64_t list_id)
{
    const auto chain = setting_chain(db, list_id);
    return resolve(chain);
}

}  // namespace majlis::store
