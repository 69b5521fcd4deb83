#include <fmt/format.h>

#include <array>
#include <ctime>
#include <filesystem>

#include "cli/context.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "core/store/backup.hpp"
#include "core/store/check.hpp"
#include "core/store/daemon_lock.hpp"
#include "core/store/journal.hpp"
#include "core/store/relays.hpp"
#include "core/store/restore.hpp"
#include "schema/migrations.hpp"

namespace majlis::cli {
namespace {

Exit run_migrate(Context& context)
{
    const auto& file = context.config().database;
    const bool existed = std::filesystem::exists(file);
    store::Database& db = context.database(store::Open::create);
    context.say(fmt::format("{} is at version {}{}", file.string(), db.schema_version(), existed ? "" : ", made new"));
    return Exit::done;
}

/// Shows how far a copy of pages has come.
store::CopyProgress on(Progress& bar)
{
    return [&bar](int done, int total) { bar.at_of(static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total)); };
}

Record as_json(const store::Unsound& problem)
{
    return {{"kind", problem.kind}, {"message", problem.message}, {"mend", problem.mend}};
}

Exit run_check(Context& context)
{
    const auto problems = store::check_database(context.database());
    const std::string file = context.config().database.string();
    if (context.format() == Format::json) {
        Array all;
        for (const auto& problem : problems) all.emplace_back(as_json(problem));
        show(context.out(), Format::json, {{"database", file}, {"sound", problems.empty()}, {"problems", std::move(all)}});
        return problems.empty() ? Exit::done : Exit::failed;
    }
    if (problems.empty()) {
        context.out() << file << " is sound\n";
        return Exit::done;
    }
    std::string message;
    for (const auto& problem : problems)
        message += fmt::format("{}: {}: {}: {}: {}\n", context.title(), file, problem.kind, problem.message, problem.mend);
    throw Failure{message};
}

Exit run_backup(Context& context)
{
    const std::filesystem::path file = context.args().get("FILE");
    Progress bar{"copying", 0};
    const auto existing = context.args().has("--yes") ? store::Existing::replace : store::Existing::keep;
    context.need(store::back_up(context.database(), file, existing, on(bar)));
    bar.clear();
    context.say("wrote " + file.string() + ": a whole copy, to be opened like the original");
    return Exit::done;
}

/// What was on its way when the backup was made has long arrived, perhaps: nothing leaves before somebody has looked.
std::function<void(store::Database&)> pausing(Context& context, const std::filesystem::path& backup)
{
    return [&context, backup](store::Database& db) {
        const auto by = context.by();
        store::Transaction transaction{db};
        store::pause_every_relay(db, by.who, by.at);
        store::journal(db, by, {"database-restored", std::nullopt, "", "from " + backup.string()});
        transaction.commit();
    };
}

std::string stamp(std::int64_t at)
{
    const std::time_t time = at;
    std::tm parts{};
    gmtime_r(&time, &parts);
    return fmt::format("{:04}{:02}{:02}-{:02}{:02}{:02}", parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday, parts.tm_hour,
                       parts.tm_min, parts.tm_sec);
}

constexpr std::string_view what_next =
    "sending is paused, nothing has been taken in yet; before you start majlisd, read \"Restore\" in OPERATIONS.md:\n"
    "  what was on its way then may have arrived: majlis queue list, queue drop ID, then queue resume\n"
    "  mail that came after the backup lies in Majlis/Done: move it back to the INBOX with a mail program\n";

Exit run_restore(Context& context)
{
    const auto& database = context.config().database;
    const std::filesystem::path backup = context.args().get("FILE");
    Progress bar{"copying", 0};
    // Looking a backup through changes nothing, so it need not stop the daemon.
    if (context.dry_run()) {
        const int version = context.need(store::examine_backup(database, backup, on(bar)));
        bar.clear();
        context.say(fmt::format("{} is whole, at version {}, and would take the place of {}", backup.string(), version,
                                database.string()));
        return Exit::done;
    }
    const auto lock = store::DaemonLock::take(database);
    if (!lock) throw context.failure(lock.error().message);
    if (std::filesystem::exists(database))
        context.confirm(fmt::format("{} takes the place of {}, which is kept beside it", backup.string(), database.string()));
    const auto done = context.need(store::restore(database, backup, stamp(context.by().at), pausing(context, backup), on(bar)));
    bar.clear();
    const auto kept = done.replaced ? "; what stood there is " + done.replaced->string() : std::string{};
    context.say(fmt::format("{} is {} now{}", database.string(), backup.string(), kept));
    context.out() << what_next;
    return Exit::done;
}

constexpr std::array check_params{json_flag};
constexpr std::array backup_params{Param{"FILE", Take::word, "the copy", "", "", Offer::files},
                                   Param{"--yes", Take::flag, "replace a file that exists", "", "", Offer::nothing}};
constexpr std::array restore_params{Param{"FILE", Take::word, "what \"majlis db backup\" wrote", "", "", Offer::files}, yes_flag,
                                    dry_run_flag};

}  // namespace

const Verb db_migrate{"db", "migrate", "make the database, or bring it to this version (keeps a copy)", {}, run_migrate};
const Verb db_check{"db", "check", "read the whole database and say whether it is sound", check_params, run_check};
const Verb db_backup{"db", "backup", "copy the database while it is in use", backup_params, run_backup};
const Verb db_restore{"db", "restore", "put a backup in the place of the database (majlisd stopped)", restore_params,
                      run_restore};

}  // namespace majlis::cli
