#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/message/edit.hpp"
#include "core/message/message.hpp"

/// Transfer encodings (RFC 2045, 6): what a part must become to pass, and no more than that.
namespace majlis::compose {

/// A body with the name of its transfer encoding.
struct Encoded {
    std::string body;
    std::string_view encoding;
};

enum class Pass { eight_bit, seven_bit };

/// The smallest encoding that is safe for UTF-8 text with CRLF line ends: 7bit, else quoted-printable or base64.
Encoded encode_text(std::string_view text);

/// What a leaf must become: where a line is too long or, for seven_bit, a byte is above 127. nullopt: it passes as it is, or its
/// encoding is not known.
std::optional<Encoded> recode(const Part& part, Pass pass);

/// Replaces Content-Transfer-Encoding in the part's header. False where its header has no place for it.
bool set_encoding(Edit& edit, const Part& part, std::string_view encoding);

/// Recodes every leaf below the root that needs it; the root itself is the caller's, whose header is not part of `edit`.
void recode_parts(Edit& edit, const Message& message, Pass pass);

/// A field for a 7-bit header; where an address cannot be written so, the field stays as it is.
struct SevenBitField {
    std::string bytes;
    bool needs_smtputf8 = false;
};
SevenBitField seven_bit_field(const Field& field);

/// Whether it is a field of addresses.
bool is_address_field(std::string_view name);

}  // namespace majlis::compose
