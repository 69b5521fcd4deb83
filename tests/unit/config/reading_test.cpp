#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>

#include "core/config/config.hpp"
#include "tests/unit/config/complete.hpp"

using namespace majlis;
using namespace std::chrono_literals;

TEST_CASE("a short configuration gets the documented defaults")
{
    const LoadedConfig loaded = parsed(complete);
    REQUIRE_MESSAGE(loaded.config, joined(loaded.errors));
    CHECK(loaded.warnings.empty());
    const Config& config = *loaded.config;
    CHECK(config.database == "/var/lib/majlis/majlis.db");
    CHECK(config.site.name == "example.org");
    CHECK(config.site.language == "en");
    REQUIRE(config.inboxes.size() == 1);
    const InboxConfig& inbox = config.inboxes[0];
    CHECK(inbox.name == "lists@example.org@imap.example.org");
    CHECK(inbox.server.host == "imap.example.org");
    CHECK(inbox.server.port == 993);
    CHECK(inbox.server.security == ServerConfig::Security::implicit);
    CHECK(inbox.folders == std::vector<std::string>{"INBOX"});
    CHECK(inbox.after.kind == FolderAction::Kind::move);
    CHECK(inbox.after.folder == "Majlis/Done");
    CHECK(inbox.done_keep == 30 * 24h);
    CHECK(inbox.unknown.kind == FolderAction::Kind::leave);
    CHECK(inbox.poll == 60s);
    REQUIRE(config.relays.size() == 1);
    const RelayConfig& relay = config.relays[0];
    CHECK(relay.name == "lists@example.org@smtp.example.org");
    CHECK(relay.server.port == 587);
    CHECK(relay.server.security == ServerConfig::Security::starttls);
    CHECK(relay.connections == 4);
    CHECK(relay.personal == RelayConfig::Personal::always);
    CHECK(relay.recipients_per_message == 100);
    CHECK(relay.limits.empty());
    CHECK(relay.reserve_percent == 10);
    CHECK(relay.envelope == RelayConfig::Envelope::verp);
    CHECK(!relay.backup);
    CHECK(relay.weight == 1);
    CHECK(relay.window == 16);
    CHECK(relay.from == RelayConfig::From::any);
    CHECK(relay.account == "lists@example.org");
    CHECK(config.delivery.retry_for == 5 * 24h);
    CHECK(config.delivery.max_in_flight == 256);
    CHECK(config.delivery.max_size_bytes == 30 * 1024 * 1024);
    CHECK(config.digest.at == 18h);
    CHECK(config.digest.weekly == std::chrono::Sunday);
    CHECK(config.digest.max_posts == 100);
    CHECK(config.digest.max_size_bytes == 1024 * 1024);
    CHECK(config.authentication.unproven == AuthenticationConfig::Unproven::accept);
}

