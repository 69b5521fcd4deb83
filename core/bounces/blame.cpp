#include "core/bounces/blame.hpp"

#include <algorithm>

#include "core/address/address.hpp"
#include "core/store/deliveries.hpp"
#include "core/store/members.hpp"
#include "core/store/recipients.hpp"
#include "core/token/token.hpp"

namespace majlis::bounces {
namespace {

constexpr std::size_t most_members = 100;  // of one report

std::optional<std::string> key_of(const std::string& address)
{
    const auto parsed = parse_address(address);
    if (!parsed) return std::nullopt;
    return parsed->key();
}

/// What a report says of one address; of a report that names nobody, what it is at all.
Failure failure_for(const Classification& report, const std::string& address_key)
{
    for (const auto& failure : report.failures)
        if (key_of(failure.recipient) == address_key) return failure;
    // He forwards his mail, and the place that it went to has failed.
    if (!report.failures.empty()) return report.failures.front();
    return Failure{.recipient = address_key, .status = "", .permanent = false, .delayed = false, .cause = Cause::other};
}

/// Whether a copy of this delivery was on its way to him.
bool was_sent(store::Database& db, std::int64_t delivery_id, const store::Member& member)
{
    const auto source = store::delivery_source(db, delivery_id);
    if (!source) return false;
    if (!source->notice) return store::covers(db, store::load_scope(db, delivery_id), member.id);
    const auto recipients = store::delivery_recipients(db, delivery_id, most_members);
    return std::ranges::any_of(recipients, [&](const auto& one) { return key_of(one.address) == member.address_key; });
}

void add_addresses(store::Database& db, const Classification& report, std::int64_t delivery_id,
                   std::optional<std::int64_t> list_id, store::BounceSource source, Blame& out)
{
    auto failures = report.failures;
    if (failures.empty())
        for (const auto& recipient : report.original.recipients)
            failures.push_back(
                {.recipient = recipient, .status = "", .permanent = false, .delayed = false, .cause = Cause::other});
    for (const auto& failure : failures) {
        if (out.members.size() >= most_members) break;
        const auto key = key_of(failure.recipient);
        const auto member = key ? store::find_member(db, *key) : std::nullopt;
        if (!member || !was_sent(db, delivery_id, *member)) continue;
        const bool known = std::ranges::any_of(out.members, [&](const Blamed& one) { return one.member_id == member->id; });
        if (!known) out.members.push_back({member->id, list_id, delivery_id, failure, source});
    }
}

/// A letter goes to one address: whatever the report says, it is about him.
std::optional<store::Member> reader_of_letter(store::Database& db, std::int64_t delivery_id)
{
    const auto source = store::delivery_source(db, delivery_id);
    if (!source || !source->notice) return std::nullopt;
    const auto recipients = store::delivery_recipients(db, delivery_id, 2);
    if (recipients.size() != 1) return std::nullopt;
    const auto key = key_of(recipients.front().address);
    return key ? store::find_member(db, *key) : std::nullopt;
}

/// The token of the returned mail's envelope, where the report itself came to another address.
std::string returned_token(const Classification& report)
{
    const auto key = key_of(report.original.return_path);
    if (!key) return {};
    const auto target = route_address(*key, [](std::string_view) { return std::optional<std::int64_t>{0}; });
    return target && target->command == Command::bounce ? target->token : std::string{};
}

}  // namespace

Blame blame(store::Database& db, const Report& report)
{
    Blame out;
    const auto key = store::site_secret(db);
    std::string token;
    std::optional<std::int64_t> list_id;
    for (const auto& target : report.targets)
        if (target.command == Command::bounce && !target.token.empty()) token = target.token, list_id = target.list_id;
    if (token.empty()) token = returned_token(report.classification);
    if (!token.empty()) {
        const auto ids = token::open_bounce(key, token);
        if (!ids) {
            out.note = "its bounce token is not ours";
            return out;
        }
        const auto member = ids->member != 0 ? store::find_member(db, ids->member) : reader_of_letter(db, ids->delivery);
        if (member) {
            out.members.push_back({member->id, list_id, ids->delivery, failure_for(report.classification, member->address_key),
                                   store::BounceSource::token});
        } else if (ids->member == 0) {
            add_addresses(db, report.classification, ids->delivery, list_id, store::BounceSource::token, out);
        }
        if (out.members.empty()) out.note = "delivery " + std::to_string(ids->delivery) + ": names no member who was sent it";
        return out;
    }
    for (const auto delivery : store::deliveries_of_message(db, report.classification.original.message_id))
        add_addresses(db, report.classification, delivery, std::nullopt, store::BounceSource::report, out);
    if (out.members.empty()) out.note = "has no token, and names no member who was sent a post of ours";
    return out;
}

int weight_of(const Blamed& blamed)
{
    const auto& failure = blamed.failure;
    if (failure.delayed || !blames_member(failure.cause)) return 0;
    if (!failure.permanent || failure.cause == Cause::mailbox_full || blamed.source == store::BounceSource::report) return 1;
    return 2;
}

}  // namespace majlis::bounces
