#pragma once

#include <span>
#include <string>
#include <vector>

#include "core/address/public_suffixes.hpp"
#include "core/message/message.hpp"

/// Whom to believe: what the mailbox's provider says of a mail (RFC 8601), and nobody else.
namespace majlis {

enum class Proof { passed, failed, unknown };

struct Trust {
    Proof proof = Proof::unknown;
    std::string why;     ///< English, printable, one line; for people and `explain`
    std::string method;  ///< "dkim", "spf" or "dmarc" that decided; "" where none did
};

/// Whether the provider vouches for the domain of From.
///
/// Believed is the topmost Authentication-Results of each server in `trusted_servers` (authserv-ids), and only above the first
/// Received that the provider did not write. The provider's are those "by" a trusted server's host, a host of the same
/// organisation, or an internal one (localhost, a private address, a name without a dot, .internal, .local, .lan). So a field
/// below our provider's own Received counts, as most write it, and one that a mail carried in from elsewhere does not. What
/// decides, in this order:
///
/// - several authors in From: passed only if each of their domains is; no author: failed;
/// - dmarc=fail: failed; dmarc=pass with the domain of From as header.from: passed;
/// - dkim=pass or spf=pass (of MAIL FROM) of the same organisation (RFC 7489, 3.1, relaxed): passed;
/// - a result that could have been an aligned pass and is none: failed;
/// - else (none, temperror, no such field, no server named): unknown.
Trust trust_of(const Message& message, std::span<const std::string> trusted_servers, const PublicSuffixes& suffixes);

/// Why the provider's filter takes this for spam: "X-Spam-Flag: YES", "X-MS-Exchange-Organization-SCL: 6"; "" where it doesn't.
/// Only fields above the first Received that the provider did not write count; without a trusted server, those above the second
/// Received.
std::string spam_flag(const Message& message, std::span<const std::string> trusted_servers, const PublicSuffixes& suffixes);

/// The authserv-id of the topmost Authentication-Results, believed or not: what `check` proposes to trust. "" where there is
/// none.
std::string topmost_server(const Message& message);

/// The host ("by") of the first Received that the provider did not write, above an Authentication-Results of a trusted server; ""
/// where no such Received is in the way.
std::string host_in_the_way(const Message& message, std::span<const std::string> trusted_servers, const PublicSuffixes& suffixes);

}  // namespace majlis
