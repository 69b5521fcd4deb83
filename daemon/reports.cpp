#include "daemon/reports.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "core/address/address.hpp"
#include "core/log/log.hpp"
#include "core/queue/backoff.hpp"
#include "core/reports/index.hpp"
#include "core/reports/names.hpp"
#include "core/store/content.hpp"
#include "core/store/lists.hpp"
#include "core/store/members.hpp"
#include "core/store/reports.hpp"
#include "core/store/roles.hpp"
#include "daemon/clock.hpp"
#include "daemon/patience.hpp"

namespace majlis {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::minutes look_again{10};
constexpr std::int64_t failures_told = 3;

std::vector<std::string> answered_ids(const Message& message)
{
    std::vector<std::string> ids;
    for (const char* name : {"References", "In-Reply-To"})
        if (const Field* field = find_field(message.root().fields, name))
            for (auto& id : message_ids(field->body)) ids.push_back(std::move(id));
    return ids;
}

}  // namespace

/// One report, with all that the store knows for it.
struct Reports::Work {
    store::PendingReport pending;
    std::string raw, section, title;
    reports::Place place;
    std::optional<store::KeptReport> earlier;  ///< that it answers
    bool may_replace = false;                  ///< its author wrote that one, or moderates the list
    bool corrects = false;                     ///< it is a reply with the tag, or one to a report; or talk about it
    std::vector<store::KeptReport> neighbours;
};

Reports::Reports(asio::any_io_executor executor, StoreThread& store, const Config& config, Stop& stop)
    : store_{store}, config_{config}, stop_{stop}, arrived_{std::move(executor)}
{
    repository_ = std::make_shared<reports::Repository>(reports::Repository::Where{.folder = config.reports.repository,
                                                                                   .remote = config.reports.remote,
                                                                                   .branch = config.reports.branch,
                                                                                   .name = config.site.name,
                                                                                   .address = config.site.owner,
                                                                                   .cancelled = cancelled_});
}

Reports::~Reports()
{
    cancel();
    git_.join();
}

/// What came of one: kept, or why it was put aside.
struct Reports::Outcome {
    std::string aside;
    reports::Report report;
};

/// Blocks: reads a large mail, writes files and runs git.
Reports::Outcome Reports::keep(const Work& work, reports::Repository& repository)
{
    const auto message = scan_message(work.raw);
    const bool reply = work.corrects;
    if (reply && !work.earlier) return {"it answers no report of this section", {}};
    if (reply && !work.may_replace) return {"talk about a report: its author did not write that one", {}};
    if (reply && !reports::replaces(message, static_cast<std::size_t>(work.earlier->text_bytes)))
        return {"talk about a report: it brings no text of its own", {}};

    auto report = reports::make_report(message, work.place, reply ? reports::Version::correction : reports::Version::first);
    if (reply) {
        report.folder = work.earlier->folder;  // links to it stay good
        report.date = work.earlier->date;
    }
    const auto wanted = report.folder;
    const auto taken = [&] {
        return std::ranges::any_of(work.neighbours, [&](const store::KeptReport& other) {
            return other.folder == report.folder && (!reply || other.id != work.earlier->id);
        });
    };
    for (int n = 2; taken(); ++n) report.folder = wanted + "-" + std::to_string(n);

    std::vector<reports::Entry> entries{{report.folder, report.title, report.author, report.date}};
    for (const auto& other : work.neighbours)
        if (other.folder != report.folder) entries.push_back({other.folder, other.title, other.author, other.date});
    reports::Repository::Change change;
    change.folder = report.folder;
    change.indexes = reports::index_pages(work.section, work.title, entries);
    change.message = work.section + ": " + report.title + (reply ? " (corrected)" : "") + "\n";
    change.author = report.author;
    change.written_at = report.written_at;
    change.files = std::move(report.files);
    repository.commit(change);
    return {{}, std::move(report)};
}

asio::awaitable<std::string> Reports::keep(std::shared_ptr<const Work> work)
{
    auto job = [repository = repository_, work, fresh = !open_]() -> asio::awaitable<Outcome> {
        if (fresh) repository->open();
        co_return keep(*work, *repository);
    };
    auto outcome = co_await asio::co_spawn(git_, std::move(job), asio::use_awaitable);
    open_ = true;
    if (!outcome.aside.empty()) co_return outcome.aside;
    const std::int64_t replaced = work->corrects ? work->earlier->id : 0;
    auto record = [work, replaced, report = std::move(outcome.report)](store::Database& db) {
        store::KeptReport kept;
        kept.id = work->pending.id;
        kept.list_id = work->pending.list_id;
        kept.section = work->section;
        kept.folder = report.folder;
        kept.title = report.title;
        kept.author = report.author;
        kept.date = report.date;
        kept.sender = work->pending.sender;
        kept.text_bytes = static_cast<std::int64_t>(report.text_bytes);
        store::report_kept(db, kept, replaced, {"majlisd", unix_now()});
        return kept.folder;
    };
    const auto folder = co_await run_patiently(store_, std::move(record));
    log::info("report-kept", {{"folder", folder}});
    co_return std::string{};
}

