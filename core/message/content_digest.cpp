#include "core/message/content_digest.hpp"

#include "core/text/ascii.hpp"

#include <algorithm>

namespace majlis {
namespace {

/// Words of a field with single spaces between: refolding changes nothing.
std::string words_of(const std::vector<Field>& fields, std::string_view name)
{
    std::string out;
    for (const char c : field_text(fields, name)) {
        if (!text::is_space(c))
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    return out;
}

/// Without CR, white space at line ends, and empty lines at the end.
std::string settled(std::string_view content)
{
    std::string out;
    out.reserve(content.size());
    while (!content.empty()) {
        const auto line = content.substr(0, content.find('\n'));
        content.remove_prefix(std::min(line.size() + 1, content.size()));
        const auto last = line.find_last_not_of(" \t\r");
        out.append(line.substr(0, last == std::string_view::npos ? 0 : last + 1)) += '\n';
    }
    const auto last = out.find_last_not_of('\n');
    out.resize(last == std::string::npos ? 0 : last + 1);
    return out;
}

std::string hex(const token::Digest& digest)
{
    static constexpr char digits[] = "0123456789abcdef";
    std::string out;
    for (const unsigned char byte : digest) {
        out += digits[byte >> 4];
        out += digits[byte & 15];
    }
    return out;
}

}  // namespace

token::Digest content_digest(const Message& message)
{
    token::Sha256 sum;
    // Each piece carries its length, so that no two mails share their pieces in another cut.
    const auto add = [&sum](std::string_view piece) {
        sum.update(std::to_string(piece.size()) + ":");
        sum.update(piece);
    };
    for (const auto* name : {"From", "Subject", "Date"}) add(words_of(message.root().fields, name));
    for (const Part& part : message.parts) {
        add(std::to_string(part.depth) + " " + part.type + "/" + part.subtype + " " + part.name);
        if (part.divided) continue;
        const auto content = part_content(part);
        if (part.type == "text" || part.is_multipart() || part.is_message())
            add(settled(content));
        else
            add(content);
    }
    return sum.finish();
}

std::string message_id_or_digest(const Message& message, std::string_view domain)
{
    if (const Field* field = find_field(message.root().fields, "Message-ID"))
        if (auto id = message_id(field->body); !id.empty()) return id;
    return hex(content_digest(message)).substr(0, 40) + "@" + std::string{domain};
}

}  // namespace majlis
