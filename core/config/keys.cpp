#include "core/config/keys.hpp"

#include <algorithm>

#include "core/config/readers.hpp"
#include "core/text/nearest.hpp"
#include "core/text/printable.hpp"

namespace majlis::config {
namespace {

using namespace std::chrono_literals;
constexpr std::chrono::seconds day = 24h;

constexpr std::pair<std::string_view, std::string_view> languages[] = {{"fr", "fr"}, {"ar", "ar"}, {"en", "en"}};

void read_mechanism(Reading& reading, CredentialConfig& credentials)
{
    using Mechanism = CredentialConfig::Mechanism;
    constexpr std::pair<std::string_view, Mechanism> mechanisms[] = {{"automatic", Mechanism::automatic},
                                                                     {"plain", Mechanism::plain},
                                                                     {"login", Mechanism::login},
                                                                     {"xoauth2", Mechanism::xoauth2},
                                                                     {"oauthbearer", Mechanism::oauthbearer}};
    put(credentials.mechanism, reading.choice(mechanisms));
}

void read_command(Reading& reading, std::vector<std::string>& command)
{
    auto words = reading.texts();
    if (!words) return;
    if (words->empty())
        return reading.error("this list is empty: write the program and its arguments, such as [\"pass\", \"show\", \"imap\"]");
    command = std::move(*words);
}

void read_starttls(Reading& reading, ServerConfig& server)
{
    constexpr std::pair<std::string_view, ServerConfig::Security> choices[] = {{"required", ServerConfig::Security::starttls},
                                                                               {"never", ServerConfig::Security::none}};
    if (const auto choice = reading.choice(choices); choice && server.security != ServerConfig::Security::implicit) {
        server.security = *choice;  // `url` was read before
    }
}

constexpr Key<Config> top[] = {
    {"database", Need::required, "path", "", "The one file that holds everything that is not configuration.",
     [](Reading& r, Config& c) { put(c.database, r.path()); }},
};

constexpr Key<SiteConfig> site[] = {
    {"name", Need::optional, "text", "the domain", "What the site is called in the mail that it writes.",
     [](Reading& r, SiteConfig& s) { put(s.name, r.text()); }},
    {"domain", Need::required, "domain", "", "For Message-IDs and List-Ids. Never change it: members' filters hang on it.",
     [](Reading& r, SiteConfig& s) { read_domain(r, s.domain); }},
    {"owner", Need::required, "address", "", "Who hears about trouble.",
     [](Reading& r, SiteConfig& s) { put(s.owner, r.address()); }},
    {"language", Need::optional, "fr, ar or en", "en", "Language of what majlis writes, where no list or member says otherwise.",
     [](Reading& r, SiteConfig& s) { put(s.language, r.choice(languages)); }},
    {"templates", Need::optional, "path", "", "Folder LANGUAGE/NAME.txt of templates that replace those that come with majlis.",
     [](Reading& r, SiteConfig& s) { put(s.templates, r.path()); }},
    {"resolver", Need::optional, "ADDRESS[:PORT]", "the system's",
     "The name server to ask for what authors' domains demand (DMARC).",
     [](Reading& r, SiteConfig& s) { read_resolver(r, s.resolver); }},
};

/// The keys by which any server is reached and logged in to. `url` was read before them.
template <class Target>
constexpr Key<Target> server_keys[] = {
    {"starttls", Need::optional, "required or never", "required, and never on loopback",
     "Whether a connection that begins in the clear is secured before anything is said.",
     [](Reading& r, Target& s) { read_starttls(r, s.server); }},
    {"ca_file", Need::optional, "path", "the system's", "Certificates (PEM) of whom to believe about this server.",
     [](Reading& r, Target& s) { put(s.server.ca_file, r.path()); }},
    {"connect_to", Need::optional, "name or address", "the host of url",
     "Connect here instead; the certificate must still bear the host of url.",
     [](Reading& r, Target& s) { read_host(r, s.server.connect_to); }},
    {"password_file", Need::optional, "path", "", "File whose first line is the password.",
     [](Reading& r, Target& s) { put(s.credentials.password_file, r.path()); }},
    {"password_command", Need::optional, "list of texts", "",
     "Program and arguments that print the password; run without a shell, for 30 s at most.",
     [](Reading& r, Target& s) { read_command(r, s.credentials.password_command); }},
    {"auth", Need::optional, "automatic, plain, login, xoauth2 or oauthbearer", "automatic", "How to log in.",
     [](Reading& r, Target& s) { read_mechanism(r, s.credentials); }},
};

constexpr Key<InboxConfig> inbox[] = {
    {"url", Need::required, "imaps://HOST[:PORT] or imap://HOST[:PORT]", "", "The mailbox's server.",
     [](Reading& r, InboxConfig& i) { read_url(r, Scheme::imap, i.server); }},
    {"username", Need::required, "text", "", "Whose mailbox.",
     [](Reading& r, InboxConfig& i) { put(i.credentials.username, r.text()); }},
    {"name", Need::optional, "text", "USERNAME@HOST",
     "What the database knows this mailbox by; name it before you move it to another host.",
     [](Reading& r, InboxConfig& i) { put(i.name, r.text()); }},
    {"folders", Need::optional, "list of texts", "[\"INBOX\"]",
     "Where list mail arrives; \"\\\\Junk\" names a folder by its special use.",
     [](Reading& r, InboxConfig& i) { read_folders(r, i.folders); }},
    {"after", Need::optional, "move:FOLDER or delete", "move:Majlis/Done", "What becomes of a message that has been taken in.",
     [](Reading& r, InboxConfig& i) { read_action(r, Action::move_or_delete, i.after); }},
    {"done_keep", Need::optional, "duration", "30d", "How long the folder of `after` keeps mail.",
     [](Reading& r, InboxConfig& i) { put(i.done_keep, r.duration(1h, 3650 * day)); }},
    {"unknown", Need::optional, "leave or move:FOLDER", "leave", "What becomes of mail that is for no list.",
     [](Reading& r, InboxConfig& i) { read_action(r, Action::keep_or_move, i.unknown); }},
    {"poll", Need::optional, "duration", "60s", "How often to look where the server has no IDLE.",
     [](Reading& r, InboxConfig& i) { put(i.poll, r.duration(1s, day)); }},
    {"held_folder", Need::optional, "folder, or \"\" for none", "Majlis/Held",
     "Where held posts are shown; who moves one to Approve, Reject or Discard beside it has decided.",
     [](Reading& r, InboxConfig& i) { read_held_folder(r, i.held_folder); }},
};

void read_personal(Reading& reading, RelayConfig& relay)
{
    using Personal = RelayConfig::Personal;
    constexpr std::pair<std::string_view, Personal> choices[] = {
        {"always", Personal::always}, {"auto", Personal::automatic}, {"never", Personal::never}};
    put(relay.personal, reading.choice(choices));
}

void read_envelope(Reading& reading, RelayConfig& relay)
{
    constexpr std::pair<std::string_view, RelayConfig::Envelope> choices[] = {{"verp", RelayConfig::Envelope::verp},
                                                                              {"fixed", RelayConfig::Envelope::fixed}};
    put(relay.envelope, reading.choice(choices));
}

void read_from(Reading& reading, RelayConfig& relay)
{
    constexpr std::pair<std::string_view, RelayConfig::From> choices[] = {{"any", RelayConfig::From::any},
                                                                          {"account", RelayConfig::From::account}};
    put(relay.from, reading.choice(choices));
}

constexpr Key<RelayConfig> relay[] = {
    {"url", Need::required, "smtp://HOST[:PORT] or smtps://HOST[:PORT]", "",
     "The server that takes our mail; port 587, and 25 on loopback.",
     [](Reading& r, RelayConfig& s) { read_url(r, Scheme::smtp, s.server); }},
    {"username", Need::optional, "text", "", "Who we are; without it there is no log-in.",
     [](Reading& r, RelayConfig& s) { put(s.credentials.username, r.text()); }},
    {"name", Need::optional, "text", "USERNAME@HOST or HOST:PORT", "What the database and the log know this relay by.",
     [](Reading& r, RelayConfig& s) { put(s.name, r.text()); }},
    {"account", Need::optional, "address", "the username",
     "The relay's own address, for from = \"account\" and envelope = \"fixed\".",
     [](Reading& r, RelayConfig& s) { put(s.account, r.address()); }},
    {"client_name", Need::optional, "name", "the machine's name", "What we call ourselves when we connect (EHLO).",
     [](Reading& r, RelayConfig& s) { read_host(r, s.client_name); }},
    {"connections", Need::optional, "1 to 256", "4", "Connections at one time.",
     [](Reading& r, RelayConfig& s) { put(s.connections, r.number(1, 256)); }},
    {"personal", Need::optional, "always, auto or never", "always",
     "Whether each copy has its own bounce address and unsubscribe token.", read_personal},
    {"recipients_per_message", Need::optional, "1 to 5000", "100", "Recipients of a copy that is not personal.",
     [](Reading& r, RelayConfig& s) { put(s.recipients_per_message, r.number(1, 5000)); }},
    {"limits", Need::optional, "list of \"NUMBER recipients|messages/minute|hour|day\"", "[]",
     "What the provider allows; rolling.", [](Reading& r, RelayConfig& s) { read_limits(r, s.limits); }},
    {"reserve", Need::optional, "0% to 90%", "10%", "Share of each limit that is kept for notices and moderation.",
     [](Reading& r, RelayConfig& s) { read_percent(r, s.reserve_percent); }},
    {"envelope", Need::optional, "verp or fixed", "verp", "Whether the envelope sender is ours to choose.", read_envelope},
    {"senders", Need::optional, "list of address patterns", "any", "The list addresses that it may send for.",
     [](Reading& r, RelayConfig& s) { read_senders(r, s.senders); }},
    {"backup", Need::optional, "true or false", "false", "true: used only when the others fail.",
     [](Reading& r, RelayConfig& s) { put(s.backup, r.truth()); }},
    {"weight", Need::optional, "1 to 1000", "1", "Its share of the recipients, beside those of the other relays.",
     [](Reading& r, RelayConfig& s) { put(s.weight, r.number(1, 1000)); }},
    {"window", Need::optional, "1 to 256", "16", "Transactions in flight on a connection with CHUNKING; 2 without.",
     [](Reading& r, RelayConfig& s) { put(s.window, r.number(1, 256)); }},
    {"from", Need::optional, "any or account", "any", "account: the provider allows only our own address in From.", read_from},
};

constexpr Key<OAuth2Config> oauth2[] = {
    {"client_id", Need::required, "text", "", "The program's name at the provider.",
     [](Reading& r, OAuth2Config& o) { put(o.client_id, r.text()); }},
    {"client_secret_file", Need::optional, "path", "", "File with the client's secret, where the provider gave one.",
     [](Reading& r, OAuth2Config& o) { put(o.client_secret_file, r.path()); }},
    {"refresh_token_file", Need::required, "path", "", "File with the refresh token.",
     [](Reading& r, OAuth2Config& o) { put(o.refresh_token_file, r.path()); }},
    {"token_url", Need::required, "https://...", "", "Where access tokens come from.",
     [](Reading& r, OAuth2Config& o) { read_token_url(r, o.token_url); }},
    {"scope", Need::optional, "text", "", "What to ask for; without it, what the refresh token was given for.",
     [](Reading& r, OAuth2Config& o) { put(o.scope, r.text()); }},
};

constexpr Key<DomainConfig> domain[] = {
    {"domains", Need::required, "list of domains", "",
     "Destinations that share the limits: \"gmail.com\"; \"*.example.org\" for all below.",
     [](Reading& r, DomainConfig& d) { read_destinations(r, d.domains); }},
    {"name", Need::optional, "text", "the first of domains", "What the database and the log know these limits by.",
     [](Reading& r, DomainConfig& d) { put(d.name, r.text()); }},
    {"limits", Need::required, "list of \"NUMBER recipients/minute|hour|day\"", "",
     "What they take from all relays together; rolling.", [](Reading& r, DomainConfig& d) { read_domain_limits(r, d.limits); }},
    {"reserve", Need::optional, "0% to 90%", "10%", "Share of each limit that is kept for notices and moderation.",
     [](Reading& r, DomainConfig& d) { read_percent(r, d.reserve_percent); }},
};

constexpr Key<DeliveryConfig> delivery[] = {
    {"retry_for", Need::optional, "duration", "5d", "How long a recipient is tried, from his own first attempt.",
     [](Reading& r, DeliveryConfig& d) { put(d.retry_for, r.duration(1min, 30 * day)); }},
    {"breaker", Need::optional, "0% to 90%", "20%",
     "When a post comes back from this share of its readers, it is held, and no member is blamed.",
     [](Reading& r, DeliveryConfig& d) { read_percent(r, d.breaker_percent); }},
    {"max_in_flight", Need::optional, "1 to 100000", "256", "Recipients sent and not yet recorded: what a crash may repeat.",
     [](Reading& r, DeliveryConfig& d) { put(d.max_in_flight, r.number(1, 100'000)); }},
    {"max_size", Need::optional, "size", "30MB", "The largest post that is taken in.",
     [](Reading& r, DeliveryConfig& d) { put(d.max_size_bytes, r.size(1024, std::int64_t{1} << 30)); }},
};

void read_weekday(Reading& reading, DigestConfig& digest)
{
    constexpr std::pair<std::string_view, std::chrono::weekday> days[] = {
        {"monday", std::chrono::Monday},     {"tuesday", std::chrono::Tuesday}, {"wednesday", std::chrono::Wednesday},
        {"thursday", std::chrono::Thursday}, {"friday", std::chrono::Friday},   {"saturday", std::chrono::Saturday},
        {"sunday", std::chrono::Sunday}};
    put(digest.weekly, reading.choice(days));
}

constexpr Key<DigestConfig> digest[] = {
    {"at", Need::optional, "HH:MM", "18:00", "When digests go out, in the site's time.",
     [](Reading& r, DigestConfig& d) { read_time(r, d.at); }},
    {"weekly", Need::optional, "monday ... sunday", "sunday", "On which day the weekly ones do.", read_weekday},
    {"timezone", Need::optional, "IANA name", "UTC", "The site's time zone.",
     [](Reading& r, DigestConfig& d) { read_timezone(r, d.timezone); }},
    {"max_posts", Need::optional, "0 to 5000", "100",
     "When more posts than this wait for somebody, his digest goes out at once; 0: never.",
     [](Reading& r, DigestConfig& d) { put(d.max_posts, r.number(0, 5000)); }},
    {"max_size", Need::optional, "size", "1MB", "The same for their size, of which files do not count; 0: never.",
     [](Reading& r, DigestConfig& d) { put(d.max_size_bytes, r.size(0, std::int64_t{1} << 30)); }},
};

/// Words that git would take for options are refused.
void read_git_word(Reading& reading, std::string& target)
{
    const auto word = reading.text();
    if (!word) return;
    if (word->starts_with('-') || word->find_first_of(" \t\r\n") != std::string::npos)
        return reading.error("\"" + text::printable(*word) +
                             "\" cannot be given to git: write it without spaces, and no hyphen first");
    target = *word;
}

/// Everybody who may see the configuration, or the list of processes, would see a password in it.
void read_remote(Reading& reading, std::string& remote)
{
    std::string word;
    read_git_word(reading, word);
    const auto scheme = word.find("://");
    const auto user =
        scheme == std::string::npos ? std::string{} : word.substr(scheme + 3, word.find('/', scheme + 3) - scheme - 3);
    if (const auto at = user.rfind('@'); at != std::string::npos && user.find(':') < at)
        return reading.error(
            "there is a password in this URL: leave it out, and give it to git (a credential helper, or an ssh key)");
    if (!word.empty()) remote = word;
}

void read_report_tag(Reading& reading, std::string& tag)
{
    const auto text = reading.text();
    if (!text) return;
    if (text->size() < 3 || text->size() > 40 || !text->starts_with('[') || text->find(']') != text->size() - 1)
        return reading.error("\"" + text::printable(*text) + "\" is no tag: write it in square brackets, such as [CR]");
    tag = *text;
}

constexpr Key<ReportsConfig> reports[] = {
    {"repository", Need::optional, "path", "", "Folder of the git clone in which meeting reports are kept; majlisd makes it.",
     [](Reading& r, ReportsConfig& c) { put(c.repository, r.path()); }},
    {"remote", Need::optional, "URL or path", "", "Where it is pushed to; git finds the credentials by itself.",
     [](Reading& r, ReportsConfig& c) { read_remote(r, c.remote); }},
    {"branch", Need::optional, "name", "main", "The branch that is pushed.",
     [](Reading& r, ReportsConfig& c) { read_git_word(r, c.branch); }},
    {"tag", Need::optional, "[TEXT]", "[CR]", "What marks a report at the front of its Subject.",
     [](Reading& r, ReportsConfig& c) { read_report_tag(r, c.tag); }},
};

void read_unproven(Reading& reading, AuthenticationConfig& authentication)
{
    using Unproven = AuthenticationConfig::Unproven;
    constexpr std::pair<std::string_view, Unproven> choices[] = {
        {"accept", Unproven::accept}, {"hold", Unproven::hold}, {"challenge", Unproven::challenge}};
    put(authentication.unproven, reading.choice(choices));
}

constexpr Key<AuthenticationConfig> authentication[] = {
    {"trusted_servers", Need::optional, "list of names", "[]",
     "Whose Authentication-Results to believe: the provider's authserv-ids; \"*.example.org\" for all below.",
     [](Reading& r, AuthenticationConfig& a) { read_servers(r, a.trusted_servers); }},
    {"unproven", Need::optional, "accept, hold or challenge", "accept",
     "What a sender gets whom no trusted server has vouched for.", read_unproven},
};

template <class Target>
void describe(std::vector<ConfigKey>& out, std::string_view section, std::span<const Key<Target>> keys)
{
    for (const auto& key : keys) out.push_back({section, key.name, key.form, key.fallback, key.help});
}

/// url first: how the others are read hangs on it.
template <class Target>
std::vector<Key<Target>> joined(std::span<const Key<Target>> own, std::span<const Key<Target>> common)
{
    std::vector<Key<Target>> all{own.begin(), own.end()};
    all.insert(all.end(), common.begin(), common.end());
    return all;
}

std::string title_of(std::string_view section)
{
    if (section == "inbox" || section == "relay" || section == "domain") return "[[" + std::string{section} + "]]";
    return section.empty() ? "the top of the file" : "[" + std::string{section} + "]";
}

/// What people write who think of another program.
constexpr std::pair<std::string_view, std::string_view> synonyms[] = {
    {"password", "password_file"},
    {"pass", "password_file"},
    {"secret", "password_file"},
    {"user", "username"},
    {"login", "username"},
    {"host", "url"},
    {"server", "url"},
    {"port", "url"},
    {"tls", "starttls"},
    {"ssl", "starttls"},
    {"folder", "folders"},
    {"ca", "ca_file"},
    {"helo", "client_name"},
    {"ehlo", "client_name"},
    {"limit", "limits"},
    {"rate", "limits"},
    {"lang", "language"},
    {"admin", "owner"},
    {"time", "at"},
    {"day", "weekly"},
    {"tz", "timezone"},
    {"interval", "poll"},
    {"max_message_size", "max_size"},
};

}  // namespace

std::span<const Key<Config>> top_keys() { return top; }
std::span<const Key<SiteConfig>> site_keys() { return site; }
std::span<const Key<InboxConfig>> inbox_keys()
{
    static const auto all = joined<InboxConfig>(inbox, server_keys<InboxConfig>);
    return all;
}
std::span<const Key<RelayConfig>> relay_keys()
{
    static const auto all = joined<RelayConfig>(relay, server_keys<RelayConfig>);
    return all;
}
std::span<const Key<OAuth2Config>> oauth2_keys() { return oauth2; }
std::span<const Key<DomainConfig>> domain_keys() { return domain; }
std::span<const Key<DeliveryConfig>> delivery_keys() { return delivery; }
std::span<const Key<DigestConfig>> digest_keys() { return digest; }
std::span<const Key<ReportsConfig>> reports_keys() { return reports; }
std::span<const Key<AuthenticationConfig>> authentication_keys() { return authentication; }

void report_unknown(const Section& section, std::string_view key)
{
    constexpr std::string_view sections[] = {"site",     "inbox",  "relay",   "domain",
                                             "delivery", "digest", "reports", "authentication"};
    std::vector<std::string_view> here;
    std::string_view elsewhere;
    bool found = false;
    for (const ConfigKey& known : config_keys()) {
        if (known.section == section.name()) here.push_back(known.name);
        if (known.name == key && !found) {
            elsewhere = known.section;
            found = true;
        }
    }
    if (section.name().empty()) here.insert(here.end(), std::begin(sections), std::end(sections));
    if (section.name() == "inbox" || section.name() == "relay") here.push_back("oauth2");
    std::string_view near = text::nearest(key, here);
    if (near.empty()) {
        const auto same = std::find_if(std::begin(synonyms), std::end(synonyms), [&](const auto& s) { return s.first == key; });
        const bool fits = same != std::end(synonyms) && std::find(here.begin(), here.end(), same->second) != here.end();
        if (fits) near = same->second;
    }
    std::string text = "there is no such key";
    if (!near.empty()) {
        text += "; did you mean \"" + std::string{near} + "\"?";
    } else if (found) {
        text += " here; it belongs to " + title_of(elsewhere);
    } else {
        text += "; known here: " + listed(here);
    }
    section.error(key, std::move(text));
}

}  // namespace majlis::config

namespace majlis {

std::vector<ConfigKey> config_keys()
{
    std::vector<ConfigKey> out;
    config::describe(out, "", config::top_keys());
    config::describe(out, "site", config::site_keys());
    config::describe(out, "inbox", config::inbox_keys());
    config::describe(out, "inbox.oauth2", config::oauth2_keys());
    config::describe(out, "relay", config::relay_keys());
    config::describe(out, "relay.oauth2", config::oauth2_keys());
    config::describe(out, "domain", config::domain_keys());
    config::describe(out, "delivery", config::delivery_keys());
    config::describe(out, "digest", config::digest_keys());
    config::describe(out, "reports", config::reports_keys());
    config::describe(out, "authentication", config::authentication_keys());
    return out;
}

}  // namespace majlis
