#include "daemon/delivery/relay.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <numeric>
#include <set>

#include "core/log/log.hpp"
#include "core/queue/backoff.hpp"
#include "core/store/lists.hpp"
#include "core/store/relays.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"
#include "net/within.hpp"

namespace majlis::delivery {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::seconds connect_limit{60};
constexpr std::chrono::seconds idle_limit{60};  // then the connection is closed with QUIT
constexpr std::int64_t look_again = 30;         // seconds: what nobody told us of is found then
constexpr std::int64_t remember_success = 60;   // seconds between two notes of success
constexpr std::size_t largest_lease = 1'000;
constexpr std::size_t trial_recipients = 10;
constexpr std::int64_t note_pace_every = 10;  // seconds
constexpr std::uint64_t every_personal = 10;  // personal = "auto": every tenth post has personal copies

std::size_t messages_for(std::size_t recipients, std::size_t per_message) { return (recipients + per_message - 1) / per_message; }

/// Recipients that a lease may hold under the limits: of messages, each holds per_message of them.
std::size_t may_lease(const queue::Allowance& allowance, std::size_t per_message)
{
    const auto by_messages = allowance.messages > largest_lease ? largest_lease : allowance.messages * per_message;
    return static_cast<std::size_t>(std::min<std::uint64_t>({allowance.recipients, by_messages, largest_lease}));
}

}  // namespace

/// One connection while it lives.
struct Relay::Line {
    explicit Line(std::vector<smtp::Session*>& all) : sessions{all} {}
    ~Line() { close(); }
    Line(const Line&) = delete;
    Line& operator=(const Line&) = delete;
    void close()
    {
        std::erase(sessions, session.get());
        session.reset();
        used_at = 0;
    }
    std::vector<smtp::Session*>& sessions;
    std::unique_ptr<smtp::Session> session;
    std::int64_t used_at = 0;  // 0: nothing was sent on it yet
    queue::Portion portion;
};

Relay::Relay(asio::any_io_executor executor, const RelayConfig& config, std::unique_ptr<LoginSource> login, Workshop& shop)
    : executor_{std::move(executor)},
      config_{config},
      login_{std::move(login)},
      shop_{shop},
      ledger_{limits_of(config.limits)},
      per_message_{config.personal == RelayConfig::Personal::always ? 1 : std::max(1U, config.recipients_per_message)},
      share_{shop.turns.add(config.weight)}
{
    shop.sent.add(config.weight);
}

asio::awaitable<void> Relay::restore()
{
    struct Known {
        store::RelayState state;
        std::vector<store::Usage> usage;
    };
    auto read = [name = config_.name, from = unix_now() / 60 - 32 * 24 * 60](store::Database& db) {
        return Known{store::relay_state(db, name), store::relay_usage(db, name, from)};
    };
    const auto known = co_await run_patiently(shop_.store, std::move(read));
    paused_until_ = known.state.paused_until;
    failures_ = known.state.failures;
    for (const auto& usage : known.usage)
        ledger_.restore(usage.minute, static_cast<std::uint64_t>(usage.recipients), static_cast<std::uint64_t>(usage.messages));
}

/// A backup relay works only while all others rest.
bool Relay::stands_back(std::int64_t now) const
{
    return config_.backup &&
           std::ranges::any_of(shop_.relays, [&](const Relay* other) { return !other->config_.backup && !other->resting(now); });
}

Copy::Audience Relay::audience(const store::Work& work) const
{
    using enum RelayConfig::Personal;
    if (work.kind == store::Work::Kind::notice || config_.personal == always) return Copy::Audience::personal;
    if (config_.personal == never) return Copy::Audience::shared;
    return static_cast<std::uint64_t>(work.delivery_id) % every_personal == 0 ? Copy::Audience::personal : Copy::Audience::shared;
}

net::Endpoint Relay::endpoint() const
{
    auto endpoint = endpoint_of(config_.server, net::Scheme::smtp);
    endpoint.client_name = config_.client_name;
    return endpoint;
}

