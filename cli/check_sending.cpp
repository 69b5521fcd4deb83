#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <ctime>

#include "cli/check.hpp"
#include "cli/check_trust.hpp"
#include "cli/reach.hpp"
#include "core/message/message.hpp"
#include "core/text/date.hpp"
#include "core/token/token.hpp"
#include "net/smtp/session.hpp"

namespace majlis::cli {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::seconds wait_limit{60};
constexpr std::chrono::seconds look_every{2};

/// One mail to ourselves, known again by its Message-ID.
struct Probe {
    std::string to, what, message_id, text;
    bool taken = false, arrived = false;
    std::string refusal{};
    std::string header{};  // as it arrived
};

/// Where the relay lets nobody but our own account stand in From, posts bear that too.
const std::string& author_of(const Config& config, const RelayConfig& relay)
{
    return relay.from == RelayConfig::From::account ? relay.account : config.site.owner;
}

/// `above`: fields that stand on top of it.
Probe make_probe(const Config& config, const RelayConfig& relay, const std::string& to, std::string what,
                 const std::string& above = {})
{
    Probe probe{to, std::move(what), "probe-" + token::random_token() + "@" + config.site.domain, {}};
    probe.text = above + "From: " + author_of(config, relay) + "\r\nTo: " + to +
                 "\r\nSubject: majlis check\r\nDate: " + text::format_date(std::time(nullptr)) + "\r\nMessage-ID: <" +
                 probe.message_id +
                 ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=us-ascii\r\n"
                 "\r\n\"majlis check --send\" wrote this to see whether it arrives.\r\n";
    return probe;
}

/// Gives one probe to a session and keeps what the server said.
class OneMail final : public smtp::Source {
public:
    OneMail(Probe& probe, std::string from) : probe_{probe}, from_{std::move(from)} {}
    Next next(smtp::Transaction& out) override
    {
        if (given_) return Next::end;
        given_ = true;
        out = {};
        out.mail_from = from_;
        out.recipients = {{probe_.to, {}}};
        out.head = {probe_.text, probe_.text};  // no line of it begins with a dot
        return Next::given;
    }
    void done(const smtp::TransactionResult& result) override
    {
        const smtp::RecipientResult& first = result.recipients.front();
        probe_.taken = first.delivered();
        probe_.refusal = fmt::format("{} {}", first.reply->code, first.reply->text);
    }

private:
    Probe& probe_;
    std::string from_;
    bool given_ = false;
};

asio::awaitable<void> send(net::CurlDriver& driver, const RelayConfig& relay, const std::string& from, std::vector<Probe>& probes)
{
    net::Connection connection = co_await reach(driver, relay);
    smtp::Session session{std::move(connection), {}};
    for (Probe& probe : probes) {
        OneMail mail{probe, from};
        const smtp::End end = co_await session.run(mail);
        if (end.reason != smtp::End::Reason::ended) throw std::runtime_error{std::string{name(end.reason)} + ": " + end.detail};
    }
    co_await session.quit();
}

asio::awaitable<std::string> fetch_header(imap::Session& session, std::uint32_t uid)
{
    std::string header;
    session.on_fetch([&](imap::FetchItem&& item) {
        if (const imap::Section* section = item.section("HEADER")) header = section->bytes;
    });
    const auto reply = co_await session.run(fmt::format("UID FETCH {} (UID BODY.PEEK[HEADER])", uid));
    session.on_fetch({});
    co_return reply.ok() ? header : "";
}

asio::awaitable<void> look_in(imap::Session& session, std::string folder, std::vector<Probe>& probes, Findings& findings)
{
    try {
        co_await session.select(folder);
    } catch (const imap::Refused&) {
        co_return;  // a folder that will be made later
    }
    for (Probe& probe : probes) {
        if (probe.arrived || !probe.taken) continue;
        const std::string criteria = "HEADER Message-ID \"" + probe.message_id + "\"";
        const auto found = co_await session.search(1, 0, criteria);
        if (found.empty()) continue;
        probe.arrived = true;
        auto header = co_await fetch_header(session, found.front());
        probe.header = std::move(header);
        findings.ok("probe", fmt::format("{} arrived in {}", probe.what, folder));
        co_await session.remove(found);
    }
}

/// Where a mail for nobody may be, whether or not majlisd has seen it first.
asio::awaitable<std::vector<std::string>> places(imap::Session& session, const InboxConfig& inbox)
{
    std::vector<std::string> out;
    for (const std::string& folder : inbox.folders)
        if (!folder.starts_with("\\")) out.push_back(imap::server_name(folder, session.name_space()));
    for (const FolderAction& action : {inbox.unknown, inbox.after})
        if (action.kind == FolderAction::Kind::move) out.push_back(imap::server_name(action.folder, session.name_space()));
    std::string junk_use = "\\Junk";
    const auto junk = co_await session.special_use(std::move(junk_use));
    if (junk) out.push_back(*junk);
    co_return out;
}

bool all_here(const std::vector<Probe>& probes)
{
    return std::all_of(probes.begin(), probes.end(), [](const Probe& probe) { return probe.arrived || !probe.taken; });
}

asio::awaitable<void> wait_for(net::CurlDriver& driver, const Config& config, std::vector<Probe>& probes, Findings& findings)
{
    auto session = co_await reach(driver, config.inboxes.front());
    const std::vector<std::string> folders = co_await places(*session, config.inboxes.front());
    const auto end = std::chrono::steady_clock::now() + wait_limit;
    asio::steady_timer timer{driver.executor()};
    for (;;) {
        for (const std::string& folder : folders) co_await look_in(*session, folder, probes, findings);
        const bool done = all_here(probes) || std::chrono::steady_clock::now() >= end;
        if (done) break;
        timer.expires_after(look_every);
        co_await timer.async_wait(asio::use_awaitable);
    }
    co_await session->logout();
}

asio::awaitable<void> send_and_wait(net::CurlDriver& driver, const Config& config, const RelayConfig& relay,
                                    const std::string& from, std::vector<Probe>& probes, Findings& findings)
{
    co_await send(driver, relay, from, probes);
    for (const Probe& probe : probes)
        if (!probe.taken)
            findings.error("relay " + relay.name,
                           fmt::format("refused {}: {}; see what your provider allows", probe.what, probe.refusal));
    co_await wait_for(driver, config, probes, findings);
    for (const Probe& probe : probes)
        if (probe.taken && !probe.arrived)
            findings.error("probe",
                           fmt::format("{} did not arrive within {} s: look in the other folders, and whether the provider knows "
                                       "sub-addresses (address+word)",
                                       probe.what, wait_limit.count()));
}

/// What the provider says of our own mail, and whether somebody else can say it.
asio::awaitable<void> prove_servers(net::CurlDriver& driver, const Config& config, const RelayConfig& relay,
                                    const std::string& from, const Probe& first, Findings& findings)
{
    const std::vector<std::string>& trusted = config.authentication.trusted_servers;
    tell_servers(trusted, first.header, findings);
    const std::vector<std::string> servers = servers_to_prove(trusted, first.header);
    const auto author = parse_address(author_of(config, relay));
    if (servers.empty() || !author) co_return;
    const std::string mark = token::random_token();
    const std::string forged = forged_fields(servers, domain_key(author->domain), mark);
    std::vector<Probe> probes{make_probe(config, relay, first.to, "mail with a forged Authentication-Results", forged)};
    co_await send_and_wait(driver, config, relay, from, probes, findings);
    if (probes.front().arrived) tell_forged(servers, probes.front().header, mark, findings);
}

asio::awaitable<void> probe_all(net::CurlDriver& driver, const Config& config, const RelayConfig& relay, const std::string& from,
                                std::vector<Probe>& probes, Findings& findings)
{
    co_await send_and_wait(driver, config, relay, from, probes, findings);
    const auto first = std::ranges::find_if(probes, &Probe::arrived);
    if (first != probes.end()) co_await prove_servers(driver, config, relay, from, *first, findings);
}

}  // namespace

void check_sending(const Config& config, Findings& findings)
{
    if (config.inboxes.empty() || config.relays.empty()) return;
    const auto own = parse_address(config.inboxes.front().credentials.username);
    if (!own) {
        findings.warning("probe", "the first inbox's username is no address: there is nowhere to send a probe; look yourself");
        return;
    }
    const Address below{own->local + "+majlis-check", own->domain};
    const RelayConfig& relay = config.relays.front();
    const std::string from = relay.account.empty() ? own->text() : relay.account;
    std::vector<Probe> probes{make_probe(config, relay, own->text(), "mail to " + own->text()),
                              make_probe(config, relay, below.text(), "mail to the sub-address " + below.text())};
    try {
        run_network([&](net::CurlDriver& driver) { return probe_all(driver, config, relay, from, probes, findings); });
    } catch (const std::exception& error) {
        findings.error("probe", error.what());
    }
}

}  // namespace majlis::cli