TEST_CASE("every documented key is read")
{
    const LoadedConfig loaded = parsed(R"(
database = "majlis.db"
[site]
name = "MAIMC"
domain = "MAIMC.org"
owner = "admin@maimc.org"
language = "fr"
templates = "templates"
resolver = "::1"
[[inbox]]
name = "main"
url = "imap://host:1143"
starttls = "required"
ca_file = "ca.pem"
connect_to = "127.0.0.1"
username = "listes"
password_command = ["pass", "show", "imap"]
auth = "login"
folders = ["INBOX", "\\Junk"]
after = "delete"
unknown = "move:Majlis/Unknown"
poll = "5m"
[[inbox]]
url = "imaps://[::1]:1993/"
username = "other"
after = "move:Fait"
done_keep = "2w"
[inbox.oauth2]
client_id = "id"
client_secret_file = "secret"
refresh_token_file = "/refresh"
token_url = "https://login.example.org/token?x=1"
scope = "mail"
[[relay]]
url = "smtps://smtp.maimc.org"
client_name = "lists.maimc.org"
connections = 8
personal = "auto"
recipients_per_message = 50
limits = ["60 recipients/minute", "2000 messages/day"]
reserve = "0%"
envelope = "verp"
senders = ["*@MAIMC.org", "Rabat@example.org"]
backup = true
window = 2
from = "any"
[[relay]]
url = "smtp://localhost"
username = "user"
account = "box@gmail.com"
envelope = "fixed"
from = "account"
personal = "never"
[relay.oauth2]
client_id = "id"
refresh_token_file = "refresh"
token_url = "http://127.0.0.1:8080/token"
[delivery]
retry_for = "1d"
max_in_flight = 16
max_size = "10MB"
[digest]
at = "07:05"
weekly = "friday"
timezone = "Africa/Casablanca"
[authentication]
trusted_servers = ["MX.example.org", "*.mail.example.org"]
unproven = "hold"
)");
    REQUIRE_MESSAGE(loaded.config, joined(loaded.errors));
    const Config& config = *loaded.config;
    CHECK(config.database == "/etc/majlis/majlis.db");
    CHECK(config.site.domain == "maimc.org");
    CHECK(config.site.templates == "/etc/majlis/templates");
    CHECK(config.site.resolver == "[::1]:53");
    const InboxConfig& first = config.inboxes.at(0);
    CHECK(first.name == "main");
    CHECK(first.server.port == 1143);
    CHECK(first.server.security == ServerConfig::Security::starttls);
    CHECK(first.server.ca_file == "/etc/majlis/ca.pem");
    CHECK(first.server.connect_to == "127.0.0.1");
    CHECK(first.credentials.password_command == std::vector<std::string>{"pass", "show", "imap"});
    CHECK(first.credentials.mechanism == CredentialConfig::Mechanism::login);
    CHECK(first.folders == std::vector<std::string>{"INBOX", "\\Junk"});
    CHECK(first.after.kind == FolderAction::Kind::remove);
    CHECK(first.unknown.folder == "Majlis/Unknown");
    CHECK(first.poll == 5min);
    const InboxConfig& second = config.inboxes.at(1);
    CHECK(second.server.host == "::1");
    CHECK(second.server.port == 1993);
    CHECK(second.after.folder == "Fait");
    CHECK(second.done_keep == 14 * 24h);
    REQUIRE(second.credentials.oauth2);
    CHECK(second.credentials.oauth2->client_secret_file == "/etc/majlis/secret");
    CHECK(second.credentials.oauth2->refresh_token_file == "/refresh");
    CHECK(second.credentials.oauth2->scope == "mail");
    const RelayConfig& out = config.relays.at(0);
    CHECK(out.name == "smtp.maimc.org:465");
    CHECK(out.client_name == "lists.maimc.org");
    CHECK(out.personal == RelayConfig::Personal::automatic);
    REQUIRE(out.limits.size() == 2);
    CHECK(out.limits[0].text() == "60 recipients/minute");
    CHECK(out.limits[1].text() == "2000 messages/day");
    CHECK(out.limits[1].window == 24h);
    CHECK(out.reserve_percent == 0);
    CHECK(out.senders == std::vector<std::string>{"*@maimc.org", "rabat@example.org"});
    CHECK(out.backup);
    const RelayConfig& local = config.relays.at(1);
    CHECK(local.server.port == 25);
    CHECK(local.server.security == ServerConfig::Security::none);
    CHECK(local.account == "box@gmail.com");
    CHECK(local.from == RelayConfig::From::account);
    CHECK(config.delivery.max_size_bytes == 10 * 1024 * 1024);
    CHECK(config.digest.at == 7h + 5min);
    CHECK(config.digest.weekly == std::chrono::Friday);
    CHECK(config.authentication.trusted_servers == std::vector<std::string>{"mx.example.org", "*.mail.example.org"});
}

TEST_CASE("what is allowed but not wise is a warning")
{
    const auto plain = parsed(replaced(complete, ":587\"", ":587\"\nstarttls = \"never\""));
    REQUIRE(plain.config);
    CHECK(plain.config->relays[0].server.security == ServerConfig::Security::none);
    CHECK(joined(plain.warnings) ==
          "/etc/majlis/majlis.toml:11: [[relay]] starttls: mail and password cross the network in the clear to smtp.example.org: "
          "remove "
          "this line, unless the way there is secured otherwise");
    const auto useless = parsed(replaced(complete, "[[relay]]", "after = \"delete\"\ndone_keep = \"1d\"\n[[relay]]"));
    REQUIRE(useless.config);
    CHECK(joined(useless.warnings) ==
          "/etc/majlis/majlis.toml:10: [[inbox]] done_keep: this has no effect, because after = \"delete\" keeps nothing");
    const auto bare = parsed("database = \"x\"\n[site]\ndomain = \"example.org\"\nowner = \"a@example.org\"\n");
    REQUIRE(bare.config);
    CHECK(joined(bare.warnings) ==
          "/etc/majlis/majlis.toml:1: there is no [[inbox]]: no mail can arrive\n"
          "/etc/majlis/majlis.toml:1: there is no [[relay]]: no mail can leave");
}

