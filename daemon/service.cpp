#include "daemon/service.hpp"

#include <sqlite3.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <utility>
#include <vector>

#include "core/judge/context.hpp"
#include "core/log/log.hpp"
#include "core/store/arrivals.hpp"
#include "core/store/status.hpp"
#include "core/store/trouble.hpp"
#include "core/text/date.hpp"
#include "daemon/archiving.hpp"
#include "daemon/chores.hpp"
#include "daemon/clock.hpp"
#include "daemon/delivery/pool.hpp"
#include "daemon/digests.hpp"
#include "daemon/event.hpp"
#include "daemon/intake/intake.hpp"
#include "daemon/judging.hpp"
#include "daemon/mirror/mirror.hpp"
#include "daemon/moderating.hpp"
#include "daemon/owner.hpp"
#include "daemon/patience.hpp"
#include "daemon/pulse.hpp"
#include "daemon/reports.hpp"
#include "net/login.hpp"

namespace majlis {
namespace {

namespace asio = boost::asio;
using namespace std::chrono_literals;

constexpr std::chrono::milliseconds look_for_changes{250};  // what the command line did is noticed within a second
constexpr auto look_again_after = 5s;                       // at a database that could not be read
constexpr auto abort_after = 8s;                            // of a clean stop: what is then still in flight is cut off
constexpr auto stop_within = 9500ms;
constexpr std::int64_t failures_told = 5;  // a relay that fails so often in a row is the owner's business

store::DatabaseOptions daemon_options(const Config& config)
{
    store::DatabaseOptions options;
    options.site_language = config.site.language;
    options.busy_timeout = 10ms;  // the store thread never sleeps for somebody else: run_patiently waits on the loop
    return options;
}

/// All parts, wired. Members are destroyed from the last to the first: the loop outlives everything that runs on it.
class Service {
public:
    Service(const Config& config, const ServiceOptions& options)
        : config_{config},
          options_{options},
          store_{config.database, store::Open::upgrade, daemon_options(config)},
          owner_{config}
    {
        pool_.in_trouble = [this](const delivery::Relay& relay, const std::string& reason) { relay_in_trouble(relay, reason); };
        pool_.all_sent = [this] { step_.notify(); };
        pool_.on_finished([this](const std::vector<store::Finished>& finished) { finished_deliveries(finished); });
        judging_.outbox_filled = [this] {
            work_.notify();
            reports_.wake();
        };
        reports_.failing = [this](std::string reason) {
            NoticeValues values;
            values.text = {{"reason", std::move(reason)}, {"remote", config_.reports.remote}};
            spawn("owner", tell_once("reports", "owner-reports-failed", values));
        };
        reports_.works_again = [this] { spawn("owner", trouble_is_over("reports")); };
        judging_.verdicts_given = [this] { look_after_held(); };
        judging_.backlog_comes_in = [this] { return backlog_comes_in(); };
        moderating_.outbox_filled = [this] { work_.notify(); };
        digests_.outbox_filled = [this] { work_.notify(); };
        chores_.outbox_filled = [this] { work_.notify(); };
        chores_.relays_that_work = [this] { return pool_.working(); };
        archiving_.mail_comes_in = [this] { return judging_.busy() || backlog_comes_in(); };
        judging_.set_aside = [this](std::int64_t arrival, const std::string& reason) {
            NoticeValues values;
            values.text = {{"arrival", std::to_string(arrival)}, {"reason", reason}};
            spawn("owner", tell_once("arrival:" + std::to_string(arrival), "owner-mail-set-aside", values));
        };
    }

    ServiceEnd run()
    {
        spawn("main", options_.round == Round::once ? one_round() : forever());
        watch_signals();
        loop_.run();
        stop_on_damage();
        if (failure_) std::rethrow_exception(failure_);
        return std::move(end_);
    }

    /// Whoever goes on with a damaged file loses more of it.
    void stop_on_damage() const
    {
        if (!store_.damaged()) return;
        store::throw_in_words(config_.database, SQLite::Exception{"database disk image is malformed", SQLITE_CORRUPT});
    }

