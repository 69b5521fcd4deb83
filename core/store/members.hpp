#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/address/address.hpp"
#include "core/store/database.hpp"
#include "core/store/modes.hpp"

/// Persons' addresses and their subscriptions. Every change of membership takes a tick of the membership clock.
namespace majlis::store {

struct Member {
    std::int64_t id = 0;
    std::string address, address_key, name;
    std::string language;  ///< "" for the list's
    std::int64_t created_at = 0;
};

struct Subscription {
    std::int64_t list_id = 0;
    std::string list;  ///< its name
    Mode mode = Mode::each;
    std::int64_t joined_at = 0;
};

struct NewSubscription {
    Address address;
    std::string name;      ///< "" leaves a known member's name
    std::string language;  ///< fr, ar, en; "" leaves a known member's
    Mode mode = Mode::each;
};
struct Added {
    std::int64_t member_id = 0;
    enum class Kind { added, already } kind = Kind::added;  ///< already: nothing was changed
    Mode mode = Mode::each;                                 ///< as it stands now
};
/// Refuses an address of one of our lists, an unknown language.
Answer<Added> add_member(Database& db, std::int64_t list_id, const NewSubscription& order, const By& by);
/// False when he was not on the list. The member himself stays.
bool remove_member(Database& db, std::int64_t list_id, std::int64_t member_id, const By& by);
/// False when he is not on the list; true also when it was so already.
bool set_mode(Database& db, std::int64_t list_id, std::int64_t member_id, Mode mode, const By& by);

void set_name(Database& db, std::int64_t member_id, std::string_view name, const By& by);
Answer<void> set_language(Database& db, std::int64_t member_id, std::string_view language, const By& by);
/// The person keeps his id, subscriptions and roles. Refuses an address that another member or a list has.
Answer<void> change_address(Database& db, std::int64_t member_id, const Address& address, const By& by);

std::optional<Member> find_member(Database& db, std::int64_t id);
std::optional<Member> find_member(Database& db, std::string_view address_key);
/// The member of this address without any subscription, made where he is new (a role needs one).
Answer<std::int64_t> ensure_member(Database& db, const Address& address, std::string_view name, const By& by);
std::vector<Subscription> subscriptions_of(Database& db, std::int64_t member_id);

/// Name of the list whose address, or one of whose command forms, this is.
std::optional<std::string> own_address(Database& db, std::string_view address_key);

/// Members whose address begins with `text`, then those whose address or name holds it; the latter reads every row.
std::vector<Member> search_members(Database& db, std::string_view text, std::size_t limit);

enum class Below { no, yes };
/// One member of a list; with Below::yes each person once, with each of his subscriptions in the tree.
struct ListedMember {
    Member member;
    std::vector<Subscription> subscriptions;
};
/// In the order of member ids, page by page: the database is free between pages. False from `take` ends it.
void each_member(Database& db, std::int64_t list_id, Below below, const std::function<bool(const ListedMember&)>& take);

struct Counts {
    std::int64_t subscriptions = 0;
    std::int64_t each = 0, daily = 0, weekly = 0, none = 0;
};
/// Of the list's own rows. Reads them all.
Counts count_members(Database& db, std::int64_t list_id);
/// Whether the list has more rows of its own than `limit`; reads no more than that.
bool has_more_members(Database& db, std::int64_t list_id, std::int64_t limit);
/// Persons on the list or below it, each once. Reads them all.
std::int64_t count_persons(Database& db, std::int64_t list_id);

/// The next tick: for whoever changes memberships, inside his transaction.
std::int64_t next_tick(Database& db);

/// After a change that may have ended what a member gets from `list_id`: each open delivery that reaches the list, has not passed
/// him and no longer has him as a recipient will not cover him. Inside the transaction of the change.
void note_leaving(Database& db, std::int64_t member_id, std::int64_t list_id);

}  // namespace majlis::store
