#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/queue/limits.hpp"

namespace majlis {

/// What `majlis.toml` says, checked and with the defaults filled in. Paths are absolute, or relative to the folder of the file
/// that named them and then made whole by load_config().

/// `[site]`
struct SiteConfig {
    std::string name;    ///< default: the domain
    std::string domain;  ///< lower case, A-labels; for Message-IDs and List-Ids
    std::string owner;   ///< address of who hears about trouble
    std::string language = "en";
    std::filesystem::path templates;  ///< folder LANGUAGE/NAME.txt whose templates replace ours; empty: none
    std::string resolver;             ///< name server, "192.0.2.1:53" or "[2001:db8::1]:53"; empty: the system's
};

/// OAuth 2 (RFC 6749, section 6): the access token is fetched with a refresh token. `[inbox.oauth2]`, `[relay.oauth2]`
struct OAuth2Config {
    std::string client_id;
    std::filesystem::path client_secret_file;  ///< empty: a public client
    std::filesystem::path refresh_token_file;
    std::string token_url;  ///< https, or http on loopback
    std::string scope;      ///< empty: what the refresh token was given for
};

/// Where a password comes from. At most one of the three is set.
struct CredentialConfig {
    enum class Mechanism { automatic, plain, login, xoauth2, oauthbearer };
    std::string username;  ///< empty: no log-in (a relay only)
    std::filesystem::path password_file;
    std::vector<std::string> password_command;  ///< program and its arguments; run without a shell
    std::optional<OAuth2Config> oauth2;
    Mechanism mechanism = Mechanism::automatic;  ///< `auth`; automatic with oauth2 is xoauth2
};

/// How a server is reached: from `url`, `starttls`, `ca_file`, `connect_to`.
struct ServerConfig {
    enum class Security { implicit, starttls, none };
    std::string url;  ///< as written
    std::string host;
    std::uint16_t port = 0;
    Security security = Security::implicit;
    std::filesystem::path ca_file;  ///< PEM bundle; empty: the system's
    std::string connect_to;         ///< name or address to connect to instead of `host`, whose certificate is still asked for
};

/// What becomes of a message in the mailbox.
struct FolderAction {
    enum class Kind { leave, move, remove };
    Kind kind = Kind::leave;
    std::string folder;  ///< logical, UTF-8, "/" between levels; only with `move`
};

/// `[[inbox]]`
struct InboxConfig {
    std::string name;  ///< `name`, else username@host: what the database knows this mailbox by
    ServerConfig server;
    CredentialConfig credentials;
    std::vector<std::string> folders{"INBOX"};  ///< a name with a leading backslash is a special use (RFC 6154): "\\Junk"
    FolderAction after{FolderAction::Kind::move, "Majlis/Done"};  ///< move or remove
    std::chrono::seconds done_keep{std::chrono::hours{24 * 30}};
    FolderAction unknown{FolderAction::Kind::leave, ""};  ///< leave or move
    std::chrono::seconds poll{60};
    std::string held_folder = "Majlis/Held";  ///< logical; Approve, Reject and Discard lie beside it; empty: no such folders
};

/// One of `limits`: so many recipients or messages in a rolling window.
struct LimitConfig {
    enum class Unit { recipients, messages };
    std::int64_t count = 0;
    Unit unit = Unit::recipients;
    std::chrono::seconds window{60};  ///< a minute, an hour or a day
    std::string text() const;         ///< "60 recipients/minute"
};
/// The same, for reckoning with.
std::vector<queue::Limit> limits_of(const std::vector<LimitConfig>& limits);

/// `[[relay]]`
struct RelayConfig {
    enum class Personal { always, automatic, never };
    enum class Envelope { verp, fixed };
    enum class From { any, account };
    std::string name;  ///< `name`, else username@host, else host:port: what the database knows this relay by
    ServerConfig server;
    CredentialConfig credentials;
    std::string account;  ///< `account`: its own address for from = "account" and envelope = "fixed"; default: the username, if
                          ///< that is an address
    std::string client_name;  ///< what EHLO says; empty: the machine's name
    unsigned connections = 4;
    Personal personal = Personal::always;
    unsigned recipients_per_message = 100;
    std::vector<LimitConfig> limits;
    unsigned reserve_percent = 10;
    Envelope envelope = Envelope::verp;
    std::vector<std::string> senders;  ///< patterns of list addresses, lower case; empty: any. See may_send_for()
    bool backup = false;
    unsigned weight = 1;  ///< its share of the recipients, beside those of the other relays that are not `backup`
    unsigned window = 16;
    From from = From::any;
};

/// Whether the relay's `senders` cover this list address; any case. `*` stands for any run of characters.
bool may_send_for(const RelayConfig& relay, std::string_view list_address);

/// `[delivery]`
struct DeliveryConfig {
    std::chrono::seconds retry_for{std::chrono::hours{24 * 5}};
    unsigned max_in_flight = 256;  ///< recipients
    std::int64_t max_size_bytes = 30 * 1024 * 1024;
    unsigned breaker_percent = 20;  ///< of a post's readers: when it comes back from so many, it is held and nobody is blamed
};

/// `[[domain]]`: what some destinations together take in a time, whichever relay sends.
struct DomainConfig {
    std::string name;                  ///< `name`, else the first of `domains`: what the database knows this limit by
    std::vector<std::string> domains;  ///< lower case, A-labels; "*.example.org": every one below
    std::vector<LimitConfig> limits;   ///< of recipients
    unsigned reserve_percent = 10;
};

/// `[digest]`
struct DigestConfig {
    std::chrono::minutes at{18 * 60};  ///< since midnight
    std::chrono::weekday weekly{std::chrono::Sunday};
    unsigned max_posts = 100;                   ///< that wait for one person: more go out at once; 0: never
    std::int64_t max_size_bytes = 1024 * 1024;  ///< the same; of a post no more than 64 KB count; 0: never
    std::string timezone = "UTC";               ///< an IANA name that this machine knows
};

/// `[reports]`: the git repository of the sections' meeting reports
struct ReportsConfig {
    std::filesystem::path repository;  ///< a clone that is majlis' alone; empty: reports are not kept
    std::string remote;                ///< where it is pushed to; empty: nowhere
    std::string branch = "main";
    std::string tag = "[CR]";  ///< in the Subject
};

/// `[authentication]`
struct AuthenticationConfig {
    enum class Unproven { accept, hold, challenge };
    std::vector<std::string> trusted_servers;  ///< authserv-ids, lower case; "*.example.org": every one below
    Unproven unproven = Unproven::accept;
};

struct Config {
    std::filesystem::path file;
    std::filesystem::path database;
    SiteConfig site;
    std::vector<InboxConfig> inboxes;
    std::vector<RelayConfig> relays;
    std::vector<DomainConfig> domains;
    DeliveryConfig delivery;
    DigestConfig digest;
    ReportsConfig reports;
    AuthenticationConfig authentication;
};

/// What came of reading a configuration: either it is right and `config` is set, or `errors` says everything that is wrong.
/// Each message is one line, "file:line: [section] key: what is wrong and what to do"; printable, and without any secret.
struct LoadedConfig {
    std::optional<Config> config;
    std::vector<std::string> errors;
    std::vector<std::string> warnings;  ///< what is allowed, but not wise
};

/// Reads and checks the file. Never throws for what the file holds; an unreadable file is one of the errors.
LoadedConfig load_config(const std::filesystem::path& file);

/// The same for text; `file` is for the messages and for relative paths.
LoadedConfig parse_config(std::string_view toml, const std::filesystem::path& file);

/// Where the configuration is: `given` (--config), else $MAJLIS_CONFIG, else the first that exists of ./majlis.toml,
/// ~/.config/majlis/majlis.toml (or below $XDG_CONFIG_HOME) and /etc/majlis/majlis.toml. nullopt: none of them.
/// The first two are not looked for: that they are missing is for load_config() to say.
std::optional<std::filesystem::path> find_config(const std::filesystem::path& given = {});

/// One key of the configuration, as the reader, the man page and `init` know it.
struct ConfigKey {
    std::string_view section;  ///< "" for the top, "site", "inbox", "inbox.oauth2", ...
    std::string_view name;
    std::string_view form;      ///< what its value looks like, in words
    std::string_view fallback;  ///< default, as it would be written; "" when there is none
    std::string_view help;      ///< one sentence
};
/// Every key, in the order of the manual.
std::vector<ConfigKey> config_keys();

}  // namespace majlis