    /// The loop was stopped with work still on it.
    bool cut_short() const { return running_ > 0; }

private:
    /// Every coroutine has a name, and its error is logged; when the last one ends, the loop does.
    void spawn(std::string name, asio::awaitable<void> work)
    {
        ++running_;
        asio::co_spawn(loop_, std::move(work), [this, name = std::move(name)](std::exception_ptr error) {
            if (error) report(name, error);
            if (--running_ > 0) return;
            if (std::exchange(goodbye_said_, true))
                loop_.stop();
            else
                spawn("goodbye", pulse_.tell("stopped"));
        });
    }

    void report(const std::string& name, std::exception_ptr error)
    {
        try {
            std::rethrow_exception(error);
        } catch (const std::exception& what) {
            log::critical("part-failed", {{"part", name}, {"error", what.what()}});
        }
        if (!failure_) failure_ = error;
        pool_.finish_if_idle();
        begin_stop();
    }

    asio::awaitable<void> start()
    {
        auto prepare = [this](store::Database& db) {
            pool_.recover(db);
            store::drop_incomplete_content(db);
            const auto before = store::daemon_state(db);
            if (before && before->state != "stopped") {
                store::suspect_first(db);
                judging_.be_careful_until(store::last_arrival(db));
            }
            store::daemon_started(db, getpid(), MAJLIS_VERSION, unix_now());
            return store::site_secret(db);
        };
        auto token_key = co_await run_patiently(store_, std::move(prepare));
        co_await pool_.open(std::move(token_key));
        for (const auto& inbox : config_.inboxes) {
            intakes_.push_back(std::make_unique<intake::Intake>(intake::Wiring{.store = store_,
                                                                               .driver = driver_,
                                                                               .reader = reader_,
                                                                               .stop = stop_,
                                                                               .inbox = inbox,
                                                                               .max_size_bytes = config_.delivery.max_size_bytes,
                                                                               .context = judge_context(config_)}));
            intakes_.back()->on_arrivals = [this] { judging_.wake(); };
            intakes_.back()->too_large = [this](store::Database& db, const NoticeValues& values) {
                owner_.queue(db, "owner-too-large", values);
                boost::asio::post(loop_, [this] { work_.notify(); });  // from the store thread
            };
            intakes_.back()->in_trouble = [this, name = inbox.name](const std::string& reason) {
                if (reason.empty()) {
                    spawn("owner", trouble_is_over("inbox:" + name));
                    return;
                }
                NoticeValues values;
                values.text = {{"inbox", name}, {"reason", reason}};
                spawn("owner", tell_once("inbox:" + name, "owner-inbox-failed", values));
            };
        }
        make_mirrors();
        log::info("started", {{"version", MAJLIS_VERSION},
                              {"database", config_.database.string()},
                              {"inboxes", config_.inboxes.size()},
                              {"relays", config_.relays.size()}});
    }

    asio::awaitable<void> forever()
    {
        co_await start();
        spawn("recorder", pool_.record());
        spawn("judging", judging_.run());
        spawn("moderating", moderating_.run());
        spawn("digests", digests_.run());
        for (const auto& mirror : mirrors_) spawn("mirror", mirror->run());
        for (const auto& intake : intakes_) spawn("intake", intake->run());
        pool_.send([this](asio::awaitable<void> connection) { spawn("delivery", std::move(connection)); });
        if (reports_.wanted()) spawn("reports", reports_.run());
        spawn("new-first", pool_.hand_out_new());
        spawn("watch", watch());
        spawn("beat", pulse_.beat());
        spawn("watchdog", pulse_.feed_watchdog());
        spawn("housekeeping", chores_.run());
        spawn("archive", archiving_.run());
        sd_notify(0, "READY=1\nSTATUS=running");
        log::notice("ready");
    }

    /// Takes in what is there, judges it, delivers what is due.
    asio::awaitable<void> one_round()
    {
        spawn("limit", round_limit());
        co_await start();
        spawn("recorder", pool_.record());
        sd_notify(0, "READY=1");
        intakes_left_ = intakes_.size();
        for (const auto& intake : intakes_) spawn("intake", take_once(*intake));
        while (intakes_left_ > 0) {
            const auto seen = step_.generation();
            co_await judging_.drain();
            co_await step_.wait(seen, 1s);
        }
        co_await judging_.drain();
        for (const auto& mirror : mirrors_) co_await attempt("mirror-failed", mirror->once());
        co_await moderating_.drain();
        co_await attempt("digests-failed", all_digests());
        co_await chores_.once();
        pool_.send([this](asio::awaitable<void> connection) { spawn("delivery", std::move(connection)); });
        while (pool_.sends()) {
            const auto seen = step_.generation();
            co_await step_.wait(seen, 1s);
        }
        co_await chores_.tell_owner();
        if (reports_.wanted()) co_await reports_.drain();
        co_await archiving_.rest();
        begin_stop();
    }

