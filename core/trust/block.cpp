#include "core/trust/block.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>

#include "core/text/ascii.hpp"

namespace majlis::trust {
namespace {

constexpr std::size_t longest_host = 300;
constexpr std::string_view internal_ends[] = {".internal", ".local", ".lan", ".localdomain", ".localhost", ".home.arpa"};

bool is_private(std::uint8_t a, std::uint8_t b)
{
    return a == 10 || a == 127 || (a == 172 && b >= 16 && b < 32) || (a == 192 && b == 168) || (a == 169 && b == 254);
}

/// Loopback, private and link-local addresses; also private ones in the form of RFC 3056, as Gmail's machines call themselves.
bool is_private_address(const std::string& host)
{
    std::array<std::uint8_t, 16> bytes{};
    if (inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) return is_private(bytes[0], bytes[1]);
    if (inet_pton(AF_INET6, host.c_str(), bytes.data()) != 1) return false;
    if ((bytes[0] & 0xfe) == 0xfc || (bytes[0] == 0xfe && (bytes[1] & 0xc0) == 0x80)) return true;
    if (bytes[0] == 0x20 && bytes[1] == 0x02) return is_private(bytes[2], bytes[3]);
    return bytes[15] == 1 && std::all_of(bytes.begin(), bytes.end() - 1, [](std::uint8_t b) { return b == 0; });
}

/// A name or address that means something only inside of the provider's network.
bool is_internal(const std::string& host)
{
    if (host.find_first_of(".:") == std::string::npos) return true;
    for (const std::string_view end : internal_ends) {
        if (host.ends_with(end)) return true;
    }
    return is_private_address(host);
}

/// The next word of a Received that is in no comment; "" at the end, or at the ';' before the date.
std::string_view next_word(std::string_view body, std::size_t& at)
{
    std::size_t depth = 0;
    for (; at < body.size(); ++at) {
        const char c = body[at];
        if (c == '\\')
            ++at;
        else if (c == '(')
            ++depth;
        else if (c == ')' && depth > 0)
            --depth;
        else if (depth == 0 && !text::is_space(c))
            break;
    }
    if (at >= body.size() || body[at] == ';') return {};
    const std::size_t first = at;
    while (at < body.size() && !text::is_space(body[at]) && body[at] != '(' && body[at] != ';') ++at;
    return body.substr(first, at - first);
}

std::string plain_host(std::string_view word)
{
    std::string host = text::lowered(word.substr(0, longest_host));
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    if (host.starts_with("ipv6:")) host.erase(0, 5);
    if (host.ends_with('.')) host.pop_back();
    return host;
}

enum class Author { provider, other };

Author who_wrote(const Field& received, std::span<const std::string> trusted_servers, const PublicSuffixes& suffixes)
{
    const std::string host = host_of_received(received.body);
    if (!host.empty()) return is_of_provider(host, trusted_servers, suffixes) ? Author::provider : Author::other;
    std::size_t at = 0;  // qmail notes local steps with neither "from" nor "by"
    return next_word(received.body, at).empty() ? Author::provider : Author::other;
}

}  // namespace

bool names_server(std::string_view pattern, std::string_view server)
{
    if (!pattern.starts_with("*.")) return text::equal_nocase(pattern, server);
    pattern.remove_prefix(1);
    return server.size() > pattern.size() && text::equal_nocase(server.substr(server.size() - pattern.size()), pattern);
}

std::string host_of_received(std::string_view field_body)
{
    std::size_t at = 0;
    for (std::string_view word = next_word(field_body, at); !word.empty(); word = next_word(field_body, at)) {
        if (text::equal_nocase(word, "by")) return plain_host(next_word(field_body, at));
    }
    return {};
}

bool is_of_provider(std::string_view host, std::span<const std::string> trusted_servers, const PublicSuffixes& suffixes)
{
    if (is_internal(std::string{host})) return true;
    return std::ranges::any_of(trusted_servers, [&](std::string_view server) {
        if (server.starts_with("*.")) server.remove_prefix(2);
        return text::equal_nocase(server, host) || suffixes.same_organisation(server, host);
    });
}

Block provider_block(const std::vector<Field>& fields, std::span<const std::string> trusted_servers,
                     const PublicSuffixes& suffixes)
{
    for (std::size_t i = 0; i < fields.size(); ++i) {
        if (!text::equal_nocase(fields[i].name, "Received")) continue;
        if (who_wrote(fields[i], trusted_servers, suffixes) == Author::provider) continue;
        const std::string host = host_of_received(fields[i].body);
        return {std::span{fields}.first(i), host.empty() ? "a host that it does not name" : host};
    }
    return {std::span{fields}, {}};
}

}  // namespace majlis::trust
