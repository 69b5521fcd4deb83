#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/smtp/offer.hpp"
#include "net/smtp/output.hpp"
#include "net/smtp/transaction.hpp"

namespace majlis::smtp {

// What they say has passed unfit(): so a command is never longer than it has room for.
/// MAIL with SIZE, BODY, SMTPUTF8, RET and ENVID as far as they are offered and needed.
void add_mail(Output& output, const Transaction& transaction, const Offer& offer);
/// RCPT, with NOTIFY=FAILURE and ORCPT where DSN is offered.
void add_rcpt(Output& output, const Recipient& recipient, const Transaction& transaction, const Offer& offer);
/// "BDAT size LAST" and the message.
void add_chunk(Output& output, const Transaction& transaction);
/// The message with its dots doubled, and the last dot.
void add_content(Output& output, const Transaction& transaction);

/// Why this can not be sent to this server at all, in the words of an SMTP reply (stage mail): too large (5.3.4), an
/// unusable sender (5.1.7), SMTPUTF8 or 8-bit needed and not offered (5.6.7, 5.6.3).
std::optional<Reply> unfit(const Transaction& transaction, const Offer& offer);
/// The same for one recipient: an address that no RCPT can hold (5.1.3), SMTPUTF8 needed (5.6.7).
std::optional<Reply> unfit(const Recipient& recipient, const Offer& offer);

/// RFC 3461, 4: what is not printable ASCII, "+" and "=" as +XX.
std::string xtext(std::string_view bytes);

}  // namespace majlis::smtp
