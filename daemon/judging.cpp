#include "daemon/judging.hpp"

#include <sqlite3.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <chrono>

#include "core/log/log.hpp"
#include "core/store/content.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"
#include "daemon/waking.hpp"

namespace majlis {
namespace {

namespace asio = boost::asio;
constexpr std::size_t batch_mails = 200;
constexpr std::int64_t large_bytes = 256 * 1024;  // from here on a mail is read away from the store thread
constexpr std::chrono::milliseconds slice{15};    // of the store thread, for one batch
// While a backlog comes in, so much of every 34 ms: mail is first made safe, and does not wait for long all the same.
constexpr std::chrono::milliseconds short_slice{4}, between_short{30};
constexpr std::int64_t last_attempt = 5;  // fewer would set aside innocent mail where a machine is switched off again and again

/// What one mail can do to a statement; all else is the database's own trouble.
bool of_the_mail(const SQLite::Exception& error)
{
    const int code = error.getErrorCode() & 0xff;
    return code == SQLITE_CONSTRAINT || code == SQLITE_TOOBIG || code == SQLITE_MISMATCH;
}

}  // namespace

/// What became of one mail, for the log.
struct Judging::Judged {
    std::int64_t arrival_id = 0;
    Kind kind = Kind::other;
    Recorded recorded;
};

void Judging::tell(const std::vector<Judged>& judged)
{
    bool delivering = false;
    for (const auto& one : judged) {
        log::info("mail-judged", {{"arrival", one.arrival_id}, {"kind", kind_name(one.kind)}, {"result", one.recorded.note}});
        delivering = delivering || one.recorded.delivering;
    }
    if (delivering && outbox_filled) outbox_filled();
    if (!judged.empty() && verdicts_given) verdicts_given();
}

asio::awaitable<void> Judging::could_not(store::NewMail mail, std::string reason)
{
    log::error("mail-not-judged", {{"arrival", mail.arrival_id}, {"attempt", mail.attempts + 1}, {"error", reason}});
    auto note = [mail, reason](store::Database& db) {
        store::Transaction transaction{db};
        store::note_attempt(db, mail.arrival_id);
        const bool aside = mail.attempts + 1 >= last_attempt;
        if (aside) store::mark_judged(db, mail.arrival_id, "other", "could not be read: " + reason);
        transaction.commit();
        return aside;
    };
    const bool aside = co_await run_patiently(store_, std::move(note));
    if (aside && set_aside) set_aside(mail.arrival_id, reason);
}

/// One mail alone: a large one, or one that may be poison. The attempt is durable before it is read.
asio::awaitable<void> Judging::one(store::NewMail mail)
{
    std::string failure;
    try {
        if (mail.attempts > 0) {
            if (mail.attempts >= last_attempt) throw std::runtime_error{"majlisd died while it read this mail"};
            auto note = [id = mail.arrival_id](store::Database& db) { store::note_attempt(db, id); };
            co_await run_patiently(store_, std::move(note));
        }
        auto load = [id = mail.content_id](store::Database& db) { return store::load_content(db, id); };
        auto raw = co_await run_patiently(store_, std::move(load));
        auto job = [this, raw = std::move(raw)]() mutable -> asio::awaitable<std::shared_ptr<ReadMail>> {
            std::shared_ptr<ReadMail> read = read_mail(std::move(raw), context_.site_domain);
            co_return read;
        };
        const auto read = co_await asio::co_spawn(reader_, std::move(job), asio::use_awaitable);
        auto record = [this, mail, read](store::Database& db) {
            store::Transaction transaction{db};
            const auto judgement = judge_mail(db, *read, mail.junk, context_, mail.arrived_at);
            Judged judged{mail.arrival_id, judgement.kind, record_judgement(db, mail, *read, judgement, context_, unix_now())};
            transaction.commit();
            return judged;
        };
        auto judged = co_await run_patiently(store_, std::move(record));
        tell({std::move(judged)});
    } catch (const SQLite::Exception& error) {
        if (!of_the_mail(error)) throw;
        failure = error.what();
    } catch (const std::exception& error) {
        failure = error.what();
    }
    if (!failure.empty()) co_await could_not(std::move(mail), std::move(failure));
}

asio::awaitable<std::size_t> Judging::batch()
{
    struct Done {
        std::vector<Judged> judged;
        std::vector<store::NewMail> alone;
        std::vector<std::pair<store::NewMail, std::string>> failed;
        std::size_t seen = 0;
    };
    const bool backlog = backlog_comes_in && backlog_comes_in();
    if (backlog) co_await stop_.pause(between_short);
    const auto limit = backlog ? short_slice : slice;
    auto work = [this, limit](store::Database& db) {
        Done done;
        const auto begin = std::chrono::steady_clock::now();
        store::Transaction transaction{db};
        for (const auto& mail : store::next_new(db, batch_mails)) {
            if (done.seen > 0 && (mail.arrival_id <= careful_until_ || std::chrono::steady_clock::now() - begin > limit)) break;
            ++done.seen;
            if (mail.size >= large_bytes || mail.attempts > 0) {
                // Nobody overtakes it: posts leave in the order in which they came.
                done.alone.push_back(mail);
                break;
            }
            try {
                const auto read = read_mail(store::load_content(db, mail.content_id), context_.site_domain);
                const auto judgement = judge_mail(db, *read, mail.junk, context_, mail.arrived_at);
                done.judged.push_back(
                    {mail.arrival_id, judgement.kind, record_judgement(db, mail, *read, judgement, context_, unix_now())});
            } catch (const SQLite::Exception& error) {
                if (!of_the_mail(error)) throw;  // the database's trouble: all of the batch is tried again
                done.failed.emplace_back(mail, error.what());
                break;
            } catch (const std::exception& error) {
                done.failed.emplace_back(mail, error.what());
                break;
            }
        }
        transaction.commit();
        return done;
    };
    auto done = co_await run_patiently(store_, std::move(work));
    if (done.seen > 0) busy_at_ = std::chrono::steady_clock::now();
    tell(done.judged);
    for (auto& mail : done.alone) co_await one(std::move(mail));
    for (auto& [mail, reason] : done.failed) co_await could_not(std::move(mail), std::move(reason));
    co_return done.seen;
}

asio::awaitable<void> Judging::drain()
{
    for (;;) {
        const auto seen = co_await batch();
        if (seen == 0 || stop_.requested()) co_return;
    }
}

asio::awaitable<void> Judging::run()
{
    const Waking how{stop_, arrived_, "judging-failed", std::chrono::seconds{5}};
    auto work = [this] { return drain(); };
    return work_when_woken(how, std::move(work));
}

}  // namespace majlis