TEST_CASE("a server on loopback needs no TLS, and a name that only resembles it does")
{
    const auto security = [](const std::string& host) {
        const auto loaded = parsed(replaced(complete, "smtp.example.org:587", host));
        REQUIRE_MESSAGE(loaded.config, joined(loaded.errors));
        return loaded.config->relays[0].server.security;
    };
    for (const char* host : {"localhost", "127.0.0.1:25", "[::1]:25", "a.localhost", "127.1.2.3"}) {
        CHECK_MESSAGE(security(host) == ServerConfig::Security::none, host);
    }
    for (const char* host : {"localhost.example.org", "127.0.0.1.example.org", "[::2]", "128.0.0.1"}) {
        CHECK_MESSAGE(security(host) == ServerConfig::Security::starttls, host);
    }
}

TEST_CASE("senders say which lists a relay may send for")
{
    RelayConfig relay;
    CHECK(may_send_for(relay, "rabat@example.org"));
    relay.senders = {"*@maimc.org", "rabat@example.org", "a*b*@*.maimc.org"};
    CHECK(may_send_for(relay, "Rabat@MAIMC.org"));
    CHECK(may_send_for(relay, "rabat@example.org"));
    CHECK(may_send_for(relay, "axbx@lists.maimc.org"));
    CHECK(!may_send_for(relay, "paris@example.org"));
    CHECK(!may_send_for(relay, "rabat@maimc.org.example.net"));
    CHECK(!may_send_for(relay, "rabat@x.maimc.org"));
    CHECK(!may_send_for(relay, ""));
}

TEST_CASE("the configuration is looked for where it is documented")
{
    const auto folder = std::filesystem::temp_directory_path() / ("majlis-config-" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder / ".config/majlis");
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder);
    ::unsetenv("MAJLIS_CONFIG");
    ::unsetenv("XDG_CONFIG_HOME");
    ::setenv("HOME", folder.c_str(), 1);

    CHECK(find_config("given.toml") == std::filesystem::path{"given.toml"});
    std::ofstream{folder / ".config/majlis/majlis.toml"} << "\n";
    CHECK(find_config() == folder / ".config/majlis/majlis.toml");
    std::ofstream{folder / "majlis.toml"} << "\n";
    CHECK(find_config() == std::filesystem::path{"majlis.toml"});
    ::setenv("MAJLIS_CONFIG", "/nowhere.toml", 1);
    CHECK(find_config() == std::filesystem::path{"/nowhere.toml"});
    CHECK(find_config("given.toml") == std::filesystem::path{"given.toml"});

    ::unsetenv("MAJLIS_CONFIG");
    std::filesystem::current_path(before);
    std::filesystem::remove_all(folder);
}

TEST_CASE("a file that cannot be read says so")
{
    CHECK(joined(load_config("/nowhere/majlis.toml").errors) ==
          "/nowhere/majlis.toml: cannot be read: No such file or directory; write one with \"majlis init\", or name another with "
          "--config");
    CHECK(joined(load_config("/tmp").errors) == "/tmp: this is a folder: name the file in it");
}

TEST_CASE("every key has a line for the manual, once")
{
    std::set<std::string> seen;
    for (const ConfigKey& key : config_keys()) {
        CHECK(seen.insert(std::string{key.section} + "." + std::string{key.name}).second);
        CHECK(!key.form.empty());
        CHECK(key.help.ends_with("."));
    }
    CHECK(seen.size() > 50);
}

TEST_CASE("domains that share limits are read with their names in the form in which addresses are compared")
{
    const LoadedConfig loaded = parsed(std::string{complete} +
                                       "weight = 3\n[[domain]]\ndomains = [\"GMail.com\", \"*.Bücher.example\"]\n"
                                       "limits = [\"20 recipients/minute\", \"1000 recipients/day\"]\n"
                                       "[[domain]]\nname = \"slow\"\ndomains = [\"example.net\"]\n"
                                       "limits = [\"5 recipients/minute\"]\nreserve = \"0%\"\n");
    CHECK(joined(loaded.errors).empty());
    REQUIRE(loaded.config);
    CHECK(loaded.config->relays.at(0).weight == 3);
    REQUIRE(loaded.config->domains.size() == 2);
    const DomainConfig& first = loaded.config->domains[0];
    CHECK(first.name == "gmail.com");
    CHECK(first.domains == std::vector<std::string>{"gmail.com", "*.xn--bcher-kva.example"});
    CHECK(first.limits.size() == 2);
    CHECK(first.reserve_percent == 10);
    CHECK(loaded.config->domains[1].name == "slow");
    CHECK(loaded.config->domains[1].reserve_percent == 0);
}
