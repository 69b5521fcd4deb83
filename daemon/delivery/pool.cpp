#include "daemon/delivery/pool.hpp"

#include <utility>

#include "core/log/log.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"
#include "net/login.hpp"

namespace majlis::delivery {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

std::vector<store::DomainRule> domain_rules(const Config& config)
{
    std::vector<store::DomainRule> rules;
    for (const auto& domain : config.domains)
        rules.push_back({domain.name, domain.domains, limits_of(domain.limits), domain.reserve_percent});
    return rules;
}

}  // namespace

Pool::Pool(asio::any_io_executor executor, const Wiring& wiring)
    : executor_{executor},
      wiring_{wiring},
      policies_{executor, wiring.store, wiring.config.site.resolver},
      copies_{wiring.store, policies_, wiring.config.authentication.trusted_servers, wiring.config.site.templates},
      recorder_{executor, wiring.store, wiring.config.delivery.max_in_flight, wiring.config.delivery.retry_for.count()},
      turns_{executor},
      shop_{.store = wiring.store,
            .dispatcher = dispatcher_,
            .recorder = recorder_,
            .copies = copies_,
            .driver = wiring.driver,
            .stop = wiring.stop,
            .work = wiring.work,
            .turns = turns_,
            .sent = sent_,
            .token_key = {},
            .relays = {},
            .random =
                [this] {
                    return std::uniform_real_distribution<double>{0, 1}(engine_);
                },
            .relay_in_trouble = [this](const Relay& relay, const std::string& reason) { in_trouble(relay, reason); },
            .ends_when_idle = wiring.once}
{
    recorder_.on_room([this] {
        // Where room is scarce, whoever is furthest behind his weight takes of it first.
        for (const auto relay : sent_.order()) relays_[relay]->wake();
    });
}

void Pool::recover(store::Database& db)
{
    dispatcher_ = std::make_unique<store::Dispatcher>(db, store::DomainLimits{db, domain_rules(wiring_.config), unix_now()});
    dispatcher_->recover();
}

asio::awaitable<void> Pool::open(std::string token_key)
{
    shop_.token_key = std::move(token_key);
    for (const auto& config : wiring_.config.relays) {
        auto login = std::make_unique<LoginSource>(wiring_.driver, wiring_.reader, config.credentials);
        relays_.push_back(std::make_unique<Relay>(executor_, config, std::move(login), shop_));
        co_await relays_.back()->restore();
    }
    for (const auto& relay : relays_) shop_.relays.push_back(relay.get());
}

void Pool::send(const std::function<void(asio::awaitable<void>)>& spawn)
{
    for (const auto& relay : relays_) connections_ += relay->config().connections;
    // A relay that stands in for the others looks whether they are at work.
    for (const bool backup : {false, true})
        for (const auto& relay : relays_)
            for (unsigned i = 0; relay->config().backup == backup && i < relay->config().connections; ++i) spawn(send(*relay));
    finish_if_idle();
}

asio::awaitable<void> Pool::send(Relay& relay)
{
    for (bool over = false; !over;) {
        std::string failure;
        try {
            co_await relay.run_connection();
            over = true;
        } catch (const std::exception& error) {
            failure = error.what();  // a full disk, say
        }
        if (failure.empty()) continue;
        log::error("delivery-failed", {{"relay", relay.name()}, {"error", failure}});
        over = wiring_.stop.requested() || wiring_.once;
        if (!over) co_await wiring_.stop.pause(5s);
    }
    --connections_;
    finish_if_idle();  // the outcomes of the last connection are recorded before the recorder may go
}

void Pool::finish_if_idle()
{
    if (connections_ > 0) return;
    recorder_.finish();
    all_sent();
}

asio::awaitable<void> Pool::hand_out_new()
{
    auto& work = wiring_.work;
    auto seen = work.generation();
    while (!wiring_.stop.requested()) {
        co_await work.wait(seen, 1h);
        seen = work.generation();
        for (const auto relay : sent_.order())
            if (relays_[relay]->look_for_new()) break;
    }
}

std::vector<std::string> Pool::working() const
{
    std::vector<std::string> names;
    for (const auto& relay : relays_)
        if (relay->failures() == 0) names.push_back(relay->name());
    return names;
}

void Pool::wake()
{
    for (const auto& relay : relays_) relay->wake();
}

void Pool::abort()
{
    for (const auto& relay : relays_) relay->abort();
}

}  // namespace majlis::delivery