asio::awaitable<Relay::Lease> Relay::lease(Look look, const queue::Portion& portion)
{
    const auto now = unix_now();
    Lease found;
    found.wait_until = now + look_again;
    // After a failure one connection tries with a few recipients, and the others wait for what it finds.
    const auto waits = [&] { return stands_back(now) || on_trial_ || (failures_ > 0 && look != Look::idle); };
    if (waits()) {
        found.wait_until = now + 1;
        co_return found;
    }
    const auto turn = co_await shop_.turns.take(share_);
    if (waits()) {  // found out while it stood in line
        found.wait_until = now + 1;
        co_return found;
    }
    const auto ordinary = ledger_.allowed(now, config_.reserve_percent, queue::Urgency::ordinary);
    const auto urgent = ledger_.allowed(now, config_.reserve_percent, queue::Urgency::urgent);
    store::WorkRequest request;
    request.relay = config_.name;
    // Where messages are limited, each recipient is booked as one, as he is when his copy is personal.
    const bool counts_messages =
        std::ranges::any_of(config_.limits, [](const LimitConfig& limit) { return limit.unit == LimitConfig::Unit::messages; });
    const auto per_message = counts_messages && config_.personal != RelayConfig::Personal::never ? 1 : per_message_;
    request.per_message = per_message;
    const std::size_t most = failures_ > 0 ? trial_recipients : largest_lease;
    request.want = std::min({may_lease(ordinary, per_message), most, std::max(per_message, portion.of(largest_lease))});
    request.want_urgent = std::min(may_lease(urgent, 1), most);
    request.now = now;
    if (look == Look::what_is_new) request.look = store::WorkRequest::Look::what_is_new;
    if (request.want == 0 && request.want_urgent == 0) {
        found.wait_until = std::max(urgent.next_at, now + 1);
        co_return found;
    }
    // Booked before the wait, so that two connections do not both take what is left.
    const auto booked = std::max(request.want, request.want_urgent);
    const auto booked_messages = messages_for(booked, per_message);
    ledger_.note(now, booked, booked_messages);

    struct Answer {
        std::optional<store::Work> work;
        std::optional<std::int64_t> next_due;
        store::RelayState state;
        bool unfinished = false;
    };
    auto ask = [this, request, patterns = config_.senders.empty() ? nullptr : &config_](store::Database& db) mutable {
        Answer answer;
        answer.state = store::relay_state(db, request.relay);
        if (answer.state.paused_until > request.now) return answer;
        if (patterns != nullptr) {
            for (const auto& node : store::list_tree(db))
                if (!may_send_for(*patterns, node.list.address)) request.lists_refused.insert(node.list.id);
        }
        answer.work = shop_.dispatcher->lease(request);
        answer.unfinished = shop_.dispatcher->unfinished();
        if (!answer.work && !answer.unfinished) answer.next_due = shop_.dispatcher->next_due(request.now);
        return answer;
    };
    Answer answer;
    std::exception_ptr failure;
    try {
        answer = co_await run_patiently(shop_.store, std::move(ask));
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        ledger_.give_back(now, booked, booked_messages);
        std::rethrow_exception(failure);
    }
    const std::size_t got = answer.work ? answer.work->recipients.size() : 0;
    ledger_.give_back(now, booked - got, booked_messages - std::min(booked_messages, messages_for(got, per_message)));
    paused_until_ = answer.state.paused_until;
    failures_ = answer.state.failures;
    if (answer.work) {
        found.batch = std::make_shared<Batch>();
        found.batch->work = std::move(*answer.work);
        found.batch->booked_at = now;
        found.batch->booked_per_message = request.per_message;
        shop_.turns.took(share_, got);
        found.trial = on_trial_ = failures_ > 0;
        co_return found;
    }
    found.again = answer.unfinished;
    if (resting(now)) found.wait_until = std::min(paused_until_, now + look_again);
    if (answer.next_due && *answer.next_due > now) found.wait_until = std::min(found.wait_until, *answer.next_due);
    if (request.want == 0) found.wait_until = std::min(found.wait_until, std::max(ordinary.next_at, now + 1));
    co_return found;
}