    /// What one round does goes on when a part of it fails.
    asio::awaitable<void> attempt(const char* failed, asio::awaitable<void> part)
    {
        try {
            co_await std::move(part);
        } catch (const std::exception& error) {
            log::error(failed, {{"error", error.what()}});
        }
    }

    asio::awaitable<void> all_digests()
    {
        const auto failed = co_await digests_.drain();
        if (failed > 0) log::debug("digests-left", {{"failed", failed}});  // each was logged
    }

    /// Each mailbox shows the held posts that came through it; the first one also those that came through none.
    void make_mirrors()
    {
        for (const auto& inbox : config_.inboxes) {
            if (inbox.held_folder.empty()) continue;
            const auto share = mirrors_.empty() ? store::Share::own_and_injected : store::Share::own;
            mirrors_.push_back(std::make_unique<mirror::Mirror>(
                loop_.get_executor(),
                mirror::Wiring{
                    .store = store_, .driver = driver_, .helper = reader_, .stop = stop_, .inbox = inbox, .share = share}));
            mirrors_.back()->decided = [this] {
                moderating_.wake();
                work_.notify();
            };
        }
    }

    /// Posts may have been held or settled.
    void look_after_held()
    {
        moderating_.wake();
        for (const auto& mirror : mirrors_) mirror->wake();
    }

    asio::awaitable<void> take_once(intake::Intake& intake)
    {
        co_await attempt("intake-failed", intake.once());
        --intakes_left_;
        step_.notify();
    }

    asio::awaitable<void> round_limit()
    {
        co_await stop_.pause(options_.round_limit);
        if (!stop_.requested()) {
            log::info("round-cut-short", {{"seconds", options_.round_limit.count()}});
            begin_stop();
        }
    }

    /// The command line writes into the same database: what it changed is noticed here.
    asio::awaitable<void> watch()
    {
        std::int64_t version = 0;
        while (!stop_.requested()) {
            auto look = [](store::Database& db) { return db.data_version(); };
            std::string failure;
            std::int64_t now = version;
            try {
                now = co_await run_patiently(store_, std::move(look));
            } catch (const std::exception& error) {
                failure = error.what();  // a full disk may have no room for the index of the write-ahead log
            }
            pulse_.store_answered();
            stop_on_damage();
            if (now != version) something_changed();
            version = now;
            if (!failure.empty()) log::error("database-not-readable", {{"error", failure}});
            co_await stop_.pause(failure.empty() ? look_for_changes : look_again_after);
        }
    }

    void something_changed()
    {
        judging_.wake();
        look_after_held();
        work_.notify();
        digests_.wake();
        chores_.wake();
        reports_.wake();
    }

    bool backlog_comes_in() const
    {
        return std::ranges::any_of(intakes_, [](const auto& intake) { return intake->reads_backlog(); });
    }

    void finished_deliveries(const std::vector<store::Finished>& finished)
    {
        for (const auto& delivery : finished)
            log::info("delivery-done", {{"delivery", delivery.delivery_id}, {"failed", delivery.failed}});
        if (std::ranges::any_of(finished, [](const store::Finished& delivery) { return delivery.failed > 0; })) chores_.wake();
    }

    void relay_in_trouble(const delivery::Relay& relay, const std::string& reason)
    {
        chores_.wake();
        if (reason.empty() || (!relay.needs_a_person() && relay.failures() < failures_told)) return;
        NoticeValues values;
        values.text = {{"relay", relay.name()}, {"reason", reason}, {"until", text::format_date(relay.paused_until())}};
        spawn("owner", tell_once("relay:" + relay.name(), "owner-relay-paused", values));
    }

    asio::awaitable<void> trouble_is_over(std::string subject)
    {
        auto forget = [subject](store::Database& db) { return store::forget_told(db, subject); };
        co_await run_patiently(store_, std::move(forget));
    }

