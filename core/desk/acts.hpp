#pragma once

#include <vector>

#include "core/commands/commands.hpp"
#include "core/desk/visit.hpp"
#include "core/store/preferences.hpp"

/// What the desk does, one act a file; shared inside core/desk.
namespace majlis::desk {

/// What a person asks for when he joins.
struct Order {
    Address address;
    std::string name, language;  ///< "" for nothing known
    store::Mode mode = store::Mode::each;
    std::optional<store::DigestFormat> format{};
};
Values detail_of(const Order& order);
/// nullopt where the address of the request cannot be read.
std::optional<Order> order_of(const store::Request& request);

/// Puts him on the list and greets him. Refuses as store::add_member() does.
store::Answer<store::Added> admit(store::Database& db, const SiteFace& site, const store::List& list, const Order& order,
                                  const store::By& by);

Result join(Visit& visit, const commands::Line& line);
/// The person has confirmed: on the list, or before the moderators.
void join_confirmed(Visit& visit, const store::Request& request);
/// Puts a confirmed wish to join before the list's moderators.
void show_to_moderators(store::Database& db, const SiteFace& site, const store::List& list, const store::Request& request,
                        std::int64_t now);

enum class Left { removed, muted, was_not_there };
/// Takes him off the list and says goodbye. Who belongs to a list below would go on getting this one's posts through it: he is
/// muted here instead.
Left take_leave(store::Database& db, const SiteFace& site, const store::List& list, const store::Member& member,
                const store::By& by);
Result leave(Visit& visit, const commands::Line& line);
void leave_confirmed(Visit& visit, const store::Request& request);
/// The sealed token of List-Unsubscribe proves who asks.
Done leave_by_token(const Caller& caller, const Target& target);

/// A list whose posts a member receives, or has muted.
struct Receives {
    store::List list;
    store::Mode mode = store::Mode::none;
    bool own_row = false;  ///< a subscription of his; else through a list below
};
std::vector<Receives> receives(store::Database& db, std::int64_t member_id);

/// Whether the line changes something about the member himself: set, alias.
bool is_change(const commands::Line& line);
/// Carries one change out; what is said about it.
std::vector<std::string> change(Visit& visit, const store::Member& member, const commands::Line& line);
/// All changes of a mail: at once where the sender is proven, else with one question for all.
std::vector<Result> changes(Visit& visit, const std::vector<const commands::Line*>& lines);
void changes_confirmed(Visit& visit, const store::Request& request);
void alias_confirmed(Visit& visit, const store::Request& request);

/// Whether the line asks the archive: archive, get, thread.
bool is_reading(const commands::Line& line);
/// A member's mail that his provider could have vouched for, and did not: what is private is sent once he has confirmed.
bool must_confirm_reading(const Visit& visit);
/// Searches, lists a thread, or sends one post in a letter of its own; within what a person may ask in a day.
Result read_archive(Visit& visit, const commands::Line& line);

Result whoami(const Visit& visit, const commands::Line& line);
Result lists(const Visit& visit, const commands::Line& line);
Result why(const Visit& visit, const commands::Line& line);
Result help_with(const Visit& visit, const commands::Line& line);
void send_help(Visit& visit);

/// A confirmation token, from wherever in the mail.
void confirm(Visit& visit, const std::string& token);
/// A moderator's answer about a request.
void moderate(Visit& visit, const std::string& token);
void challenge_confirmed(Visit& visit, const store::Request& request);

/// Whether this is the list's name or one of its addresses.
bool names_list(const store::List& list, std::string_view word);

}  // namespace majlis::desk
