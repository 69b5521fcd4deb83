#include "daemon/delivery/relay.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <optional>

#include "core/log/log.hpp"
#include "core/store/relays.hpp"
#include "daemon/clock.hpp"
#include "daemon/counted.hpp"
#include "daemon/delivery/line.hpp"
#include "daemon/patience.hpp"
#include "net/within.hpp"

namespace majlis::delivery {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::seconds connect_limit{60};
constexpr std::chrono::seconds idle_limit{60};  // then the connection is closed with QUIT
constexpr std::int64_t no_more_for = 300;       // seconds until a relay that took no further connection is asked for one again
constexpr std::int64_t note_pace_every = 10;    // seconds
constexpr std::chrono::seconds look_while_others_send{1};

}  // namespace

Relay::Relay(asio::any_io_executor executor, const RelayConfig& config, std::unique_ptr<LoginSource> login, Workshop& shop)
    : executor_{std::move(executor)},
      config_{config},
      login_{std::move(login)},
      shop_{shop},
      health_{config_.name, shop.store, shop.random},
      leasing_{config_, shop, health_, abilities_}
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

net::Endpoint Relay::endpoint() const
{
    auto endpoint = endpoint_of(config_.server, net::Scheme::smtp);
    endpoint.client_name = config_.client_name;
    return endpoint;
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
        // A stop does not wait for a server that does not answer. (For a token it does: a new refresh token may come with it.)
        auto attempt = [this](net::Login login) -> asio::awaitable<std::optional<std::unique_ptr<net::Connection>>> {
            const Counted opening{opening_};
            auto connected = co_await net::until(shop_.stop.pause(std::chrono::hours{24}), connect(std::move(login)));
            co_return connected;
        };
        auto connection = co_await login_->open(attempt);
        if (!connection) co_return false;
        smtp::SessionOptions options;
        options.pace = pace_;
        options.window = config_.window;
        line.session = std::make_unique<smtp::Session>(std::move(**connection), options);
        sessions_.push_back(line.session.get());
        line.opened_at = unix_now();
        abilities_.learn(line.session->offer());
        log::debug("relay-connected", {{"relay", config_.name}, {"pace", smtp::name(line.session->pace())}});
        co_return true;
    } catch (const net::ConnectError& error) {
        if (takes_no_more(error)) {
            no_more_until_ = unix_now() + no_more_for;
            log::notice("relay-takes-no-more-connections",
                        {{"relay", config_.name}, {"open", sessions_.size() + opening_}, {"reason", error.what()}});
            co_return false;
        }
        note_lasting(error.lasting() == net::ConnectError::Lasting::permanent);
        reason = error.what();
    } catch (const net::OAuth2Error& error) {
        note_lasting(error.lasting() == net::OAuth2Error::Lasting::permanent);
        reason = error.what();
    } catch (const std::exception& error) {
        note_lasting(true);
        reason = error.what();
    }
    co_await rest_after(std::move(reason));
    co_return false;
}

/// While it rests, another connection's failure is the one that people hear of.
void Relay::note_lasting(bool lasting)
{
    if (!health_.resting(unix_now())) health_.set_lasting(lasting);
}

bool Relay::look_for_new()
{
    for (std::size_t asked = 0; asked < at_work_.size(); ++asked) {
        at_work_.splice(at_work_.end(), at_work_, at_work_.begin());  // not always the same one
        if (at_work_.back()()) return true;
    }
    return false;
}

asio::awaitable<void> Relay::settle_trouble(Feed::Trouble trouble)
{
    if (trouble.fault == queue::Fault::relay) {
        co_await rest_after(trouble.text);
        co_return;
    }
    auto hold = [trouble, name = config_.name](store::Database& db) {
        return store::hold_delivery(db, trouble.delivery_id, name + ": " + trouble.text, "majlisd", unix_now());
    };
    const bool held = co_await run_patiently(shop_.store, std::move(hold));
    for (auto* relay : shop_.relays) relay->forget_unfit(trouble.delivery_id);  // who lets it go on may have mended one of them
    if (!held) co_return;                                                       // another connection came first
    log::warning("delivery-held", {{"delivery", trouble.delivery_id}, {"relay", config_.name}, {"reason", trouble.text}});
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
    const bool reused = line.rested(unix_now());
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
        if (line.outdated || shop_.stop.requested()) return false;
        if (looking) return true;
        looking = true;
        help(fetch_new(line, feed, looking));
        return true;
    });

    auto* session = line.session.get();
    observed_.begin(std::chrono::steady_clock::now());
    struct AtWork {
        queue::Pace& pace;
        ~AtWork() { pace.end(std::chrono::steady_clock::now()); }
    } const at_work{observed_};
    struct Listed {
        std::list<std::function<bool()>>& all;
        std::list<std::function<bool()>>::iterator mine;
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
    } else if (line.outdated) {
        co_await session->quit();
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
        const auto idle_left = idle_limit - std::chrono::seconds{now - std::max(line.used_at, line.opened_at)};
        if (idle_left <= std::chrono::seconds{0}) {
            co_await line.session->quit();
            line.close();
            co_return true;
        }
        until = std::min(until, std::chrono::duration_cast<std::chrono::seconds>(idle_left));
    }
    if (may_come_back) until = std::min(until, look_while_others_send);
    co_await shop_.work.wait(seen, until);
    co_return true;
}

/// A new session in place of one that rested. False: there is none.
asio::awaitable<bool> Relay::renew(Line& line)
{
    if (line.session) co_await line.session->quit();
    line.close();
    const bool opened = co_await open(line);
    co_return opened;
}

asio::awaitable<void> Relay::send(Line& line, std::shared_ptr<Batch> batch)
{
    const bool rested = line.rested(unix_now());
    bool open_now = line.session != nullptr;
    if (!open_now) open_now = co_await open(line);
    std::optional<Refusal> refusal;
    if (open_now) refusal = co_await make_copies(line, batch);
    if (refusal && refusal->demand && rested) {  // its server may say otherwise today
        open_now = co_await renew(line);
        if (open_now) refusal = co_await make_copies(line, batch);
    }
    if (!open_now)
        co_await give_back(std::move(batch));
    else if (refusal)
        co_await refuse(std::move(batch), std::move(*refusal));
    else
        co_await serve(line, std::move(batch));
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
