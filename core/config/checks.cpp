#include "core/config/checks.hpp"

#include <algorithm>

#include "core/address/address.hpp"
#include "core/config/readers.hpp"

namespace majlis::config {
namespace {

using Security = ServerConfig::Security;

void check_security(const Section& section, ServerConfig& server)
{
    if (server.host.empty()) return;  // its URL was wrong
    const bool asked = section.has("starttls");
    if (server.security == Security::implicit) {
        if (asked) {
            section.error("starttls", "this contradicts " + in_quotes(server.url) +
                                          ", which is secured from its first byte: remove one of them");
        }
        if (server.port == 587 || server.port == 143 || server.port == 25) {
            section.warning("url", "port " + std::to_string(server.port) +
                                       " mostly speaks STARTTLS, not TLS from the first byte: " +
                                       (server.port == 143 ? "imap" : "smtp") + "://" + server.host + " may be meant");
        }
        return;
    }
    const bool loopback = is_loopback(server.connect_to.empty() ? server.host : server.connect_to);
    if (loopback && !asked) server.security = Security::none;
    if (!loopback && server.security == Security::none) {
        section.warning("starttls", "mail and password cross the network in the clear to " + server.host +
                                        ": remove this line, unless the way "
                                        "there is secured otherwise");
    }
}

void check_credentials(const Section& section, const CredentialConfig& credentials)
{
    std::vector<std::string_view> given;
    for (const std::string_view key : {"password_file", "password_command", "oauth2"}) {
        if (section.has(key)) given.push_back(key);
    }
    if (given.size() > 1) {
        section.error(given.back(), "only one of " + alternatives(given) + " can say how to log in: remove the others");
    }
    const bool known = section.has("username");
    if (known && given.empty()) {
        section.error("username", "how to log in is missing: add password_file, password_command or [" +
                                      std::string{section.name()} + ".oauth2]");
    }
    if (!known && !given.empty()) section.error(given.front(), "whose password this is, is missing: add username");
    using Mechanism = CredentialConfig::Mechanism;
    const bool token = credentials.mechanism == Mechanism::xoauth2 || credentials.mechanism == Mechanism::oauthbearer;
    const bool password = credentials.mechanism == Mechanism::plain || credentials.mechanism == Mechanism::login;
    if (token && !section.has("oauth2")) {
        section.error("auth", "this asks for a token: add [" + std::string{section.name()} + ".oauth2], or leave auth out");
    }
    if (password && section.has("oauth2")) section.error("auth", "this sends a password, and oauth2 has none: leave auth out");
}

void check_folders(const Section& section, const InboxConfig& inbox)
{
    const auto watched = [&](const FolderAction& action) {
        return action.kind == FolderAction::Kind::move &&
               std::any_of(inbox.folders.begin(), inbox.folders.end(), [&](const auto& f) { return f == action.folder; });
    };
    if (watched(inbox.after)) {
        section.error("after", in_quotes(inbox.after.folder) + " is one of the folders where mail arrives: name another folder");
    }
    if (watched(inbox.unknown)) {
        section.error("unknown",
                      in_quotes(inbox.unknown.folder) + " is one of the folders where mail arrives: name another folder");
    }
    const bool both_move = inbox.after.kind == FolderAction::Kind::move && inbox.unknown.kind == FolderAction::Kind::move;
    if (both_move && inbox.after.folder == inbox.unknown.folder) {
        section.error("unknown", "this is the folder of `after`, which is emptied after done_keep: name another folder");
    }
    if (section.has("done_keep") && inbox.after.kind == FolderAction::Kind::remove) {
        section.warning("done_keep", "this has no effect, because after = \"delete\" keeps nothing");
    }
}

bool is_address(std::string_view text) { return parse_address(text).has_value(); }

void check_account(const Section& section, RelayConfig& relay)
{
    if (relay.account.empty() && is_address(relay.credentials.username)) relay.account = relay.credentials.username;
    if (!relay.account.empty()) return;
    if (relay.from == RelayConfig::From::account) {
        section.error("from", "the relay's own address is missing: add account = \"NAME@EXAMPLE.ORG\"");
    }
    if (relay.envelope == RelayConfig::Envelope::fixed) {
        section.error("envelope", "the relay's own address is missing: add account = \"NAME@EXAMPLE.ORG\"");
    }
}

}  // namespace

void check_inbox(const Section& section, InboxConfig& inbox)
{
    check_security(section, inbox.server);
    check_credentials(section, inbox.credentials);
    check_folders(section, inbox);
    if (inbox.name.empty()) inbox.name = inbox.credentials.username + "@" + inbox.server.host;
}

void check_relay(const Section& section, RelayConfig& relay)
{
    check_security(section, relay.server);
    check_credentials(section, relay.credentials);
    check_account(section, relay);
    if (!relay.name.empty()) return;
    relay.name = relay.credentials.username.empty() ? relay.server.host + ":" + std::to_string(relay.server.port)
                                                    : relay.credentials.username + "@" + relay.server.host;
}

}  // namespace majlis::config
