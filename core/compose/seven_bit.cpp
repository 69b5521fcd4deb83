#include <algorithm>

#include "core/address/address.hpp"
#include "core/compose/fields.hpp"
#include "core/compose/lines.hpp"
#include "core/compose/post_copy.hpp"
#include "core/compose/transfer.hpp"
#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/parameters.hpp"
#include "core/text/words.hpp"

namespace majlis::compose {
namespace {

constexpr std::string_view address_fields[] = {"from",        "sender",        "reply-to",  "to",        "cc",
                                               "resent-from", "resent-sender", "resent-to", "resent-cc", "resent-reply-to"};
/// Fields with a grammar in which no encoded-word may stand where the bytes are.
constexpr std::string_view strict_fields[] = {"received",
                                              "message-id",
                                              "in-reply-to",
                                              "references",
                                              "date",
                                              "mime-version",
                                              "dkim-signature",
                                              "arc-seal",
                                              "arc-message-signature",
                                              "arc-authentication-results",
                                              "authentication-results",
                                              "received-spf",
                                              "content-id",
                                              "content-transfer-encoding",
                                              "resent-date",
                                              "resent-message-id"};

template <std::size_t Count>
bool is_one_of(std::string_view name, const std::string_view (&names)[Count])
{
    return std::any_of(std::begin(names), std::end(names),
                       [&](std::string_view other) { return text::equal_nocase(name, other); });
}

std::string replaced(std::string_view bytes)
{
    std::string out{bytes};
    for (char& c : out) {
        if (!text::is_ascii(c)) c = '?';
    }
    return out;
}

/// Content-Type and Content-Disposition: values that are not ASCII as RFC 2231 writes them.
std::string parameters(const Field& field)
{
    const auto value = text::parse_parameters(field.body);
    std::string body = replaced(value.value);
    for (const auto& parameter : value.parameters) {
        const std::string name = replaced(parameter.name);
        if (!text::is_ascii(parameter.value)) {
            const bool raw = !text::valid_utf8(parameter.value);
            const std::string utf8 = raw ? text::to_utf8(parameter.value, "") : parameter.value;
            std::size_t cut = std::min<std::size_t>(utf8.size(), 300);  // 900 bytes encoded: one line
            while (cut > 0 && cut < utf8.size() && (static_cast<unsigned char>(utf8[cut]) & 0xc0U) == 0x80U) --cut;
            body += ";\r\n " + name + "*=utf-8''" + percent_encode(utf8.substr(0, cut), "");
            continue;
        }
        std::string quoted;
        for (const char c : parameter.value) {
            if (c == '"' || c == '\\') quoted += '\\';
            quoted += text::is_control(c) ? ' ' : c;
        }
        body += ";\r\n " + name + "=\"" + quoted + '"';
    }
    return compose::field(field.name, body);
}

SevenBitField addresses(const Field& field)
{
    std::vector<Mailbox> mailboxes = parse_mailboxes(field.body);
    for (Mailbox& mailbox : mailboxes) mailbox = wire(std::move(mailbox));
    const bool ascii = std::all_of(mailboxes.begin(), mailboxes.end(), [](const Mailbox& m) { return m.address.ascii(); });
    if (!ascii) return {std::string{field.bytes}, true};
    std::erase_if(mailboxes, [](const Mailbox& m) { return m.address.local.empty(); });
    if (mailboxes.empty()) return {replaced(field.bytes), false};
    return {mailbox_field(field.name, mailboxes), false};
}

}  // namespace

bool is_address_field(std::string_view name) { return is_one_of(name, address_fields); }

SevenBitField seven_bit_field(const Field& field)
{
    if (text::is_ascii(field.bytes)) return {std::string{field.bytes}, false};
    const bool odd_name = field.name.empty() || !text::is_ascii(field.name);
    if (odd_name || is_one_of(field.name, strict_fields)) return {replaced(field.bytes), false};
    if (is_address_field(field.name)) return addresses(field);
    if (text::equal_nocase(field.name, "content-type") || text::equal_nocase(field.name, "content-disposition")) {
        return {parameters(field), false};
    }
    const std::string value = text::decode_words(field.body);
    return {compose::field(field.name, text::encode_words(value, field.name.size() + 2)), false};
}

}  // namespace majlis::compose

namespace majlis {
namespace {

void to_ascii(std::string& text)
{
    for (char& c : text) {
        if (!text::is_ascii(c)) c = '?';  // what is in no part: before the first boundary, behind the last
    }
}

}  // namespace

PostCopy to_seven_bit(const PostCopy& copy)
{
    using namespace compose;
    const std::string whole = copy.head + copy.tail;
    const Message message = scan_message(whole);
    const Part& root = message.root();
    Edit edit{root.body};
    recode_parts(edit, message, Pass::seven_bit);
    const bool container = root.divided || root.is_multipart();
    const auto recoded = container ? std::nullopt : recode(root, Pass::seven_bit);

    PostCopy out;
    bool labelled = false;
    for (const Field& field : all_fields(copy.head)) {
        const bool encoding = text::equal_nocase(field.name, "Content-Transfer-Encoding");
        if (encoding && (recoded || (container && root.encoding == Encoding::identity))) {
            if (!labelled) out.head += compose::field(field.name, recoded ? recoded->encoding : "7bit");
            labelled = true;
            continue;
        }
        SevenBitField plain = seven_bit_field(field);
        out.head += plain.bytes;
        out.needs_smtputf8 = out.needs_smtputf8 || plain.needs_smtputf8;
    }
    if (recoded && !labelled) out.head += compose::field("Content-Transfer-Encoding", recoded->encoding);
    if (recoded && !find_field(root.fields, "MIME-Version")) out.head += compose::field("MIME-Version", "1.0");
    out.head = cut_long_lines(out.head, Where::header);
    out.tail = "\r\n" + (recoded ? recoded->body : edit.apply());
    to_ascii(out.tail);
    if (!out.tail.ends_with("\r\n")) out.tail += "\r\n";
    out.eight_bit = !text::is_ascii(out.head);
    return out;
}

}  // namespace majlis
