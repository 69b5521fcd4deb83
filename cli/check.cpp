#include "cli/check.hpp"

#include <array>

#include "cli/verbs.hpp"

namespace majlis::cli {
namespace {

void examine(Context& context, Findings& findings)
{
    const auto config = check_config(context, findings);
    if (!config) return;
    check_secrets(*config, findings);
    const bool opened = check_database(*config, findings);
    if (opened) check_lists(*config, findings);
    check_reports(*config, findings);
    if (opened && !context.args().has("--offline")) check_domains(*config, findings);
    if (context.args().has("--offline")) return;
    check_servers(*config, findings);
    if (context.args().has("--send")) check_sending(*config, findings);
}

Exit run_check(Context& context)
{
    if (context.args().has("--send") && context.args().has("--offline"))
        throw context.wrong_usage("--send and --offline exclude each other: give one of them");
    Findings findings{context.out(), context.format()};
    examine(context, findings);
    return findings.finish() ? Exit::done : Exit::failed;
}

constexpr std::array params{
    Param{"--send", Take::flag, "mail yourself a probe, also to a sub-address, and wait up to 60 s for it"},
    Param{"--offline", Take::flag, "look at this machine alone"},
    json_flag,
};

}  // namespace

const Verb check{"",     "check",   "examine everything and say how to mend it",
                 params, run_check, "Configuration, secrets, database, lists, DNS, and every server as majlisd would use it."};

}  // namespace majlis::cli
