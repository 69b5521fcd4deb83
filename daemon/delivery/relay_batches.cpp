#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "core/compose/post_copy.hpp"
#include "core/log/log.hpp"
#include "core/store/deliveries.hpp"
#include "daemon/clock.hpp"
#include "daemon/delivery/line.hpp"
#include "daemon/delivery/relay.hpp"
#include "daemon/patience.hpp"

/// What a relay's connections get to send: batches, the copies for them, and what becomes of those that its server does not take.
namespace majlis::delivery {
namespace {

namespace asio = boost::asio;
constexpr std::uint64_t every_personal = 10;  // personal = "auto": every tenth post has personal copies
constexpr std::int64_t trusted_at_work = 60;  // seconds: what a server has offered to a connection at work

/// The most that one of its copies asks for.
Demand demand_of(const Batch& batch)
{
    Demand demand;
    for (const auto& [list, copy] : batch.copies) {
        std::uint64_t bytes = copy->text.head.size() + copy->text.tail.size();
        if (copy->audience == Copy::Audience::personal)
            bytes += copy->unsubscribe.before.size() + token_stand_in.size() + copy->unsubscribe.after.size();
        demand.smtputf8 = demand.smtputf8 || copy->text.needs_smtputf8;
        demand.bytes = std::max(demand.bytes, bytes);
    }
    return demand;
}

}  // namespace

Copy::Audience Relay::audience(const store::Work& work) const
{
    using enum RelayConfig::Personal;
    if (work.kind == store::Work::Kind::notice || config_.personal == always) return Copy::Audience::personal;
    if (config_.personal == never) return Copy::Audience::shared;
    return static_cast<std::uint64_t>(work.delivery_id) % every_personal == 0 ? Copy::Audience::personal : Copy::Audience::shared;
}

/// The copies of every list in whose name the batch speaks.
asio::awaitable<void> Relay::prepare(std::shared_ptr<Batch> batch, const smtp::Offer& offer)
{
    const auto who = audience(batch->work);
    batch->per_message = who == Copy::Audience::personal ? 1 : leasing_.per_message();
    std::set<std::int64_t> lists;
    if (batch->work.kind == store::Work::Kind::notice)
        lists.insert(batch->work.list_id.value_or(0));
    else
        for (const auto& recipient : batch->work.recipients) lists.insert(recipient.list_id);
    for (const auto list : lists) {
        CopyOrder order;
        order.delivery_id = batch->work.delivery_id;
        order.list_id = list;
        order.audience = who;
        order.transport = offer.eight_bit ? CopyOptions::Transport::eight_bit : CopyOptions::Transport::seven_bit;
        if (config_.from == RelayConfig::From::account) order.account_from = config_.account;
        auto copy = co_await shop_.copies.get(order);
        batch->copies.emplace(list, std::move(copy));
    }
}

/// nullopt: the batch has its copies, and this connection's server takes them.
asio::awaitable<std::optional<Relay::Refusal>> Relay::make_copies(Line& line, std::shared_ptr<Batch> batch)
{
    Refusal refusal;
    try {
        batch->copies.clear();  // another session may need other ones
        co_await prepare(batch, line.session->offer());
        const auto demand = demand_of(*batch);
        refusal.why = lacks(line.session->offer(), demand);
        if (refusal.why.empty()) co_return std::nullopt;
        refusal.demand = demand;
    } catch (const std::exception& error) {
        refusal.why = error.what();
    }
    co_return refusal;
}

asio::awaitable<void> Relay::give_back(std::shared_ptr<Batch> batch)
{
    put_back(*batch);
    co_await leasing_.end(std::move(batch));
}

/// Left to another relay where one may take it, else held. Before it is given back, so that no other connection of ours leases it
/// meanwhile.
asio::awaitable<void> Relay::refuse(std::shared_ptr<Batch> batch, Refusal refusal)
{
    std::exception_ptr failure;
    try {
        co_await explain(batch, std::move(refusal));
    } catch (...) {
        failure = std::current_exception();
    }
    co_await give_back(std::move(batch));
    if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> Relay::explain(std::shared_ptr<Batch> batch, Refusal refusal)
{
    const auto delivery = batch->work.delivery_id;
    const bool known = abilities_.unfit(delivery, unix_now());  // another connection of ours came first
    auto left = Leasing::Left::to_nobody;
    if (refusal.demand) left = co_await leasing_.leave_to_another(batch, *refusal.demand);
    if (left == Leasing::Left::to_nobody) {
        Feed::Trouble trouble{queue::Fault::post, delivery, refusal.why};
        co_await settle_trouble(std::move(trouble));
    } else if (left == Leasing::Left::to_another && !known) {
        log::info("left-to-another-relay", {{"delivery", delivery}, {"relay", config_.name}, {"reason", refusal.why}});
        const std::string text = "left to another relay; " + config_.name + ": " + refusal.why;
        auto tell = [delivery, text](store::Database& db) { store::delivery_waits(db, delivery, text); };
        co_await run_patiently(shop_.store, std::move(tell));
    }
}

/// Another batch for a connection that is open; none where there is nothing, or nothing that it may take.
asio::awaitable<std::shared_ptr<Batch>> Relay::fetch(Line& line, Look look)
{
    if (line.outdated) co_return nullptr;  // its session ends with what it has
    auto found = co_await leasing_.lease(look, line.portion);
    while (found.again && !shop_.stop.requested()) found = co_await leasing_.lease(look, line.portion);
    if (!found.batch) co_return nullptr;
    auto refusal = co_await make_copies(line, found.batch);
    if (!refusal) co_return found.batch;
    const bool old = unix_now() - line.opened_at > trusted_at_work;
    if (refusal->demand && (old || abilities_.take(*refusal->demand))) {
        line.outdated = true;  // the next session hears what is true now
        co_await give_back(std::move(found.batch));
    } else {
        co_await refuse(std::move(found.batch), std::move(*refusal));
    }
    co_return nullptr;
}

asio::awaitable<void> Relay::fetch_more(Line& line, Feed& feed)
{
    std::shared_ptr<Batch> batch;
    try {
        co_await note_pace();
        batch = co_await fetch(line, Look::more);
    } catch (const std::exception& error) {
        log::error("no-more-work", {{"relay", config_.name}, {"error", error.what()}});
    }
    if (batch)
        feed.add(std::move(batch));
    else
        feed.none();
    line.session->wake();
}

asio::awaitable<void> Relay::fetch_new(Line& line, Feed& feed, bool& looking)
{
    struct Looked {
        bool& looking;
        ~Looked() { looking = false; }
    } const looked{looking};
    auto batch = co_await fetch(line, Look::what_is_new);
    if (!batch) co_return;
    feed.add_new(std::move(batch));
    line.session->wake();
    shop_.work.notify();  // there may be more of it, for another connection
}

}  // namespace majlis::delivery