/// The copies of every list in whose name the batch speaks.
asio::awaitable<void> Relay::prepare(std::shared_ptr<Batch> batch, const smtp::Offer& offer)
{
    const auto who = audience(batch->work);
    batch->per_message = who == Copy::Audience::personal ? 1 : per_message_;
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

/// Why the relay cannot take this batch at all; "" where it can.
static std::string unfit(const Batch& batch, const smtp::Offer& offer)
{
    for (const auto& [list, copy] : batch.copies) {
        if (copy->text.needs_smtputf8 && !offer.smtputf8)
            return "an address in its header is not ASCII, and the relay does not offer SMTPUTF8";
        const auto size = copy->text.head.size() + copy->text.tail.size();
        if (offer.max_size != 0 && size > offer.max_size)
            return "it has " + std::to_string(size) + " bytes, and the relay takes at most " + std::to_string(offer.max_size);
    }
    return {};
}

/// Outcomes first, then the lease: whoever takes it next must see how far it came.
asio::awaitable<void> Relay::end_batch(std::shared_ptr<Batch> batch)
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
        if (!released && shop_.stop.requested()) co_return;  // the next start frees it
        if (!released) co_await shop_.stop.pause(std::chrono::seconds{1});
    }
    if (batch->gap) shop_.work.notify();
}

/// None of the batch was tried.
static void put_back(Batch& batch)
{
    batch.gap = true;
    batch.unused.resize(batch.work.recipients.size());
    std::iota(batch.unused.begin(), batch.unused.end(), std::size_t{0});
}

