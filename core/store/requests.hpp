#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/store/database.hpp"

/// What waits for somebody's word: the person's own, then perhaps a moderator's.
namespace majlis::store {

enum class RequestKind { join, leave, set, alias, invite, challenge, resume };  ///< resume: delivery was off for bounces
std::string_view request_kind_name(RequestKind kind);

enum class Step { person, moderator };
enum class RequestState { open, done, refused, expired };
std::string_view request_state_name(RequestState state);

struct Request {
    std::int64_t id = 0;
    RequestKind kind = RequestKind::join;
    Step step = Step::person;
    std::optional<std::int64_t> list_id;  ///< none: of the person, over all lists
    std::string address, address_key;     ///< whom it concerns
    std::string detail;                   ///< what exactly, for the code of its kind
    RequestState state = RequestState::open;
    std::int64_t created_at = 0, expires_at = 0;
};

struct NewRequest {
    RequestKind kind = RequestKind::join;
    std::optional<std::int64_t> list_id;
    std::string address, address_key, detail;
    std::int64_t expires_at = 0;
};
/// Its id. Inside the caller's transaction, like all that follow; each writes a line of the journal.
std::int64_t open_request(Database& db, const NewRequest& order, const By& by);
std::optional<Request> find_request(Database& db, std::int64_t id);
/// The newest open one of this person, for this list (nullopt: over all lists).
std::optional<Request> open_request_of(Database& db, std::string_view address_key, RequestKind kind,
                                       std::optional<std::int64_t> list_id);
/// Open ones of a step, oldest first; of one list and those below it, or of all.
std::vector<Request> open_requests(Database& db, Step step, std::optional<std::int64_t> list_id, std::size_t limit);

/// It waits longer: the same was asked again.
void renew_request(Database& db, std::int64_t id, std::int64_t expires_at);
/// The person has confirmed: his tokens end, and it waits for a moderator.
void pass_to_moderators(Database& db, const Request& request, std::int64_t expires_at, const By& by);
/// False when it was not open any more. Its tokens end with it.
bool end_request(Database& db, const Request& request, RequestState state, std::string_view why, const By& by);

/// Open ones whose time is over.
std::vector<Request> overdue_requests(Database& db, std::int64_t now, std::size_t limit);
/// Forgets what ended before `before`; how many.
std::int64_t purge_requests(Database& db, std::int64_t before, std::int64_t limit);

}  // namespace majlis::store
