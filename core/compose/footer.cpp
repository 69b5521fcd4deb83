#include "core/compose/footer.hpp"

#include <algorithm>

#include "core/compose/lines.hpp"
#include "core/text/ascii.hpp"
#include "core/text/charset.hpp"
#include "core/text/codec.hpp"
#include "core/text/parameters.hpp"
#include "core/token/token.hpp"

namespace majlis::compose {
namespace {

/// Fills {list}, {title}, {address} and {archive_url}; another word in braces stays as it is.
std::string fill(std::string_view text, const ListFace& face)
{
    const std::pair<std::string_view, std::string_view> values[] = {{"{list}", face.name},
                                                                    {"{title}", face.title.empty() ? face.name : face.title},
                                                                    {"{address}", face.address},
                                                                    {"{archive_url}", face.archive_url}};
    std::string out;
    for (std::size_t at = 0; at < text.size();) {
        const auto fits = [&](const auto& value) { return text.substr(at).starts_with(value.first); };
        const auto value = text[at] == '{' ? std::find_if(std::begin(values), std::end(values), fits) : std::end(values);
        if (value == std::end(values)) {
            out += text[at++];
        } else {
            out += value->second;
            at += value->first.size();
        }
    }
    return out;
}

/// RFC 3676: lines that begin with a space, ">" or "From " are stuffed; a space at the end would join two lines, but for "-- ".
std::string as_flowed(std::string_view footer)
{
    std::string out;
    for (std::size_t at = 0; at < footer.size();) {
        const std::size_t end = std::min(footer.find("\r\n", at), footer.size());
        std::string_view line = footer.substr(at, end - at);
        while (line.ends_with(' ') && line != "-- ") line.remove_suffix(1);
        if (line.starts_with(' ') || line.starts_with('>') || line.starts_with("From ")) out += ' ';
        out.append(line).append("\r\n");
        at = end + 2;
    }
    return out;
}

struct Charset {
    std::string footer;        // in that charset
    std::string content_type;  // set when the part must be relabelled as UTF-8
};

/// ASCII text is UTF-8 text too: then only the label changes. Parameters that we do not know would be lost: no label then.
std::optional<std::string> utf8_label(const text::ParameterValue& type)
{
    std::string label = "text/plain; charset=utf-8";
    for (const auto& parameter : type.parameters) {
        if (parameter.name == "charset" || type.find(parameter.name) != &parameter.value) continue;  // the first of a name counts
        const bool known =
            (parameter.name == "format" && text::lowered(parameter.value) == "flowed") ||
            (parameter.name == "delsp" && (text::lowered(parameter.value) == "yes" || text::lowered(parameter.value) == "no"));
        if (!known) return std::nullopt;
        label += "; " + parameter.name + "=" + text::lowered(parameter.value);
    }
    return label;
}

std::optional<Charset> in_charset(const Part& root, std::string_view content, const text::ParameterValue& type,
                                  const std::string& footer)
{
    const std::string name = text::lowered(root.charset);
    const bool plain = name.empty() || name == "us-ascii" || name == "ascii";
    if (text::is_ascii(footer)) {
        const auto same = plain ? std::optional<std::string>{footer} : text::from_utf8(footer, root.charset);
        if (same != footer) return std::nullopt;  // UTF-16, UTF-7, or no charset that we know
        return Charset{footer, {}};
    }
    if (!plain) {
        if (auto encoded = text::from_utf8(footer, root.charset); encoded && text::from_utf8("A\r\n", root.charset) == "A\r\n") {
            return Charset{std::move(*encoded), {}};
        }
    }
    if (!text::is_ascii(content) || (!plain && text::from_utf8("A=~+\r\n", root.charset) != "A=~+\r\n")) return std::nullopt;
    if (name.starts_with("iso-2022") || name.starts_with("utf-7") || name.starts_with("hz"))
        return std::nullopt;  // ASCII that is not
    auto label = utf8_label(type);
    if (!label) return std::nullopt;
    return Charset{footer, std::move(*label)};
}

/// The last line of flowed text may ask for the next one to join it.
std::string line_end(std::string_view content, bool flowed)
{
    std::string end = content.empty() || content.ends_with('\n') ? "" : "\r\n";
    std::string_view last = content.substr(0, content.find_last_not_of("\r\n") + 1);
    if (flowed && last.ends_with(' ')) end += "\r\n";
    return end;
}

}  // namespace

std::string footer_text(const ListFace& face, std::string_view note)
{
    std::string filled;
    if (!text::trim(note).empty()) filled.append("\n").append(note).append(note.ends_with('\n') ? "" : "\n");
    if (!text::trim(face.footer).empty()) filled += fill(face.footer, face);
    return clean(text::valid_utf8(filled) ? filled : text::to_utf8(filled, "utf-8"));
}

std::optional<FooteredText> append_footer(const Part& root, const std::string& footer)
{
    const bool fits = root.is("text", "plain") && !root.divided && root.encoding != Encoding::unknown &&
                      (root.disposition.empty() || root.disposition == "inline") && root.name.empty();
    if (!fits) return std::nullopt;
    const Field* field = find_field(root.fields, "Content-Type");
    const auto type = text::parse_parameters(field ? field->body : std::string_view{});
    const bool flowed = text::lowered(type.get("format")) == "flowed";
    const std::string content = part_content(root);
    auto charset = in_charset(root, content, type, flowed ? as_flowed(footer) : footer);
    if (!charset) return std::nullopt;

    FooteredText out;
    out.content_type = std::move(charset->content_type);
    const std::string added = line_end(content, flowed) + charset->footer;
    if (root.encoding == Encoding::base64) {
        out.body = text::encode_base64(content + added);
        return out;
    }
    if (root.encoding == Encoding::quoted_printable) {
        // Two quoted-printable texts in a row are one, as long as the first does not end within a line.
        const std::string_view body = text::trim(root.body);
        const bool open = body.ends_with('=') || !root.body.ends_with("\r\n");
        out.body =
            open ? text::encode_quoted_printable(content + added) : std::string{root.body} + text::encode_quoted_printable(added);
        return out;
    }
    out.body = content + added;
    if (longest_line(out.body) > max_line) {
        out.body = text::encode_quoted_printable(out.body);
        out.encoding = "quoted-printable";
    } else if (!text::is_ascii(added)) {
        out.encoding = "8bit";
    }
    return out;
}

std::string footer_part(const std::string& footer)
{
    Encoded encoded = encode_text(footer);
    if (!encoded.body.ends_with("\r\n")) encoded.body += "\r\n";
    return std::string{"Content-Type: text/plain; charset="} + (text::is_ascii(footer) ? "us-ascii" : "utf-8") +
           "\r\nContent-Disposition: inline\r\nContent-Transfer-Encoding: " + std::string{encoded.encoding} + "\r\n\r\n" +
           encoded.body;
}

bool insert_footer(Edit& edit, const Message& message, const std::string& footer)
{
    const Part& root = message.root();
    if (!root.is("multipart", "mixed") || !root.divided || root.boundary.empty()) return false;
    const Part* last = nullptr;
    for (const Part& part : message.parts) {
        if (part.parent == 0) last = &part;
    }
    if (!last) return false;
    const auto behind = static_cast<std::size_t>(last->body.data() + last->body.size() - root.body.data());
    if (behind > root.body.size()) return false;
    std::string_view rest = root.body.substr(behind);
    if (rest.starts_with("\r\n")) rest.remove_prefix(2);
    const std::string delimiter = "--" + root.boundary;
    if (!rest.starts_with(delimiter + "--")) return false;
    edit.insert_before(rest, delimiter + "\r\n" + footer_part(footer));
    return true;
}

std::string boundary_for(std::string_view body)
{
    token::Digest digest = token::sha256(body);
    while (true) {
        const std::string_view bytes{reinterpret_cast<const char*>(digest.data()), 15};
        std::string boundary = "majlis-" + token::base32(bytes);
        if (body.find(boundary) == std::string_view::npos) return boundary;
        digest = token::sha256(boundary);
    }
}

}  // namespace majlis::compose
