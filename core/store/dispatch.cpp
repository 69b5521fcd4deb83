#include "core/store/dispatch.hpp"

#include <algorithm>

#include "core/store/lists.hpp"
#include "core/store/relays.hpp"
#include "core/store/sync_later.hpp"

namespace majlis::store {
namespace {

constexpr std::size_t first_range = 50;  // recipients: small, so that every connection gets a share of a small post
constexpr std::size_t largest_range = 1'000;
constexpr std::size_t scopes_kept = 64;
constexpr std::size_t deliveries_looked_at = 64;  // of those that a relay may not send, before it goes without
constexpr int due_rows_looked_at = 1'024;         // at least the rows in flight and one batch
constexpr int rows_passed_over = 10'000;          // beside them, where deliveries are left to another relay

std::int64_t messages_for(std::size_t recipients, std::size_t per_message)
{
    return static_cast<std::int64_t>((recipients + per_message - 1) / std::max<std::size_t>(per_message, 1));
}

std::pair<std::int64_t, std::pair<std::int64_t, std::string>> row_key(std::int64_t delivery, const Recipient& recipient)
{
    return {delivery, {recipient.member_id, recipient.address}};
}

}  // namespace

void Dispatcher::recover()
{
    Transaction transaction{db_};
    db_.prepared("UPDATE delivery_range SET leased = 0 WHERE leased = 1 AND done_id < last_id")->exec();
    forget_old_limits();
    transaction.commit();
}

bool Dispatcher::anything_to_do(std::int64_t now)
{
    for (int priority = 0; priority <= static_cast<int>(Priority::digest); ++priority) {
        auto due = db_.prepared(
            "SELECT 1 FROM delivery_recipient WHERE state = 'deferred' AND waits_for = '' AND priority = ?1 AND next_attempt_at "
            "<= ?2 "
            "LIMIT 1");
        due->bind(1, priority);
        due->bind(2, now);
        if (due->executeStep()) return true;
        auto uncut = db_.prepared(
            "SELECT 1 FROM delivery WHERE state = 'active' AND next_member_id < last_member_id AND priority = ?1 LIMIT 1");
        uncut->bind(1, priority);
        if (uncut->executeStep()) return true;
    }
    for (std::size_t rule = 0; rule < domains_.size(); ++rule)
        if (domains_.allowed(rule, now, queue::Urgency::urgent).copies() > 0 &&
            anybody_waits(rule, Priority::urgent, Priority::digest))
            return true;
    auto open = db_.prepared("SELECT 1 FROM delivery_range WHERE done_id < last_id AND leased = 0 LIMIT 1");
    return open->executeStep();
}

void Dispatcher::fill_delivery(Work& work)
{
    auto row = db_.prepared("SELECT content_id, list_id, kind, priority, created_at FROM delivery WHERE id = ?1");
    row->bind(1, work.delivery_id);
    if (!row->executeStep()) throw std::runtime_error{"no delivery " + std::to_string(work.delivery_id)};
    work.content_id = row->getColumn(0).getInt64();
    if (!row->getColumn(1).isNull()) work.list_id = row->getColumn(1).getInt64();
    work.kind = row->getColumn(2).getString() == "notice" ? Work::Kind::notice : Work::Kind::post;
    work.priority = static_cast<Priority>(row->getColumn(3).getInt());
    work.created_at = row->getColumn(4).getInt64();
}

std::optional<Work> Dispatcher::lease(const WorkRequest& request)
{
    unfinished_ = false;
    if (!anything_to_do(request.now)) return std::nullopt;
    slice_end_ = std::chrono::steady_clock::now() + request.slice;
    // The outcomes of the lease are synchronised, and it with them. One that a power cut has taken away is cut anew.
    std::optional<SyncLater> later;
    if (!request.counted && domains_.size() == 0) later.emplace(db_);
    Transaction transaction{db_};
    std::optional<Work> work;
    open_admission(request.now, Priority::urgent);
    if (request.want_urgent > 0) work = lease_rows(request, Priority::urgent, Priority::notice);
    if (!work && request.want_urgent > 0) work = lease_limited(request, Priority::urgent, Priority::notice);
    if (!work && request.want > 0 && request.look == WorkRequest::Look::what_is_new) {
        open_admission(request.now, Priority::post);
        work = lease_first_range(request);
    } else if (!work && request.want > 0) {
        open_admission(request.now, Priority::post);
        // Retries and new posts take turns, so that neither a relay that defers everything nor a long post starves the other.
        const bool rows_first = ++turn_ % 2 == 0;
        if (rows_first) work = lease_limited(request, Priority::post, Priority::digest);
        if (!work && rows_first) work = lease_rows(request, Priority::post, Priority::digest);
        if (!work) work = lease_open_range(request);
        if (!work && !unfinished_) work = lease_new_range(request);
        if (!work && !rows_first) work = lease_rows(request, Priority::post, Priority::digest);
        if (!work && !rows_first) work = lease_limited(request, Priority::post, Priority::digest);
    }
    if (work) book_domains();
    if (work)
        reserve_usage(db_, request.relay, request.now, static_cast<std::int64_t>(work->recipients.size()),
                      messages_for(work->recipients.size(), request.per_message));
    transaction.commit();
    if (work) unfinished_ = false;
    if (work && !work->range)
        for (const auto& recipient : work->recipients) rows_out_.insert(row_key(work->delivery_id, recipient));
    return work;
}

void Dispatcher::release(const Work& work, const std::string& relay, const std::vector<std::size_t>& unused,
                         std::size_t per_message, std::int64_t now)
{
    if (!work.range)  // somebody of a range may have a row by now, and that row may be out with another connection
        for (const auto& recipient : work.recipients) rows_out_.erase(row_key(work.delivery_id, recipient));
    if (!work.range && unused.empty()) return;
    const SyncLater later{db_};  // a start frees what was leased, and a limit may be kept too well
    Transaction transaction{db_};
    if (work.range) {
        auto free = db_.prepared("UPDATE delivery_range SET leased = 0 WHERE delivery_id = ?1 AND first_id = ?2");
        free->bind(1, work.delivery_id);
        free->bind(2, *work.range);
        free->exec();
    }
    if (!unused.empty())
        reserve_usage(db_, relay, now, -static_cast<std::int64_t>(unused.size()), -messages_for(unused.size(), per_message));
    std::map<std::size_t, std::uint64_t> of_domains;
    for (const auto index : unused)
        if (const auto rule = domains_.rule_of(work.recipients[index].address)) ++of_domains[*rule];
    for (const auto& [rule, count] : of_domains) domains_.give_back(db_, rule, now, count);
    transaction.commit();
}

std::optional<std::int64_t> Dispatcher::next_due(std::int64_t now)
{
    std::optional<std::int64_t> first;
    for (int priority = 0; priority <= static_cast<int>(Priority::digest); ++priority) {
        auto due = db_.prepared(
            "SELECT next_attempt_at FROM delivery_recipient WHERE state = 'deferred' AND waits_for = '' AND priority = ?1 "
            "ORDER BY next_attempt_at LIMIT 1");
        due->bind(1, priority);
        if (due->executeStep()) first = std::min(first.value_or(INT64_MAX), due->getColumn(0).getInt64());
    }
    for (std::size_t rule = 0; rule < domains_.size(); ++rule) {
        if (anybody_waits(rule, Priority::urgent, Priority::notice))
            first = std::min(first.value_or(INT64_MAX), domains_.allowed(rule, now, queue::Urgency::urgent).next_at);
        if (anybody_waits(rule, Priority::post, Priority::digest))
            first = std::min(first.value_or(INT64_MAX), domains_.allowed(rule, now, queue::Urgency::ordinary).next_at);
    }
    return first;
}

const Scope& Dispatcher::scope(std::int64_t delivery_id)
{
    const auto found = scopes_.find(delivery_id);
    if (found != scopes_.end()) return found->second;
    if (scopes_.size() >= scopes_kept) {
        cut_.erase(scopes_.begin()->first);
        scopes_.erase(scopes_.begin());
    }
    return scopes_.emplace(delivery_id, load_scope(db_, delivery_id)).first->second;
}

bool Dispatcher::may_send(const Scope& scope, const WorkRequest& request) const
{
    return std::ranges::none_of(scope.targets, [&](std::int64_t list) { return request.lists_refused.contains(list); });
}

/// One recipient's copy, in the name of `list`; 0: the site's.
bool Dispatcher::may_send(std::int64_t delivery, std::int64_t list, const WorkRequest& request)
{
    return !request.lists_refused.contains(list) && !request.deliveries_refused.contains(delivery);
}

std::optional<std::vector<std::string>> Dispatcher::senders(const Work& work)
{
    {
        auto active = db_.prepared("SELECT 1 FROM delivery WHERE id = ?1 AND state = 'active'");
        active->bind(1, work.delivery_id);
        if (!active->executeStep()) return std::nullopt;
    }
    std::vector<std::int64_t> lists;
    if (work.kind == Work::Kind::post)
        lists = scope(work.delivery_id).targets;
    else if (work.list_id)
        lists = {*work.list_id};
    std::vector<std::string> addresses;
    for (const auto id : lists)
        if (auto list = find_list(db_, id)) addresses.push_back(std::move(list->address));
    return addresses;
}

/// Asked after a step that found nobody.
bool Dispatcher::slice_over()
{
    unfinished_ = unfinished_ || std::chrono::steady_clock::now() >= slice_end_;
    return unfinished_;
}

std::optional<Work> Dispatcher::lease_rows(const WorkRequest& request, Priority from, Priority to)
{
    const std::size_t want = from == Priority::urgent ? request.want_urgent : request.want;
    for (int priority = static_cast<int>(from); priority <= static_cast<int>(to); ++priority) {
        auto due = db_.prepared(
            "SELECT r.delivery_id, r.member_id, r.address, coalesce(r.list_id, 0), r.attempts, coalesce(d.list_id, 0), d.kind "
            "FROM delivery_recipient r JOIN delivery d ON d.id = r.delivery_id "
            "WHERE r.state = 'deferred' AND r.waits_for = '' AND r.priority = ?1 AND r.next_attempt_at <= ?2 AND d.state = "
            "'active' "
            "ORDER BY r.next_attempt_at LIMIT ?3");
        due->bind(1, priority);
        due->bind(2, request.now);
        due->bind(3, due_rows_looked_at + (request.deliveries_refused.empty() ? 0 : rows_passed_over));
        struct Kept {
            std::int64_t delivery;
            Recipient recipient;
            std::size_t rule;
        };
        std::vector<Kept> kept_back;
        Work work;
        while (work.recipients.size() < want && due->executeStep()) {
            const auto delivery = due->getColumn(0).getInt64();
            Recipient recipient{due->getColumn(1).getInt64(), due->getColumn(2).getString(), due->getColumn(3).getInt64(),
                                due->getColumn(4).getInt()};
            const bool notice = due->getColumn(6).getString() == "notice";
            const auto list = notice ? due->getColumn(5).getInt64() : recipient.list_id;
            if (!may_send(delivery, list, request) || rows_out_.contains(row_key(delivery, recipient))) continue;
            if (!work.recipients.empty() && work.delivery_id != delivery) continue;
            if (const auto rule = kept_back_by(recipient)) {
                kept_back.push_back({delivery, std::move(recipient), *rule});
                continue;
            }
            work.delivery_id = delivery;
            work.recipients.push_back(std::move(recipient));
        }
        due->reset();
        for (const auto& kept : kept_back) wait_in_row(kept.delivery, kept.recipient, kept.rule);
        if (work.recipients.empty() && !kept_back.empty()) unfinished_ = true;  // there may be others behind these
        if (work.recipients.empty()) continue;
        fill_delivery(work);
        return work;
    }
    return std::nullopt;
}

std::optional<Work> Dispatcher::lease_open_range(const WorkRequest& request)
{
    struct Leftover {
        std::int64_t delivery, first, last, done;
    };
    std::vector<Leftover> candidates;
    {
        auto open = db_.prepared(
            "SELECT g.delivery_id, g.first_id, g.last_id, g.done_id FROM delivery_range g JOIN delivery d ON d.id = "
            "g.delivery_id "
            "WHERE g.done_id < g.last_id AND g.leased = 0 AND d.state = 'active' ORDER BY g.delivery_id, g.first_id");
        while (candidates.size() < deliveries_looked_at && open->executeStep())
            if (!request.deliveries_refused.contains(open->getColumn(0).getInt64()))
                candidates.push_back({open->getColumn(0).getInt64(), open->getColumn(1).getInt64(), open->getColumn(2).getInt64(),
                                      open->getColumn(3).getInt64()});
    }
    for (const auto& open : candidates) {
        const auto& reach = scope(open.delivery);
        if (!may_send(reach, request)) continue;
        auto step = walk_.step(reach, open.done, open.last, request.want);
        // Whoever already has a row of his own was recorded in the middle of a range that was then lost: his row decides.
        std::erase_if(step.recipients, [&](const Recipient& recipient) {
            auto row = db_.prepared("SELECT 1 FROM delivery_recipient WHERE delivery_id = ?1 AND member_id = ?2");
            row->bind(1, open.delivery);
            row->bind(2, recipient.member_id);
            return row->executeStep();
        });
        put_back_who_must_wait(open.delivery, step.recipients);
        auto lease = db_.prepared(
            "UPDATE delivery_range SET leased = ?3, done_id = ?4, relay = ?5, updated_at = ?6 "
            "WHERE delivery_id = ?1 AND first_id = ?2");
        lease->bind(1, open.delivery);
        lease->bind(2, open.first);
        lease->bind(3, step.recipients.empty() ? 0 : 1);
        lease->bind(4, step.recipients.empty() ? step.reached : open.done);
        lease->bind(5, request.relay);
        lease->bind(6, request.now);
        lease->exec();
        if (step.recipients.empty()) {
            finish_if_done(db_, open.delivery, request.now);
            if (slice_over()) return std::nullopt;
            continue;
        }
        Work work;
        work.delivery_id = open.delivery;
        work.range = open.first;
        work.range_done = step.reached;
        work.recipients = std::move(step.recipients);
        fill_delivery(work);
        return work;
    }
    return std::nullopt;
}

std::optional<Work> Dispatcher::lease_new_range(const WorkRequest& request)
{
    for (const auto priority : {Priority::post, Priority::digest}) {
        std::int64_t after = last_served_;
        bool wrapped = false;
        for (std::size_t looked = 0; looked < deliveries_looked_at;) {
            std::int64_t delivery = 0;
            {
                auto next = db_.prepared(
                    "SELECT id FROM delivery WHERE state = 'active' AND next_member_id < last_member_id AND priority = ?1 "
                    "AND id > ?2 ORDER BY id LIMIT 1");
                next->bind(1, static_cast<int>(priority));
                next->bind(2, after);
                if (next->executeStep()) delivery = next->getColumn(0).getInt64();
            }
            if (delivery == 0) {
                if (wrapped || after == 0) break;
                wrapped = true;
                after = 0;
                continue;
            }
            after = delivery;
            if (request.deliveries_refused.contains(delivery)) continue;  // not counted: they may not hide the others
            ++looked;
            if (!may_send(scope(delivery), request)) continue;
            auto work = cut(delivery, request);
            if (!work && !slice_over()) continue;
            last_served_ = delivery;
            return work;
        }
    }
    return std::nullopt;
}

/// Of a post that nobody has got yet. Its later ranges wait for their turn.
std::optional<Work> Dispatcher::lease_first_range(const WorkRequest& request)
{
    std::int64_t after = 0;
    for (std::size_t looked = 0; looked < deliveries_looked_at;) {
        {
            auto next = db_.prepared(
                "SELECT id FROM delivery WHERE state = 'active' AND next_member_id < last_member_id AND priority = ?1 "
                "AND next_member_id = 0 AND id > ?2 ORDER BY id LIMIT 1");
            next->bind(1, static_cast<int>(Priority::post));
            next->bind(2, after);
            if (!next->executeStep()) return std::nullopt;
            after = next->getColumn(0).getInt64();
        }
        if (request.deliveries_refused.contains(after)) continue;
        ++looked;
        if (!may_send(scope(after), request)) continue;
        if (auto work = cut(after, request)) return work;
        if (slice_over()) return std::nullopt;
    }
    return std::nullopt;
}

std::optional<Work> Dispatcher::cut(std::int64_t delivery_id, const WorkRequest& request)
{
    std::int64_t next = 0;
    {
        auto row = db_.prepared("SELECT next_member_id FROM delivery WHERE id = ?1");
        row->bind(1, delivery_id);
        row->executeStep();
        next = row->getColumn(0).getInt64();
    }
    const auto& reach = scope(delivery_id);
    const std::size_t grown = std::clamp(cut_[delivery_id] / 4, std::max(first_range, request.per_message), largest_range);
    const std::size_t want = std::min(grown, request.want);
    RecipientWalk::Step step;
    const std::int64_t begin = next;
    do {
        step = walk_.step(reach, next, reach.last_member_id, want);
        next = step.reached;
        put_back_who_must_wait(delivery_id, step.recipients);
    } while (next < reach.last_member_id && step.recipients.empty() && !slice_over());
    auto move =
        db_.prepared("UPDATE delivery SET next_member_id = ?2, first_sent_at = coalesce(first_sent_at, ?3) WHERE id = ?1");
    move->bind(1, delivery_id);
    move->bind(2, next);
    move->bind(3, request.now);
    move->exec();
    if (step.recipients.empty()) {
        if (finish_if_done(db_, delivery_id, request.now)) {
            scopes_.erase(delivery_id);
            cut_.erase(delivery_id);
        }
        return std::nullopt;
    }
    auto range = db_.prepared(
        "INSERT INTO delivery_range (delivery_id, first_id, last_id, done_id, leased, relay, updated_at) "
        "VALUES (?1, ?2, ?3, ?2, 1, ?4, ?5)");
    range->bind(1, delivery_id);
    range->bind(2, begin);
    range->bind(3, next);
    range->bind(4, request.relay);
    range->bind(5, request.now);
    range->exec();
    cut_[delivery_id] += step.recipients.size();
    Work work;
    work.delivery_id = delivery_id;
    work.range = begin;
    work.range_done = next;
    work.recipients = std::move(step.recipients);
    fill_delivery(work);
    return work;
}

}  // namespace majlis::store
