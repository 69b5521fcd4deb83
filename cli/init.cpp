#include <fcntl.h>
#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include "cli/context.hpp"
#include "cli/first_config.hpp"
#include "cli/terminal.hpp"
#include "cli/verbs.hpp"

namespace majlis::cli {
namespace {

namespace fs = std::filesystem;

fs::path home()
{
    const char* dir = std::getenv("HOME");
    return dir != nullptr && *dir != '\0' ? fs::path{dir} : fs::path{"."};
}

/// Where it is looked for later (INTERFACE of --config), and where this user may write.
fs::path config_path(Context& context)
{
    if (context.args().has("--config")) return fs::absolute(context.args().get("--config"));
    if (const char* named = std::getenv("MAJLIS_CONFIG"); named != nullptr && *named != '\0') return fs::absolute(named);
    return geteuid() == 0 ? fs::path{"/etc/majlis/majlis.toml"} : home() / ".config/majlis/majlis.toml";
}

fs::path database_path(const fs::path& config)
{
    if (config == "/etc/majlis/majlis.toml") return "/var/lib/majlis/majlis.db";
    if (config == home() / ".config/majlis/majlis.toml") return home() / ".local/share/majlis/majlis.db";
    return config.parent_path() / "majlis.db";
}

/// A flag, else the answer of a person, else the default; without any of them the command line is wrong.
std::string learn(Context& context, std::string_view flag, std::string_view question, const std::string& fallback)
{
    if (context.args().has(flag)) return context.args().get(flag);
    if (input_is_terminal()) return ask_line(question, fallback);
    if (fallback.empty())
        throw context.wrong_usage(std::string{flag} + " is missing: give it, or run \"majlis init\" in a terminal");
    return fallback;
}

const Provider& provider_for(Context& context, const std::string& domain)
{
    if (context.args().has("--provider")) return *find_provider(context.args().get("--provider"));
    const Provider* provider = provider_of_domain(domain);
    if (provider == nullptr) provider = look_up_provider(domain);
    if (provider == nullptr) provider = find_provider("generic");
    return *provider;
}

std::string with_domain(std::string_view pattern, const std::string& domain)
{
    std::string out{pattern};
    if (const std::size_t at = out.find("{domain}"); at != std::string::npos) out.replace(at, 8, domain);
    return out;
}

FirstConfig learn_all(Context& context, const fs::path& config)
{
    FirstConfig given;
    given.imap_user = learn(context, "--imap-user", "Address of the mailbox (its user name)", "");
    const std::size_t at = given.imap_user.rfind('@');
    const std::string mail_domain = at == std::string::npos ? "" : given.imap_user.substr(at + 1);
    given.provider = &provider_for(context, mail_domain);
    if (input_is_terminal()) std::cerr << "Provider: " << given.provider->name << '\n';
    given.domain = learn(context, "--domain", "Domain of the lists", mail_domain);
    given.site_name = learn(context, "--site-name", "Name of your community", given.domain);
    given.owner =
        learn(context, "--owner", "Who hears about trouble (an address)", at == std::string::npos ? "" : given.imap_user);
    given.language = learn(context, "--language", "Language (fr, ar, en)", "en");
    given.imap_url = learn(context, "--imap-url", "IMAP server", with_domain(given.provider->imap_url, mail_domain));
    given.smtp_url = learn(context, "--smtp-url", "SMTP server", with_domain(given.provider->smtp_url, mail_domain));
    given.smtp_user = learn(context, "--smtp-user", "User name for SMTP", given.imap_user);
    if (given.provider->oauth2_token_url.empty() || context.args().has("--imap-password-file")) {
        const fs::path folder = config.parent_path();
        given.imap_password_file =
            fs::absolute(learn(context, "--imap-password-file", "File with the IMAP password", folder / "password"));
        given.smtp_password_file =
            fs::absolute(learn(context, "--smtp-password-file", "File with the SMTP password", given.imap_password_file));
    }
    given.database = fs::absolute(learn(context, "--database", "Database", database_path(config)));
    return given;
}

/// Fails when the file exists: nothing is ever written over.
void write_private(Context& context, const fs::path& file, std::string_view text)
{
    fs::create_directories(file.parent_path());
    const int descriptor = open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0)
        throw context.failure(file.string() + ": " + std::error_code{errno, std::generic_category()}.message() +
                              ": choose another place with --config");
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t size = write(descriptor, text.data() + done, text.size() - done);
        if (size <= 0) break;
        done += static_cast<std::size_t>(size);
    }
    const bool written = done == text.size() && fsync(descriptor) == 0;
    if (close(descriptor) == 0 && written) return;
    unlink(file.c_str());
    throw context.failure(file.string() + ": could not be written: free some space and try again");
}

