#include "core/classify/classify.hpp"

#include "core/address/address.hpp"
#include "core/text/ascii.hpp"
#include "core/text/parameters.hpp"

#include <algorithm>

namespace majlis {
namespace {

constexpr std::size_t greeting = 8;              // characters: shorter lines say little
constexpr std::size_t longest_body = 64 * 1024;  // bytes that are read to show one line

std::size_t characters(std::string_view utf8)
{
    return static_cast<std::size_t>(
        std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// Where the delimiter line between a multipart and its first part is missing, the header of both is one: its second Content-Type
/// tells what stands there. Shown so, but never filtered or changed by it.
std::string text_of_run_together(const Part& part)
{
    const auto types = find_fields(part.fields, "Content-Type");
    if (types.size() != 2 || !part.is_multipart()) return {};
    const auto second = text::parse_parameters(types.back()->body);
    if (second.value != "text/plain") return {};
    Part inner;
    inner.body = part.body.substr(0, longest_body);
    inner.charset = second.get("charset");
    inner.encoding = part.encoding;
    return part_text(inner);
}

/// The first line that says something, else the first that is not empty; spaces at its ends go.
std::string first_line(std::string_view words)
{
    std::string_view greeted;
    while (!words.empty()) {
        const auto end = words.find_first_of("\r\n");
        const auto line = text::trim(words.substr(0, end));
        if (characters(line) >= greeting) return std::string{line};
        if (greeted.empty()) greeted = line;
        words.remove_prefix(end == std::string_view::npos ? words.size() : end + 1);
    }
    return std::string{greeted};
}

/// A bare word in From ("Whomever") is a name, not an address.
void read_author(Decoded& decoded, const Field& from)
{
    const auto mailboxes = parse_mailboxes(from.body);
    if (mailboxes.empty()) return;
    const Mailbox& first = mailboxes.front();
    decoded.from_name = first.name;
    if (!first.address.domain.empty())
        decoded.from = first.address.text();
    else if (first.name.empty())
        decoded.from_name = first.address.local;
}

}  // namespace

Decoded decode(const Message& message)
{
    Decoded decoded;
    const auto& fields = message.root().fields;
    decoded.subject = field_text(fields, "Subject");
    if (const Field* from = find_field(fields, "From")) read_author(decoded, *from);
    for (const Part& part : message.parts) {
        if (!part.name.empty()) decoded.attachments.push_back(part.name);
        if (!part.divided) ++decoded.parts;
    }
    for (const Part& part : message.parts)
        if (decoded.text.empty()) decoded.text = first_line(text_of_run_together(part));
    if (decoded.text.empty()) decoded.text = first_line(readable_text(message));
    return decoded;
}

}  // namespace majlis
