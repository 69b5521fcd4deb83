#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/address/address.hpp"
#include "core/compose/post_copy.hpp"

/// Header fields that the list adds. Each function returns whole lines with CRLF.
namespace majlis::compose {

/// The address as it is written on the wire: an IDN domain as A-labels where the local part is ASCII.
Mailbox wire(Mailbox mailbox);

/// Every field of a header block, however many and however long.
std::vector<Field> all_fields(std::string_view header);

/// "Name: body CRLF"; CR, LF and NUL in `body` other than folds become spaces.
std::string field(std::string_view name, std::string_view body);

/// "Name: a <a@x>,CRLF b <b@y>CRLF"
std::string mailbox_field(std::string_view name, const std::vector<Mailbox>& mailboxes);

/// List-Id, List-Post ... of this list; List-Unsubscribe only in a copy that is shared.
std::string list_fields(const ListFace& face, const CopyOptions& options);

/// The first line of the title, or the name; printable, at most 100 bytes.
std::string list_title(const ListFace& face);

/// RFC 6068 and RFC 3986: everything but unreserved characters percent-encoded.
std::string percent_encode(std::string_view text, std::string_view also_plain);

/// `url` if it may stand between angle brackets in a field: http or https, printable ASCII, no brackets or spaces; else "".
std::string_view safe_url(std::string_view url);

}  // namespace majlis::compose