void ask_password(Context& context, const std::string& file)
{
    if (file.empty() || fs::exists(file) || !input_is_terminal()) return;
    const std::string password = ask_secret("Password for " + file + " (empty: you write the file yourself)");
    if (!password.empty()) write_private(context, file, password + "\n");
}

/// Run by root for the service: its user must be able to read and write what is made here.
void give_to_service(const fs::path& file)
{
    if (geteuid() != 0) return;
    const passwd* user = getpwnam("majlis");
    if (user == nullptr || !fs::exists(file)) return;
    if (chown(file.c_str(), user->pw_uid, user->pw_gid) != 0)
        std::cerr << "majlis: init: " << file.string()
                  << ": could not be given to the user majlis: chown majlis: " << file.string() << '\n';
}

void check_text(Context& context, const std::string& text, const fs::path& file)
{
    const LoadedConfig loaded = parse_config(text, file);
    if (loaded.config) return;
    std::string message;
    for (const std::string& error : loaded.errors) message += (message.empty() ? "" : "\n") + context.title() + ": " + error;
    throw Failure{message + "\n" + context.title() + ": nothing was written: correct the flags and try again"};
}

void say_next(Context& context, const FirstConfig& given, const fs::path& config)
{
    std::ostream& out = context.out();
    out << "wrote " << config.string() << " and " << given.database << " for provider " << given.provider->name << '\n';
    if (!given.provider->advice.empty()) out << "note: " << given.provider->advice << '\n';
    for (const std::string& file : {given.imap_password_file, given.smtp_password_file})
        if (!file.empty() && !fs::exists(file)) {
            out << "note: write the password into " << file << " (one line, chmod 600)\n";
            if (given.smtp_password_file == given.imap_password_file) break;
        }
    out << "next: majlis check --send; majlis list create NAME --address ADDRESS\n";
}

Exit run_init(Context& context)
{
    const fs::path config = config_path(context);
    if (fs::exists(config))
        throw context.failure(config.string() +
                              " exists already: edit it, or name another place with --config; nothing was changed");
    const FirstConfig given = learn_all(context, config);
    const std::string text = first_config_text(given);
    const bool complete = given.provider->oauth2_token_url.empty() || !given.imap_password_file.empty();
    if (complete) check_text(context, text, config);  // with OAuth 2 there is still something to fill in
    if (context.dry_run()) {
        context.out() << text;
        return Exit::done;
    }
    const bool had_database = fs::exists(given.database);
    write_private(context, config, text);
    ask_password(context, given.imap_password_file);
    ask_password(context, given.smtp_password_file);
    fs::create_directories(fs::path{given.database}.parent_path());
    {
        store::Database made{given.database, had_database ? store::Open::upgrade : store::Open::create};
    }
    for (const std::string& file : {config.string(), given.database, given.imap_password_file, given.smtp_password_file})
        give_to_service(file);
    say_next(context, given, config);
    return Exit::done;
}

constexpr std::array params{
    Param{"--imap-user", Take::value, "address of the mailbox", "ADDRESS"},
    Param{"--provider", Take::value, "else detected from the address", "",
          "gmail|google-workspace|outlook|office365|fastmail|ovh|infomaniak|zoho|yahoo|icloud|gandi|generic"},
    Param{"--site-name", Take::value, "name of your community", "TEXT"},
    Param{"--domain", Take::value, "of the lists, for Message-IDs", "DOMAIN"},
    Param{"--owner", Take::value, "who hears about trouble", "ADDRESS"},
    Param{"--language", Take::value, "", "", "fr|ar|en"},
    Param{"--imap-url", Take::value, "imaps://HOST, or imap://HOST:143 for STARTTLS", "URL"},
    Param{"--imap-password-file", Take::value, "file with its password on the first line", "FILE", "", Offer::files},
    Param{"--smtp-url", Take::value, "smtp://HOST:587 for STARTTLS, or smtps://HOST", "URL"},
    Param{"--smtp-user", Take::value, "else the mailbox's", "NAME"},
    Param{"--smtp-password-file", Take::value, "else the mailbox's", "FILE", "", Offer::files},
    Param{"--database", Take::value, "where it is made", "FILE", "", Offer::files},
    Param{"--dry-run", Take::flag, "print the configuration, write nothing"},
};

}  // namespace

const Verb init{"",
                "init",
                "write a first configuration and database, step by step or from flags",
                params,
                run_init,
                "Writes to --config, else $MAJLIS_CONFIG, else /etc/majlis/majlis.toml (root) or ~/.config/majlis/majlis.toml."};

}  // namespace majlis::cli
