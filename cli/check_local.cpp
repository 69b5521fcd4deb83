#include <fmt/format.h>

#include <filesystem>
#include <set>

#include "cli/check.hpp"
#include "cli/dns.hpp"
#include "core/config/secret.hpp"
#include "core/process/process.hpp"
#include "core/store/daemon_lock.hpp"
#include "core/store/lists.hpp"
#include "core/store/roles.hpp"
#include "core/store/status.hpp"

namespace majlis::cli {
namespace {

void check_secret(const std::string& about, const CredentialConfig& credentials, Findings& findings)
{
    if (credentials.username.empty()) return;
    const Secret secret =
        credentials.oauth2 ? read_secret_file(credentials.oauth2->refresh_token_file) : read_secret(credentials);
    if (!secret.ok()) findings.error(about, secret.error);
    for (const std::string& warning : secret.warnings) findings.warning(about, warning);
}

void check_file_system(const std::filesystem::path& file, Findings& findings)
{
    if (const auto network = store::network_file_system(file))
        findings.error("database", fmt::format("{} lies on {}, where SQLite's locks do not hold: move it to a local disk",
                                               file.string(), *network));
}

void check_daemon(const std::filesystem::path& file, Findings& findings)
{
    const auto pid = store::DaemonLock::holder(file);
    if (pid)
        findings.ok("majlisd", fmt::format("runs as process {}", *pid));
    else
        findings.warning("majlisd", "does not run: start it (systemctl start majlisd), or let cron run \"majlisd --once\"");
}

}  // namespace

std::optional<Config> check_config(Context& context, Findings& findings)
{
    const auto file = find_config(context.args().get("--config"));
    if (!file) {
        findings.error("configuration", "there is none: run \"majlis init\", or name one with --config");
        return std::nullopt;
    }
    LoadedConfig loaded = load_config(*file);
    for (const std::string& error : loaded.errors) findings.error("configuration", error);
    for (const std::string& warning : loaded.warnings) findings.warning("configuration", warning);
    if (!loaded.config) return std::nullopt;
    const Config& config = *loaded.config;
    findings.ok("configuration",
                fmt::format("{}, {} inbox{}, {} relay{}", file->string(), config.inboxes.size(),
                            config.inboxes.size() == 1 ? "" : "es", config.relays.size(), config.relays.size() == 1 ? "" : "s"));
    if (config.authentication.trusted_servers.empty())
        findings.warning("authentication",
                         "no trusted_servers: anybody can post in a member's name; name the authserv-id that your provider "
                         "writes into Authentication-Results (\"majlis check --send\" finds it)");
    return std::move(loaded.config);
}

void check_secrets(const Config& config, Findings& findings)
{
    for (const InboxConfig& inbox : config.inboxes) check_secret("inbox " + inbox.name, inbox.credentials, findings);
    for (const RelayConfig& relay : config.relays) check_secret("relay " + relay.name, relay.credentials, findings);
}

bool check_database(const Config& config, Findings& findings)
{
    check_file_system(config.database, findings);
    try {
        store::Database db{config.database, store::Open::read_only};
        const std::string sound = store::quick_check(db);
        if (sound == "ok")
            findings.ok("database", fmt::format("{}, version {}", config.database.string(), db.schema_version()));
        else
            findings.error("database", sound + ": stop majlisd and put back a backup");
    } catch (const std::exception& error) {
        findings.error("database", error.what());
        return false;
    }
    check_daemon(config.database, findings);
    return true;
}

void check_lists(const Config& config, Findings& findings)
{
    store::Database db{config.database, store::Open::read_only};
    const auto tree = store::list_tree(db);
    if (tree.empty()) findings.warning("lists", "there are none: \"majlis list create NAME --address ADDRESS\" makes the first");
    for (const store::TreeNode& node : tree) {
        const std::string about = "list " + node.list.name;
        bool covered = false;
        for (const RelayConfig& relay : config.relays) covered = covered || may_send_for(relay, node.list.address);
        if (!covered)
            findings.error(about,
                           fmt::format("no relay may send for {}: add it to the senders of a [[relay]]", node.list.address));
        if (store::role_holders(db, node.list.id, store::Reckon::effective).empty())
            findings.warning(about,
                             fmt::format("has no owner and no moderator: \"majlis role add {} ADDRESS owner\"", node.list.name));
    }
}

void check_reports(const Config& config, Findings& findings)
{
    const ReportsConfig& reports = config.reports;
    if (reports.repository.empty()) {
        if (!reports.remote.empty())
            findings.warning("reports", "there is a remote, but no repository in [reports]: meeting reports are not kept");
        return;
    }
    Program git;
    git.words = {"git", "--version"};
    git.errors = Program::Errors::captured;
    const auto ran = run(git);
    if (ran.well())
        findings.ok("reports", fmt::format("kept in {}", reports.repository.string()));
    else
        findings.error("reports", fmt::format("git {}: install git, meeting reports are kept with it", describe(ran, git)));
}

void check_domains(const Config& config, Findings& findings)
{
    std::set<std::string> domains{config.site.domain};
    store::Database db{config.database, store::Open::read_only};
    for (const store::TreeNode& node : store::list_tree(db)) {
        const auto address = parse_address(node.list.address);
        if (address) domains.insert(domain_key(address->domain));
    }
    for (const std::string& domain : domains) {
        const Exchanges exchanges = mail_exchanges(domain, config.site.resolver);
        const std::string about = "dns " + domain;
        if (exchanges.kind == Exchanges::Kind::found)
            findings.ok(about, "mail goes to " + exchanges.hosts.front());
        else if (exchanges.kind == Exchanges::Kind::none)
            findings.warning(about, "has no MX: nobody's mail to its lists arrives until your provider's is set");
        else
            findings.warning(about,
                             "the name servers did not answer: look at /etc/resolv.conf if this machine should reach them");
    }
}

}  // namespace majlis::cli