asio::awaitable<void> Reports::keep_all()
{
    std::int64_t after = 0;
    while (!stop_.requested()) {
        auto load = [this, after](store::Database& db) -> std::shared_ptr<const Work> {
            const auto pending = store::next_report(db, after);
            if (!pending) return nullptr;
            auto made = std::make_shared<Work>();
            auto& work = *made;
            work.pending = *pending;
            work.raw = store::load_content(db, pending->content_id);
            const auto list = store::find_list(db, pending->list_id).value();
            const auto settings = store::settings_of(db, list.id);
            const auto member = store::find_member(db, pending->sender);
            work.section = reports::file_name(list.name, "section");
            work.title = settings.title.empty() ? list.name : settings.title;
            work.place = {.section = work.section,
                          .language = settings.language,
                          .zone = config_.digest.timezone,
                          .author_fallback = member ? member->name : std::string{},
                          .received_at = pending->received_at};
            const auto message = scan_message(work.raw);
            work.earlier = store::find_report(db, list.id, answered_ids(message));
            if (work.earlier)
                work.may_replace =
                    work.earlier->sender == pending->sender || (member && store::is_moderator(db, list.id, member->id));
            // Who answers all answers the report address too: without the tag, thanks for a report must not become one.
            const bool answers = work.earlier && reports::is_reply(field_text(message.root().fields, "Subject"));
            work.corrects = pending->mark == store::ReportMark::reply || answers;
            // It stands where the report stood, also when the list has another name by now.
            if (work.corrects && work.earlier) work.section = work.earlier->section;
            work.neighbours = store::reports_of_section(db, work.section);
            return made;
        };
        const auto work = co_await run_patiently(store_, std::move(load));
        if (!work) co_return;
        const auto id = work->pending.id;
        after = id;
        std::string aside, failure;
        try {
            aside = co_await keep(work);
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (stop_.requested()) co_return;
        if (!failure.empty()) {
            open_ = false;
            log::error("report-not-kept", {{"report", id}, {"error", failure}});
            if (failing) failing(failure);
        }
        auto note = [id, aside, failure](store::Database& db) {
            if (!failure.empty()) store::report_failed(db, id, failure);
            if (!aside.empty()) store::not_a_report(db, id, aside);
        };
        co_await run_patiently(store_, std::move(note));
    }
}

asio::awaitable<void> Reports::push()
{
    auto look = [](store::Database& db) { return store::push_state(db); };
    const auto state = co_await run_patiently(store_, std::move(look));
    if (!state.waiting || state.try_at > unix_now() || config_.reports.remote.empty()) co_return;
    std::string failure;
    try {
        auto job = [repository = repository_, fresh = !open_]() -> asio::awaitable<void> {
            if (fresh) repository->open();
            repository->push();
            co_return;
        };
        co_await asio::co_spawn(git_, std::move(job), asio::use_awaitable);
        open_ = true;
    } catch (const std::exception& error) {
        failure = error.what();
    }
    if (stop_.requested() && !failure.empty()) co_return;
    auto note = [failure, failures = state.failures](store::Database& db) {
        const auto now = unix_now();
        if (failure.empty())
            store::push_done(db, now);
        else
            store::push_failed(db, failure, now + queue::relay_pause(static_cast<int>(failures) + 1, 0.5).count());
    };
    co_await run_patiently(store_, std::move(note));
    if (failure.empty()) {
        log::info("reports-pushed", {{"remote", reports::without_credentials(config_.reports.remote)}});
        if (works_again) works_again();
    } else {
        log::warning("reports-not-pushed", {{"error", failure}});
        if (state.failures + 1 >= failures_told && failing) failing(failure);
    }
}

asio::awaitable<void> Reports::drain()
{
    co_await keep_all();
    if (!stop_.requested()) co_await push();
}

asio::awaitable<void> Reports::run()
{
    while (!stop_.requested()) {
        const auto seen = arrived_.generation();
        std::string failure;
        try {
            co_await drain();
        } catch (const std::exception& error) {
            failure = error.what();
        }
        if (!failure.empty()) log::error("reports-failed", {{"error", failure}});
        if (stop_.requested()) co_return;
        auto look = [](store::Database& db) { return store::push_state(db); };
        const auto state = co_await run_patiently(store_, std::move(look));
        std::chrono::milliseconds wait = look_again;
        if (state.waiting && !config_.reports.remote.empty())
            wait = std::clamp<std::chrono::milliseconds>(std::chrono::seconds{state.try_at - unix_now()}, std::chrono::seconds{1},
                                                         look_again);
        co_await arrived_.wait(seen, wait);
        // Several often come together; a moment's rest lets one push take them all.
        co_await stop_.pause(std::chrono::milliseconds{200});
    }
}

}  // namespace majlis
