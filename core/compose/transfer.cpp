#include "core/compose/transfer.hpp"

#include <algorithm>

#include "core/compose/lines.hpp"
#include "core/text/ascii.hpp"
#include "core/text/codec.hpp"

namespace majlis::compose {
namespace {

constexpr std::string_view encoding_field = "Content-Transfer-Encoding";

/// Quoted-printable where that is shorter and stays readable, else base64.
Encoded encode_any(std::string_view text)
{
    const auto plain = static_cast<std::size_t>(std::count_if(
        text.begin(), text.end(), [](char c) { return c == '\r' || c == '\n' || (c >= ' ' && c < 0x7f && c != '='); }));
    const std::size_t quoted_size = plain + (text.size() - plain) * 3;
    if (quoted_size <= text.size() / 3 * 4 + 4) return {text::encode_quoted_printable(text), "quoted-printable"};
    return {text::encode_base64(text), "base64"};
}

bool is_container(const Part& part) { return part.divided || part.is_multipart(); }

/// A multipart or a message whose parts are now 7-bit may not say that it is not.
void label_container(Edit& edit, const Part& part)
{
    const Field* declared = find_field(part.fields, encoding_field);
    if (!declared || part.encoding != Encoding::identity) return;
    const std::string value = text::lowered(text::trim(declared->body));
    if (value == "8bit" || value == "binary") set_encoding(edit, part, "7bit");
}

}  // namespace

Encoded encode_text(std::string_view text)
{
    if (text::is_ascii(text) && longest_line(text) <= max_line) return {std::string{text}, "7bit"};
    return encode_any(text);
}

std::optional<Encoded> recode(const Part& part, Pass pass)
{
    if (part.body.empty() || part.encoding == Encoding::unknown) return std::nullopt;
    const bool too_long = part.body.size() > max_line && longest_line(part.body) > max_line;
    const bool too_wide = pass == Pass::seven_bit && !text::is_ascii(part.body);
    if (!too_long && !too_wide) return std::nullopt;
    switch (part.encoding) {
        case Encoding::base64:
            return Encoded{text::encode_base64(part_content(part)), "base64"};
        case Encoding::quoted_printable:
            return Encoded{text::encode_quoted_printable(part_content(part)), "quoted-printable"};
        default:
            break;
    }
    // Attached mails and the like may not be encoded (RFC 2046, 5.2): they are cut, where all else fails.
    if (part.type == "message" || part.is_multipart()) return std::nullopt;
    if (part.type == "text") return encode_any(part.body);
    return Encoded{text::encode_base64(part.body), "base64"};
}

bool set_encoding(Edit& edit, const Part& part, std::string_view encoding)
{
    if (part.gap.empty()) return false;
    const std::string line = std::string{encoding_field} + ": " + std::string{encoding} + "\r\n";
    const auto declared = find_fields(part.fields, encoding_field);
    if (declared.empty()) edit.insert_before(part.gap, line);
    for (const Field* field : declared) edit.replace(field->bytes, field == declared.front() ? line : std::string{});
    return true;
}

void recode_parts(Edit& edit, const Message& message, Pass pass)
{
    for (std::size_t i = 0; i < message.parts.size(); ++i) {
        const Part& part = message.parts[i];
        if (i > 0 && pass == Pass::seven_bit) {
            for (const Field& field : part.fields) {
                if (text::is_ascii(field.bytes) || text::equal_nocase(field.name, encoding_field)) continue;
                edit.replace(field.bytes, seven_bit_field(field).bytes);
            }
        }
        if (i == 0) continue;
        if (is_container(part)) {
            if (pass == Pass::seven_bit) label_container(edit, part);
        } else if (auto recoded = recode(part, pass)) {
            if (set_encoding(edit, part, recoded->encoding)) edit.replace(part.body, std::move(recoded->body));
        }
    }
}

}  // namespace majlis::compose
