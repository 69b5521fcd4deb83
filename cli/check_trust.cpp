#include "cli/check_trust.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/message/message.hpp"
#include "core/text/printable.hpp"
#include "core/trust/authentication_results.hpp"
#include "core/trust/trust.hpp"

namespace majlis::cli {
namespace {

constexpr const char* about = "authentication";

/// Fields of this server, topmost first.
std::vector<const majlis::Field*> fields_of(const std::vector<majlis::Field>& fields, const std::string& server)
{
    const std::vector<std::string> one{server};
    auto found = find_fields(fields, "Authentication-Results");
    std::erase_if(found, [&](const majlis::Field* field) { return !claims_server(field->body, one); });
    return found;
}

/// "mx.example.org" for "*.example.org" too.
std::string host_for(std::string_view server)
{
    return server.starts_with("*.") ? "majlis-check" + std::string{server.substr(1)} : std::string{server};
}

std::string in_quotes(const std::string& server) { return '"' + text::printable(server) + '"'; }

/// How an own Postfix does what a provider must do: mail that comes in loses what only we may write.
std::string how_to_strip(const std::string& server)
{
    std::string pattern;
    for (const char c : server.starts_with("*.") ? server.substr(1) : server) pattern += c == '.' ? "\\." : std::string{c};
    return fmt::format(
        "ask your provider to strip it, and take {} out of trusted_servers until then; your own Postfix does it with "
        "header_checks: "
        "/^Authentication-Results:.*{}/ IGNORE, where no milter that writes the field does",
        in_quotes(server), pattern);
}

}  // namespace

std::vector<std::string> servers_to_prove(const std::vector<std::string>& trusted, const std::string& header)
{
    if (!trusted.empty()) return trusted;
    std::string seen = topmost_server(scan_message(header));
    if (seen.empty()) return {};
    return {std::move(seen)};
}

void tell_servers(const std::vector<std::string>& trusted, const std::string& header, Findings& findings)
{
    const Message message = scan_message(header);
    if (trusted.empty()) {
        const std::string seen = topmost_server(message);
        if (seen.empty())
            findings.warning(
                about,
                "mail here bears no Authentication-Results that could be believed: anybody can post in a member's name; set "
                "[authentication] unproven to hold or challenge");
        else
            findings.warning(about, fmt::format("mail here bears Authentication-Results of {0}: if that is your provider, set "
                                                "trusted_servers = [{0}]",
                                                in_quotes(seen)));
        return;
    }
    const bool written = std::ranges::any_of(
        trusted, [&](const std::string& server) { return !fields_of(message.root().fields, server).empty(); });
    const std::string way = host_in_the_way(message, trusted, PublicSuffixes{});
    if (!written)
        findings.warning(about,
                         fmt::format("our own mail arrived without an Authentication-Results of {}: either the name is wrong, or "
                                     "your provider writes none on mail of its own users; compare with a mail from elsewhere",
                                     in_quotes(trusted.front())));
    else if (!way.empty())
        findings.error(about,
                       fmt::format("the field of {} stands below a Received by {}, so it is not believed: if that host is your "
                                   "provider's, add it to trusted_servers",
                                   in_quotes(trusted.front()), way));
    else
        findings.ok(about, fmt::format("{} writes Authentication-Results where it is believed", trusted.front()));
}

std::string forged_fields(const std::vector<std::string>& servers, std::string_view domain, std::string_view mark)
{
    std::string out;
    for (const std::string& server : servers)
        out += fmt::format(
            "Authentication-Results: {};\r\n dkim=pass header.d={} header.b={};\r\n spf=pass smtp.mailfrom={};\r\n"
            " dmarc=pass header.from={}\r\n",
            host_for(server), domain, mark, domain, domain);
    return out;
}

void tell_forged(const std::vector<std::string>& servers, const std::string& header, std::string_view mark, Findings& findings)
{
    const auto fields = scan_header(header);
    const auto is_forged = [&](const majlis::Field* field) { return field->body.find(mark) != std::string_view::npos; };
    for (const std::string& server : servers) {
        const auto found = fields_of(fields, server);
        if (!found.empty() && is_forged(found.front()))
            findings.error(about,
                           fmt::format("a forged Authentication-Results of {} came through and would be believed: anybody can "
                                       "write in a member's name; {}",
                                       in_quotes(server), how_to_strip(server)));
        else if (std::ranges::any_of(found, is_forged))
            findings.warning(about,
                             fmt::format("a forged Authentication-Results of {} came through below the provider's own: it is "
                                         "believed wherever the provider writes none; {}",
                                         in_quotes(server), how_to_strip(server)));
        else
            findings.ok(about, fmt::format("a forged Authentication-Results of {} is stripped", in_quotes(server)));
    }
}

}  // namespace majlis::cli
