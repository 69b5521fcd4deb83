#include "daemon/delivery/leasing.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include "core/log/log.hpp"
#include "core/store/lists.hpp"
#include "daemon/clock.hpp"
#include "daemon/delivery/relay.hpp"
#include "daemon/patience.hpp"

namespace majlis::delivery {
namespace {

namespace asio = boost::asio;
constexpr std::int64_t look_again = 30;  // seconds: what nobody told us of is found then
constexpr std::size_t largest_lease = 1'000;
constexpr std::size_t trial_recipients = 10;

std::size_t messages_for(std::size_t recipients, std::size_t per_message) { return (recipients + per_message - 1) / per_message; }

/// Recipients that a lease may hold under the limits: of messages, each holds per_message of them.
std::size_t may_lease(const queue::Allowance& allowance, std::size_t per_message)
{
    const auto by_messages = allowance.messages > largest_lease ? largest_lease : allowance.messages * per_message;
    return static_cast<std::size_t>(std::min<std::uint64_t>({allowance.recipients, by_messages, largest_lease}));
}

/// What the database answers to a request.
struct Answer {
    std::optional<store::Work> work;
    std::optional<std::int64_t> next_due;
    store::RelayState state;
    bool unfinished = false;
};

/// On the store thread. `senders`: whose lists this relay may send for; nullptr: all.
Answer ask(store::Database& db, store::Dispatcher& dispatcher, store::WorkRequest request, const RelayConfig* senders)
{
    Answer answer;
    answer.state = store::relay_state(db, request.relay);
    if (answer.state.paused_until > request.now) return answer;
    if (senders != nullptr) {
        for (const auto& node : store::list_tree(db))
            if (!may_send_for(*senders, node.list.address)) request.lists_refused.insert(node.list.id);
    }
    answer.work = dispatcher.lease(request);
    answer.unfinished = dispatcher.unfinished();
    if (!answer.work && !answer.unfinished) answer.next_due = dispatcher.next_due(request.now);
    return answer;
}

}  // namespace

void put_back(Batch& batch)
{
    batch.gap = true;
    batch.unused.resize(batch.work.recipients.size());
    std::iota(batch.unused.begin(), batch.unused.end(), std::size_t{0});
}

Leasing::Leasing(const RelayConfig& config, Workshop& shop, Health& health, Abilities& abilities)
    : config_{config},
      shop_{shop},
      health_{health},
      abilities_{abilities},
      ledger_{limits_of(config.limits)},
      per_message_{config.personal == RelayConfig::Personal::always ? 1 : std::max(1U, config.recipients_per_message)},
      share_{shop.turns.add(config.weight)}
{
}

void Leasing::restore(const std::vector<store::Usage>& usage)
{
    for (const auto& one : usage)
        ledger_.restore(one.minute, static_cast<std::uint64_t>(one.recipients), static_cast<std::uint64_t>(one.messages));
}

bool Leasing::stands_back(std::int64_t now) const
{
    return config_.backup &&
           std::ranges::any_of(shop_.relays, [&](const Relay* other) { return !other->config().backup && !other->resting(now); });
}

/// After a failure one connection tries with a few recipients, and the others wait for what it finds.
bool Leasing::waits(Look look, std::int64_t now) const
{
    return stands_back(now) || health_.on_trial() || (health_.failures() > 0 && look != Look::idle);
}

store::WorkRequest Leasing::request(std::int64_t now, Look look, const queue::Portion& portion, const queue::Allowance& ordinary,
                                    const queue::Allowance& urgent) const
{
    store::WorkRequest request;
    request.relay = config_.name;
    // Where messages are limited, each recipient is booked as one, as he is when his copy is personal.
    const bool counts_messages =
        std::ranges::any_of(config_.limits, [](const LimitConfig& limit) { return limit.unit == LimitConfig::Unit::messages; });
    request.per_message = counts_messages && config_.personal != RelayConfig::Personal::never ? 1 : per_message_;
    const std::size_t most = health_.failures() > 0 ? trial_recipients : largest_lease;
    request.want =
        std::min({may_lease(ordinary, request.per_message), most, std::max(request.per_message, portion.of(largest_lease))});
    request.want_urgent = std::min(may_lease(urgent, 1), most);
    request.now = now;
    request.counted = !config_.limits.empty();
    for (const auto& unfit : abilities_.all_unfit(now))
        if (another_may_take(unfit.delivery, *unfit.senders, now)) request.deliveries_refused.insert(unfit.delivery);
    if (look == Look::what_is_new) request.look = store::WorkRequest::Look::what_is_new;
    return request;
}

asio::awaitable<Lease> Leasing::lease(Look look, const queue::Portion& portion)
{
    const auto now = unix_now();
    Lease found;
    found.wait_until = now + 1;
    if (waits(look, now)) co_return found;
    const auto turn = co_await shop_.turns.take(share_);
    if (waits(look, now)) co_return found;  // found out while it stood in line
    const auto ordinary = ledger_.allowed(now, config_.reserve_percent, queue::Urgency::ordinary);
    const auto urgent = ledger_.allowed(now, config_.reserve_percent, queue::Urgency::urgent);
    const auto wanted = request(now, look, portion, ordinary, urgent);
    const auto per_message = wanted.per_message;
    if (wanted.want == 0 && wanted.want_urgent == 0) {
        found.wait_until = std::max(urgent.next_at, now + 1);
        co_return found;
    }
    // Booked before the wait, so that two connections do not both take what is left.
    const auto booked = std::max(wanted.want, wanted.want_urgent);
    const auto booked_messages = messages_for(booked, per_message);
    ledger_.note(now, booked, booked_messages);
    auto look_up = [this, wanted](store::Database& db) {
        return ask(db, *shop_.dispatcher, wanted, config_.senders.empty() ? nullptr : &config_);
    };
    Answer answer;
    std::exception_ptr failure;
    try {
        answer = co_await run_patiently(shop_.store, std::move(look_up));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        ledger_.give_back(now, booked, booked_messages);
        std::rethrow_exception(failure);
    }
    const std::size_t got = answer.work ? answer.work->recipients.size() : 0;
    ledger_.give_back(now, booked - got, booked_messages - std::min(booked_messages, messages_for(got, per_message)));
    health_.learn(answer.state);
    if (answer.work) {
        found.batch = std::make_shared<Batch>();
        found.batch->work = std::move(*answer.work);
        found.batch->booked_at = now;
        found.batch->booked_per_message = per_message;
        found.batch->out.emplace(shop_.batches_out);
        shop_.turns.took(share_, got);
        found.trial = health_.begin_trial();
        co_return found;
    }
    found.again = answer.unfinished;
    found.wait_until = now + look_again;
    if (health_.resting(now)) found.wait_until = std::min(health_.paused_until(), found.wait_until);
    if (answer.next_due && *answer.next_due > now) found.wait_until = std::min(found.wait_until, *answer.next_due);
    if (wanted.want == 0) found.wait_until = std::min(found.wait_until, std::max(ordinary.next_at, now + 1));
    co_return found;
}

/// A relay that stands in for others has its turn only when all of them rest: nothing is left to it but by another like it.
bool Leasing::another_may_take(std::int64_t delivery, const std::vector<std::string>& senders, std::int64_t now) const
{
    return std::ranges::any_of(shop_.relays, [&](const Relay* other) {
        const auto& config = other->config();
        return &config != &config_ && (config_.backup || !config.backup) && !other->finds_unfit(delivery, now) &&
               std::ranges::all_of(senders, [&](const std::string& address) { return may_send_for(config, address); });
    });
}

asio::awaitable<Leasing::Left> Leasing::leave_to_another(std::shared_ptr<Batch> batch, Demand demand)
{
    auto ask = [this, batch](store::Database&) { return shop_.dispatcher->senders(batch->work); };
    auto senders = co_await run_patiently(shop_.store, std::move(ask));
    if (!senders) co_return Left::ended;
    const auto now = unix_now();
    const bool another = another_may_take(batch->work.delivery_id, *senders, now);
    const bool noted = abilities_.note_unfit(batch->work.delivery_id, demand, std::move(*senders), now);
    if (another && noted) co_return Left::to_another;
    co_return Left::to_nobody;
}

/// Outcomes first, then the lease: whoever takes it next must see how far it came.
asio::awaitable<void> Leasing::end(std::shared_ptr<Batch> batch)
{
    co_await shop_.recorder.flush();
    const auto unused = batch->unused.size();
    if (unused > 0) {
        ledger_.give_back(batch->booked_at, unused, messages_for(unused, batch->booked_per_message));
        shop_.turns.gave_back(share_, unused);
    }
    auto give_back = [this, batch](store::Database&) {
        shop_.dispatcher->release(batch->work, config_.name, batch->unused, batch->booked_per_message, batch->booked_at);
    };
    for (bool released = false; !released;) {
        try {
            co_await run_patiently(shop_.store, give_back);
            released = true;
        } catch (const std::exception& error) {
            log::error("batch-not-released", {{"relay", config_.name}, {"error", error.what()}});
        }
        if (!released && shop_.stop.requested()) {  // the next start frees it
            batch->out.reset();
            co_return;
        }
        if (!released) co_await shop_.stop.pause(std::chrono::seconds{1});
    }
    batch->out.reset();
    const bool last = shop_.ends_when_idle && shop_.batches_out == 0;  // who waited for what might come back waits no longer
    if (batch->gap || last) shop_.work.notify();
}

}  // namespace majlis::delivery
