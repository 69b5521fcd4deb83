#include "daemon/moderating.hpp"

#include <chrono>

#include "core/judge/context.hpp"
#include "core/log/log.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"
#include "daemon/waking.hpp"

namespace majlis {

namespace asio = boost::asio;

namespace {

constexpr std::size_t told_at_once = 5;     // letters of one slice
constexpr std::size_t tidied_at_once = 20;  // posts that expire in one slice: their moderators get one letter
constexpr std::int64_t tidy_every = 60;     // seconds
constexpr std::chrono::seconds after_trouble{10};

}  // namespace

Moderating::Moderating(asio::any_io_executor executor, StoreThread& store, const Config& config, Stop& stop)
    : store_{store}, judge_{judge_context(config)}, stop_{stop}, woken_{executor}
{
    context_.site = judge_.site;
    context_.ourselves = {judge_.site_domain, judge_.own_addresses};
    context_.trusts_a_server = !config.authentication.trusted_servers.empty();
    context_.timezone = config.digest.timezone;
}

asio::awaitable<void> Moderating::all_of(Part part)
{
    for (bool more = true; more && !stop_.requested();) {
        auto work = [this, part](store::Database& db) {
            return part == Part::tell ? moderation::tell(db, context_, unix_now(), told_at_once)
                                      : moderation::tidy(db, context_, unix_now(), tidied_at_once);
        };
        const auto swept = co_await run_patiently(store_, std::move(work));
        if (swept.letters > 0 && outbox_filled) outbox_filled();
        more = swept.steps > 0;
    }
}

asio::awaitable<void> Moderating::drain()
{
    co_await all_of(Part::tell);
    if (unix_now() - tidied_at_ < tidy_every) co_return;
    tidied_at_ = unix_now();
    co_await all_of(Part::tidy);
}

asio::awaitable<void> Moderating::run()
{
    const Waking how{stop_, woken_, "moderation-failed", after_trouble};
    auto work = [this] { return drain(); };
    return work_when_woken(how, std::move(work));
}

}  // namespace majlis
