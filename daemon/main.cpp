// majlisd: takes posts in over IMAP and sends them out over SMTP.
#include <malloc.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>

#include "core/config/config.hpp"
#include "core/log/log.hpp"
#include "core/store/daemon_lock.hpp"
#include "core/store/trouble.hpp"
#include "core/text/units.hpp"
#include "daemon/service.hpp"

namespace {

using namespace majlis;

/// unusable: the database, until somebody has mended it; a service manager need not start us again before.
enum Exit { done = 0, failed = 1, wrong_usage = 2, unusable = 3 };

struct Arguments {
    std::string config, log_level = "info", log_format = "text", round_limit = "50s";
    bool once = false;
};

int complain(const std::string& text)
{
    std::fprintf(stderr, "majlisd: %s\n", text.c_str());
    return wrong_usage;
}

ServiceEnd serve(const Config& config, const ServiceOptions& options)
{
    try {
        return run_service(config, options);
    } catch (const SQLite::Exception& error) {
        store::throw_in_words(config.database, error);
    }
}

int run(const Arguments& arguments)
{
    const auto level = log::parse_level(arguments.log_level);
    if (!level) return complain("--log-level: \"" + arguments.log_level + "\" is none of debug, info, notice, warning, error");
    const auto format = log::parse_format(arguments.log_format);
    if (!format) return complain("--log-format: \"" + arguments.log_format + "\" is neither text nor json");
    log::set_up({.level = *level, .format = *format});

    ServiceOptions options;
    options.round = arguments.once ? Round::once : Round::forever;
    const auto limit = text::parse_duration(arguments.round_limit);
    if (!limit || *limit < 1) return complain("--for: \"" + arguments.round_limit + "\" is no time such as 50s or 5m");
    options.round_limit = std::chrono::seconds{*limit};
    const auto file = find_config(arguments.config);
    if (!file) return complain("no configuration: make one with \"majlis init\", or name it with --config or $MAJLIS_CONFIG");
    options.config_file = *file;
    auto loaded = load_config(*file);
    for (const auto& warning : loaded.warnings) log::warning("configuration", {{"warning", warning}});
    if (!loaded.config) {
        for (const auto& error : loaded.errors) std::fprintf(stderr, "majlisd: %s\n", error.c_str());
        return failed;
    }
    auto config = std::move(*loaded.config);
    const auto lock = store::DaemonLock::take(config.database);
    if (!lock) {
        if (!arguments.once) return complain(lock.error().message), failed;
        log::info("another-run-holds-the-lock", {{"detail", lock.error().message}});
        return done;  // cron: the other one does the work
    }
    for (;;) {
        auto end = serve(config, options);
        if (!end.next) break;
        config = std::move(*end.next);
    }
    log::notice("stopped");
    return done;
}

}  // namespace

int main(int argc, char** argv)
{
    // A large mail goes back to the system when it is done with. By itself malloc learns from the first one to keep such
    // blocks, and the heap of a daemon that lives for months stays as large as the largest mails together ever were.
    ::mallopt(M_MMAP_THRESHOLD, 256 * 1024);
    // Each heap keeps a little at its end: else every batch of a long delivery gives pages back and asks for them again.
    ::mallopt(M_TRIM_THRESHOLD, 2 * 1024 * 1024);
    Arguments arguments;
    CLI::App app{"Mailing lists on any IMAP mailbox: takes posts in over IMAP, sends them out over SMTP.", "majlisd"};
    app.set_version_flag("--version", std::string{"majlisd "} + MAJLIS_VERSION);
    app.add_option("--config", arguments.config,
                   "Configuration (default: $MAJLIS_CONFIG, ./majlis.toml, ~/.config/majlis/majlis.toml, "
                   "/etc/majlis/majlis.toml)")
        ->type_name("FILE");
    auto* once = app.add_flag("--once", arguments.once, "One round: take in what is there, deliver what is due, and exit");
    app.add_option("--for", arguments.round_limit, "How long a round may take at most")
        ->type_name("TIME")
        ->capture_default_str()
        ->needs(once);
    app.add_option("--log-level", arguments.log_level, "debug, info, notice, warning or error")
        ->type_name("LEVEL")
        ->capture_default_str();
    app.add_option("--log-format", arguments.log_format, "text or json")->type_name("FORMAT")->capture_default_str();
    try {
        app.parse(argc, argv);
    } catch (const CLI::Success& help_or_version) {
        return app.exit(help_or_version);
    } catch (const CLI::ParseError& error) {
        return complain(std::string{error.what()} + ": see \"majlisd --help\"");
    }
    try {
        return run(arguments);
    } catch (const store::UnusableDatabase& error) {
        std::fprintf(stderr, "majlisd: %s\n", error.what());
        return unusable;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "majlisd: %s\n", error.what());
        return failed;
    }
}