asio::awaitable<void> Relay::rest_after(std::string reason)
{
    const auto now = unix_now();
    if (resting(now)) co_return;  // another connection has found out already
    ++failures_;
    paused_until_ = now + queue::relay_pause(static_cast<int>(std::min<std::int64_t>(failures_, 1'000)), shop_.random()).count();
    log::warning("relay-resting", {{"relay", config_.name}, {"reason", reason}, {"seconds", paused_until_ - now}});
    auto note = [name = config_.name, reason, until = paused_until_, now](store::Database& db) {
        store::relay_failed(db, name, reason, until, now);
    };
    co_await run_patiently(shop_.store, std::move(note));
    shop_.relay_in_trouble(*this, reason);
    shop_.work.notify();  // another relay may take over
}

asio::awaitable<void> Relay::worked()
{
    const auto now = unix_now();
    lasting_ = false;
    if (failures_ == 0 && now - worked_at_ < remember_success) co_return;
    failures_ = 0;
    worked_at_ = now;
    auto note = [name = config_.name, now](store::Database& db) { store::relay_worked(db, name, now); };
    co_await run_patiently(shop_.store, std::move(note));
}

asio::awaitable<void> Relay::note_pace()
{
    const auto now = unix_now();
    if (now - pace_noted_at_ < note_pace_every) co_return;
    const auto pace = observed_.take(std::chrono::steady_clock::now());
    if (!pace) co_return;
    pace_noted_at_ = now;
    auto note = [name = config_.name, pace = *pace, now](store::Database& db) { store::relay_pace(db, name, pace, now); };
    co_await run_patiently(shop_.store, std::move(note));
}

void Relay::end_trial()
{
    on_trial_ = false;
    shop_.work.notify();
}

asio::awaitable<std::unique_ptr<net::Connection>> Relay::connect(net::Login login)
{
    auto connection = co_await net::connect(shop_.driver, endpoint(), std::move(login), connect_limit);
    co_return std::make_unique<net::Connection>(std::move(connection));
}

asio::awaitable<bool> Relay::open(Line& line)
{
    std::string reason;
    try {
        auto login = co_await login_->get();
        // A stop does not wait for a server that does not answer.
        auto connection = co_await net::until(shop_.stop.pause(std::chrono::hours{24}), connect(std::move(login)));
        if (!connection) co_return false;
        smtp::SessionOptions options;
        options.pace = pace_;
        options.window = config_.window;
        line.session = std::make_unique<smtp::Session>(std::move(**connection), options);
        sessions_.push_back(line.session.get());
        log::debug("relay-connected", {{"relay", config_.name}, {"pace", smtp::name(line.session->pace())}});
        co_return true;
    } catch (const net::ConnectError& error) {
        lasting_ = error.lasting() == net::ConnectError::Lasting::permanent;
        if (error.stage() == net::ConnectError::Stage::auth_refused ||
            error.stage() == net::ConnectError::Stage::no_auth_offered) {
            login_->refused();
            // A token may have been revoked before its time: the next one is tried before anybody is told.
            if (login_->uses_tokens() && failures_ == 0) lasting_ = false;
        }
        reason = error.what();
    } catch (const std::exception& error) {
        lasting_ = true;
        reason = error.what();
    }
    co_await rest_after(std::move(reason));
    co_return false;
}

/// Another batch for a connection that is open; none where there is nothing, or nothing that it may take.
asio::awaitable<std::shared_ptr<Batch>> Relay::fetch(Line& line, Look look)
{
    auto found = co_await lease(look, line.portion);
    while (found.again && !shop_.stop.requested()) found = co_await lease(look, line.portion);
    if (!found.batch) co_return nullptr;
    std::string why;
    try {
        co_await prepare(found.batch, line.session->offer());
        why = unfit(*found.batch, line.session->offer());
    } catch (const std::exception& error) {
        why = error.what();
    }
    if (why.empty()) co_return found.batch;
    put_back(*found.batch);
    const auto delivery = found.batch->work.delivery_id;
    co_await end_batch(found.batch);
    Feed::Trouble trouble{queue::Fault::post, delivery, why};
    co_await settle_trouble(std::move(trouble));
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

bool Relay::look_for_new()
{
    if (at_work_.empty()) return false;
    at_work_.splice(at_work_.end(), at_work_, at_work_.begin());  // not always the same one
    at_work_.back()();
    return true;
}

asio::awaitable<void> Relay::settle_trouble(Feed::Trouble trouble)
{
    if (trouble.fault == queue::Fault::relay) {
        co_await rest_after(trouble.text);
        co_return;
    }
    log::warning("delivery-held", {{"delivery", trouble.delivery_id}, {"relay", config_.name}, {"reason", trouble.text}});
    auto hold = [trouble, name = config_.name](store::Database& db) {
        store::hold_delivery(db, trouble.delivery_id, name + ": " + trouble.text, "majlisd", unix_now());
    };
    co_await run_patiently(shop_.store, std::move(hold));
    shop_.relay_in_trouble(*this, {});
}

/// Sends the batch, and whatever else is there, until nothing is left or something breaks. The feed and all that works for it
/// end before this returns.
asio::awaitable<void> Relay::serve(Line& line, std::shared_ptr<Batch> first)
{
    Manner manner{.relay = config_.name,
                  .token_key = shop_.token_key,
                  .fixed_envelope = {},
                  .smtputf8 = false,
                  .sent = shop_.sent,
                  .share = share_,
                  .pace = observed_};
    if (config_.envelope == RelayConfig::Envelope::fixed) manner.fixed_envelope = config_.account;
    manner.smtputf8 = line.session->offer().smtputf8;
    Feed feed{std::move(manner), shop_.recorder, streak_, marks_, shop_.random};
    feed.stopping = [this] { return shop_.stop.requested(); };
    const bool reused = line.used_at != 0;
    std::size_t helpers = 0;
    Event helper_ended{executor_};
    auto help = [&](asio::awaitable<void> work) {
        ++helpers;
        asio::co_spawn(executor_, std::move(work), [&helpers, &helper_ended, name = config_.name](std::exception_ptr error) {
            --helpers;
            helper_ended.notify();
            if (!error) return;
            try {
                std::rethrow_exception(error);
            } catch (const std::exception& what) {
                log::error("delivery-step-failed", {{"relay", name}, {"error", what.what()}});
            }
        });
    };
    line.portion.note(0, std::chrono::steady_clock::now());
    feed.want_more = [&] {
        line.portion.note(feed.given(), std::chrono::steady_clock::now());
        if (shop_.stop.requested())
            feed.none();
        else
            help(fetch_more(line, feed));
    };
    feed.batch_ended = [&](std::shared_ptr<Batch> batch) { help(end_batch(std::move(batch))); };
    feed.add(std::move(first));
    bool looking = false;
    const auto look = at_work_.insert(at_work_.end(), [&] {
        if (looking || shop_.stop.requested()) return;
        looking = true;
        help(fetch_new(line, feed, looking));
    });

    auto* session = line.session.get();
    observed_.begin(std::chrono::steady_clock::now());
    struct AtWork {
        queue::Pace& pace;
        ~AtWork() { pace.end(std::chrono::steady_clock::now()); }
    } const at_work{observed_};
    struct Listed {
        std::list<std::function<void()>>& all;
        std::list<std::function<void()>>::iterator mine;
        ~Listed() { all.erase(mine); }
    };
    std::optional<smtp::End> ended;
    {
        const Listed listed{at_work_, look};
        auto result = co_await session->run(feed);
        ended = std::move(result);
    }
    const auto& end = *ended;
    feed.close();
    feed.give_back();
    while (helpers > 0) {
        const auto seen = helper_ended.generation();
        co_await helper_ended.wait(seen, std::chrono::seconds{1});
        feed.give_back();
    }
    line.used_at = unix_now();
    if (feed.recipients_taken() != 0 && feed.recipients_taken() < per_message_) per_message_ = feed.recipients_taken();
    if (feed.delivered() > 0) {
        co_await worked();
        co_await note_pace();
    }
    if (end.reason != smtp::End::Reason::ended) {
        log::info(
            "relay-connection-ended",
            {{"relay", config_.name}, {"why", smtp::name(end.reason)}, {"detail", end.detail}, {"delivered", feed.delivered()}});
        if (end.reason == smtp::End::Reason::out_of_step) pace_ = smtp::slower(pace_);
        line.close();
    }
    const auto trouble = feed.trouble();
    // A server may close a connection that had nothing to do: that says nothing about the relay, a new one will.
    const bool gone = end.reason == smtp::End::Reason::closed || end.reason == smtp::End::Reason::closing;
    if (reused && gone && feed.delivered() == 0 && (!trouble || trouble->fault == queue::Fault::relay)) co_return;
    if (trouble) {
        co_await settle_trouble(*trouble);
    } else if (end.reason != smtp::End::Reason::ended && end.reason != smtp::End::Reason::aborted && feed.delivered() == 0) {
        const std::string reason = std::string{smtp::name(end.reason)} + ": " + end.detail;
        co_await rest_after(reason);
    }
}

asio::awaitable<void> Relay::run_connection()
{
    Line line{sessions_};
    ++alive_;
    struct Gone {
        std::size_t& alive;
        ~Gone() { --alive; }
    } const gone{alive_};
    while (!shop_.stop.requested()) {
        const auto seen = shop_.work.generation();
        auto found = co_await lease(Look::idle, line.portion);
        if (found.again) continue;
        struct Trial {
            Relay& relay;
            bool ours;
            ~Trial()
            {
                if (ours) relay.end_trial();
            }
        } const trial{*this, found.trial};
        if (!found.batch) {
            const auto now = unix_now();
            const bool others_done = std::ranges::none_of(
                shop_.relays, [](const Relay* other) { return !other->config_.backup && other->alive_ > 0; });
            if (shop_.ends_when_idle && (stands_back(now) ? others_done : found.wait_until > now + 1)) break;
            auto until = std::chrono::seconds{std::max<std::int64_t>(found.wait_until - now, 1)};
            if (line.session) {
                const auto idle_left = idle_limit - std::chrono::seconds{now - line.used_at};
                if (idle_left <= std::chrono::seconds{0}) {
                    co_await line.session->quit();
                    line.close();
                    continue;
                }
                until = std::min(until, std::chrono::duration_cast<std::chrono::seconds>(idle_left));
            }
            co_await shop_.work.wait(seen, until);
            continue;
        }
        bool ready = line.session != nullptr;
        if (!ready) {
            ready = co_await open(line);
        }
        std::string unusable;
        if (ready) {
            try {
                co_await prepare(found.batch, line.session->offer());
                unusable = unfit(*found.batch, line.session->offer());
            } catch (const std::exception& error) {
                unusable = error.what();
            }
        }
        if (!ready || !unusable.empty()) {
            put_back(*found.batch);
            const auto delivery = found.batch->work.delivery_id;
            co_await end_batch(found.batch);
            if (!unusable.empty()) {
                Feed::Trouble trouble{queue::Fault::post, delivery, unusable};
                co_await settle_trouble(std::move(trouble));
            }
            continue;
        }
        co_await serve(line, std::move(found.batch));
    }
    if (line.session) co_await line.session->quit();
}

void Relay::wake()
{
    for (auto* session : sessions_) session->wake();
}

void Relay::abort()
{
    for (auto* session : sessions_) session->abort();
}

}  // namespace majlis::delivery
