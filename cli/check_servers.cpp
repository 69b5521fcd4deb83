#include <fmt/format.h>

#include "cli/check.hpp"
#include "cli/reach.hpp"
#include "net/smtp/session.hpp"

namespace majlis::cli {
namespace {

namespace asio = boost::asio;

/// What a server without a capability costs us.
struct Wish {
    const char* capability;
    const char* without;
};
constexpr Wish imap_wishes[] = {
    {"IDLE", "new mail is looked for every \"poll\" instead of at once"},
    {"MOVE", "mail is copied and then deleted"},
    {"UIDPLUS", "deleted mail stays until the mailbox is expunged by others"},
};

/// The server's name of a folder as the configuration names it, "" where there is none of this special use.
asio::awaitable<std::string> server_folder(imap::Session& session, std::string folder)
{
    if (!folder.starts_with("\\")) co_return imap::server_name(folder, session.name_space());
    const auto found = co_await session.special_use(std::move(folder));
    co_return found.value_or("");
}

asio::awaitable<void> check_folder(imap::Session& session, std::string folder, const std::string& about, Findings& findings)
{
    const std::string name = co_await server_folder(session, folder);
    if (name.empty()) {
        findings.warning(about, "no folder has the special use " + folder + ": take it out of folders");
        co_return;
    }
    try {
        co_await session.select(name);
        findings.ok(about, fmt::format("folder {}: {}", folder, counted(session.mailbox().exists, "message")));
    } catch (const imap::Refused& refused) {
        findings.error(about, fmt::format("folder {}: {}; correct folders", folder, refused.what()));
    }
}

asio::awaitable<void> check_target(imap::Session& session, FolderAction action, const std::string& about, Findings& findings)
{
    if (action.kind != FolderAction::Kind::move) co_return;
    std::string name = imap::server_name(action.folder, session.name_space());
    const auto found = co_await session.list(std::move(name));
    findings.ok(about, "folder " + action.folder + (found.empty() ? ": will be made when it is first needed" : ": is there"));
}

asio::awaitable<void> check_inbox(net::CurlDriver& driver, const InboxConfig& inbox, Findings& findings)
{
    const std::string about = "inbox " + inbox.name;
    auto session = co_await reach(driver, inbox);
    findings.ok(about, "logged in at " + session->endpoint().text());
    for (const Wish& wish : imap_wishes) {
        if (session->offers(wish.capability))
            findings.ok(about, std::string{"offers "} + wish.capability);
        else
            findings.warning(about, fmt::format("has no {}: {}; nothing to do", wish.capability, wish.without));
    }
    for (const std::string& folder : inbox.folders) co_await check_folder(*session, folder, about, findings);
    co_await check_target(*session, inbox.after, about, findings);
    co_await check_target(*session, inbox.unknown, about, findings);
    co_await session->logout();
}

std::string extensions(const smtp::Offer& offer)
{
    std::string out;
    const auto add = [&](bool offered, std::string_view name) {
        if (offered) out.append(out.empty() ? "" : ", ").append(name);
    };
    add(offer.pipelining, "PIPELINING");
    add(offer.chunking, "CHUNKING");
    add(offer.eight_bit, "8BITMIME");
    add(offer.smtputf8, "SMTPUTF8");
    add(offer.dsn, "DSN");
    add(offer.size, "SIZE");
    return out.empty() ? "no extensions" : out;
}

asio::awaitable<void> check_relay(net::CurlDriver& driver, const Config& config, const RelayConfig& relay, Findings& findings)
{
    const std::string about = "relay " + relay.name;
    net::Connection connection = co_await reach(driver, relay);
    findings.ok(about, (relay.credentials.username.empty() ? "connected to " : "logged in at ") + connection.endpoint().text());
    smtp::Session session{std::move(connection), {}};
    const smtp::Offer offer = session.offer();
    findings.ok(about, "offers " + extensions(offer));
    if (offer.max_size != 0 && offer.max_size < static_cast<std::uint64_t>(config.delivery.max_size_bytes))
        findings.error(about, fmt::format("takes mails up to {} bytes, but [delivery] max_size is {}: lower max_size",
                                          offer.max_size, config.delivery.max_size_bytes));
    if (!offer.pipelining)
        findings.warning(about, "has no PIPELINING: each command waits for its reply; a relay that has it sends faster");
    co_await session.quit();
}

/// One server's trouble is told, and the others are still examined.
template <class Work>
void examine(const std::string& about, Findings& findings, const Work& work)
{
    try {
        run_network(work);
    } catch (const std::exception& error) {
        findings.error(about, error.what());
    }
}

}  // namespace

void check_servers(const Config& config, Findings& findings)
{
    for (const InboxConfig& inbox : config.inboxes)
        examine("inbox " + inbox.name, findings, [&](net::CurlDriver& driver) { return check_inbox(driver, inbox, findings); });
    for (const RelayConfig& relay : config.relays)
        examine("relay " + relay.name, findings,
                [&](net::CurlDriver& driver) { return check_relay(driver, config, relay, findings); });
}

}  // namespace majlis::cli
