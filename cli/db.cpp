#include <fmt/format.h>

#include <array>
#include <filesystem>

#include "cli/context.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"
#include "core/store/status.hpp"
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

Exit run_check(Context& context)
{
    const auto problems = store::check_integrity(context.database());
    const std::string file = context.config().database.string();
    if (context.format() == Format::json) {
        show(context.out(), Format::json, {{"database", file}, {"sound", problems.empty()}, {"problems", strings(problems)}});
        return problems.empty() ? Exit::done : Exit::failed;
    }
    if (problems.empty()) {
        context.out() << file << " is sound\n";
        return Exit::done;
    }
    std::string message;
    for (const std::string& problem : problems) message += context.title() + ": " + file + ": " + problem + "\n";
    throw Failure{message + context.title() +
                  ": stop majlisd and put back a backup, or ask sqlite3's .recover for what can be saved"};
}

Exit run_backup(Context& context)
{
    const std::filesystem::path file = context.args().get("FILE");
    Progress bar{"copying", 0};
    context.need(store::back_up(context.database(), file, [&](int done, int total) {
        bar.at_of(static_cast<std::uint64_t>(done), static_cast<std::uint64_t>(total));
    }));
    bar.clear();
    context.say("wrote " + file.string() + ": a whole copy, to be opened like the original");
    return Exit::done;
}

constexpr std::array check_params{json_flag};
constexpr std::array backup_params{Param{"FILE", Take::word, "must not exist yet", "", "", Offer::files}};

}  // namespace

const Verb db_migrate{"db", "migrate", "make the database, or bring it to this version (keeps a copy)", {}, run_migrate};
const Verb db_check{"db", "check", "read the whole database and say whether it is sound", check_params, run_check};
const Verb db_backup{"db", "backup", "copy the database while it is in use", backup_params, run_backup};

}  // namespace majlis::cli