    asio::awaitable<void> tell_once(std::string subject, std::string notice, NoticeValues values)
    {
        auto tell = [this, subject, notice, values](store::Database& db) {
            return owner_.queue_once(db, subject, notice, values);
        };
        std::string failure;
        try {
            const bool told = co_await run_patiently(store_, std::move(tell));
            if (told) work_.notify();
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (!failure.empty()) log::error("owner-not-told", {{"subject", subject}, {"error", failure}});
    }

    void begin_stop()
    {
        if (stop_.requested()) return;
        stop_.request();
        judging_.wake();
        look_after_held();
        work_.notify();
        chores_.wake();
        step_.notify();
        digests_.wake();
        reports_.cancel();
        reports_.wake();
        pool_.wake();
        sd_notify(0, "STOPPING=1\nSTATUS=stopping");
        abort_timer_.expires_after(abort_after);
        abort_timer_.async_wait([this](const boost::system::error_code& error) {
            if (error) return;
            log::warning("stopping-hard", {{"in_flight", pool_.in_flight()}});
            pool_.abort();
            abort_timer_.expires_after(stop_within - abort_after);
            abort_timer_.async_wait([this](const boost::system::error_code& cut) {
                if (!cut) loop_.stop();
            });
        });
    }

    void watch_signals()
    {
        signals_.async_wait([this](const boost::system::error_code& error, int signal) {
            if (error) return;
            if (signal == SIGHUP) {
                reload();
            } else {
                if (stop_.requested()) _exit(1);  // asked twice: the database survives a crash
                log::notice("stopping", {{"signal", signal}});
                begin_stop();
            }
            watch_signals();
        });
    }

    void reload()
    {
        auto loaded = load_config(options_.config_file);
        for (const auto& warning : loaded.warnings) log::warning("configuration", {{"warning", warning}});
        if (!loaded.config) {
            for (const auto& error : loaded.errors) log::error("configuration-wrong", {{"error", error}});
            log::error("configuration-kept", {{"file", options_.config_file.string()}});
            return;
        }
        if (loaded.config->database != config_.database) {
            log::error("configuration-kept", {{"error", "the database cannot change while majlisd runs: restart it"}});
            return;
        }
        log::notice("configuration-read");
        end_.next = std::move(loaded.config);
        begin_stop();
    }

    Config config_;
    ServiceOptions options_;
    asio::io_context loop_{1};
    StoreThread store_;
    OwnerNotices owner_;
    asio::thread_pool reader_{1};  // secrets: a password command may take its time
    Stop stop_{loop_.get_executor()};
    Event work_{loop_.get_executor()}, step_{loop_.get_executor()};
    net::CurlDriver driver_{loop_.get_executor()};
    delivery::Pool pool_{loop_.get_executor(),
                         {.store = store_,
                          .driver = driver_,
                          .reader = reader_,
                          .stop = stop_,
                          .work = work_,
                          .config = config_,
                          .once = options_.round == Round::once}};
    Reports reports_{loop_.get_executor(), store_, config_, stop_};
    Judging judging_{loop_.get_executor(), store_, judge_context(config_), stop_};
    Moderating moderating_{loop_.get_executor(), store_, config_, stop_};
    Digests digests_{loop_.get_executor(), store_, config_, stop_};
    Chores chores_{loop_.get_executor(), store_, config_, owner_, stop_};
    Archiving archiving_{store_, stop_};
    Pulse pulse_{store_, stop_};
    std::vector<std::unique_ptr<intake::Intake>> intakes_;
    std::vector<std::unique_ptr<mirror::Mirror>> mirrors_;
    asio::signal_set signals_{loop_, SIGTERM, SIGINT, SIGHUP};
    asio::steady_timer abort_timer_{loop_};
    std::size_t running_ = 0, intakes_left_ = 0;
    bool goodbye_said_ = false;
    std::exception_ptr failure_;
    ServiceEnd end_;
};

}  // namespace

ServiceEnd run_service(const Config& config, const ServiceOptions& options)
{
    auto service = std::make_unique<Service>(config, options);
    // After a hard stop, coroutines that never ended still refer to it: it is left to the end of the process.
    struct Leave {
        std::unique_ptr<Service>& service;
        ~Leave()
        {
            if (service->cut_short()) static_cast<void>(service.release());
        }
    } const leave{service};
    return service->run();
}

}  // namespace majlis
