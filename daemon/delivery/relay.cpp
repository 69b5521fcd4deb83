#include "daemon/delivery/relay.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>
#include <set>

#include "core/log/log.hpp"
#include "core/queue/portion.hpp"
#include "core/store/relays.hpp"
#include "daemon/clock.hpp"
#include "daemon/counted.hpp"
#include "daemon/patience.hpp"
#include "net/within.hpp"

namespace majlis::delivery {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::seconds connect_limit{60};
constexpr std::chrono::seconds idle_limit{60};  // then the connection is closed with QUIT
constexpr std::int64_t no_more_for = 300;       // seconds until a relay that took no further connection is asked for one again
constexpr std::int64_t note_pace_every = 10;    // seconds
constexpr std::chrono::seconds come_back_look{1};
constexpr std::uint64_t every_personal = 10;  // personal = "auto": every tenth post has personal copies

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
      health_{config_.name, shop.store, shop.random},
      leasing_{config_, shop, health_}
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
    health_.learn(known.state);
    leasing_.restore(known.usage);
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

/// The most that one of its copies asks for.
static Demand demand_of(const Batch& batch)
{
    Demand demand;
    for (const auto& [list, copy] : batch.copies) {
        demand.smtputf8 = demand.smtputf8 || copy->text.needs_smtputf8;
        demand.bytes = std::max<std::uint64_t>(demand.bytes, copy->text.head.size() + copy->text.tail.size());
    }
    return demand;
}

asio::awaitable<void> Relay::rest_after(std::string reason)
{
    no_more_until_ = 0;  // what refused a further connection may have been this
    const bool news = co_await health_.failed(reason);
    if (!news) co_return;
    shop_.relay_in_trouble(*this, reason);
    shop_.work.notify();  // another relay may take over
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
    health_.end_trial();
    shop_.work.notify();
}

asio::awaitable<std::unique_ptr<net::Connection>> Relay::connect(net::Login login)
{
    auto connection = co_await net::connect(shop_.driver, endpoint(), std::move(login), connect_limit);
    co_return std::make_unique<net::Connection>(std::move(connection));
}

/// Providers allow so many connections at a time and refuse the next one: those that are open, or being opened, go on.
bool Relay::takes_no_more(const net::ConnectError& error) const
{
    using Stage = net::ConnectError::Stage;
    const auto stage = error.stage();
    return error.lasting() == net::ConnectError::Lasting::temporary && (!sessions_.empty() || opening_ > 0) &&
           (stage == Stage::connect || stage == Stage::greeting || stage == Stage::timed_out);
}

bool Relay::is_surplus(const Line& line, std::int64_t now) const
{
    return !line.session && no_more_until_ > now && !sessions_.empty();
}

asio::awaitable<bool> Relay::open(Line& line)
{
    std::string reason;
    try {
        auto login = co_await login_->get();
        std::optional<std::unique_ptr<net::Connection>> connection;
        {
            const Counted opening{opening_};
            // A stop does not wait for a server that does not answer.
            auto connected = co_await net::until(shop_.stop.pause(std::chrono::hours{24}), connect(std::move(login)));
            connection = std::move(connected);
        }
        if (!connection) co_return false;
        smtp::SessionOptions options;
        options.pace = pace_;
        options.window = config_.window;
        line.session = std::make_unique<smtp::Session>(std::move(**connection), options);
        sessions_.push_back(line.session.get());
        log::debug("relay-connected", {{"relay", config_.name}, {"pace", smtp::name(line.session->pace())}});
        co_return true;
    } catch (const net::ConnectError& error) {
        if (takes_no_more(error)) {
            no_more_until_ = unix_now() + no_more_for;
            log::notice("relay-takes-no-more-connections",
                        {{"relay", config_.name}, {"open", sessions_.size() + opening_}, {"reason", error.what()}});
            co_return false;
        }
        bool lasting = error.lasting() == net::ConnectError::Lasting::permanent;
        if (error.stage() == net::ConnectError::Stage::auth_refused ||
            error.stage() == net::ConnectError::Stage::no_auth_offered) {
            login_->refused();
            // A token may have been revoked before its time: the next one is tried before anybody is told.
            if (login_->uses_tokens() && health_.failures() == 0) lasting = false;
        }
        health_.set_lasting(lasting);
        reason = error.what();
    } catch (const std::exception& error) {
        health_.set_lasting(true);
        reason = error.what();
    }
    co_await rest_after(std::move(reason));
    co_return false;
}

/// Makes the batch's copies. False: this relay cannot take it, and it has been given back.
asio::awaitable<bool> Relay::make_ready(Line& line, std::shared_ptr<Batch> batch, Heard offer)
{
    std::string why;
    std::optional<Demand> demand;
    try {
        co_await prepare(batch, line.session->offer());
        leasing_.abilities().learn(line.session->offer());
        demand = demand_of(*batch);
        why = leasing_.abilities().lacks(*demand);
    } catch (const std::exception& error) {
        why = error.what();
    }
    if (why.empty()) co_return true;
    put_back(*batch);
    co_await leasing_.end(batch);
    if (demand && offer == Heard::earlier) {
        line.close();  // the server may say otherwise today
        co_return false;
    }
    const bool known = leasing_.abilities().unfit(batch->work.delivery_id, unix_now());  // another connection came before us
    bool left = false;
    if (demand) left = co_await leasing_.leave_to_another(batch, *demand);
    if (!left) {
        Feed::Trouble trouble{queue::Fault::post, batch->work.delivery_id, why};
        co_await settle_trouble(std::move(trouble));
    } else if (!known) {
        log::info("left-to-another-relay", {{"delivery", batch->work.delivery_id}, {"relay", config_.name}, {"reason", why}});
        auto tell = [delivery = batch->work.delivery_id, text = "left to another relay; " + config_.name + ": " + why](
                        store::Database& db) { store::delivery_waits(db, delivery, text); };
        co_await run_patiently(shop_.store, std::move(tell));
    }
    co_return false;
}

/// Another batch for a connection that is open; none where there is nothing, or nothing that it may take.
asio::awaitable<std::shared_ptr<Batch>> Relay::fetch(Line& line, Look look)
{
    auto found = co_await leasing_.lease(look, line.portion);
    while (found.again && !shop_.stop.requested()) found = co_await leasing_.lease(look, line.portion);
    if (!found.batch) co_return nullptr;
    const bool ready = co_await make_ready(line, found.batch, Heard::now);
    co_return ready ? found.batch : nullptr;
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
                  .share = leasing_.share(),
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
    feed.batch_ended = [&](std::shared_ptr<Batch> batch) { help(leasing_.end(std::move(batch))); };
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
    if (feed.recipients_taken() != 0 && feed.recipients_taken() < leasing_.per_message())
        leasing_.take_per_message(feed.recipients_taken());
    if (feed.delivered() > 0) {
        co_await health_.worked();
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

/// There was nothing to send: waits for something, with the connection open for a while. False: it is time to end.
asio::awaitable<bool> Relay::wait_for_work(Line& line, std::int64_t wait_until, std::uint64_t seen)
{
    const auto now = unix_now();
    const bool may_come_back = shop_.ends_when_idle && shop_.batches_out > 0;  // what any connection has, and may not get rid of
    if (shop_.ends_when_idle && !may_come_back) {
        const bool others_done =
            std::ranges::none_of(shop_.relays, [](const Relay* other) { return !other->config_.backup && other->alive_ > 0; });
        if (leasing_.stands_back(now) ? others_done : wait_until > now + 1) co_return false;
    }
    auto until = std::chrono::seconds{std::max<std::int64_t>(wait_until - now, 1)};
    if (line.session) {
        const auto idle_left = idle_limit - std::chrono::seconds{now - line.used_at};
        if (idle_left <= std::chrono::seconds{0}) {
            co_await line.session->quit();
            line.close();
            co_return true;
        }
        until = std::min(until, std::chrono::duration_cast<std::chrono::seconds>(idle_left));
    }
    if (may_come_back) until = std::min(until, come_back_look);
    co_await shop_.work.wait(seen, until);
    co_return true;
}

asio::awaitable<void> Relay::send(Line& line, std::shared_ptr<Batch> batch)
{
    bool open_now = line.session != nullptr;
    const auto offer = open_now && line.used_at != 0 ? Heard::earlier : Heard::now;
    if (!open_now) open_now = co_await open(line);
    if (!open_now) {
        put_back(*batch);
        co_await leasing_.end(batch);
        co_return;
    }
    const bool ready = co_await make_ready(line, batch, offer);
    if (ready) co_await serve(line, std::move(batch));
}

asio::awaitable<void> Relay::run_connection()
{
    Line line{sessions_};
    const Counted alive{alive_};
    while (!shop_.stop.requested()) {
        if (is_surplus(line, unix_now())) {
            if (shop_.ends_when_idle) break;
            co_await shop_.stop.pause(std::chrono::seconds{1});
            continue;
        }
        const auto seen = shop_.work.generation();
        auto found = co_await leasing_.lease(Look::idle, line.portion);
        if (found.again) continue;
        struct Trial {
            Relay& relay;
            bool ours;
            ~Trial()
            {
                if (ours) relay.end_trial();
            }
        } const trial{*this, found.trial};
        if (found.batch) {
            co_await send(line, std::move(found.batch));
            continue;
        }
        const bool go_on = co_await wait_for_work(line, found.wait_until, seen);
        if (!go_on) break;
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
