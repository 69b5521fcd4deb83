#include "core/message/html_text.hpp"
#include "core/message/message.hpp"

#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/codec.hpp"

namespace majlis {
namespace {

enum class Wanted { plain, html, any };

bool fits(const Part& part, Wanted wanted)
{
    if (part.disposition == "attachment" || part.divided || text::trim(part.body).empty()) return false;
    switch (wanted) {
        case Wanted::plain:
            return part.is("text", "plain");
        case Wanted::html:
            return part.is("text", "html");
        case Wanted::any:
            return part.type == "text" || part.is_multipart();  // a multipart that never divides reads as text
    }
    return false;
}

/// Whether each part stands inside an attached mail (the message itself does not count).
std::vector<char> inside_attached_mail(const Message& message)
{
    std::vector<char> inside(message.parts.size(), 0);
    for (std::size_t i = 1; i < message.parts.size(); ++i) {
        const auto parent = static_cast<std::size_t>(message.parts[i].parent);
        inside[i] = inside[parent] != 0 || message.parts[parent].is_message() ? 1 : 0;
    }
    return inside;
}

}  // namespace

std::string part_content(const Part& part)
{
    switch (part.encoding) {
        case Encoding::base64:
            return text::decode_base64(part.body);
        case Encoding::quoted_printable:
            return text::decode_quoted_printable(part.body);
        case Encoding::identity:
        case Encoding::unknown:
            break;
    }
    return std::string{part.body};
}

std::string part_text(const Part& part)
{
    if (part.encoding == Encoding::identity || part.encoding == Encoding::unknown) return text::to_utf8(part.body, part.charset);
    return text::to_utf8(part_content(part), part.charset);
}

const Part* first_text(const Message& message)
{
    const auto inside = inside_attached_mail(message);
    for (const Wanted wanted : {Wanted::plain, Wanted::html, Wanted::any})
        for (std::size_t i = 0; i < message.parts.size(); ++i)
            if (inside[i] == 0 && fits(message.parts[i], wanted)) return &message.parts[i];
    return nullptr;
}

std::string readable_text(const Message& message)
{
    const Part* part = first_text(message);
    if (part == nullptr) return {};
    return part->is("text", "html") ? html_to_text(part_text(*part)) : part_text(*part);
}

}  // namespace majlis
