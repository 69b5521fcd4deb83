#include "core/store/requests.hpp"

#include <array>

#include "core/store/journal.hpp"
#include "core/store/tokens.hpp"

namespace majlis::store {
namespace {

constexpr std::array<std::string_view, 7> kinds{"join", "leave", "set", "alias", "invite", "challenge", "resume"};
constexpr std::array<std::string_view, 4> states{"open", "done", "refused", "expired"};

template <class Names>
std::size_t index_of(const Names& names, std::string_view name)
{
    for (std::size_t i = 0; i < names.size(); ++i)
        if (names[i] == name) return i;
    throw DatabaseError{"the table request holds '" + std::string{name} + "'; run 'majlis db check'"};
}

// A macro, because the statements that share it must be literals.
#define MAJLIS_REQUEST_COLUMNS                                                                                              \
    "SELECT r.id, r.kind, r.step, r.list_id, r.address, r.address_key, r.detail, r.state, r.created_at, r.expires_at FROM " \
    "request r "

Request read_request(const Prepared& row)
{
    Request request;
    request.id = row.integer(0);
    request.kind = static_cast<RequestKind>(index_of(kinds, row.text(1)));
    request.step = row.text(2) == "moderator" ? Step::moderator : Step::person;
    request.list_id = row.maybe_integer(3);
    request.address = row.text(4);
    request.address_key = row.text(5);
    request.detail = row.text(6);
    request.state = static_cast<RequestState>(index_of(states, row.text(7)));
    request.created_at = row.integer(8);
    request.expires_at = row.integer(9);
    return request;
}

std::vector<Request> read_all(Prepared& rows)
{
    std::vector<Request> all;
    while (rows.step()) all.push_back(read_request(rows));
    return all;
}

void tell(Database& db, const By& by, std::string_view event, const Request& request, std::string_view why = {})
{
    auto detail = std::string{request_kind_name(request.kind)} + " " + std::to_string(request.id);
    if (!why.empty()) detail.append(": ").append(why);
    journal(db, by, {"request-" + std::string{event}, request.list_id, request.address_key, detail});
}

}  // namespace

std::string_view request_kind_name(RequestKind kind) { return kinds.at(static_cast<std::size_t>(kind)); }
std::string_view request_state_name(RequestState state) { return states.at(static_cast<std::size_t>(state)); }

std::int64_t open_request(Database& db, const NewRequest& order, const By& by)
{
    auto insert = db.prepared(
        "INSERT INTO request (kind, step, list_id, address, address_key, detail, created_at, expires_at) "
        "VALUES (:kind, 'person', :list, :address, :key, :detail, :now, :expires)");
    insert.bind(":kind", request_kind_name(order.kind)).bind(":list", order.list_id).bind(":address", order.address);
    insert.bind(":key", order.address_key)
        .bind(":detail", order.detail)
        .bind(":now", by.at)
        .bind(":expires", order.expires_at)
        .run();
    const auto id = db.last_id();
    tell(db, by, "opened", *find_request(db, id));
    return id;
}

std::optional<Request> find_request(Database& db, std::int64_t id)
{
    auto row = db.prepared(MAJLIS_REQUEST_COLUMNS "WHERE r.id = :id");
    if (!row.bind(":id", id).step()) return std::nullopt;
    return read_request(row);
}

std::optional<Request> open_request_of(Database& db, std::string_view address_key, RequestKind kind,
                                       std::optional<std::int64_t> list_id)
{
    auto row = db.prepared(MAJLIS_REQUEST_COLUMNS
                           "WHERE r.address_key = :key AND r.list_id IS :list AND r.kind = :kind AND r.state = 'open' "
                           "ORDER BY r.id DESC LIMIT 1");
    if (!row.bind(":key", address_key).bind(":list", list_id).bind(":kind", request_kind_name(kind)).step()) return std::nullopt;
    return read_request(row);
}

std::vector<Request> open_requests(Database& db, Step step, std::optional<std::int64_t> list_id, std::size_t limit)
{
    auto rows = db.prepared(
        list_id
            ? std::string_view{MAJLIS_REQUEST_COLUMNS
                               "WHERE r.state = 'open' AND r.step = :step AND r.list_id IN "
                               "(WITH RECURSIVE tree (id) AS (SELECT :list UNION SELECT child.id FROM tree CROSS JOIN list child "
                               "ON child.parent_id = tree.id) SELECT id FROM tree) ORDER BY r.id LIMIT :limit"}
            : std::string_view{MAJLIS_REQUEST_COLUMNS "WHERE r.state = 'open' AND r.step = :step ORDER BY r.id LIMIT :limit"});
    if (list_id) rows.bind(":list", *list_id);
    rows.bind(":step", step == Step::moderator ? "moderator" : "person").bind(":limit", static_cast<std::int64_t>(limit));
    return read_all(rows);
}

void renew_request(Database& db, std::int64_t id, std::int64_t expires_at)
{
    auto renew = db.prepared("UPDATE request SET expires_at = :expires WHERE id = :id AND state = 'open'");
    renew.bind(":expires", expires_at).bind(":id", id).run();
}

void pass_to_moderators(Database& db, const Request& request, std::int64_t expires_at, const By& by)
{
    auto pass = db.prepared("UPDATE request SET step = 'moderator', expires_at = :expires WHERE id = :id AND state = 'open'");
    pass.bind(":expires", expires_at).bind(":id", request.id).run();
    end_tokens_of_request(db, request.id, by.at);
    tell(db, by, "waits", request, "for a moderator");
}

bool end_request(Database& db, const Request& request, RequestState state, std::string_view why, const By& by)
{
    auto end =
        db.prepared("UPDATE request SET state = :state, ended_at = :now, ended_by = :who WHERE id = :id AND state = 'open'");
    end.bind(":state", request_state_name(state)).bind(":now", by.at).bind(":who", by.who).bind(":id", request.id);
    if (end.run() == 0) return false;
    end_tokens_of_request(db, request.id, by.at);
    tell(db, by, request_state_name(state), request, why);
    return true;
}

std::vector<Request> overdue_requests(Database& db, std::int64_t now, std::size_t limit)
{
    auto rows =
        db.prepared(MAJLIS_REQUEST_COLUMNS "WHERE r.state = 'open' AND r.expires_at <= :now ORDER BY r.expires_at LIMIT :limit");
    rows.bind(":now", now).bind(":limit", static_cast<std::int64_t>(limit));
    return read_all(rows);
}

std::int64_t purge_requests(Database& db, std::int64_t before, std::int64_t limit)
{
    auto purge = db.prepared(
        "DELETE FROM request WHERE id IN (SELECT id FROM (SELECT id, state, coalesce(ended_at, expires_at) AS ended FROM request "
        "ORDER BY id LIMIT :limit) WHERE state <> 'open' AND ended < :before)");
    return purge.bind(":before", before).bind(":limit", limit).run();
}

}  // namespace majlis::store
